import { describe, expect, it } from 'vitest'
import { CARGO_RULES } from '../../../src/ecosystems/cargo/rules.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import type { Said } from '../../policy/support/rule-cases.js'
import { severityLetters, withoutEntry } from '../../policy/support/rule-cases.js'
import { graphOf } from '../../support/graphs.js'

import type { Files, TreeCase } from './rule-trees.js'
import {
  abbreviated,
  ambiguous,
  app,
  at,
  bothIndexes,
  COMMIT,
  CORP,
  configured,
  corporate,
  dangling,
  deadEnd,
  gitLock,
  hearTree,
  lockOf,
  lostPath,
  manifest,
  members,
  mirror,
  mixed,
  old,
  overridden,
  PLAIN,
  patched,
  REGENERATE,
  registryAndGit,
  replaced,
  ring,
  serde,
  stranger,
  summed,
  token,
  twoRegistries,
  unreached,
  unused,
  wild,
  wildPath,
  wrapper,
} from './rule-trees.js'

/** spec/policy.md §2.9 for the first five; the others are from spec/cargo.md §11. */
const SEVERITIES = {
  'cargo/patch-active': 'N/W/W',
  'cargo/wildcard': 'N/W/E',
  'cargo/lock-version-old': '-/N/W',
  'cargo/config-in-repo': 'N/W/E',
  'cargo/mirror-chain-dead': 'N/W/W',
  'cargo/paths-override': 'W/E/E',
  'cargo/git-ref-ambiguous': 'W/E/E',
  'cargo/git-commit-not-full': 'W/E/E',
  'cargo/same-name-multiple-registries': 'N/W/W',
  'cargo/dangling-dependency': 'E/E/E',
  'cargo/mixed-checksum-styles': 'E/E/E',
  'cargo/checksum-malformed': 'E/E/E',
  'cargo/package-missing-from-lock': 'W/E/E',
  'cargo/no-first-party-package': 'W/E/E',
  'cargo/manifest-missing': 'N/W/E',
  'cargo/alternate-registry': '-/N/N',
}

interface Firing extends TreeCase {
  readonly says: readonly Said[]
}
const firing = (rule: string, name: string, files: Files, says: readonly Said[], rest: Partial<TreeCase> = {}): Firing => ({
  rule,
  name,
  files,
  says,
  ...rest,
})

