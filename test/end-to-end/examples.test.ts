import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assay, PROJECT } from '../support/assay.js'

interface Report {
  readonly findings: readonly { readonly rule: string; readonly location?: { readonly file: string } }[]
  readonly exitCode: number
}

const examples = readdirSync(join(PROJECT, 'examples')).sort()

describe('the examples', () => {
  it('has one an ecosystem, one that mixes them and one that is clean', () => {
    expect(examples).toEqual(expect.arrayContaining(['cargo', 'clean', 'go', 'nimble', 'polyglot', 'zig']))
  })

  it.each(examples)('%s: the rules its README names are those that fire, and no others', async (name) => {
    const { code, stdout } = await assay(['audit', `examples/${name}`, '--json', '--as-of', '2026-11-01'])
    const report = JSON.parse(stdout) as Report
    const readme = readFileSync(join(PROJECT, 'examples', name, 'README.md'), 'utf8')
    const named = [...readme.matchAll(/`((?:input|integrity|source|graph|policy|oci|cargo|go|zig|nimble)\/[a-z0-9-]+)`/g)].map(
      (m) => m[1],
    )
    expect([...new Set(report.findings.map((finding) => finding.rule))].sort()).toEqual([...new Set(named)].sort())
    expect(code).toBe(report.exitCode)
  })

  it('ends with 1 on polyglot and with 0 on clean', async () => {
    expect((await assay(['audit', 'examples/polyglot'])).code).toBe(1)
    expect((await assay(['audit', 'examples/clean'])).code).toBe(0)
  })

  it('passes on this repository by its own assay.toml, and says what it does not cover', async () => {
    const { code, stdout } = await assay(['audit', '.', '--json', '--as-of', '2026-11-01'])
    const { findings } = JSON.parse(stdout) as Report
    expect(new Set(findings.map(({ rule, location }) => `${rule} ${location?.file}`))).toEqual(
      new Set(['input/manifest-not-covered package-lock.json', 'input/manifest-not-covered package.json']),
    )
    expect(code).toBe(0)
  })

  it.each(examples)('%s: every document it makes is valid by its schema', async (name) => {
    for (const format of [
      'cyclonedx-1.4-json',
      'cyclonedx-1.5-json',
      'cyclonedx-1.6-json',
      'cyclonedx-1.7-json',
      'spdx-2.3-json',
    ]) {
      const { code, stderr, stdout } = await assay(['sbom', `examples/${name}`, '--format', format, '--validate'])
      expect(stderr).not.toContain('internal error')
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toBeTypeOf('object')
    }
  })
})
