import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Fact } from '../../model/graph.js'
import type { Rule } from '../../model/rule.js'

const ALWAYS = { relaxed: 'error', recommended: 'error', strict: 'error' } as const
const WARN = { relaxed: 'note', recommended: 'warn', strict: 'warn' } as const
const NOTE = { relaxed: 'off', recommended: 'note', strict: 'note' } as const

/** Rules about go.mod, go.work, the toolchain and the vendor folder (spec/policy.md §2.10, spec/go.md §15). */
export const BUILD_RULES: readonly Rule[] = [
  factRule({
    id: 'go/toolchain-unpinned',
    title: 'No toolchain line says which Go builds it',
    why: 'Two machines build two programs, with two standard libraries.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    options: { 'apps-only': { type: 'boolean', default: true, about: 'ask it only of modules that hold a program' } },
    facts: ['go/toolchain'],
    judge: (fact, _component, { option }) => {
      const toolchain = factText(fact, 'toolchain')
      const isAsked = fact.data['application'] === true || !option<boolean>('apps-only', fact.location?.file)
      if (!isAsked || (toolchain !== '' && toolchain !== 'default')) return undefined
      return {
        message: `any Go from ${factText(fact, 'go')} on can build ${factText(fact, 'module')}`,
        fix: 'add a toolchain line with the release you build with',
      }
    },
  }),
  factRule({
    id: 'go/toolchain-line',
    title: 'The toolchain line names a build of somebody else',
    why: 'The go command downloads the toolchain it names and runs it.',
    evidence: ['L'],
    severity: WARN,
    facts: ['go/toolchain-line'],
    judge: (fact) => ({
      message: `the toolchain ${factText(fact, 'toolchain')} is no release of the Go project`,
      fix: 'name a release, or waive it where the toolchain is yours',
    }),
  }),
  factRule({
    id: 'go/go-line-missing',
    title: 'go.mod has no go line',
    why: 'It counts as Go 1.16: no pruned graph, no vendoring by itself, an old language.',
    evidence: ['L'],
    severity: NOTE,
    facts: ['go/go-line-missing'],
    judge: (fact) => ({
      message: `${factText(fact, 'module')} has no go line`,
      fix: 'run go mod edit -go=VERSION, then go mod tidy',
    }),
  }),
  factRule({
    id: 'go/mod-noncanonical',
    title: 'A requirement names no version',
    why: 'The go command asks the network what it means, so it means something else tomorrow.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
    facts: ['go/mod-noncanonical'],
    judge: (fact) => ({
      message: `${factText(fact, 'module')} is required at ${JSON.stringify(factText(fact, 'query'))}, which is no version`,
      fix: 'run go mod tidy, which writes the version',
    }),
  }),
  factRule({
    id: 'go/mod-untidy',
    title: 'go.mod does not say what is built',
    why: 'The go command refuses it until it is updated, and other tools read the wrong version from it.',
    evidence: ['L'],
    severity: WARN,
    facts: ['go/mod-untidy'],
    judge: (fact) => ({ message: `${factText(fact, 'module')}: ${factText(fact, 'why')}`, fix: 'run go mod tidy' }),
  }),
  factRule({
    id: 'go/mod-path-mismatch',
    title: 'A module declares another path',
    why: 'It is not what it was asked for: a fork, a moved repository or a trick.',
    evidence: ['L'],
    severity: ALWAYS,
    facts: ['go/mod-path-mismatch'],
    judge: (fact) => ({
      message: `${factText(fact, 'module')} declares its path as ${JSON.stringify(factText(fact, 'declares'))}`,
      fix: 'require it by the path that it declares',
    }),
  }),
  factRule({
    id: 'go/incomplete',
    title: 'The list of modules is not whole',
    why: 'What is not listed is neither counted nor judged.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    facts: ['go/incomplete'],
    judge: (fact) => ({
      message: `${factText(fact, 'file')}: ${factText(fact, 'why')}`,
      fix: 'name a module cache with --gomodcache, or raise the go line to 1.17 or newer and tidy',
      data: { file: factText(fact, 'file'), why: factText(fact, 'why').replaceAll(/\d+/g, 'N') },
    }),
  }),
  {
    id: 'go/vendor-mismatch',
    title: 'vendor/modules.txt disagrees with the manifests',
    why: 'The go command refuses to build, and what is vendored is not what go.mod asks for.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    evaluate: ({ graph }) => {
      const facts = graph.facts('go/vendor-inconsistent')
      const lists = new Map<string, Fact[]>()
      for (const fact of facts) {
        const file = factText(fact, 'file')
        const same = lists.get(file)
        if (same === undefined) lists.set(file, [fact])
        else same.push(fact)
      }
      return { checked: facts.length, findings: [...lists].map(([file, problems]) => vendorFinding(file, problems)) }
    },
  },
  factRule({
    id: 'go/vendor-unchecked',
    title: 'Vendored files that nothing could be compared with',
    why: 'The go command hashes no vendored file, so an edit among them shows only beside the module it is a copy of.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['go/vendor-unchecked'],
    judge: (fact) => {
      const count = Number(fact.data['count'])
      return {
        message: `the files of ${count === 1 ? 'one module' : `${count} modules`} in ${factText(fact, 'folder')} were compared with nothing`,
        fix: 'name a module cache that holds their archives with --gomodcache',
      }
    },
  }),
  factRule({
    id: 'go/vendor-unused',
    title: 'A vendor folder that no build takes',
    why: 'It looks like the code that is built, and is not.',
    evidence: ['L'],
    severity: WARN,
    facts: ['go/vendor-unused'],
    judge: (fact) => ({
      message: `${factText(fact, 'folder')} is not used: ${factText(fact, 'why')}`,
      fix: 'remove the folder, or make it again with go mod vendor or go work vendor',
    }),
  }),
  factRule({
    id: 'go/work-invalid',
    title: 'The go command cannot load the workspace',
    why: 'What is built there is something else, or nothing.',
    evidence: ['L'],
    severity: ALWAYS,
    facts: ['go/work-invalid'],
    judge: (fact) => ({
      message: `use ${factText(fact, 'use')}: ${factText(fact, 'why')}`,
      fix: 'correct the use line (go work use -r .)',
    }),
  }),
  factRule({
    id: 'go/work-ambient',
    title: 'A go.work above a module that it does not use',
    why: 'In that folder the go command takes the workspace and fails, or builds with other versions than go.mod names.',
    evidence: ['L'],
    severity: WARN,
    facts: ['go/work-ambient'],
    judge: (fact) => ({
      message: `${factText(fact, 'module')} lies below ${factText(fact, 'work')}, which does not use it`,
      fix: 'add it to the workspace, or build it with GOWORK=off',
    }),
  }),
]

const PROBLEM: ReadonlyMap<string, string> = new Map([
  ['required-not-explicit', 'is required and not marked as explicit'],
  ['replaced-not-marked', 'is replaced and not marked as replaced'],
  ['replacement-differs', 'is replaced by something else'],
  ['explicit-not-required', 'is marked as explicit and not required'],
  ['replaced-not-in-go-mod', 'is marked as replaced and is not'],
])

function vendorFinding(file: string, problems: readonly Fact[]): FindingDraft {
  const [first] = problems
  const what = first === undefined ? '' : `${factText(first, 'module')} ${PROBLEM.get(factText(first, 'kind')) ?? ''}`
  return {
    subject: file,
    location: first?.location,
    message: `${file} has ${problems.length === 1 ? 'one difference' : `${problems.length} differences`}: ${what}${problems.length > 1 ? ', …' : ''}`,
    fix: 'run go mod vendor and review what changes',
    data: { file },
  }
}
