import { describe, expect, it } from 'vitest'
import { allRules } from '../../src/audit/rules.js'
import { describeShared, readSharedBytes } from '../support/shared.js'
import { severityLetters } from './support/rule-cases.js'

/** Rows of the catalogue that are judged by the tree alone: id, evidence, severities. */
function catalogue(): readonly {
  readonly id: string
  readonly evidence: string
  readonly hard: boolean
  readonly severities: string
}[] {
  const text = new TextDecoder().decode(readSharedBytes('spec', 'policy.md'))
  return text.split('\n').flatMap((line) => {
    const [, id, hard, , evidence, severities] =
      /^\| `([a-z]+\/[a-z0-9-]+)`( \*\*hard\*\*)? \| (.*?) \| ([A-Z,]+) \| ([EWN-]\/[EWN-]\/[EWN-]) \|/.exec(line) ?? []
    if (id === undefined || evidence === undefined || severities === undefined) return []
    return [{ id, evidence, hard: hard !== undefined, severities }]
  })
}

/**
 * Class-L rows of the groups that are built, which need more than the tree: another state of it after the build, or the
 * configuration of a registry.
 */
const NEED_MORE = ['input/lock-changed-in-ci', 'cargo/alternate-registry-auth']
const GROUPS = ['input', 'integrity', 'source', 'graph', 'cargo', 'go', 'zig', 'nimble']

describeShared('spec', 'the rules against the catalogue of the specification', () => {
  it('weighs every rule that is in the catalogue as it says there', async () => {
    const rows = new Map(catalogue().map((row) => [row.id, row]))
    const known = (await allRules()).flatMap((rule) => {
      const row = rows.get(rule.id)
      return row === undefined ? [] : [{ rule, row }]
    })
    expect(known.length).toBeGreaterThanOrEqual(40)
    expect(known.map(({ rule }) => [rule.id, severityLetters(rule), rule.hard === true])).toEqual(
      known.map(({ row }) => [row.id, row.severities, row.hard]),
    )
  })

  it('has every rule that needs nothing but the tree', async () => {
    const ids = new Set((await allRules()).map((rule) => rule.id))
    const wanted = catalogue().filter((row) => row.evidence.split(',')[0] === 'L' && GROUPS.includes(row.id.split('/')[0] ?? ''))
    expect(wanted.length).toBeGreaterThanOrEqual(30)
    expect(
      wanted
        .map((row) => row.id)
        .filter((id) => !ids.has(id))
        .sort(),
    ).toEqual([...NEED_MORE].sort())
  })
})

describe('all rules', () => {
  it('have an id of two words, once each, and say what they are and why in one line', async () => {
    const rules = await allRules()
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length)
    expect(rules.filter((rule) => rule.evidence.includes('L')).length).toBeGreaterThanOrEqual(60)
    for (const { id, title, why } of rules) {
      expect(id).toMatch(/^[a-z]+\/[a-z0-9]+(?:-[a-z0-9]+)*$/)
      expect(title, id).toMatch(/^\S[^\n]*[^.\s]$/)
      expect(why, id).toMatch(/^\S[^\n]*\.$/)
    }
  })

  it('have options whose defaults are of their type', async () => {
    for (const { id, options } of await allRules()) {
      for (const [name, spec] of Object.entries(options ?? {})) {
        expect(name, id).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
        expect(Array.isArray(spec.default) ? 'strings' : typeof spec.default, `${id} ${name}`).toBe(spec.type)
        expect(spec.about, `${id} ${name}`).not.toBe('')
      }
    }
  })
})