const FIRES: readonly Firing[] = [
  firing('cargo/patch-active', 'a patch by a fork', patched, [
    {
      message: '[patch] swaps serde for https://git.example.com/serde',
      fix: 'publish the change and drop the override, or waive it with a date',
      at: at(patched, 'Cargo.toml', 'serde = { git'),
      data: { name: 'serde', kind: 'patch' },
      path: ['app@0.1.0', 'serde@1.0.0'],
    },
  ]),
  firing('cargo/patch-active', 'a replacement by a folder', replaced, [
    {
      message: '[replace] swaps serde for own',
      fix: 'publish the change and drop the override, or waive it with a date',
      at: at(replaced, 'Cargo.toml', '"serde:1.0.0"'),
      data: { name: 'serde', kind: 'replace' },
      path: ['app@0.1.0', 'serde@1.0.0'],
    },
  ]),
  firing('cargo/wildcard', 'a requirement of every version', wild, [
    {
      message: 'serde = "*" accepts every version',
      fix: 'write the range you mean, e.g. serde = "1"',
      at: at(wild, 'Cargo.toml', 'serde = "*"'),
      data: { name: 'serde' },
      path: ['app@0.1.0'],
    },
  ]),
  firing(
    'cargo/wildcard',
    'beside a path, when that is no excuse',
    wildPath,
    [
      {
        message: 'own = "*" accepts every version',
        fix: 'write the range you mean, e.g. own = "1"',
        at: at(wildPath, 'Cargo.toml', 'own = { path'),
        data: { name: 'own' },
        path: ['app@0.1.0'],
      },
    ],
    { options: { 'allow-path': false } },
  ),
  ...([1, 2] as const).map((format) =>
    firing('cargo/lock-version-old', `format ${format}`, old(format), [
      {
        message: `the lockfile has format ${format}`,
        fix: 'raise rust-version if it can be raised, and let cargo write the lockfile again',
        at: 'Cargo.lock:1:1',
        data: {},
        path: [],
      },
    ]),
  ),
  firing('cargo/config-in-repo', 'a program around every compilation', wrapper, [
    {
      message: 'build.rustc-wrapper in .cargo/config.toml changes what gets built or where it comes from',
      fix: 'move it to the machine that needs it, or allow the key',
      at: at(wrapper, '.cargo/config.toml', 'rustc-wrapper'),
      data: { key: 'build.rustc-wrapper', file: '.cargo/config.toml' },
      path: [],
    },
  ]),
  firing('cargo/config-in-repo', 'a token, which is told by its name alone', token, [
    {
      message: 'registries.corp.token in .cargo/config.toml changes what gets built or where it comes from',
      fix: 'move it to the machine that needs it, or allow the key',
      at: at(token, '.cargo/config.toml', 'token'),
      data: { key: 'registries.corp.token', file: '.cargo/config.toml' },
      path: [],
    },
  ]),
  firing('cargo/mirror-chain-dead', 'a chain to a source that nobody defines', deadEnd, [
    {
      message: 'source.a has no effect: no source is named nowhere',
      fix: 'remove it, or point replace-with at the one source you mean',
      at: at(deadEnd, '.cargo/config.toml', '[source.a]', 1),
      data: { source: 'a', why: 'no source is named nowhere' },
      path: [],
    },
    {
      message: 'source.crates-io has no effect: no source is named nowhere',
      fix: 'remove it, or point replace-with at the one source you mean',
      at: at(deadEnd, '.cargo/config.toml', '[source.a]', 1),
      data: { source: 'crates-io', why: 'no source is named nowhere' },
      path: [],
    },
  ]),
  firing('cargo/mirror-chain-dead', 'a ring', ring, [
    {
      message: 'source.a has no effect: replace-with comes back to a',
      fix: 'remove it, or point replace-with at the one source you mean',
      at: at(ring, '.cargo/config.toml', '[source.crates-io]', 1),
      data: { source: 'a', why: 'replace-with comes back to a' },
      path: [],
    },
    {
      message: 'source.crates-io has no effect: replace-with comes back to crates-io',
      fix: 'remove it, or point replace-with at the one source you mean',
      at: at(ring, '.cargo/config.toml', '[source.a]', 1),
      data: { source: 'crates-io', why: 'replace-with comes back to crates-io' },
      path: [],
    },
  ]),
  firing('cargo/mirror-chain-dead', 'a source that no chain reaches', unreached, [
    {
      message: 'source.lonely has no effect: no replace-with reaches it',
      fix: 'remove it, or point replace-with at the one source you mean',
      at: at(unreached, '.cargo/config.toml', '[source.lonely]', 1),
      data: { source: 'lonely', why: 'no replace-with reaches it' },
      path: [],
    },
  ]),
  firing('cargo/paths-override', 'a folder in place of a locked package', overridden, [
    {
      message: 'paths = ["own"] builds that folder instead of what the lockfile names',
      fix: 'use [patch] in the manifest, which the lockfile records',
      at: at(overridden, '.cargo/config.toml', '"own"'),
      data: { path: 'own' },
      path: [],
    },
  ]),
  firing('cargo/git-ref-ambiguous', 'an escaped branch in format 3', ambiguous, [
    {
      message: 'the git ref of x@1.0.0 does not read back, so the commit is no real pin',
      fix: 'let a cargo of 1.83 or newer write the lockfile (format 4), or name the commit with rev',
      at: at(ambiguous, 'Cargo.lock', 'source =', 1),
      data: {},
      path: ['app@0.1.0', 'x@1.0.0'],
    },
  ]),
  firing('cargo/git-commit-not-full', 'seven digits of a commit', abbreviated, [
    {
      message: 'x@1.0.0 is pinned by an abbreviated commit',
      fix: REGENERATE,
      at: at(abbreviated, 'Cargo.lock', 'source =', 1),
      data: {},
      path: ['app@0.1.0', 'x@1.0.0'],
    },
  ]),
  firing('cargo/same-name-multiple-registries', 'the public one and one of a company', twoRegistries, [
    {
      message: 'serde comes from several registries',
      fix: 'check that each is meant, and name the registry in every requirement',
      at: 'Cargo.lock:1:1',
      data: {},
      path: [],
    },
  ]),
  firing('cargo/dangling-dependency', 'a dependency without an entry', dangling, [
    {
      message: 'app@0.1.0 depends on gone, which is not in the lockfile',
      fix: REGENERATE,
      at: at(dangling, 'Cargo.lock', '"gone"', 1),
      data: { dependency: 'gone' },
      path: ['app@0.1.0'],
    },
  ]),
  firing('cargo/mixed-checksum-styles', 'checksums of format 1 beside others', mixed, [
    {
      message: 'the lockfile holds [metadata] checksums of format 1 beside checksums of a newer format',
      fix: 'take one side of the merge, then let cargo write the file again',
      at: at(mixed, 'Cargo.lock', '"checksum serde', 1),
      data: {},
      path: [],
    },
  ]),
  firing('cargo/checksum-malformed', 'too short', summed('abc'), [
    {
      message: 'the checksum of serde@1.0.0 is not 64 hexadecimal digits',
      fix: REGENERATE,
      at: at(summed('abc'), 'Cargo.lock', 'checksum', 1),
      data: {},
      path: ['app@0.1.0', 'serde@1.0.0'],
    },
  ]),
  firing('cargo/checksum-malformed', 'upper case', summed('A'.repeat(64)), [
    {
      message: 'the checksum of serde@1.0.0 is written in upper case, which cargo takes for another one',
      fix: REGENERATE,
      at: at(summed('A'.repeat(64)), 'Cargo.lock', 'checksum', 1),
      data: {},
      path: ['app@0.1.0', 'serde@1.0.0'],
    },
  ]),
  firing('cargo/package-missing-from-lock', 'a member that the lockfile does not know', members('a'), [
    {
      message: 'b 0.1.0 is a package of the workspace and not in the lockfile',
      fix: REGENERATE,
      at: at(members('a'), 'b/Cargo.toml', '"b"'),
      data: { name: 'b', version: '0.1.0' },
      path: [],
    },
  ]),
  firing('cargo/no-first-party-package', 'a lockfile of something else', stranger, [
    {
      message: 'no package of this lockfile is part of the repository',
      fix: REGENERATE,
      at: 'Cargo.lock:1:1',
      data: {},
      path: [],
    },
  ]),
  firing('cargo/manifest-missing', 'a path package that is not in the tree', lostPath, [
    {
      message: 'the path package lost has no readable manifest in the tree',
      fix: 'commit it, or remove the dependency',
      at: at(lostPath, 'Cargo.lock', 'name = "lost"', 1).replace(/:(\d+):/, (_, line: string) => `:${Number(line) - 1}:`),
      data: { name: 'lost' },
      path: ['app@0.1.0', 'lost@0.1.0'],
    },
  ]),
  firing(
    'cargo/alternate-registry',
    'one that nobody listed',
    corporate,
    [
      {
        message: 'packages come from https://crates.corp.example/index/',
        fix: 'list it under sources.registries when it is meant',
        at: at(corporate, 'Cargo.lock', '"sparse+'),
        data: { url: 'https://crates.corp.example/index/' },
        path: ['app@0.1.0', 'auth@1.0.0'],
      },
    ],
    { settings: { sources: { ...DEFAULT_CONFIG.settings.sources, registries: ['https://other.example/'] } } },
  ),
]

