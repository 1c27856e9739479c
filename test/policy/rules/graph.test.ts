import { describe, expect, it } from 'vitest'
import type { Settings } from '../../../src/model/rule.js'
import { GRAPH_RULES } from '../../../src/policy/rules/graph.js'
import { component, edge, graphOf } from '../../support/graphs.js'
import type { FiringCase, Said, SparingCase } from '../support/rule-cases.js'
import { APP, appWith, chainOf, factAt, hear, severityLetters, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.8; graph/duplicate-entry is assay's own. */
const SEVERITIES = {
  'graph/denied': 'E/E/E',
  'graph/not-listed': '-/-/E',
  'graph/duplicate-version': '-/N/W',
  'graph/duplicate-entry': 'E/E/E',
  'graph/build-code': '-/N/W',
  'graph/unused-override': 'N/W/W',
  'graph/incomplete': 'N/W/E',
}

function deny(entry: Partial<Settings['deny'][number]>): Partial<Settings> {
  return { deny: [{ component: 'pkg:cargo/openssl@<0.10.66', reason: 'use rustls', wrappers: [], ...entry }] }
}

const openssl = component('openssl', '0.10.60')
const native = component('native-tls')
const other = component('other')
const tree = ['app@0.1.0', 'native-tls@1.0.0', 'openssl@0.10.60']
const inProject = (name: string, version: string, ...projects: string[]) => component(name, version, { projects })
const built = component('proc')
const builds = (about: typeof built) => ({
  facts: [factAt('Cargo.lock', 20, 'graph/build-code', { what: 'a build script' }, about)],
})
const unknown = (name: string, why: string, rest = {}) => component(name, '1.0.0', { edges: { state: 'unknown', why }, ...rest })
const ACCEPT = 'make the missing manifests available (vendor them, or name a package cache), or accept it as a known unknown'

const says = (message: string, fix: string, path: readonly string[], data: Said['data'] = {}, at = 'Cargo.lock:1:1'): Said => ({
  message,
  fix,
  at,
  data,
  path,
})

const FIRES: readonly FiringCase[] = [
  {
    rule: 'graph/denied',
    name: 'a denied version, with what to take instead',
    graph: chainOf([native, openssl]),
    settings: deny({ instead: 'pkg:cargo/rustls' }),
    says: [says('openssl@0.10.60 is denied: use rustls', 'use pkg:cargo/rustls', tree, { entry: 'pkg:cargo/openssl@<0.10.66' })],
  },
  {
    rule: 'graph/denied',
    name: 'somebody beside the wrapper depends on it',
    graph: graphOf(
      [APP, native, other, openssl],
      [edge(APP, native), edge(APP, other), edge(native, openssl), edge(other, openssl)],
    ),
    settings: deny({ wrappers: ['pkg:cargo/native-tls'] }),
    says: [says('openssl@0.10.60 is denied: use rustls', 'remove it', tree, { entry: 'pkg:cargo/openssl@<0.10.66' })],
  },
  {
    rule: 'graph/denied',
    name: 'wrappers do not excuse what nobody is seen to depend on',
    graph: graphOf([APP, openssl], []),
    settings: deny({ wrappers: ['pkg:cargo/native-tls'] }),
    says: [says('openssl@0.10.60 is denied: use rustls', 'remove it', [], { entry: 'pkg:cargo/openssl@<0.10.66' })],
  },
  {
    rule: 'graph/not-listed',
    name: 'a component that no entry of the allow list means',
    graph: chainOf([native, openssl]),
    settings: { allow: ['pkg:cargo/native-*', 'pkg:cargo/openssl@>=0.10.66'] },
    says: [says('openssl@0.10.60 is not on the list', 'ask for it to be listed, or remove it', tree)],
  },
  {
    rule: 'graph/duplicate-version',
    name: 'two versions in one project, in the order of versions',
    graph: chainOf([component('syn', '1.10.0'), component('syn', '1.9.0'), component('syn', '2.0.0')]),
    says: [
      says('syn: 1.9.0, 1.10.0, 2.0.0', 'raise whatever still asks for the older syn', ['app@0.1.0', 'syn@1.10.0', 'syn@1.9.0'], {
        name: 'syn',
      }),
    ],
  },
  {
    rule: 'graph/duplicate-version',
    name: 'what meets in two projects is told once, whole',
    graph: appWith([inProject('syn', '1.0.0', 'a', 'b'), inProject('syn', '2.0.0', 'a'), inProject('syn', '3.0.0', 'b')]),
    says: [
      says('syn: 1.0.0, 2.0.0, 3.0.0', 'raise whatever still asks for the older syn', ['app@0.1.0', 'syn@1.0.0'], {
        name: 'syn',
      }),
    ],
  },
  {
    rule: 'graph/duplicate-entry',
    name: 'one component twice',
    graph: appWith([], { facts: [factAt('go.sum', 9, 'graph/duplicate-entry', { name: 'e.example/m', version: 'v1.0.0' })] }),
    says: [
      says(
        'e.example/m v1.0.0 is listed twice with different content',
        'take one side of the merge, then resolve again',
        [],
        { name: 'e.example/m', version: 'v1.0.0' },
        'go.sum:9:3',
      ),
    ],
  },
  {
    rule: 'graph/build-code',
    name: 'a build script of a dependency; the allowed version is another',
    graph: chainOf([other, built], builds(built)),
    options: { allow: ['pkg:cargo/proc@2.0.0'] },
    says: [
      says(
        'proc@1.0.0 runs a build script when it is built',
        'review it, then allow it by version',
        ['app@0.1.0', 'other@1.0.0', 'proc@1.0.0'],
        { what: 'a build script' },
        'Cargo.lock:20:3',
      ),
    ],
  },
  {
    rule: 'graph/unused-override',
    name: 'a patch that no longer applies',
    graph: appWith([], { facts: [factAt('Cargo.lock', 30, 'graph/unused-override', { override: 'time 0.1.0', kind: 'patch' })] }),
    says: [
      says(
        'the patch of time 0.1.0 matches nothing',
        'delete it',
        [],
        { override: 'time 0.1.0', kind: 'patch' },
        'Cargo.lock:30:3',
      ),
    ],
  },
  {
    rule: 'graph/incomplete',
    name: 'one component whose children are unknown',
    graph: chainOf([other, unknown('zed', 'its manifest is not in the tree')]),
    says: [
      says(
        'the dependencies of zed@1.0.0 are not known: its manifest is not in the tree',
        ACCEPT,
        ['app@0.1.0', 'other@1.0.0', 'zed@1.0.0'],
        { project: 'cargo:Cargo.lock', why: 'its manifest is not in the tree' },
      ),
    ],
  },
  {
    rule: 'graph/incomplete',
    name: 'one finding a project and reason, not one a component',
    graph: appWith([
      unknown('a', 'not fetched'),
      unknown('b', 'not fetched'),
      unknown('c', '3 of its dependencies are not in the lockfile', { projects: ['cargo:x'] }),
    ]),
    says: [
      says(
        'the dependencies of 2 components (the first is a@1.0.0) are not known: not fetched',
        ACCEPT,
        ['app@0.1.0', 'a@1.0.0'],
        { project: 'cargo:Cargo.lock', why: 'not fetched' },
      ),
      says(
        'the dependencies of c@1.0.0 are not known: 3 of its dependencies are not in the lockfile',
        ACCEPT,
        ['app@0.1.0', 'c@1.0.0'],
        { project: 'cargo:x', why: 'N of its dependencies are not in the lockfile' },
      ),
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  {
    rule: 'graph/denied',
    name: 'the first version outside the range',
    graph: appWith([component('openssl', '0.10.66')]),
    settings: deny({}),
    checked: 2,
  },
  {
    rule: 'graph/denied',
    name: 'only wrappers depend on it',
    graph: chainOf([native, openssl]),
    settings: deny({ wrappers: ['pkg:cargo/native-tls@1'] }),
    checked: 3,
  },
  {
    rule: 'graph/not-listed',
    name: 'everything is listed; what is first-party needs no entry',
    graph: chainOf([native, openssl]),
    settings: { allow: ['pkg:cargo/native-tls', 'pkg:cargo/openssl@<1'] },
    checked: 2,
  },
  { rule: 'graph/not-listed', name: 'no list, no judgement', graph: chainOf([native]), checked: 0 },
  {
    rule: 'graph/duplicate-version',
    name: 'in two projects, in Go, of the project itself, from two sources, or skipped',
    graph: appWith([
      inProject('syn', '1.0.0', 'a'),
      inProject('syn', '2.0.0', 'b'),
      component('e.example/m', 'v1.0.0', { ecosystem: 'go' }),
      component('e.example/m', 'v2.0.0', { ecosystem: 'go' }),
      component('app', '9.0.0'),
      component('twin', '1.0.0'),
      component('twin', '1.0.0', { source: { kind: 'archive', url: 'https://e.example/twin.tar.gz' } }),
      component('rand', '0.7.0'),
      component('rand', '0.8.0'),
    ]),
    options: { skip: ['rand'] },
    checked: 5,
  },
  { rule: 'graph/duplicate-entry', name: 'nothing observed', graph: appWith([native]), checked: 0 },
  {
    rule: 'graph/build-code',
    name: 'an allowed version',
    graph: appWith([built], builds(built)),
    options: { allow: ['pkg:cargo/proc@1.0.0'] },
    checked: 1,
  },
  { rule: 'graph/build-code', name: 'what the repository itself runs', graph: appWith([], builds(APP)), checked: 1 },
  { rule: 'graph/unused-override', name: 'nothing observed', graph: appWith([native]), checked: 0 },
  { rule: 'graph/incomplete', name: 'a graph that is whole', graph: chainOf([native, openssl]), checked: 3 },
]

describe('graph rules that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(GRAPH_RULES, row).said).toEqual(row.says)
  })
})

describe('graph rules that must not', () => {
  it.each(SPARES)('$rule: $name', (row) => {
    expect(hear(GRAPH_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('graph rules as a group', () => {
  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(GRAPH_RULES, FIRES), spares: withoutEntry(GRAPH_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(GRAPH_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
