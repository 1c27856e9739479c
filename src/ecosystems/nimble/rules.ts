import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { Rule } from '../../model/rule.js'
import { matchGlob } from '../../syntax/glob.js'
import { factAndEvidenceRule } from '../fact-and-evidence-rule.js'
import { NIMBLE_LOCK_RULES } from './lock-rules.js'
import { listMismatch } from './rules-evidence.js'

/** Rules that only Nim projects can break (spec/policy.md §2.12, spec/nimble.md §11). */
export const NIMBLE_RULES: readonly Rule[] = [
  ...NIMBLE_LOCK_RULES,
  factRule({
    id: 'nimble/special-version',
    title: 'A requirement follows a branch',
    why: 'A branch means another commit as soon as somebody pushes, and it carries no release number to compare.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['nimble/special-version'],
    judge: (fact) => {
      const requirement = factText(fact, 'requirement')
      switch (factText(fact, 'what')) {
        case 'tag':
          return undefined
        case 'commit':
          return {
            message: `${requirement} names an abbreviated commit or a branch`,
            fix: 'write the commit in full, or a range',
          }
        case 'locked':
          return {
            message: `${requirement} is locked without a release number`,
            fix: 'ask for a tag or a range, then lock again',
          }
        default:
          return { message: `${requirement} follows a branch`, fix: 'ask for a tag or a range' }
      }
    },
  }),
  factRule({
    id: 'nimble/url-requirement',
    title: 'A dependency is named by URL',
    why: 'It passes by the package list, where others see the name and its changes.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    options: { allow: { type: 'strings', default: [], about: 'globs of URLs that are meant' } },
    facts: ['nimble/url-requirement'],
    judge: (fact, _component, { option }) => {
      const url = factText(fact, 'url')
      if (option<readonly string[]>('allow', fact.location?.file).some((glob) => matchGlob(glob, url))) return undefined
      return { message: `${url} bypasses the package list`, fix: 'publish it there, or allow the URL' }
    },
  }),
  factRule({
    id: 'nimble/requirement-syntax',
    title: 'A requirement that nimble refuses or reads as another package',
    why: 'Without its space the operator becomes part of the name, and whoever registers that name delivers the code.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['nimble/requirement-syntax'],
    judge: (fact) => ({
      message: `${JSON.stringify(factText(fact, 'requirement'))}: ${factText(fact, 'why')}`,
      fix: 'write the name, a space, the operator and the version',
    }),
  }),
  factRule({
    id: 'nimble/hook-executes',
    title: 'Reading or installing a package runs commands',
    why: 'Tools run manifests to read them: such commands run on every machine that resolves, with the rights of its user.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'warn' },
    options: { allow: { type: 'strings', default: [], about: 'names of packages whose commands were reviewed' } },
    facts: ['nimble/command'],
    judge: (fact, component, { option }) => {
      const when = factText(fact, 'when')
      const does = factText(fact, 'does')
      if ((when !== 'parse' && when !== 'install') || does === 'reads') return undefined
      if (component !== undefined && option<readonly string[]>('allow', fact.location?.file).includes(component.name))
        return undefined
      // What a package does in its own build is its own to review, but for what reaches the network or writes.
      if (component === undefined || component.firstParty) {
        if (when !== 'parse' || (fact.data['network'] !== true && does !== 'writes')) return undefined
      }
      return {
        message: `${subjectOf(component)} runs ${factText(fact, 'text')} when it is ${when === 'parse' ? 'read' : 'installed'}`,
        fix: 'read it; allow the package when it is meant',
      }
    },
  }),
  factRule({
    id: 'nimble/binary-fetch',
    title: 'A manifest downloads something without a digest',
    why: 'Whoever answers at that address runs code on every machine that installs the package.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['nimble/binary-fetch'],
    judge: (fact, component) => ({
      message: `${subjectOf(component)} downloads ${factText(fact, 'url')} unverified when ${factText(fact, 'when')}`,
      fix: 'compare the download with a digest in the manifest',
    }),
  }),
  factRule({
    id: 'nimble/develop-link',
    title: 'A package comes from a working copy',
    why: 'The build takes whatever lies in that folder, whatever the lockfile says.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
    facts: ['nimble/develop-link'],
    judge: (fact) => ({
      message: `develop mode replaces ${factText(fact, 'name')} by ${factText(fact, 'kind')}`,
      fix: 'keep the file out of the repository, and build without it',
    }),
  }),
  factRule({
    id: 'nimble/machine-paths',
    title: 'Generated search paths of one machine are in the repository',
    why: 'They name folders that no other machine has, or has with other content.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['nimble/machine-paths'],
    judge: (fact) => ({
      message: `${factText(fact, 'file')} holds absolute paths of one machine`,
      fix: 'add it to .gitignore; nimble setup writes it anew',
    }),
  }),
  factRule({
    id: 'nimble/submodules',
    title: 'Code comes in through git submodules',
    why: 'Their commits stand in the repository and not in the lockfile, and no checksum of nimble covers them.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['nimble/submodules'],
    judge: (fact) => {
      const count = Number(fact.data['count'])
      return {
        message: `${count === 1 ? 'one submodule is' : `${count} submodules are`} not in the lockfile`,
        fix: 'record them under components.extra',
        data: { paths: factText(fact, 'paths') },
      }
    },
  }),
  factRule({
    id: 'nimble/manifest-invalid',
    title: 'A manifest that nimble refuses',
    why: 'Every tool makes something else of it.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['nimble/manifest-invalid'],
    judge: (fact) => ({
      message: `nimble refuses ${fact.location?.file ?? 'the manifest'}: ${factText(fact, 'why')}`,
      fix: 'correct the manifest',
    }),
  }),
  factRule({
    id: 'nimble/manifest-uncertain',
    title: 'A manifest whose content depends on running it',
    why: 'assay runs nothing, so what such a manifest asks for on other machines is not all known; a lockfile settles it.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['nimble/manifest-uncertain'],
    judge: (fact, component) => ({
      message: `the manifest of ${subjectOf(component)} holds ${factText(fact, 'why') || 'what cannot be read'}`,
      fix: 'write requirements as plain text, and commit a lockfile',
    }),
  }),
  factAndEvidenceRule({
    id: 'nimble/registry-url',
    title: 'The lockfile takes a package from another place than the package list names',
    why: 'It is a fork, a renamed repository or a hijack; some versions of nimble use it and others ignore it.',
    evidence: ['L', 'R'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['nimble/registry-url'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} is locked at ${factText(fact, 'url')}, the package list has ${factText(fact, 'listed')}`,
      fix: 'lock again from the list, or require the fork by its URL',
    }),
    checks: ['nimble/list'],
    verdicts: ['mismatch'],
    judgeEvidence: listMismatch,
  }),
  factRule({
    id: 'nimble/listed-alias',
    title: 'A name is an alias or was deleted from the package list',
    why: 'The list may lead the name somewhere else tomorrow.',
    evidence: ['L', 'R'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    facts: ['nimble/listed-alias'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} is ${factText(fact, 'state')} in the package list`,
      fix: factText(fact, 'target') === '' ? 'take another package' : `use ${factText(fact, 'target')}`,
    }),
  }),
  factRule({
    id: 'nimble/list-conflict',
    title: 'Two package lists give one name two URLs',
    why: 'nimble searches its lists in no fixed order, so either may be taken.',
    evidence: ['L', 'R'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['nimble/list-conflict'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} is ${factText(fact, 'first')} or ${factText(fact, 'second')}`,
      fix: 'require it by its URL',
    }),
  }),
]

function subjectOf(component: Component | undefined): string {
  return component === undefined ? 'the project' : componentLabel(component)
}
