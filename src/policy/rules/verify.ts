import type { ComponentId } from '../../model/component.js'
import type { Evidence } from '../../model/evidence.js'
import { compareEvidence } from '../../model/evidence.js'
import type { FindingDraft, Severity } from '../../model/finding.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { ATTESTATION_CHECK } from '../../model/signature-fact.js'
import type { Availability } from '../../model/verification.js'
import { comesFromElsewhere } from '../../model/verification.js'
import { daysBetween, newestDay } from '../clock.js'
import { hostOf } from '../source-url.js'
import { meaningOf } from './check-meaning.js'

/** Was there evidence, and enough of it (spec/policy.md §2.15, §7.2). Without a verification there is nothing to look at. */
export const VERIFY_RULES: readonly Rule[] = [
  {
    id: 'verify/unavailable',
    title: 'Somebody who was to be asked did not answer',
    why: 'Whoever can keep an answer away could otherwise switch off what it is needed for.',
    evidence: ['C'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: {
      'open-checks': {
        type: 'strings',
        default: [],
        about: 'checks that warn at most when nobody answers, e.g. go/sumdb',
      },
    },
    evaluate: unavailable,
  },
  {
    id: 'verify/coverage-low',
    title: 'Too few components of an ecosystem are verified',
    why: 'What no authority vouches for is only claimed.',
    evidence: ['C'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
    options: {
      min: { type: 'number', default: 80, about: 'percent of the components that come from elsewhere' },
      'min-of': {
        type: 'strings',
        default: [],
        about: 'the same of single ecosystems, e.g. zig=50',
        pattern: /^[a-z]+=\d{1,3}$/,
        example: 'zig=50',
      },
    },
    evaluate: coverageLow,
  },
  {
    id: 'verify/cache-only',
    title: 'The result rests on stored answers older than allowed',
    why: 'What was withdrawn since then still looks good.',
    evidence: ['C'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    options: { 'max-age': { type: 'number', default: 1, about: 'days since the newest answer' } },
    evaluate: ({ evidence, verification, today, option }) => {
      const newest = newestDay(evidence)
      if (!verification.asked || !verification.offline || newest === undefined) return { findings: [], checked: 0 }
      const age = daysBetween(newest, today)
      const finding: FindingDraft = {
        subject: 'evidence',
        message: `the newest evidence is of ${newest}, ${age} days old, and nobody was asked since`,
        fix: 'run it online once, or import a newer evidence pack',
      }
      return { findings: age > option<number>('max-age') ? [finding] : [], checked: 1 }
    },
  },
]

/** The most a finding weighs that is about an answer that could not be had. */
export const AT_MOST: Readonly<Record<Availability, Severity | undefined>> = { fail: undefined, warn: 'warn', ignore: 'note' }

/** Checks that somebody did not answer, by who it was. */
interface Silence {
  readonly source: string
  readonly isOpen: boolean
  readonly evidence: Evidence[]
  readonly subjects: Set<ComponentId>
  /** How often each reason was given. */
  readonly reasons: Map<string, number>
}

/** An outage is one finding a source, with counts. */
function unavailable(input: RuleInput): RuleOutcome {
  const { evidence, verification, option, isClaimed } = input
  if (!verification.asked) return { findings: [], checked: 0 }
  const openChecks = new Set(option<readonly string[]>('open-checks'))
  const sources = new Set<string>()
  const silences = new Map<string, Silence>()
  const distrusted = contradictedLogs(evidence)
  for (const one of evidence) {
    const source = sourceOf(one)
    sources.add(source)
    if (one.verdict !== 'unavailable' || distrusted.has(one.authority?.name) || isClaimed(one)) continue
    const isOpen = openChecks.has(one.check)
    const key = `${source}\n${isOpen}`
    const silence: Silence = silences.get(key) ?? { source, isOpen, evidence: [], subjects: new Set(), reasons: new Map() }
    silences.set(key, silence)
    silence.evidence.push(one)
    silence.subjects.add(one.subject)
    const why = one.why ?? 'no reason was given'
    silence.reasons.set(why, (silence.reasons.get(why) ?? 0) + 1)
  }
  const findings = [...silences.values()].map((silence) => silenceFinding(silence, verification.onUnavailable))
  const unasked = neverAsked(input)
  if (unasked > 0)
    findings.push({
      subject: 'the run',
      message: `nobody was asked about ${unasked === 1 ? 'one component' : `${unasked} components`}`,
      fix: 'run it again with more time, or name an authority that can be asked',
      state: 'unverified',
      atMost: AT_MOST[verification.onUnavailable],
      data: { source: 'none' },
    })
  return { findings, checked: sources.size + (unasked > 0 ? 1 : 0) }
}

/** Pieces of evidence that a report shows for one outage; the list of evidence holds all. */
const MAX_SHOWN = 3

function silenceFinding({ source, isOpen, evidence, subjects, reasons }: Silence, switched: Availability): FindingDraft {
  const [[why] = ['']] = [...reasons].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const others = reasons.size > 1 ? `, and ${reasons.size - 1} more ${reasons.size === 2 ? 'reason' : 'reasons'}` : ''
  return {
    subject: source,
    message: `${source} did not answer for ${subjects.size === 1 ? 'one component' : `${subjects.size} components`}: ${why}${others}`,
    fix: 'ask again later; until then [verify] on-unavailable decides what it comes to',
    state: 'unverified',
    atMost: isOpen && switched === 'fail' ? 'warn' : AT_MOST[switched],
    data: { source, ...(isOpen ? { open: 'true' } : {}) },
    evidence: evidence.sort(compareEvidence).slice(0, MAX_SHOWN),
  }
}

/** A log that contradicts itself is said to do so; that what it says does not count is no outage. */
function contradictedLogs(evidence: readonly Evidence[]): ReadonlySet<string | undefined> {
  return new Set(
    evidence.flatMap((one) =>
      meaningOf(one) === 'log' && one.verdict === 'mismatch' && one.authority !== undefined ? [one.authority.name] : [],
    ),
  )
}

/** The host of an authority, which is what is up or down; its name where it is no URL. */
function sourceOf({ authority, check }: Evidence): string {
  if (authority === undefined) return check
  return (authority.name.includes('/') ? hostOf(authority.name) : undefined) ?? authority.name
}

function neverAsked({ graph, evidence }: RuleInput): number {
  const known = new Set(evidence.map((one) => one.subject))
  return graph.components.filter((component) => comesFromElsewhere(component) && !known.has(component.id)).length
}

interface Share {
  total: number
  verified: number
  /** Not verified, because somebody did not answer. */
  silent: number
}

/**
 * By ecosystem. Where the missing answers alone would lift the share over the minimum, it could not be measured, which is
 * another thing than being low.
 */
function coverageLow({ graph, evidence, verification, option }: RuleInput): RuleOutcome {
  if (!verification.asked) return { findings: [], checked: 0 }
  const minima = new Map(
    option<readonly string[]>('min-of').map((pair): [string, number] => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, equals), Number(pair.slice(equals + 1))]
    }),
  )
  const shares = sharesOf(graph, evidence)
  const findings = [...shares].flatMap(([ecosystem, share]): FindingDraft[] => {
    const minimum = minima.get(ecosystem) ?? option<number>('min')
    if (percent(share.verified, share.total) >= minimum) return []
    const couldBeEnough = percent(share.verified + share.silent, share.total) >= minimum
    return [
      {
        subject: ecosystem,
        message: `${Math.floor(percent(share.verified, share.total))} % of the ${share.total} ${ecosystem} components are verified, the minimum is ${minimum} %`,
        fix: 'see the list of evidence for those that are not, and why; --bytes and --source ask for more',
        data: { ecosystem },
        ...(couldBeEnough ? { state: 'unverified', atMost: AT_MOST[verification.onUnavailable] } : {}),
      },
    ]
  })
  return { findings, checked: shares.size }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : (part / whole) * 100
}

/** A component is verified when somebody agrees with what is stated of it and nobody disagrees. */
function sharesOf(graph: RuleInput['graph'], evidence: readonly Evidence[]): ReadonlyMap<string, Share> {
  const verdicts = new Map<ComponentId, Set<Evidence['verdict']>>()
  for (const { subject, check, verdict } of evidence) {
    // That a signature is missing or bad takes away nothing that an authority agrees with.
    if (check === ATTESTATION_CHECK && verdict !== 'match') continue
    const known = verdicts.get(subject)
    if (known === undefined) verdicts.set(subject, new Set([verdict]))
    else known.add(verdict)
  }
  const shares = new Map<string, Share>()
  for (const component of graph.components) {
    if (!comesFromElsewhere(component)) continue
    const share = shares.get(component.ecosystem) ?? { total: 0, verified: 0, silent: 0 }
    shares.set(component.ecosystem, share)
    const said = verdicts.get(component.id)
    share.total += 1
    if (said?.has('mismatch') === true) continue
    if (said?.has('match') === true) share.verified += 1
    else if (said === undefined || said.has('unavailable')) share.silent += 1
  }
  return shares
}
