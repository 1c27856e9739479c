import { describe, expect, it } from 'vitest'
import { SOURCE_RULES } from '../../../src/policy/rules/source.js'
import { hear, severityLetters, withoutEntry } from '../support/rule-cases.js'

import { FIRES } from './source-firing.js'
import { SPARES } from './source-sparing.js'

/** spec/policy.md §2.3. */
const SEVERITIES = {
  'source/registry-not-allowed': 'W/E/E',
  'source/git-not-allowed': 'W/E/E',
  'source/git-floating': 'W/E/E',
  'source/insecure-transport': 'W/E/E',
  'source/credential-in-url': 'E/E/E',
  'source/mutable-archive': 'W/E/E',
  'source/host-not-allowed': '-/W/E',
  'source/ip-literal': 'W/E/E',
  'source/path-outside-repo': 'W/W/E',
  'source/mirror-undeclared': 'N/W/E',
  'source/replacement-active': 'N/W/W',
  'source/dependency-confusion': 'E/E/E',
  'source/typosquat-suspect': '-/W/W',
}

describe('source rules that fire', () => {
  it.each(FIRES)('$rule: $name', (row) => {
    expect(hear(SOURCE_RULES, row).said).toEqual(row.says)
  })
})

describe('source rules that must not', () => {
  it.each(SPARES)('$rule: $name', (row) => {
    expect(hear(SOURCE_RULES, row)).toEqual({ said: [], checked: row.checked })
  })
})

describe('source rules as a group', () => {
  it('has an entry in both tables for every rule', () => {
    expect({ fires: withoutEntry(SOURCE_RULES, FIRES), spares: withoutEntry(SOURCE_RULES, SPARES) }).toEqual({
      fires: [],
      spares: [],
    })
  })

  it('weighs each rule as the specification says', () => {
    expect(Object.fromEntries(SOURCE_RULES.map((rule) => [rule.id, severityLetters(rule)]))).toEqual(SEVERITIES)
  })
})