interface Sparing extends TreeCase {
  readonly checked: number
}
const sparing = (rule: string, name: string, files: Files, checked: number, rest: Partial<TreeCase> = {}): Sparing => ({
  rule,
  name,
  files,
  checked,
  ...rest,
})
const SPARES: readonly Sparing[] = [
  sparing('cargo/patch-active', 'a patch that nothing in the lockfile uses', unused, 1),
  sparing('cargo/wildcard', 'beside a path, which decides', wildPath, 1),
  sparing('cargo/wildcard', 'a range with a star', { ...PLAIN, 'Cargo.toml': manifest('\n[dependencies]\nserde = "1.*"\n') }, 0),
  sparing('cargo/lock-version-old', 'format 3', { ...PLAIN, 'Cargo.lock': lockOf(3, app('serde'), serde) }, 1),
  sparing('cargo/config-in-repo', 'a key that is meant', wrapper, 1, { options: { 'allow-keys': ['build.rustc-wrapper'] } }),
  sparing(
    'cargo/config-in-repo',
    'keys that change nothing of it',
    configured('[term]\ncolor = "always"\n[build]\njobs = 2\n'),
    0,
  ),
  sparing('cargo/mirror-chain-dead', 'a mirror that is asked', configured(mirror), 0),
  sparing('cargo/paths-override', 'no paths', configured(mirror), 0),
  sparing(
    'cargo/git-ref-ambiguous',
    'the same branch in format 4',
    gitLock(4, `git+https://git.example.com/x?branch=a%2Fb#${COMMIT}`),
    0,
  ),
  sparing(
    'cargo/git-ref-ambiguous',
    'a plain branch in format 3',
    gitLock(3, `git+https://git.example.com/x?branch=main#${COMMIT}`),
    0,
  ),
  sparing('cargo/git-commit-not-full', 'a full commit', gitLock(4, `git+https://git.example.com/x#${COMMIT}`), 0),
  sparing('cargo/same-name-multiple-registries', 'one name from a registry and from git', registryAndGit, 0),
  sparing('cargo/same-name-multiple-registries', 'the public one under both of its index URLs', bothIndexes, 0),
  sparing('cargo/dangling-dependency', 'every dependency has an entry', PLAIN, 0),
  sparing('cargo/mixed-checksum-styles', 'format 1 keeps them there', old(1), 0),
  sparing('cargo/checksum-malformed', '64 lower-case digits', PLAIN, 0),
  sparing('cargo/package-missing-from-lock', 'every member is there', members('a', 'b'), 0),
  sparing('cargo/no-first-party-package', 'the package itself is there', PLAIN, 0),
  sparing('cargo/manifest-missing', 'the folder is in the tree', wildPath, 0),
  ...[
    { ...DEFAULT_CONFIG.settings.sources, registries: ['sparse+https://crates.corp.example/index'] },
    { ...DEFAULT_CONFIG.settings.sources, mirrors: [{ url: CORP, of: 'crates.io' }] },
  ].map((sources) => sparing('cargo/alternate-registry', 'one that is listed', corporate, 1, { settings: { sources } })),
]

describe('cargo rules that fire', () => {
  it.each(FIRES)('$rule: $name', async (row) => {
    expect((await hearTree(row)).said).toEqual(row.says)
  })
})

describe('cargo rules that must not', () => {
  it.each(SPARES)('$rule: $name', async (row) => {
    expect(await hearTree(row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('cargo rules as a group', () => {
  it('has an entry in both tables for every rule', () => {
    const cases = (rows: readonly TreeCase[]) => rows.map(({ files: _, ...row }) => ({ ...row, graph: graphOf([], []) }))
    expect({ fires: withoutEntry(CARGO_RULES, cases(FIRES)), spares: withoutEntry(CARGO_RULES, cases(SPARES)) }).toEqual({
      fires: [],
      spares: [],
    })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(CARGO_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
