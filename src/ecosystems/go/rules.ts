import { componentLabel } from '../../model/component.js'
import type { FactFinding } from '../../model/fact-rule.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Rule } from '../../model/rule.js'
import { matchGlob } from '../../syntax/glob.js'
import { BUILD_RULES } from './rules-build.js'
import { SETTING_RULES } from './rules-settings.js'
import { SUM_RULES } from './rules-sum.js'

/** Rules about replacements and versions (spec/policy.md §2.10, spec/go.md §15). */
const MODULE_RULES: readonly Rule[] = [
  factRule({
    id: 'go/replace-active',
    title: 'A replace line puts other code in the place of a module',
    why: 'What is built is not what the requirement names; a directory has no hash that anybody vouches for.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    options: { 'allow-local': { type: 'boolean', default: false, about: 'accept directories inside of the repository' } },
    facts: ['go/replace-fork', 'go/replace-local'],
    judge: (fact, component, { option }) => {
      const isLocal = fact.kind === 'go/replace-local'
      const inside = component?.source.kind === 'path' && !component.source.outside
      if (isLocal && inside && option<boolean>('allow-local', fact.location?.file)) return undefined
      return {
        message: `${factText(fact, 'module')} is replaced by ${factText(fact, isLocal ? 'path' : 'by')}`,
        fix: 'tag a release of what you need and require that',
      }
    },
  }),
  factRule({
    id: 'go/replace-version',
    title: 'A replace line pins a module to another of its versions',
    why: 'The version that go.mod names is not the one that is built.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['go/replace-version'],
    judge: (fact) => ({
      message: `${factText(fact, 'module')} is built as ${factText(fact, 'by')}`,
      fix: 'require the version you mean, or exclude the one you do not',
    }),
  }),
  factRule({
    id: 'go/replace-conflict',
    title: 'Two replace lines disagree',
    why: 'The go command refuses to load the module; other tools take one of the two.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['go/replace-conflict'],
    judge: (fact) => ({
      message: `${factText(fact, 'module')} is replaced by ${factText(fact, 'targets')}`,
      fix: 'keep one of the lines',
    }),
  }),
  factRule({
    id: 'go/replace-local-missing',
    title: 'The directory of a replace line is not there',
    why: 'Others cannot build it, and nobody can audit what should be in it.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['go/replace-local-missing'],
    judge: (fact) => ({
      message: `${factText(fact, 'module')} is replaced by ${factText(fact, 'path')}, which has no go.mod`,
      fix: 'commit the directory, or remove the line',
    }),
  }),
  factRule({
    id: 'go/exclude-used',
    title: 'An exclude line drops a requirement',
    why: 'What the dependency asked for is not what it gets.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
    facts: ['go/exclude-used'],
    judge: (fact) => ({
      message: `${factText(fact, 'by')} requires ${factText(fact, 'module')}, which is excluded`,
      fix: 'check that the version taken instead works, then keep the line with a reason',
    }),
  }),
  onePerComponent(
    factRule({
      id: 'go/pseudo-version',
      title: 'A direct requirement names an untagged commit',
      why: 'Nobody released it: no notes, no compatibility promise, often no advisories.',
      evidence: ['L'],
      severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
      options: {
        allow: { type: 'strings', default: [], about: 'globs of module paths that have no releases, e.g. golang.org/x/**' },
      },
      facts: ['go/pseudo-version'],
      judge: (fact, component, { option }) => {
        const allowed = option<readonly string[]>('allow', fact.location?.file)
        if (fact.data['direct'] !== true || allowed.some((glob) => matchGlob(glob, component?.name ?? ''))) return undefined
        return { message: `${factText(fact, 'module')} is no release`, fix: 'ask for a tag, or take the last release' }
      },
    }),
  ),
  onePerComponent(
    factRule({
      id: 'go/pseudo-invalid',
      title: 'A pseudo-version that no commit can have',
      why: 'The go command would refuse it from version control; it was written by hand or made to mislead.',
      evidence: ['L'],
      severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
      facts: ['go/pseudo-invalid'],
      judge: (fact) => ({
        message: `${factText(fact, 'module')} is impossible: ${factText(fact, 'why')}`,
        fix: 'let go get write the version of the commit you mean',
      }),
    }),
  ),
  onePerComponent(
    factRule({
      id: 'go/incompatible',
      title: 'A version from before modules',
      why: 'It has no go.mod, so what it needs itself is written nowhere.',
      evidence: ['L'],
      severity: { relaxed: 'off', recommended: 'note', strict: 'note' },
      facts: ['go/incompatible'],
      judge: (fact) => ({
        message: `${factText(fact, 'module')} predates modules`,
        fix: 'look for its path with /v2 or higher, or for a successor',
      }),
    }),
  ),
  onePerComponent(
    factRule({
      id: 'go/placeholder-version',
      title: 'A placeholder stands where a version belongs',
      why: 'No such version can be downloaded: without its replacement nothing builds.',
      evidence: ['L'],
      severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
      facts: ['go/placeholder-version'],
      judge: (fact): FactFinding | undefined =>
        fact.data['replaced'] === true
          ? undefined
          : {
              message: `${factText(fact, 'module')} is no version of anything`,
              fix: 'require a real version, or replace the module',
            },
    }),
  ),
  onePerComponent(
    factRule({
      id: 'go/path-case',
      title: 'Two module paths differ in case alone',
      why: 'They are two modules, and one of them is often a misspelling of the other.',
      evidence: ['L'],
      severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
      facts: ['go/path-case'],
      judge: (fact, component) => ({
        message: `${component === undefined ? factText(fact, 'other') : componentLabel(component)} and ${factText(fact, 'one')} differ in case alone`,
        fix: 'find who requires which, and settle on the path that the module itself declares',
      }),
    }),
  ),
]

/** Rules that only Go projects can break. */
export const GO_RULES: readonly Rule[] = [...MODULE_RULES, ...SUM_RULES, ...BUILD_RULES, ...SETTING_RULES]

/** What a version tells is the same in every module and workspace that uses it, and is said once. */
function onePerComponent(rule: Rule): Rule {
  return {
    ...rule,
    evaluate: (input) => {
      const { checked, findings } = rule.evaluate(input)
      const first = new Map<string, FindingDraft>()
      for (const finding of findings) {
        const key = `${finding.component ?? finding.subject}\n${finding.message}`
        if (!first.has(key)) first.set(key, finding)
      }
      return { checked, findings: [...first.values()] }
    },
  }
}
