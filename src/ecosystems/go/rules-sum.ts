import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Fact } from '../../model/graph.js'
import type { Rule } from '../../model/rule.js'

const TIDY = 'run go mod tidy and review what it adds'

/** Rules about go.sum (spec/policy.md §2.10, spec/go.md §3 and §15). */
export const SUM_RULES: readonly Rule[] = [
  factRule({
    id: 'go/sum-missing',
    title: 'go.sum has no hash of a module that the build needs',
    why: 'Whoever serves the module decides what it is, the first time it is fetched.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['go/sum-missing-zip', 'go/sum-missing-gomod'],
    judge: (fact) => {
      const need = factText(fact, 'need')
      if (need !== 'direct' && need !== 'read') return undefined
      return { message: `${factText(fact, 'module')} has no go.sum entry${forWhat(fact)}`, fix: TIDY, data: { what: fact.kind } }
    },
  }),
  factRule({
    id: 'go/sum-gap',
    title: 'go.sum has no hash of a module that this build may do without',
    why: 'As soon as one of its packages is imported, or the vendor folder is gone, nothing says what it should be.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'warn' },
    facts: ['go/sum-missing-zip', 'go/sum-missing-gomod'],
    judge: (fact) => {
      const need = factText(fact, 'need')
      if (need !== 'indirect' && need !== 'vendored') return undefined
      const reason = need === 'vendored' ? 'a vendored build does not look' : 'it is only listed as indirect'
      const message = `${factText(fact, 'module')} has no go.sum entry${forWhat(fact)}; ${reason}`
      return { message, fix: TIDY, data: { what: fact.kind } }
    },
  }),
  {
    id: 'go/sum-extra',
    title: 'go.sum has lines about nothing in the graph',
    why: 'They hide what changes, and a version that nobody uses is trusted for ever.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    evaluate: ({ graph }) => {
      const facts = graph.facts('go/sum-stale')
      return { checked: facts.length, findings: byFile(facts).map(extraLines) }
    },
  },
  factRule({
    id: 'go/sum-conflict',
    title: 'Two hashes of one module version',
    why: 'One of them is wrong, and which of them counts depends on the order of lines.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['go/sum-conflict'],
    // What is in the graph is reported by integrity/digest-conflict, with both places.
    judge: (fact, component) =>
      component !== undefined
        ? undefined
        : {
            message: `${factText(fact, 'module')} has two hashes of its ${factText(fact, 'what')}`,
            fix: 'remove the line that the checksum database does not agree with',
          },
  }),
  factRule({
    id: 'go/sum-mismatch',
    title: 'A module in the cache is not what go.sum has the hash of',
    why: 'The module was changed after its hash was recorded, or the record was.',
    evidence: ['L'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['go/sum-mismatch'],
    judge: (fact) => ({
      message: `the ${factText(fact, 'what')} of ${factText(fact, 'module')} has ${factText(fact, 'found')}, go.sum has ${factText(fact, 'recorded')}`,
      fix: 'ask the checksum database which of the two is right before you build anything',
    }),
  }),
  factRule({
    id: 'go/sum-unknown-algorithm',
    title: 'A hash of an algorithm that Go does not know',
    why: 'The go command treats the line as absent, so the module is not pinned.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['go/sum-unknown-algorithm'],
    judge: (fact) => ({
      message: `the only hash of ${factText(fact, 'module')} is of the unknown algorithm ${factText(fact, 'algorithm')}`,
      fix: TIDY,
    }),
  }),
  factRule({
    id: 'go/sum-empty-gomod',
    title: 'The hash of an empty go.mod',
    why: 'An old defect wrote such lines; the go command drops them, so they vouch for nothing.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['go/sum-empty-gomod'],
    judge: (fact) => ({ message: `${factText(fact, 'key')} has the hash of an empty file`, fix: TIDY }),
  }),
  factRule({
    id: 'go/sum-odd-line',
    title: 'A line of go.sum that means nothing',
    why: 'There are no comments in go.sum: the line is read as a module, a version and a hash that nothing ever matches.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['go/sum-odd-line'],
    judge: (fact) => ({
      message: `the line of ${JSON.stringify(factText(fact, 'line'))} is no hash of a module`,
      fix: 'remove it',
    }),
  }),
]

function forWhat(fact: Fact): string {
  return fact.kind === 'go/sum-missing-gomod' ? ' for its go.mod' : ' for its code'
}

function byFile(facts: readonly Fact[]): readonly (readonly Fact[])[] {
  const files = new Map<string, Fact[]>()
  for (const fact of facts) {
    const file = fact.location?.file ?? ''
    const same = files.get(file)
    if (same === undefined) files.set(file, [fact])
    else same.push(fact)
  }
  return [...files.values()]
}

function extraLines(facts: readonly Fact[]): FindingDraft {
  const [first] = facts
  const lines = facts.reduce((sum, fact) => sum + Number(fact.data['lines']), 0)
  const file = first?.location?.file ?? ''
  const named = first === undefined ? '' : `, the first about ${factText(first, 'module')}`
  return {
    subject: file,
    location: first?.location,
    message: `${lines === 1 ? 'one unused line' : `${lines} unused lines`}${named}`,
    fix: 'run go mod tidy',
  }
}
