import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { matchGlob } from '../../syntax/glob.js'

/** Diagnostics of readers, by code, as findings of the rule with that id. */
function diagnosticRule(rule: Omit<Rule, 'evaluate'>): Rule {
  return {
    ...rule,
    evaluate: ({ graph }): RuleOutcome => ({
      checked: graph.graph.files.filter((file) => file.state !== 'skipped').length,
      findings: graph.graph.diagnostics
        .filter((diagnostic) => diagnostic.code === rule.id)
        .map(
          (diagnostic): FindingDraft => ({
            subject: diagnostic.location.file,
            location: diagnostic.location,
            message: diagnostic.message,
            fix: lower(diagnostic.help),
            data: { file: diagnostic.location.file },
          }),
        ),
    }),
  }
}

/** Fixes stand after `Fix:` and are closed by the report. */
function lower(help: string): string {
  return help.replace(/\.$/, '')
}

const UNREADABLE = { relaxed: 'error', recommended: 'error', strict: 'error' } as const

/** Can we read the ground truth at all (spec/policy.md §2.1). */
export const INPUT_RULES: readonly Rule[] = [
  factRule({
    id: 'input/lock-missing',
    title: 'A manifest with dependencies has no lockfile',
    why: 'Without a lockfile every build may take other versions, and nothing pins their bytes.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: { paths: { type: 'strings', default: [], about: 'globs of manifests that leave the lockfile out on purpose' } },
    facts: ['input/dependencies-without-lock'],
    judge: (fact, _component, { option }) => {
      const file = fact.location?.file ?? ''
      if (option<readonly string[]>('paths', file).some((glob) => matchGlob(glob, file))) return undefined
      const count = Number(fact.data['count'])
      return {
        message: `${factText(fact, 'manifest')} has ${count === 1 ? 'one dependency' : `${count} dependencies`} and no lockfile`,
        fix: 'generate and commit it (cargo generate-lockfile, go mod tidy, nimble lock)',
      }
    },
  }),
  factRule({
    id: 'input/lock-stale',
    title: 'The lockfile does not satisfy the manifest',
    why: 'The next build resolves again, so what is audited here is not what gets built.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['input/lock-stale'],
    judge: (fact) => ({
      message: `${factText(fact, 'dependency')} ${factText(fact, 'requirement')} is not satisfied: locked is ${factText(fact, 'locked')}`,
      fix: 'resolve again and commit the lockfile',
    }),
  }),
  diagnosticRule({
    id: 'input/lock-unparseable',
    title: 'A lockfile cannot be read',
    why: 'What a broken lockfile names is missing from every answer.',
    evidence: ['L'],
    severity: UNREADABLE,
  }),
  diagnosticRule({
    id: 'input/manifest-unparseable',
    title: 'A manifest cannot be read',
    why: 'Its tool would refuse it too; what it asks for is missing from every answer.',
    evidence: ['L'],
    severity: UNREADABLE,
  }),
  diagnosticRule({
    id: 'input/config-unparseable',
    title: 'A configuration file of a package manager cannot be read',
    why: 'It may redirect downloads or switch checks off, and nobody can tell.',
    evidence: ['L'],
    severity: UNREADABLE,
  }),
  diagnosticRule({
    id: 'input/lock-version-unsupported',
    title: 'A lockfile has a format newer than this version of assay knows',
    why: 'A new format may give the same words another meaning, so it is not guessed at.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
  }),
  diagnosticRule({
    id: 'input/lock-merge-conflict',
    title: 'A lockfile holds an unfinished merge',
    why: 'Neither side is what gets built.',
    evidence: ['L'],
    severity: UNREADABLE,
  }),
  diagnosticRule({
    id: 'input/too-large',
    title: 'A file is larger than any real one of its kind',
    why: 'It is read by every tool of the build; such a size is an accident or an attack.',
    evidence: ['L'],
    severity: UNREADABLE,
  }),
  factRule({
    id: 'input/lock-not-tracked',
    title: 'A lockfile is not in version control',
    why: 'CI resolves something else than the machine where the lockfile lies.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    options: { paths: { type: 'strings', default: [], about: 'globs of lockfiles that are not meant to be committed' } },
    facts: ['input/lock-not-tracked'],
    judge: (fact, _component, { option }) => {
      const file = factText(fact, 'file')
      if (option<readonly string[]>('paths', file).some((glob) => matchGlob(glob, file))) return undefined
      return {
        message: `${file} is ${factText(fact, 'why') === 'ignored' ? 'ignored by git' : 'not tracked by git'}`,
        fix: 'remove it from .gitignore and commit it',
      }
    },
  }),
  factRule({
    id: 'input/manifest-not-covered',
    title: 'A manifest of an ecosystem that assay does not read',
    why: 'What it pulls in is part of the product and of no answer given here.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'note', strict: 'warn' },
    options: { ignore: { type: 'strings', default: [], about: 'globs of manifests that are not part of the product' } },
    facts: ['input/manifest-not-covered'],
    judge: (fact, _component, { option }) => {
      const file = factText(fact, 'file')
      if (option<readonly string[]>('ignore', file).some((glob) => matchGlob(glob, file))) return undefined
      const what = factText(fact, 'what')
      return {
        message: `${file}${what === '' ? '' : ` (${what})`} is outside this audit`,
        fix: 'audit it with a tool that reads it, or exclude it in the configuration',
      }
    },
  }),
  {
    id: 'input/nothing-found',
    title: 'Nothing to audit was found',
    why: 'A gate that looks at nothing passes everything.',
    evidence: ['L'],
    severity: UNREADABLE,
    options: { 'allow-empty': { type: 'boolean', default: false, about: 'accept a tree without any project' } },
    evaluate: ({ graph, option }) => {
      const empty = graph.graph.projects.length === 0 && !graph.graph.files.some((file) => file.state !== 'skipped')
      const findings: FindingDraft[] =
        empty && !option<boolean>('allow-empty')
          ? [
              {
                subject: 'tree',
                message: 'no supported lockfile or manifest was found',
                fix: 'give the right path, or set allow-empty for a tree without code',
              },
            ]
          : []
      return { checked: 1, findings }
    },
  },
  factRule({
    id: 'input/case-collision',
    title: 'Two names differ only in case',
    why: 'On systems that fold case only one of them exists, and which one differs from machine to machine.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['input/case-collision'],
    judge: (fact) => ({ message: `${factText(fact, 'paths')} are one name on some systems`, fix: 'rename one of them' }),
  }),
  factRule({
    id: 'input/link-outside',
    title: 'A manifest or lockfile is a link that leaves the tree',
    why: 'What it holds is not part of the repository, so nobody else builds the same.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['input/link-outside'],
    judge: (fact) => ({
      message: `${factText(fact, 'path')} is a link that leads out of the tree or nowhere`,
      fix: 'commit the file itself',
    }),
  }),
  {
    id: 'input/suspicious-name',
    title: 'A name holds characters that are not what they look like',
    why: 'Invisible, reordering or look-alike characters make one name pass for another in review.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: suspiciousNames,
  },
]

function suspiciousNames({ graph }: RuleInput): RuleOutcome {
  const findings: FindingDraft[] = []
  for (const component of graph.components) {
    const texts = [['name', component.name] as const, ['version', component.version ?? ''] as const]
    const [found] = texts.flatMap(([what, text]) => {
      const why = suspicion(text)
      return why === undefined ? [] : [`the ${what} ${JSON.stringify(text)} holds ${why}`]
    })
    if (found === undefined) continue
    findings.push({
      component: component.id,
      subject: component.id,
      location: component.occurrences[0]?.location,
      message: found,
      fix: 'compare it letter by letter with the package you mean, and remove it',
      data: { name: component.name },
    })
  }
  return { checked: graph.components.length, findings }
}

function suspicion(text: string): string | undefined {
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'control characters'
  if (/[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.test(text)) return 'invisible or reordering characters'
  // Scripts with letters that look Latin; beside Latin letters in one word they are there to deceive.
  if (/[A-Za-z]/.test(text) && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u.test(text))
    return 'letters of two alphabets that look alike'
  return /[\uff01-\uff5e]/.test(text) ? 'full-width letters' : undefined
}
