import { describe, expect, it } from 'vitest'
import { ZIG_RULES } from '../../../src/ecosystems/zig/rules.js'
import { ZIG_EVIDENCE_RULES } from '../../../src/ecosystems/zig/rules-evidence.js'
import type { Evidence } from '../../../src/model/evidence.js'
import { seen } from '../../policy/support/evidence-cases.js'
import type { FiringCase, SparingCase } from '../../policy/support/rule-cases.js'
import { appWith, factAt, hear, severityLetters, withoutEntry } from '../../policy/support/rule-cases.js'
import { component } from '../../support/graphs.js'

/** spec/policy.md §2.11 for the first, spec/zig.md §11 for the others. */
const SEVERITIES = {
  'zig/hash-mismatch': 'E/E/E',
  'zig/archive-escape': 'E/E/E',
  'zig/archive-entry': 'E/E/E',
  'zig/zip-symlink': '-/N/N',
}

const HASH = 'diffz-0.0.1-G2tlISzNAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68'
const OTHER = 'diffz-0.0.1-G2tlIXXXAQCldmOcINavGmF1zdt20NFPXeM8d07jp_68'
const URL = 'https://dl.example/diffz.tar.gz'
const ARCHIVE = { kind: 'artifact', name: URL } as const
const CACHE = { kind: 'tree', name: 'p/diffz' } as const
const diffz = component('diffz', '0.0.1', {
  ecosystem: 'zig',
  claims: [
    {
      digest: { of: 'tree', scheme: 'zig', value: HASH },
      statedBy: 'manifest',
      location: { file: 'build.zig.zon', line: 9, column: 21 },
    },
  ],
})
const graph = appWith([diffz])
const path = ['app@0.1.0', 'diffz@0.0.1']
const hashed = (verdict: Evidence['verdict'], observed: string | undefined, check = 'zig/package-hash') =>
  seen(diffz, check, verdict, check === 'zig/cache' ? CACHE : ARCHIVE, {
    expected: HASH,
    ...(observed === undefined ? {} : { observed }),
  })
const fact = (kind: string, data: Readonly<Record<string, string>>) => ({
  facts: [factAt('build.zig.zon', 9, kind, data, diffz)],
})
const FIX = 'do not copy the new hash: compare the files with a copy that has the old one'

const FIRES: readonly FiringCase[] = [
  {
    rule: 'zig/hash-mismatch',
    name: 'what the URL delivers, at the line of the hash',
    graph,
    evidence: [hashed('mismatch', OTHER)],
    says: [
      {
        message: `diffz@0.0.1: what ${URL} delivers has the hash ${OTHER}, ${HASH} is stated`,
        fix: FIX,
        at: 'build.zig.zon:9:21',
        data: { expected: HASH, observed: OTHER },
        path,
      },
    ],
  },
  {
    rule: 'zig/hash-mismatch',
    name: 'the same files in a cache are one finding with it',
    graph,
    evidence: [hashed('mismatch', OTHER), hashed('mismatch', OTHER, 'zig/cache')],
    says: [
      {
        message: `diffz@0.0.1: what p/diffz and ${URL} delivers has the hash ${OTHER}, ${HASH} is stated`,
        fix: FIX,
        at: 'build.zig.zon:9:21',
        data: { expected: HASH, observed: OTHER },
        path,
      },
    ],
  },
  {
    rule: 'zig/archive-escape',
    name: 'a member that leads out',
    graph: appWith([diffz], fact('zig/archive-escape', { url: URL, why: 'a member is ../x' })),
    says: [
      {
        message: `the archive from ${URL} is hostile: a member is ../x`,
        fix: 'do not fetch it with zig; look for who published it, and use another source',
        at: 'build.zig.zon:9:3',
        data: { url: URL, why: 'a member is ../x' },
        path,
      },
    ],
  },
  {
    rule: 'zig/archive-entry',
    name: 'a hard link',
    graph: appWith([diffz], fact('zig/archive-entry', { url: URL, why: 'a hard link' })),
    says: [
      {
        message: `the archive from ${URL}: a hard link`,
        fix: 'ask upstream for an archive of plain files, or fetch the repository by git',
        at: 'build.zig.zon:9:3',
        data: { url: URL, why: 'a hard link' },
        path,
      },
    ],
  },
  {
    rule: 'zig/zip-symlink',
    name: 'links in a zip',
    graph: appWith([diffz], fact('zig/zip-symlink', { url: URL })),
    says: [
      {
        message: `the zip from ${URL} holds symbolic links`,
        fix: 'use the tar archive or the repository',
        at: 'build.zig.zon:9:3',
        data: { url: URL },
        path,
      },
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  { rule: 'zig/hash-mismatch', name: 'the hash that is stated', graph, evidence: [hashed('match', HASH)], checked: 1 },
  { rule: 'zig/hash-mismatch', name: 'nobody answered', graph, evidence: [hashed('unavailable', undefined)], checked: 0 },
  {
    rule: 'zig/hash-mismatch',
    name: 'an archive that another rule calls hostile is said once',
    graph: appWith([diffz], fact('zig/archive-escape', { url: URL, why: 'a member is ../x' })),
    evidence: [hashed('mismatch', undefined)],
    checked: 1,
  },
  ...['zig/archive-escape', 'zig/archive-entry', 'zig/zip-symlink'].map((rule) => ({
    rule,
    name: 'a plain archive',
    graph,
    evidence: [hashed('match', HASH)],
    checked: 0,
  })),
]

describe('zig rules over evidence', () => {
  it.each(FIRES)('$rule fires: $name', (one) => {
    expect(hear(ZIG_EVIDENCE_RULES, one).said).toEqual(one.says)
  })

  it.each(SPARES)('$rule must not: $name', (one) => {
    expect(hear(ZIG_EVIDENCE_RULES, one)).toEqual({ said: [], checked: one.checked })
  })

  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(ZIG_EVIDENCE_RULES, FIRES), spares: withoutEntry(ZIG_EVIDENCE_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
    expect(Object.fromEntries(ZIG_EVIDENCE_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})

describe('zig/hash-name-mismatch over evidence', () => {
  const identity = (verdict: 'match' | 'mismatch') =>
    seen(diffz, 'zig/manifest-identity', verdict, ARCHIVE, { expected: 'diffz 0.0.1', observed: 'evil 0.0.1' })
  const heard = (verdict: 'match' | 'mismatch', told = graph) =>
    hear(ZIG_RULES, { rule: 'zig/hash-name-mismatch', name: '', graph: told, evidence: [identity(verdict)] })

  it('fires once, also where reading or verifying left a fact of it', () => {
    const says = `diffz@0.0.1: the hash names diffz 0.0.1, the manifest from ${URL} evil 0.0.1`
    expect(heard('mismatch').said.map((one) => one.message)).toEqual([says])
    const both = appWith([diffz], fact('zig/hash-name-mismatch', { hash: 'diffz 0.0.1', manifest: 'evil 0.0.1' }))
    expect(heard('mismatch', both).said.map((one) => one.message)).toEqual([says])
  })

  it('does not where the manifest is the one that the hash names', () => {
    expect(heard('match')).toEqual({ said: [], checked: 1 })
  })
})
