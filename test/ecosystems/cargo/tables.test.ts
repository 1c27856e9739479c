import { describe, expect, it } from 'vitest'
import { matchesTarget, parseTargetExpr } from '../../../src/ecosystems/cargo/cfg.js'
import { satisfies } from '../../../src/ecosystems/cargo/version-req.js'
import { describeShared, readSharedJson } from '../../support/shared.js'

describeShared('vectors/cargo/tables', 'version requirements, each pair tried against cargo', () => {
  const { rows } = readSharedJson<{ rows: { req: string; matches: string[]; rejects: string[] }[] }>(
    'vectors',
    'cargo',
    'tables',
    'version-req.json',
  )
  it.each(rows)('$req', ({ req, matches, rejects }) => {
    expect(matches.filter((version) => !satisfies(req, version))).toEqual([])
    expect(rejects.filter((version) => satisfies(req, version))).toEqual([])
  })
})

describeShared('vectors/cargo/tables', 'target expressions, each tried against cargo', () => {
  const { rows } = readSharedJson<{ rows: Record<string, string | boolean>[] }>('vectors', 'cargo', 'tables', 'cfg-expr.json')
  const { targets } = readSharedJson<{ targets: Record<string, string[]> }>('vectors', 'cargo', 'tables', 'target-cfg.json')
  it.each(rows.map((row) => ({ expr: String(row['expr']), row })))('$expr', ({ expr, row }) => {
    for (const [triple, expected] of Object.entries(row)) {
      if (typeof expected !== 'boolean') continue
      const parsed = parseTargetExpr(expr)
      expect(parsed !== undefined && matchesTarget(parsed, { triple, cfg: new Set(targets[triple]) }), triple).toBe(expected)
    }
  })
})

describe('version requirements', () => {
  it.each([
    ['1.2.3', '1.9.0', true],
    ['^0.2.3', '0.3.0', false],
    ['~1.2', '1.2.9', true],
    ['>1.2', '1.2.9', false],
    ['>=1, <2', '1.5.0', true],
    ['*', '1.0.0-rc.1', false],
    ['=1.0.0-rc.1', '1.0.0-rc.1+build.7', true],
    ['1.*', '1.7.0', true],
  ])('%s and %s: %s', (req, version, expected) => {
    expect(satisfies(req, version)).toBe(expected)
  })

  it.each(['', '1.2.3.4', '01.2', '>= ', '1,,2', '1.*.3', 'latest'])('refuses %j', (req) => {
    expect(satisfies(req, '1.0.0')).toBe(false)
  })
})

describe('target expressions', () => {
  const linux = { triple: 'x86_64-unknown-linux-gnu', cfg: new Set(['unix', 'target_os="linux"']) }
  it.each([
    ['cfg(unix)', true],
    ['cfg(all(unix, not(target_os = "macos"),))', true],
    ['cfg(r#unix)', true],
    ['cfg(any())', false],
    ['x86_64-unknown-linux-gnu', true],
  ])('%s: %s', (text, expected) => {
    const parsed = parseTargetExpr(text)
    expect(parsed !== undefined && matchesTarget(parsed, linux)).toBe(expected)
  })

  it.each([
    'cfg(',
    'cfg(all(unix)',
    'cfg(not(a, b))',
    'cfg(a = b)',
    'cfg()',
    'cfg(unix) x',
    `cfg(${'not('.repeat(10_000)}a${')'.repeat(10_000)})`,
  ])('refuses %.30s', (text) => {
    expect(parseTargetExpr(text)).toBeUndefined()
  })
})
