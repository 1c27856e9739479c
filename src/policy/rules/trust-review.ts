import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { Digest } from '../../model/digest.js'
import type { FindingDraft } from '../../model/finding.js'
import { formatLocation } from '../../model/location.js'
import type { ReviewSettings } from '../../model/review.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { patternOf } from '../component-pattern.js'
import { DEFAULT_CRITERIA } from '../reviews/criteria.js'
import type { ReviewStanding } from '../reviews/review-standing.js'
import { isCratesIo, ReviewBook } from '../reviews/review-standing.js'
import { draft } from './component-draft.js'

const CRITERIA_OPTION = {
  type: 'strings',
  default: DEFAULT_CRITERIA,
  about: 'what components must be reviewed for',
  pattern: /\S(?:.*\S)?/,
  example: 'safe-to-deploy',
} as const

/** Reviews that people wrote down (spec/policy.md §2.7); they speak only where `[trust] reviews` names files. */
export const TRUST_REVIEW_RULES: readonly Rule[] = [
  {
    id: 'trust/review-missing',
    title: 'Nobody has reviewed a component',
    why: 'A signature says who made something; only reading it says what it does.',
    evidence: ['C'],
    severity: { relaxed: 'off', recommended: 'off', strict: 'error' },
    options: {
      criteria: CRITERIA_OPTION,
      scopes: {
        type: 'strings',
        default: ['runtime', 'build', 'tool', 'unknown'],
        about: 'what a component must be used for to need a review',
        pattern: /runtime|build|dev|test|tool|inactive|unknown/,
        example: 'runtime',
      },
    },
    evaluate: missing,
  },
  {
    id: 'trust/review-violation',
    title: 'A reviewer rejects a version that is used',
    why: 'Somebody whose reviews are trusted read it and found that it must not be used.',
    evidence: ['C'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    options: {
      criteria: { ...CRITERIA_OPTION, about: 'what components must be good for; a rejection for other criteria is a note' },
    },
    evaluate: violations,
  },
]

function missing({ graph, settings, option }: RuleInput): RuleOutcome {
  const { reviews } = settings.trust
  if (reviews === undefined) return { findings: [], checked: 0 }
  const book = new ReviewBook(reviews)
  let checked = 0
  const findings = graph.components.flatMap((component): FindingDraft[] => {
    const file = component.occurrences[0]?.location.file
    const scopes = option<readonly string[]>('scopes', file)
    if (!needsReview(component, reviews) || !component.scopes.some((scope) => scopes.includes(scope))) return []
    checked += 1
    const wanted = option<readonly string[]>('criteria', file)
    const standing = book.standing(component, wanted)
    // That it must not be used says more than that nobody has read it.
    const isRejected = standing.rejections.some(({ criteria }) => book.denies(criteria, wanted))
    return standing.lacking.length === 0 || isRejected ? [] : [missingDraft(component, standing, reviews)]
  })
  return { findings, checked }
}

/** What others made and is built in; where only cargo-vet's files are named, nobody asked for reviews of anything but crates. */
function needsReview({ firstParty, source, ecosystem }: Component, { ofEveryEcosystem }: ReviewSettings): boolean {
  return !firstParty && source.kind !== 'path' && source.kind !== 'toolchain' && (ofEveryEcosystem || ecosystem === 'cargo')
}

function missingDraft(component: Component, standing: ReviewStanding, reviews: ReviewSettings): FindingDraft {
  const { lacking, nearest, refused, exemption, openPublishers } = standing
  const [first] = refused
  const parts = [
    `${componentLabel(component)} lacks ${lacking.join(' and ')}`,
    nearest === undefined ? 'no version of it is reviewed' : `the nearest reviewed version is ${nearest}`,
  ]
  if (first !== undefined) parts.push(`the review of ${whoOf(first.review)} does not count: ${first.why}`)
  if (openPublishers > 0)
    parts.push(
      `${openPublishers === 1 ? 'a publisher of it is' : `${openPublishers} publishers of it are`} trusted, and no imports.lock says who published this version`,
    )
  const fix = `review ${nearest === undefined ? 'it' : `what changed since ${nearest}`} and add to ${entryFor(component, nearest, lacking, reviews)}`
  const data = { criteria: lacking.join(',') }
  if (exemption === undefined) return draft(component, parts.join('; '), fix, data)
  parts.push(`version ${exemption.version} is exempted in ${formatLocation(exemption.location)}`)
  // Whoever set cargo-vet up chose to go on without it; that stays visible and fails nothing.
  return { ...draft(component, parts.join('; '), fix, data), atMost: 'note' }
}

/** The file and the entry that would do, in the form of that file. */
function entryFor(
  component: Component,
  nearest: string | undefined,
  criteria: readonly string[],
  { writeTo }: ReviewSettings,
): string {
  const { name, version = '' } = component
  const names = criteria.length === 1 ? JSON.stringify(criteria[0]) : JSON.stringify(criteria)
  const commit = component.source.kind === 'git' ? component.source.commit : undefined
  if (writeTo.own === undefined && (isCratesIo(component) || (component.ecosystem === 'cargo' && commit !== undefined))) {
    const full = commit === undefined ? version : `${version}@git:${commit}`
    const what = nearest === undefined ? `version = "${full}"` : `delta = "${nearest} -> ${full}"`
    const key = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)
    return `${writeTo.cargoVet ?? 'audits.toml'}: [[audits.${key}]] who = "…", criteria = ${names}, ${what}`
  }
  const whole = nearest === undefined
  const { version: _, ...unversioned } = component
  const pattern = patternOf(whole ? component : unversioned) ?? componentLabel(component)
  const versions = whole ? '' : `, from = "${nearest}", to = "${version}"`
  const digest = digestText(component)
  const bytes = digest === undefined ? '' : `, digest = "${digest}"`
  return `${writeTo.own ?? 'a file of assay reviews'}: [[review]] component = "${pattern}"${versions}, criteria = ${names}, who = "…", date = …${bytes}`
}

