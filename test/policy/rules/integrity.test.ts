import { describe, expect, it } from 'vitest'
import type { DigestClaim } from '../../../src/model/component.js'
import type { Digest } from '../../../src/model/digest.js'
import { INTEGRITY_RULES } from '../../../src/policy/rules/integrity.js'
import { component } from '../../support/graphs.js'
import type { FiringCase, SparingCase } from '../support/rule-cases.js'
import { appWith, chainOf, factAt, hear, severityLetters, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.2. */
const SEVERITIES = {
  'integrity/unpinned': 'W/E/E',
  'integrity/checksum-missing': 'W/E/E',
  'integrity/weak-hash': '-/N/W',
  'integrity/digest-conflict': 'E/E/E',
  'integrity/vendor-drift': 'W/E/E',
}

const SHA256 = (letter: string): Digest => ({ of: 'artifact', algorithm: 'sha256', value: letter.repeat(64) })
const claim = (digest: Digest, file = 'Cargo.lock', line = 4): DigestClaim => ({
  digest,
  statedBy: 'lock',
  location: { file, line, column: 1 },
})
const COMMIT = 'c'.repeat(40)
const git = (commit: string | undefined) => ({ kind: 'git', url: 'https://git.example.com/x', commit }) as const

const PIN = 'pin it to a full commit or to a release with a digest'
const WEAK = 'nothing upstream; mirror it, or vendor it with a digest of your own'
const bare = component('bare')
const goMod = component('corp.example/m', 'v1.0.0', {
  ecosystem: 'go',
  claims: [claim({ of: 'tree', scheme: 'go-mod-h1', value: 'h1:x=' }, 'go.sum')],
})
const floating = component('floating', '1.0.0', { source: git(undefined) })
const download = component('download', '1', {
  version: undefined,
  source: { kind: 'archive', url: 'https://e.example/x.tar.gz' },
})
const nim = component('nimpkg', '1.0.0', {
  ecosystem: 'nimble',
  source: git(COMMIT),
  claims: [claim({ of: 'tree', scheme: 'nimble-sha1', value: 'a'.repeat(40) }, 'nimble.lock')],
})
const md5 = component('old', '1.0.0', { claims: [claim({ of: 'artifact', algorithm: 'md5', value: 'd'.repeat(32) })] })
const twoDigests = component('serde', '1.0.0', {
  claims: [claim(SHA256('a'), 'a/Cargo.lock', 4), claim(SHA256('a'), 'b/Cargo.lock', 5), claim(SHA256('b'), 'c/Cargo.lock', 6)],
})

const unpinned = (at: string, name: string) => ({
  message: `${name} can change under you: no digest and no full commit`,
  fix: PIN,
  at,
  data: {},
  path: ['app@0.1.0', name],
})

const FIRES: readonly FiringCase[] = [
  {
    rule: 'integrity/unpinned',
    name: 'a registry package without a digest',
    graph: appWith([bare]),
    says: [unpinned('Cargo.lock:1:1', 'bare@1.0.0')],
  },
  {
    rule: 'integrity/unpinned',
    name: 'a digest of go.mod says nothing of the code',
    graph: appWith([goMod]),
    says: [unpinned('Cargo.lock:1:1', 'corp.example/m@v1.0.0')],
  },
  {
    rule: 'integrity/unpinned',
    name: 'git without a commit, beside an allowed one',
    graph: appWith([floating, bare]),
    options: { allow: ['pkg:cargo/bare@1.0.0'] },
    says: [unpinned('Cargo.lock:1:1', 'floating@1.0.0')],
  },
  {
    rule: 'integrity/unpinned',
    name: 'an archive of no version and no digest',
    graph: appWith([download]),
    says: [unpinned('Cargo.lock:1:1', 'download')],
  },
  {
    rule: 'integrity/checksum-missing',
    name: 'an entry without checksum in a format that has them',
    graph: chainOf([component('between'), bare], {
      facts: [factAt('Cargo.lock', 12, 'integrity/checksum-missing', { why: 'a registry package without checksum' }, bare)],
    }),
    says: [
      {
        message: 'bare@1.0.0 has no checksum: a registry package without checksum',
        fix: 'let the current version of the tool write the lockfile again',
        at: 'Cargo.lock:12:3',
        data: { why: 'a registry package without checksum' },
        path: ['app@0.1.0', 'between@1.0.0', 'bare@1.0.0'],
      },
    ],
  },
  {
    rule: 'integrity/weak-hash',
    name: 'a Nim package rests on SHA-1 twice',
    graph: appWith([nim]),
    says: [
      {
        message: 'nimpkg@1.0.0 rests on tree:nimble-sha1, git-object:sha1 alone',
        fix: WEAK,
        at: 'Cargo.lock:1:1',
        data: {},
        path: ['app@0.1.0', 'nimpkg@1.0.0'],
      },
    ],
  },
  {
    rule: 'integrity/weak-hash',
    name: 'a git source is identified by a SHA-1 commit, claims or none',
    graph: appWith([component('g', '1.0.0', { source: git(COMMIT) })]),
    says: [
      {
        message: 'g@1.0.0 rests on git-object:sha1 alone',
        fix: WEAK,
        at: 'Cargo.lock:1:1',
        data: {},
        path: ['app@0.1.0', 'g@1.0.0'],
      },
    ],
  },
  {
    rule: 'integrity/weak-hash',
    name: 'an archive with an MD5',
    graph: appWith([md5]),
    says: [
      {
        message: 'old@1.0.0 rests on artifact:md5 alone',
        fix: WEAK,
        at: 'Cargo.lock:1:1',
        data: {},
        path: ['app@0.1.0', 'old@1.0.0'],
      },
    ],
  },
  {
    rule: 'integrity/digest-conflict',
    name: 'two lockfiles state one digest and a third another',
    graph: appWith([twoDigests]),
    says: [
      {
        message: `serde@1.0.0 has ${'a'.repeat(64)} in a/Cargo.lock:4:1 and ${'b'.repeat(64)} in c/Cargo.lock:6:1`,
        fix: 'ask the registry which one is right, then resolve the other lockfile again',
        at: 'c/Cargo.lock:6:1',
        data: { one: 'a'.repeat(64), other: 'b'.repeat(64) },
        path: ['app@0.1.0', 'serde@1.0.0'],
      },
    ],
  },
  {
    rule: 'integrity/vendor-drift',
    name: 'a vendored copy that states another checksum',
    graph: appWith([bare], {
      facts: [
        factAt(
          'vendor/bare/.cargo-checksum.json',
          1,
          'integrity/vendor-drift',
          { path: 'vendor/bare', why: 'the vendored bare 1.0.0 states another checksum than the lockfile' },
          bare,
        ),
      ],
    }),
    says: [
      {
        message: 'vendor/bare: the vendored bare 1.0.0 states another checksum than the lockfile',
        fix: 'vendor again from the lockfile, or move the change into a patch that the manifest names',
        at: 'vendor/bare/.cargo-checksum.json:1:3',
        data: { path: 'vendor/bare', why: 'the vendored bare 1.0.0 states another checksum than the lockfile' },
        path: ['app@0.1.0', 'bare@1.0.0'],
      },
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  {
    rule: 'integrity/unpinned',
    name: 'a digest, or a full commit, or the module digest of Go',
    graph: appWith([
      component('a', '1.0.0', { claims: [claim(SHA256('a'))] }),
      component('b', '1.0.0', { source: git(COMMIT) }),
      { ...goMod, claims: [...goMod.claims, claim({ of: 'tree', scheme: 'go-h1', value: 'h1:y=' }, 'go.sum')] },
    ]),
    checked: 3,
  },
  {
    rule: 'integrity/unpinned',
    name: 'a path, the toolchain, the project itself, and a requirement that no lockfile resolved',
    graph: appWith([
      component('p', '1.0.0', { source: { kind: 'path', path: 'p', outside: false } }),
      component('stdlib', '1.0.0', { source: { kind: 'toolchain' } }),
      component('wanted', '1', { version: undefined }),
    ]),
    checked: 0,
  },
  {
    rule: 'integrity/unpinned',
    name: 'one that may stay so',
    graph: appWith([bare]),
    options: { allow: ['pkg:cargo/b*'] },
    checked: 1,
  },
  { rule: 'integrity/checksum-missing', name: 'nothing observed', graph: appWith([bare]), checked: 0 },
  {
    rule: 'integrity/weak-hash',
    name: 'a SHA-256 beside the SHA-1, and a SHA-256 repository',
    graph: appWith([
      { ...nim, claims: [...nim.claims, claim({ of: 'tree', scheme: 'assay-files', value: 'f'.repeat(64) })] },
      component('g', '1.0.0', { source: git('c'.repeat(64)) }),
    ]),
    checked: 2,
  },
  {
    rule: 'integrity/digest-conflict',
    name: 'digests of two kinds are no conflict, nor is one digest stated twice',
    graph: appWith([
      component('serde', '1.0.0', {
        claims: [
          claim(SHA256('a'), 'a/Cargo.lock'),
          claim(SHA256('a'), 'b/Cargo.lock'),
          claim({ of: 'artifact', algorithm: 'sha512', value: 'b'.repeat(128) }),
          claim({ of: 'tree', scheme: 'assay-files', value: 'c'.repeat(64) }),
        ],
      }),
    ]),
    checked: 1,
  },
  {
    rule: 'integrity/digest-conflict',
    name: 'one name and version from two sources are two components',
    graph: appWith([
      component('serde', '1.0.0', { claims: [claim(SHA256('a'))] }),
      component('serde', '1.0.0', {
        claims: [claim(SHA256('b'))],
        source: { kind: 'registry', protocol: 'cargo-sparse', url: 'https://registry.example/' },
      }),
    ]),
    checked: 2,
  },
  { rule: 'integrity/vendor-drift', name: 'a vendor folder that agrees', graph: appWith([bare]), checked: 0 },
]

describe('integrity rules that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(INTEGRITY_RULES, row).said).toEqual(row.says)
  })
})

describe('integrity rules that must not', () => {
  it.each(SPARES)('$rule: $name', (row) => {
    expect(hear(INTEGRITY_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('integrity rules as a group', () => {
  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(INTEGRITY_RULES, FIRES), spares: withoutEntry(INTEGRITY_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(INTEGRITY_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
