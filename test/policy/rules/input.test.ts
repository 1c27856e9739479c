import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../../src/model/diagnostic.js'
import type { FileCoverage } from '../../../src/model/graph.js'
import { INPUT_RULES } from '../../../src/policy/rules/input.js'
import { component, graphOf } from '../../support/graphs.js'
import type { FiringCase, SparingCase } from '../support/rule-cases.js'
import { appWith, chainOf, factAt, hear, severityLetters, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.1; the last five are assay's own. */
const SEVERITIES = {
  'input/lock-missing': 'W/E/E',
  'input/lock-stale': 'W/E/E',
  'input/lock-unparseable': 'E/E/E',
  'input/manifest-unparseable': 'E/E/E',
  'input/config-unparseable': 'E/E/E',
  'input/lock-version-unsupported': 'W/E/E',
  'input/lock-merge-conflict': 'E/E/E',
  'input/too-large': 'E/E/E',
  'input/lock-not-tracked': 'N/W/E',
  'input/manifest-not-covered': 'N/N/W',
  'input/nothing-found': 'E/E/E',
  'input/case-collision': 'W/E/E',
  'input/link-outside': 'W/E/E',
  'input/suspicious-name': 'E/E/E',
}

function diagnosed(code: string, severity: Diagnostic['severity'], message: string) {
  return appWith([], {
    diagnostics: [{ code, severity, message, help: 'Do this next.', location: { file: 'Cargo.lock', line: 7, column: 2 } }],
  })
}

/** Rules that repeat what a reader said: they fire on their own code and on no other. */
const DIAGNOSED = [
  'input/lock-unparseable',
  'input/manifest-unparseable',
  'input/config-unparseable',
  'input/lock-version-unsupported',
  'input/lock-merge-conflict',
  'input/too-large',
]

const EMPTY = graphOf([], [], { projects: [], files: [] })
const skipped: FileCoverage = { path: 'vendor', state: 'skipped', why: 'vendored copies of dependencies' }
const hidden = component('ser\u200bde')
const mixed = component('s\u0435rde')
const wide = component('serde', '1.0.0', { name: '\uff53erde' })
const control = component('serde', '1.0.0\u0007')

const FIRES: readonly FiringCase[] = [
  {
    rule: 'input/lock-missing',
    name: 'a manifest with three dependencies and no lockfile',
    graph: appWith([], {
      facts: [factAt('Cargo.toml', 1, 'input/dependencies-without-lock', { manifest: 'Cargo.toml', count: 3 })],
    }),
    says: [
      {
        message: 'Cargo.toml has 3 dependencies and no lockfile',
        fix: 'generate and commit it (cargo generate-lockfile, go mod tidy, nimble lock)',
        at: 'Cargo.toml:1:3',
        data: { manifest: 'Cargo.toml' },
        path: [],
      },
    ],
  },
  {
    rule: 'input/lock-missing',
    name: 'a manifest with one',
    graph: appWith([], {
      facts: [factAt('a/go.mod', 1, 'input/dependencies-without-lock', { manifest: 'a/go.mod', count: 1 })],
    }),
    options: { paths: ['b/**'] },
    says: [
      {
        message: 'a/go.mod has one dependency and no lockfile',
        fix: 'generate and commit it (cargo generate-lockfile, go mod tidy, nimble lock)',
        at: 'a/go.mod:1:3',
        data: { manifest: 'a/go.mod' },
        path: [],
      },
    ],
  },
  {
    rule: 'input/lock-stale',
    name: 'a requirement that the locked version does not meet',
    graph: chainOf([component('serde')], {
      facts: [
        factAt(
          'Cargo.toml',
          9,
          'input/lock-stale',
          { dependency: 'serde', requirement: '^2', locked: '1.0.0', why: 'the lockfile does not satisfy the manifest' },
          component('serde'),
        ),
      ],
    }),
    says: [
      {
        message: 'serde ^2 is not satisfied: locked is 1.0.0',
        fix: 'resolve again and commit the lockfile',
        at: 'Cargo.toml:9:3',
        data: { dependency: 'serde', requirement: '^2', locked: '1.0.0', why: 'the lockfile does not satisfy the manifest' },
        path: ['app@0.1.0', 'serde@1.0.0'],
      },
    ],
  },
  ...DIAGNOSED.map((rule) => ({
    rule,
    name: 'a reader says so',
    graph: diagnosed(rule, 'error', `what ${rule} is about`),
    says: [
      {
        message: `what ${rule} is about`,
        fix: 'Do this next',
        at: 'Cargo.lock:7:2',
        data: { file: 'Cargo.lock' },
        path: [],
      },
    ],
  })),
  {
    rule: 'input/lock-not-tracked',
    name: 'a lockfile that git ignores',
    graph: appWith([], { facts: [factAt('Cargo.lock', 1, 'input/lock-not-tracked', { file: 'Cargo.lock', why: 'ignored' })] }),
    says: [
      {
        message: 'Cargo.lock is ignored by git',
        fix: 'remove it from .gitignore and commit it',
        at: 'Cargo.lock:1:3',
        data: { file: 'Cargo.lock', why: 'ignored' },
        path: [],
      },
    ],
  },
  {
    rule: 'input/lock-not-tracked',
    name: 'a lockfile that nobody committed',
    graph: appWith([], { facts: [factAt('Cargo.lock', 1, 'input/lock-not-tracked', { file: 'Cargo.lock', why: 'untracked' })] }),
    says: [
      {
        message: 'Cargo.lock is not tracked by git',
        fix: 'remove it from .gitignore and commit it',
        at: 'Cargo.lock:1:3',
        data: { file: 'Cargo.lock', why: 'untracked' },
        path: [],
      },
    ],
  },
  {
    rule: 'input/manifest-not-covered',
    name: 'a manifest of another ecosystem',
    graph: appWith([], {
      facts: [factAt('web/package.json', 1, 'input/manifest-not-covered', { file: 'web/package.json', what: 'npm' })],
    }),
    options: { ignore: ['docs/**'] },
    says: [
      {
        message: 'web/package.json (npm) is outside this audit',
        fix: 'audit it with a tool that reads it, or exclude it in the configuration',
        at: 'web/package.json:1:3',
        data: { file: 'web/package.json', what: 'npm' },
        path: [],
      },
    ],
  },
  {
    rule: 'input/manifest-not-covered',
    name: 'a manifest of another package manager, by its name alone',
    graph: appWith([], { facts: [factAt('zigmod.yml', 1, 'input/manifest-not-covered', { file: 'zigmod.yml' })] }),
    says: [
      {
        message: 'zigmod.yml is outside this audit',
        fix: 'audit it with a tool that reads it, or exclude it in the configuration',
        at: 'zigmod.yml:1:3',
        data: { file: 'zigmod.yml' },
        path: [],
      },
    ],
  },
  {
    rule: 'input/nothing-found',
    name: 'a tree without a project, in which something was passed over',
    graph: { ...EMPTY, files: [skipped] },
    says: [
      {
        message: 'no supported lockfile or manifest was found',
        fix: 'give the right path, or set allow-empty for a tree without code',
        at: undefined,
        data: {},
        path: [],
      },
    ],
  },
  {
    rule: 'input/case-collision',
    name: 'two names that fold into one',
    graph: appWith([], {
      facts: [factAt('cargo.lock', 1, 'input/case-collision', { folder: '.', paths: ['Cargo.lock', 'cargo.lock'] })],
    }),
    says: [
      {
        message: 'Cargo.lock, cargo.lock are one name on some systems',
        fix: 'rename one of them',
        at: 'cargo.lock:1:3',
        data: { folder: '.' },
        path: [],
      },
    ],
  },
  {
    rule: 'input/link-outside',
    name: 'a lockfile that is a link out of the tree',
    graph: appWith([], { facts: [factAt('Cargo.lock', 1, 'input/link-outside', { path: 'Cargo.lock' })] }),
    says: [
      {
        message: 'Cargo.lock is a link that leads out of the tree or nowhere',
        fix: 'commit the file itself',
        at: 'Cargo.lock:1:3',
        data: { path: 'Cargo.lock' },
        path: [],
      },
    ],
  },
  ...(
    [
      [hidden, 'the name "ser\u200bde" holds invisible or reordering characters'],
      [mixed, 'the name "s\u0435rde" holds letters of two alphabets that look alike'],
      [wide, 'the name "\uff53erde" holds full-width letters'],
      [control, 'the version "1.0.0\\u0007" holds control characters'],
    ] as const
  ).map(([named, message]) => ({
    rule: 'input/suspicious-name',
    name: message,
    graph: chainOf([component('between'), named]),
    says: [
      {
        message,
        fix: 'compare it letter by letter with the package you mean, and remove it',
        at: 'Cargo.lock:1:1',
        data: { name: named.name },
        path: ['app@0.1.0', 'between@1.0.0', `${named.name}@${named.version}`],
      },
    ],
  })),
]

const SPARES: readonly SparingCase[] = [
  {
    rule: 'input/lock-missing',
    name: 'a library that leaves its lockfile out on purpose',
    graph: appWith([], {
      facts: [factAt('lib/Cargo.toml', 1, 'input/dependencies-without-lock', { manifest: 'lib/Cargo.toml', count: 3 })],
    }),
    options: { paths: ['lib/**'] },
    checked: 1,
  },
  {
    rule: 'input/lock-stale',
    name: 'a project whose lockfile holds what the manifest asks for',
    graph: appWith([component('serde')]),
    checked: 0,
  },
  ...DIAGNOSED.map((rule) => ({
    rule,
    name: 'a reader says something else',
    graph: diagnosed(rule === 'input/too-large' ? 'input/lock-unparseable' : 'input/too-large', 'error', 'another matter'),
    checked: 1,
  })),
  {
    rule: 'input/lock-not-tracked',
    name: 'a generated fixture',
    graph: appWith([], {
      facts: [factAt('test/a/Cargo.lock', 1, 'input/lock-not-tracked', { file: 'test/a/Cargo.lock', why: 'ignored' })],
    }),
    options: { paths: ['test/**'] },
    checked: 1,
  },
  {
    rule: 'input/manifest-not-covered',
    name: 'an example that is no part of the product',
    graph: appWith([], {
      facts: [factAt('docs/package.json', 1, 'input/manifest-not-covered', { file: 'docs/package.json', what: 'npm' })],
    }),
    options: { ignore: ['docs/**'] },
    checked: 1,
  },
  { rule: 'input/nothing-found', name: 'a tree with one project', graph: appWith([]), checked: 1 },
  {
    rule: 'input/nothing-found',
    name: 'a lockfile that could not be read is something',
    graph: { ...EMPTY, files: [{ path: 'Cargo.lock', state: 'unreadable', why: 'no permission' }] },
    checked: 1,
  },
  {
    rule: 'input/nothing-found',
    name: 'a tree that is meant to be without code',
    graph: EMPTY,
    options: { 'allow-empty': true },
    checked: 1,
  },
  { rule: 'input/case-collision', name: 'names that differ in more than case', graph: appWith([]), checked: 0 },
  { rule: 'input/link-outside', name: 'no link at all', graph: appWith([]), checked: 0 },
  {
    rule: 'input/suspicious-name',
    name: 'whole words of another alphabet, dashes, underscores, digits',
    graph: appWith([component('\u043f\u0430\u043a\u0435\u0442'), component('a-b_c2'), component('caf\u00e9')]),
    checked: 4,
  },
]

describe('input rules that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(INPUT_RULES, row).said).toEqual(row.says)
  })
})

describe('input rules that must not', () => {
  it.each(SPARES)('$rule: $name', (row) => {
    expect(hear(INPUT_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('input rules as a group', () => {
  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(INPUT_RULES, FIRES), spares: withoutEntry(INPUT_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(INPUT_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
