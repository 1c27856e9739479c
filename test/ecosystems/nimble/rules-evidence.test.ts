import { describe, expect, it } from 'vitest'
import { NIMBLE_EVIDENCE_RULES } from '../../../src/ecosystems/nimble/rules-evidence.js'
import { REPOSITORY, seen } from '../../policy/support/evidence-cases.js'
import { appWith, hear, severityLetters } from '../../policy/support/rule-cases.js'
import { component } from '../../support/graphs.js'

const SHA1 = '3'.repeat(40)
const OTHER = '4'.repeat(40)
const pkg = component('jester', '0.5.0', {
  ecosystem: 'nimble',
  claims: [
    {
      digest: { of: 'tree', scheme: 'nimble-sha1', value: SHA1 },
      statedBy: 'lock',
      location: { file: 'nimble.lock', line: 12, column: 17 },
    },
  ],
})
const rule = 'nimble/checksum-mismatch'
const graph = appWith([pkg])
const checksum = (verdict: 'match' | 'mismatch' | 'unavailable', observed = SHA1) =>
  seen(pkg, 'nimble/checksum', verdict, REPOSITORY, { expected: SHA1, observed })

describe('nimble/checksum-mismatch (spec/policy.md §2.12)', () => {
  it('fires at the line of the checksum', () => {
    expect(hear(NIMBLE_EVIDENCE_RULES, { rule, name: '', graph, evidence: [checksum('mismatch', OTHER)] }).said).toEqual([
      {
        message: `jester@0.5.0: the files of https://git.example.com/x have ${OTHER}, nimble.lock has ${SHA1}`,
        fix: 'find out whether the commit is the right one before nimble lock writes a new checksum',
        at: 'nimble.lock:12:17',
        data: { expected: SHA1, observed: OTHER },
        path: ['app@0.1.0', 'jester@0.5.0'],
      },
    ])
  })

  it('does not for the same, for no answer, for no question', () => {
    const heard = (evidence: readonly ReturnType<typeof checksum>[]) =>
      hear(NIMBLE_EVIDENCE_RULES, { rule, name: '', graph, evidence })
    expect(heard([checksum('match')])).toEqual({ said: [], checked: 1 })
    expect(heard([checksum('unavailable')])).toEqual({ said: [], checked: 0 })
    expect(heard([])).toEqual({ said: [], checked: 0 })
  })

  it('is the only hard one', () => {
    expect(NIMBLE_EVIDENCE_RULES.map((one) => [one.id, severityLetters(one), one.hard === true])).toEqual([
      [rule, 'E/E/E', true],
      ['nimble/unhashed-file', '-/W/W', false],
      ['nimble/checksum-not-computable', '-/N/N', false],
    ])
  })

  it('says that the tool itself no longer looks', () => {
    expect(NIMBLE_EVIDENCE_RULES.find((one) => one.id === rule)?.why).toMatch(/^nimble 0\.24 and later compare no checksum/)
  })
})
