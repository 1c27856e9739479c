import type { FindingDraft, Severity } from '../../model/finding.js'
import type { RuleInput, RuleOutcome } from '../../model/rule.js'
import { LOCAL_SOURCE } from '../../model/signature-fact.js'
import type { Availability } from '../../model/verification.js'
import { comesFromElsewhere } from '../../model/verification.js'
import { TrustBook } from '../trust-match.js'
import type { SignatureCase } from './signature-cases.js'
import { draftOf, signatureCases } from './signature-cases.js'

const AT_MOST: Readonly<Record<Availability, Severity | undefined>> = { fail: undefined, warn: 'warn', ignore: 'note' }

/**
 * What may be signed where nobody answered, or by something that cannot be judged here: never missing, never accepted. An
 * outage is one finding a source, and weighs what `[verify] on-unavailable` says; what is not required warns at most. What lies
 * on this machine and cannot be read or judged is no outage: whoever can write there could otherwise switch off a requirement.
 */
export function attestationUnknown(input: RuleInput): RuleOutcome {
  const { verification } = input
  const cases = signatureCases(input)
  const open = cases.filter(({ isOpen, isMet }) => isOpen && !isMet)
  // Where nobody was to be asked, folders at hand were looked at all the same; what others would have said is open by choice.
  const remote = AT_MOST[verification.onUnavailable] ?? (verification.asked ? undefined : 'warn')
  const findings = [
    ...outages(open, remote),
    ...open.flatMap(undecided),
    ...notHashed(open, verification.asked ? undefined : 'warn'),
    ...(verification.asked ? neverLookedAt(input, cases) : []),
  ]
  return { findings, checked: cases.length, unverified: open.length }
}

function outages(open: readonly SignatureCase[], atMost: Severity | undefined): FindingDraft[] {
  const sources = new Map<string, { isRequired: boolean; readonly why: string; count: number }>()
  for (const { standing, isRequired } of open) {
    for (const [i, source] of standing.unanswered.entries()) {
      const known = sources.get(source) ?? {
        isRequired: false,
        why: standing.unansweredWhy[i] ?? 'no reason was given',
        count: 0,
      }
      sources.set(source, known)
      known.count += 1
      known.isRequired ||= isRequired
    }
  }
  return [...sources].map(([source, { isRequired, why, count }]) => {
    const isLocal = source.startsWith(LOCAL_SOURCE)
    const most = isLocal ? undefined : atMost
    return {
      subject: source,
      message: `${source} did not say whether ${count === 1 ? 'one component is' : `${count} components are`} signed: ${why}`,
      fix: isLocal
        ? 'make the folder of [trust] attestations readable, and leave only attestations in it'
        : 'ask again later; until then [verify] on-unavailable decides what it comes to',
      state: 'unverified',
      atMost: isRequired || most === 'note' ? most : 'warn',
      data: { source },
    }
  })
}

/** No outage: the answer is here, and is none. */
function undecided(one: SignatureCase): FindingDraft[] {
  const [first] = one.standing.undecided
  if (first === undefined) return []
  const fix = one.bundles.find(({ outcome, fix: todo }) => outcome === 'undecided' && todo !== undefined)?.fix
  const plain = fix?.replace(/\.$/, '') ?? 'leave only signatures of this component there'
  return [
    draftOf(one, `what was found cannot be judged: ${first}`, `${plain.charAt(0).toLowerCase()}${plain.slice(1)}`, {
      state: 'unverified',
      atMost: one.isRequired ? undefined : 'note',
    }),
  ]
}

function notHashed(open: readonly SignatureCase[], atMost: Severity | undefined): FindingDraft[] {
  const required = open.filter(({ isRequired, standing }) => isRequired && standing.outcome === 'not-verified')
  const [first] = required
  if (first === undefined) return []
  return [
    {
      subject: 'bytes',
      message: `${required.length === 1 ? 'one component' : `${required.length} components`} that must be signed could not be looked up: ${first.standing.why}`,
      fix: 'run it with --bytes',
      state: 'unverified',
      atMost,
      data: { source: 'bytes' },
    },
  ]
}

/** A requirement that nothing looked at must not look met. */
function neverLookedAt({ graph, settings }: RuleInput, cases: readonly SignatureCase[]): FindingDraft[] {
  if (settings.trust.require.length === 0) return []
  const book = new TrustBook(settings.trust)
  const looked = new Set(cases.map(({ component }) => component.id))
  const left = graph.components.filter(
    (component) => comesFromElsewhere(component) && !looked.has(component.id) && book.requirementsFor(component).length > 0,
  )
  if (left.length === 0) return []
  return [
    {
      subject: 'the run',
      message: `${left.length === 1 ? 'one component' : `${left.length} components`} that must be signed: nobody looked for signatures`,
      fix: 'run it again with more time, and report it if it stays',
      state: 'unverified',
      data: { source: 'none' },
    },
  ]
}
