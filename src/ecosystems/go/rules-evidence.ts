import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import { evidenceRule, judgeEvidence } from '../../model/evidence-rule.js'
import type { FactRule } from '../../model/fact-rule.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'
import { matchGlob } from '../../syntax/glob.js'

const DATABASE_CHECKS = ['go/sumdb', 'go/sumdb-mod']
const ALLOW = { type: 'strings', default: [], about: 'globs of module paths, e.g. golang.org/x/**' } as const

/** Rules over what the checksum database, the proxies and the authors of modules say (spec/policy.md §2.10, spec/go.md §15). */
export const GO_EVIDENCE_RULES: readonly Rule[] = [
  evidenceRule({
    id: 'go/sumdb-mismatch',
    title: 'go.sum has another hash than the checksum database',
    why: 'The go command asks the database only for what go.sum lacks: a wrong line once written is believed for ever.',
    evidence: ['T'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    options: { private: { ...ALLOW, about: 'globs of private modules that have a namesake in public' } },
    checks: DATABASE_CHECKS,
    verdicts: ['mismatch'],
    judge: ({ component, authorities, expected, observed, why }, { option }) => {
      if (isListed(component, option<readonly string[]>('private', fileOf(component)))) return undefined
      return {
        message: `${componentLabel(component)}: go.sum has ${expected ?? 'another hash'}, ${authorities} has ${observed ?? 'another'}${why === '' ? '' : ` (${why})`}`,
        fix: 'do not hide it with GONOSUMDB: find out where the line came from, and report it',
      }
    },
  }),
  evidenceRule({
    id: 'go/sumdb-absent',
    title: 'A module version that the checksum database never logged',
    why: 'Nobody can tell whether everybody gets the same bytes.',
    evidence: ['T'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    options: { private: { ...ALLOW, about: 'globs of modules that are not meant to be logged' } },
    checks: DATABASE_CHECKS,
    verdicts: ['absent'],
    by: 'component',
    judge: ({ component, authorities }, { option }) => {
      if (isListed(component, option<readonly string[]>('private', fileOf(component)))) return undefined
      return {
        message: `${componentLabel(component)} was never logged by ${authorities}`,
        fix: 'declare its prefix in GOPRIVATE when it is private, or fetch it once through the public proxy',
      }
    },
  }),
  {
    id: 'go/mod-document-differs',
    title: 'The go.mod that proxies serve is not the one in the module',
    why: 'The versions of everything else are chosen by a document that is not the one that is built with.',
    evidence: ['R'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    judges: [{ check: 'go/mod-in-zip', verdict: 'mismatch' }],
    evaluate: (input) => {
      // A served go.mod that is not the one in go.sum is said to be that, and cannot be the one in the zip.
      const wrong = new Set(
        input.evidence.flatMap((one) =>
          one.check === 'go/mod-bytes' && one.verdict === 'mismatch' ? [`${one.subject}\n${one.observed ?? ''}`] : [],
        ),
      )
      return judgeEvidence(input, {
        about: (one) => one.check === 'go/mod-in-zip' && !wrong.has(`${one.subject}\n${one.expected ?? ''}`),
        verdicts: ['mismatch'],
        judge: ({ component, authorities, why }) => ({
          message: `${componentLabel(component)}: ${why === '' ? 'the go.mod that is served is not the one in the zip' : why} (${authorities})`,
          fix: 'do not build with that proxy: compare with another one, and report it',
        }),
      })
    },
  },
  evidenceRule({
    id: 'go/proxy-wrong-info',
    title: 'A proxy answers about another version than it was asked for',
    why: 'What it says of the time and origin of the version is about something else, and its other answers may be, too.',
    evidence: ['R'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    checks: ['go/info'],
    verdicts: ['mismatch'],
    judge: ({ component, authorities, observed }) => ({
      message: `${componentLabel(component)}: ${authorities} answers about ${observed ?? 'another version'}`,
      fix: 'ask another proxy, and clear the cache of this one',
    }),
  }),
  evidenceRule({
    id: 'go/tag-gone',
    title: 'The tag or commit of a module version is no longer in its repository',
    why: 'Proxies go on serving it, and nobody can compare it with its source any more.',
    evidence: ['G'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    checks: ['go/direct-tag'],
    verdicts: ['absent'],
    by: 'component',
    judge: ({ component, authorities, why }) => ({
      message: `${componentLabel(component)} is no longer in ${authorities}${why === '' ? '' : `: ${why}`}`,
      fix: 'ask upstream why, and compare with a version that is still there',
    }),
  }),
  factRule({
    id: 'go/zip-odd-entry',
    title: 'A module zip holds entries that the go command never writes',
    why: 'The hash does not cover what kind of entry a name is, and other tools unpack a link as a link.',
    evidence: ['R'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['go/zip-odd-entry'],
    judge: (fact, component) => {
      const count = Number(fact.data['count'])
      return {
        message: `the zip of ${component === undefined ? 'a module' : componentLabel(component)} holds ${count === 1 ? 'an entry' : `${count} entries`} of the kind ${factText(fact, 'what')}: ${factText(fact, 'entries')}`,
        fix: 'fetch it from another proxy; a zip from the origin holds files alone',
      }
    },
  }),
  authorRule({
    id: 'go/retracted',
    title: 'A version was retracted by its author',
    why: 'The go command tells only who asks for updates.',
    evidence: ['R'],
    severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
    options: { allow: ALLOW },
    facts: ['go/retracted'],
    judge: (fact, component, { option }) => {
      if (component === undefined || isListed(component, option<readonly string[]>('allow', fileOf(component)))) return undefined
      const rationale = factText(fact, 'rationale')
      const better = factText(fact, 'better')
      return {
        message: `${componentLabel(component)} was retracted${rationale === '' ? '' : `: ${rationale}`}`,
        fix: better === '' ? 'take another version' : `go get ${component.name}@${better}`,
      }
    },
  }),
  authorRule({
    id: 'go/deprecated',
    title: 'A module is deprecated',
    why: 'Nobody mends it any more; the go command tells only who asks for updates.',
    evidence: ['R'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['go/deprecated'],
    judge: (fact, component) => ({
      message: `${component?.name ?? factText(fact, 'module')} is deprecated: ${factText(fact, 'message')}`,
      fix: 'move to what its author names, or to another module',
    }),
  }),
]

/**
 * A rule over what the author says of versions in the go.mod of the latest one. Every module of which that was read leaves
 * a fact `go/latest`: a proxy that hides it hides retractions, too.
 */
function authorRule(rule: FactRule): Rule {
  const facts = factRule(rule)
  return {
    ...facts,
    evaluate: (input) => {
      const read = new Set(input.graph.facts('go/latest').map((fact) => fact.component))
      const unread = new Set(
        input.evidence.flatMap((one) => (one.check === 'go/latest' && one.verdict === 'unavailable' ? [one.subject] : [])),
      )
      return { findings: facts.evaluate(input).findings, checked: read.size, unverified: unread.size }
    },
  }
}

function isListed(component: Component, globs: readonly string[]): boolean {
  return globs.some((glob) => matchGlob(glob, component.name))
}

function fileOf(component: Component): string | undefined {
  return component.occurrences[0]?.location.file
}