/** The digest by which a review is bound to what the lockfile pins, as review files write it. */
function digestText({ claims, source }: Component): string | undefined {
  for (const { digest } of claims) {
    const text = written(digest)
    if (text !== undefined) return text
  }
  return source.kind === 'git' && source.commit !== undefined ? `git:${source.commit}` : undefined
}

function written(digest: Digest): string | undefined {
  switch (digest.of) {
    case 'artifact':
      return digest.algorithm === 'md5' || digest.algorithm === 'sha1' ? undefined : `${digest.algorithm}:${digest.value}`
    case 'git-object':
      return `git:${digest.value}`
    case 'tree':
      if (digest.scheme === 'nimble-sha1') return `sha1:${digest.value}`
      return digest.scheme === 'go-mod-h1' || digest.scheme === 'assay-files' ? undefined : digest.value
  }
}

const MAX_NOTES = 300

function violations({ graph, settings, option }: RuleInput): RuleOutcome {
  const { reviews } = settings.trust
  if (reviews === undefined || reviews.rejections.size === 0) return { findings: [], checked: 0 }
  const book = new ReviewBook(reviews)
  const subjects = graph.components.filter(({ firstParty, source }) => !firstParty && source.kind !== 'toolchain')
  const findings = subjects.flatMap((component) => {
    const told = new Set<string>()
    return book.rejectionsOf(component).flatMap((rejection): readonly FindingDraft[] => {
      const { range, criteria, notes, location } = rejection
      // Several files may hand on the same review; one of them is enough to move off it.
      const key = JSON.stringify([range, criteria])
      if (told.has(key)) return []
      told.add(key)
      const said = notes === undefined || notes.trim() === '' ? '' : `: ${shortened(notes)}`
      const wanted = option<readonly string[]>('criteria', component.occurrences[0]?.location.file)
      const drafted = draft(
        component,
        `${whoOf(rejection)} rejects ${componentLabel(component)} (${range}) as ${criteria.join(', ')}${said}`,
        `move off it; the review is at ${formatLocation(location)}`,
        { range, criteria: criteria.join(',') },
      )
      return [book.denies(criteria, wanted) ? drafted : { ...drafted, atMost: 'note' }]
    })
  })
  return { findings, checked: subjects.length }
}

function shortened(notes: string): string {
  const line = notes.trim().replaceAll(/\s+/g, ' ')
  return line.length > MAX_NOTES ? `${line.slice(0, MAX_NOTES)}…` : line
}

function whoOf({ who }: { readonly who: readonly string[] }): string {
  return who.length === 0 ? 'an unnamed reviewer' : who.slice(0, 5).join(', ')
}
