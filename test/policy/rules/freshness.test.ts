import { describe, expect, it } from 'vitest'
import { FRESHNESS_RULES } from '../../../src/policy/rules/freshness.js'
import { component } from '../../support/graphs.js'
import type { FiringCase, Said, SparingCase } from '../support/rule-cases.js'
import { appWith, chainOf, factAt, hear, severityLetters, TODAY, withoutEntry } from '../support/rule-cases.js'

/** spec/policy.md §2.5. */
const SEVERITIES = { 'freshness/too-new': '-/W/E', 'freshness/prerelease': '-/N/W' }

const other = component('other')
const crate = component('fresh', '1.2.3')
const module = component('e.example/m', 'v1.0.0', { ecosystem: 'go' })
const crateOf = (at: string) =>
  appWith([crate], { facts: [factAt('Cargo.lock', 9, 'cargo/published', { at, registry: 'https://index.example/' }, crate)] })
const moduleOf = (time: string) =>
  appWith([module], { facts: [factAt('go.mod', 5, 'go/published', { module: 'e.example/m', time }, module)] })
const says = (message: string, fix: string, path: readonly string[], data: Said['data'] = {}, at = 'Cargo.lock:1:1'): Said => ({
  message,
  fix,
  at,
  data,
  path,
})

const FIRES: readonly FiringCase[] = [
  {
    rule: 'freshness/too-new',
    name: 'a crate of yesterday',
    graph: crateOf('2026-07-31T23:59:59Z'),
    says: [
      says(
        'fresh@1.2.3 was published on 2026-07-31, the minimum age is 7 days',
        'wait 6 days, take an older version, or exempt it',
        ['app@0.1.0', 'fresh@1.2.3'],
        { at: '2026-07-31T23:59:59Z', registry: 'https://index.example/' },
        'Cargo.lock:9:3',
      ),
    ],
  },
  {
    rule: 'freshness/too-new',
    name: 'a module one day short of what is asked, another one is exempt',
    graph: moduleOf('2026-07-03T01:02:03Z'),
    options: { 'min-age': 30, exempt: ['pkg:cargo/fresh'] },
    says: [
      says(
        'e.example/m@v1.0.0 was published on 2026-07-03, the minimum age is 30 days',
        'wait one day, take an older version, or exempt it',
        ['app@0.1.0', 'e.example/m@v1.0.0'],
        { module: 'e.example/m', time: '2026-07-03T01:02:03Z' },
        'go.mod:5:3',
      ),
    ],
  },
  {
    rule: 'freshness/too-new',
    name: 'a time to come, which is that of a wrong clock or a lie',
    graph: moduleOf('2026-08-09T00:00:00Z'),
    options: { 'min-age': 1 },
    says: [
      says(
        'e.example/m@v1.0.0 was published on 2026-08-09, the minimum age is one day',
        'wait 9 days, take an older version, or exempt it',
        ['app@0.1.0', 'e.example/m@v1.0.0'],
        { module: 'e.example/m', time: '2026-08-09T00:00:00Z' },
        'go.mod:5:3',
      ),
    ],
  },
  {
    rule: 'freshness/prerelease',
    name: 'a pre-release in what is shipped',
    graph: chainOf([other, component('new', '2.0.0-rc.1')]),
    options: { allow: ['pkg:cargo/new@2.0.0-rc.2'] },
    says: [
      says('new@2.0.0-rc.1 is a pre-release', 'take a release, or allow it', ['app@0.1.0', 'other@1.0.0', 'new@2.0.0-rc.1']),
    ],
  },
]

const SPARES: readonly SparingCase[] = [
  { rule: 'freshness/too-new', name: 'the day on which it is old enough', graph: crateOf('2026-07-25T23:59:59Z'), checked: 1 },
  {
    rule: 'freshness/too-new',
    name: 'one that is exempt',
    graph: crateOf(`${TODAY}T00:00:00Z`),
    options: { exempt: ['pkg:cargo/fresh'] },
    checked: 1,
  },
  { rule: 'freshness/too-new', name: 'no time that can be read', graph: moduleOf('soon'), checked: 1 },
  {
    rule: 'freshness/too-new',
    name: 'no age asked for',
    graph: crateOf(`${TODAY}T00:00:00Z`),
    options: { 'min-age': 0 },
    checked: 1,
  },
  {
    rule: 'freshness/prerelease',
    name: 'a release, a tool, a pseudo-version of Go, an allowed one, build metadata',
    graph: appWith([
      component('a', '1.0.0'),
      component('b', '1.0.0-rc.1', { scopes: ['dev'] }),
      component('e.example/m', 'v0.0.0-20240101000000-abcdefabcdef', { ecosystem: 'go' }),
      component('c', '1.0.0-beta.2'),
      component('d', '1.0.0+1.2-rc'),
    ]),
    options: { allow: ['pkg:cargo/c'] },
    checked: 4,
  },
]

describe('freshness rules that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(FRESHNESS_RULES, row).said).toEqual(row.says)
  })
})

describe('freshness rules that must not', () => {
  it.each(SPARES)('$rule: $name', (row) => {
    expect(hear(FRESHNESS_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('freshness rules', () => {
  it('all have a case of each kind, and the severities of the specification', () => {
    expect(withoutEntry(FRESHNESS_RULES, FIRES)).toEqual([])
    expect(withoutEntry(FRESHNESS_RULES, SPARES)).toEqual([])
    expect(Object.fromEntries(FRESHNESS_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
