import type { FindingDraft } from '../../model/finding.js'
import { canonicalRepository } from '../../model/repository.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import type { BundleFact, SignaturesFact } from '../../model/signature-fact.js'
import { ATTESTATION_CHECK } from '../../model/signature-fact.js'
import type { SignatureCase } from './signature-cases.js'
import { draftOf, judgeBundles, signatureCases } from './signature-cases.js'
import { attestationUnknown } from './trust-unknown.js'

/**
 * Signatures and attestations of components (spec/policy.md §2.7, spec/trust.md §8). Whoever can put a signature where it is
 * looked for must not be able to take a release away, and a bundle costs nothing to make:
 *
 * - One that fails beside one that is accepted decides nothing; it is told.
 * - The hard rules weigh in full only where a signature is required and none is accepted, where the gate is shut in any case.
 * - A stranger's own valid signature is noise unless somebody said who may sign, and nobody of them did.
 */
export const TRUST_ATTESTATION_RULES: readonly Rule[] = [
  {
    id: 'trust/attestation-missing',
    title: 'Something that must be signed has no accepted signature',
    why: 'Without a signature nobody vouches for what is built in.',
    evidence: ['A'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    judges: [
      { check: ATTESTATION_CHECK, verdict: 'absent' },
      { check: ATTESTATION_CHECK, verdict: 'mismatch' },
    ],
    evaluate: missing,
  },
  {
    id: 'trust/attestation-unknown',
    title: 'Whether something that must be signed is signed could not be found out',
    why: 'Whoever can keep a signature away could otherwise switch off what it is needed for.',
    evidence: ['A'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    judges: [{ check: ATTESTATION_CHECK, verdict: 'unavailable' }],
    evaluate: attestationUnknown,
  },
  {
    id: 'trust/attestation-invalid',
    title: 'A signature does not verify',
    why: 'Either the artifact or the bundle was altered, or it was never what it says.',
    evidence: ['A'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: (input) =>
      judgeBundles(input, {
        outcomes: ['invalid'],
        atMost: (_, one) => (isShut(one) ? undefined : 'warn'),
        says: ({ from, why = 'it does not verify', fix }) => ({
          message: `${from}: ${why}`,
          fix: sentence(fix ?? 'treat the artifact as untrusted'),
        }),
      }),
  },
  {
    id: 'trust/subject-mismatch',
    title: 'A signature that holds is about other bytes',
    why: 'A genuine attestation of something else proves nothing of this.',
    evidence: ['A'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: (input) =>
      judgeBundles(input, {
        outcomes: ['other-subject', 'conflict'],
        atMost: ({ outcome }, one) => {
          if (isShut(one)) return undefined
          return outcome === 'conflict' || (one.standing.rule !== undefined && !one.isMet) ? 'warn' : 'note'
        },
        says: ({ from, why = 'it is about something else' }) => ({
          message: `${from}: ${why}`,
          fix: 'fetch the attestation that belongs to these bytes; if there is none, ask upstream which of the two is right',
        }),
      }),
  },
  {
    id: 'trust/identity-not-allowed',
    title: 'Somebody else signed than who may',
    why: 'Anybody can sign anything: only who signed gives a signature its meaning.',
    evidence: ['A'],
    severity: { relaxed: 'off', recommended: 'error', strict: 'error' },
    evaluate: (input) =>
      judgeBundles(input, {
        outcomes: ['other-signer', 'unconstrained'],
        atMost: ({ outcome }, one) => {
          if (one.isMet) return 'note'
          if (outcome === 'unconstrained') return one.isRequired ? 'warn' : 'note'
          return one.isRequired || one.standing.rule !== undefined ? undefined : 'note'
        },
        says: (bundle, { standing: { rule } }) => ({
          message:
            bundle.outcome === 'unconstrained'
              ? `${signedBy(bundle)}, and nothing says who may sign it`
              : `${signedBy(bundle)}: ${bundle.why ?? 'not who may sign it'}`,
          fix:
            rule === undefined
              ? 'name who may sign it in [trust] identities; if this is somebody else, reject it'
              : `correct the identity ${rule} of [trust] if this signer is right; if not, reject it`,
        }),
      }),
  },
  {
    id: 'trust/builder-not-allowed',
    title: 'Provenance names a builder that is not on the list',
    why: 'What a builder promises of a build holds only for builders that somebody trusts.',
    evidence: ['A'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
    evaluate: (input) =>
      judgeBundles(input, {
        outcomes: ['accepted'],
        about: ({ builderAllowed }) => !builderAllowed,
        atMost: (_, { bundles }) => (bundles.some(({ counts }) => counts.includes('provenance')) ? 'note' : undefined),
        says: ({ builder = 'an unnamed builder' }, { standing: { rule = '' } }) => ({
          message: `built by ${builder}`,
          fix: `add it to builders of the identity ${rule} of [trust], or ask upstream for a build there`,
        }),
      }),
  },
  {
    id: 'trust/source-mismatch',
    title: 'Provenance names another source than the one that is stated',
    why: 'What was built elsewhere is not what was reviewed here.',
    evidence: ['A', 'R'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: {
      renames: {
        type: 'strings',
        default: [],
        about: 'repositories that have another name now, old=new',
        pattern: /^https:\/\/[^=\s]+=https:\/\/[^=\s]+$/,
        example: 'https://github.com/old/name=https://github.com/new/name',
      },
    },
    evaluate: sourceMismatch,
  },
  {
    id: 'trust/provenance-level-low',
    title: 'A build is of a lower level than is required',
    why: 'A build that its own source can influence can be made to lie about itself.',
    evidence: ['A'],
    severity: { relaxed: 'off', recommended: 'off', strict: 'warn' },
    evaluate: levelLow,
  },
  {
    id: 'trust/log-inclusion-missing',
    title: 'Nothing proves when a signature was made',
    why: 'A key that was stolen or has expired signs as well as a good one; the log is where that is noticed.',
    evidence: ['T'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
    evaluate: (input) =>
      judgeBundles(input, {
        outcomes: ['not-logged'],
        atMost: (_, one) => (isShut(one) ? undefined : 'note'),
        says: ({ from, why = 'it is not provably logged', fix }) => ({
          message: `${from} is not provably logged: ${why}`,
          fix: sentence(fix ?? 'ask for a bundle with proof'),
        }),
      }),
  },
]

/** Something must be signed, and what is accepted does not suffice: the gate is shut, whatever else was found. */
function isShut({ isRequired, isMet }: SignatureCase): boolean {
  return isRequired && !isMet
}

function signedBy({ signer = 'a key', issuer, from }: BundleFact): string {
  return `${from} is signed by ${signer}${issuer === undefined ? '' : ` via ${issuer}`}`
}

/** What is required and not there; what may be where nobody answered is said by the rule for that. */
function missing(input: RuleInput): RuleOutcome {
  const cases = signatureCases(input).filter(({ isRequired, standing }) => isRequired || standing.rule !== undefined)
  const isKnown = ({ isOpen, isMet }: SignatureCase): boolean => isMet || !isOpen
  const findings = cases.filter(isKnown).flatMap((one): FindingDraft[] => {
    const { standing, isRequired, isMet } = one
    if (isMet || (!isRequired && standing.outcome !== 'none')) return []
    const lacks = isRequired ? `no accepted ${standing.unmet.join(' and no accepted ')}` : 'it is not signed'
    return [
      draftOf(one, `${lacks}: ${standing.why}`, whatToDo(one), {
        atMost: isRequired ? undefined : 'note',
        data: { required: standing.unmet.join(',') },
      }),
    ]
  })
  return { findings, checked: cases.filter(isKnown).length, unverified: cases.filter((one) => !isKnown(one)).length }
}

function whatToDo({ standing: { outcome, rule }, bundles }: SignatureCase): string {
  switch (outcome) {
    case 'not-signable':
      return 'leave it out of [trust] require, or take it from a source whose bytes are published and signed'
    case 'not-asked':
      return 'name where its signatures are in [trust]: attestations, urls or github'
    case 'unconstrained':
      return 'name who may sign it in [trust] identities'
    case 'refused':
      return sentence(bundles.find(({ fix }) => fix !== undefined)?.fix ?? 'ask upstream for a signature that can be accepted')
    default:
      return rule === undefined
        ? 'ask upstream to attest its releases; or vendor it and build it yourself'
        : `ask whoever ${rule} of [trust] names to attest it; or vendor it and build it yourself`
  }
}

/** Fixes of the artifact report are whole sentences; those of findings are clauses. */
function sentence(text: string): string {
  const plain = text.replace(/\.$/, '')
  return `${plain.charAt(0).toLowerCase()}${plain.slice(1)}`
}

function sourceMismatch(input: RuleInput): RuleOutcome {
  const renames = new Map(
    input.option<readonly string[]>('renames').map((pair): [string, string] => {
      const [from = '', to = ''] = pair.split('=')
      return [canonicalRepository(from), canonicalRepository(to)]
    }),
  )
  const place = (url: string): string => renames.get(canonicalRepository(url)) ?? canonicalRepository(url)
  const differs = ({ repository, commit, counts }: BundleFact, { standing }: SignatureCase): boolean => {
    // Whoever names the source in the settings has decided; a lockfile or a name knows no better.
    const elsewhere =
      !standing.pinsSource &&
      repository !== undefined &&
      standing.repository !== undefined &&
      place(repository) !== place(standing.repository)
    return elsewhere || (counts.includes('provenance') && isOtherCommit(commit, standing))
  }
  const outcome = judgeBundles(input, {
    outcomes: ['accepted'],
    about: differs,
    atMost: (bundle, one) => {
      if (one.bundles.some((other) => other.counts.length > 0 && !differs(other, one))) return 'note'
      // What a registry says unsigned contradicts nothing that is signed; it is a reason to look.
      return one.standing.registry !== undefined && isOtherCommit(bundle.commit, one.standing) ? 'warn' : undefined
    },
    says: ({ repository = 'an unnamed repository', commit }, { standing }) => ({
      message:
        standing.commit !== undefined && isOtherCommit(commit, standing)
          ? `provenance says commit ${commit ?? ''} of ${repository}, ${standing.registry === undefined ? 'pinned is' : `${standing.registry} says`} ${standing.commit}`
          : `provenance says ${repository}, ${standing.registry === undefined ? 'its lockfile and name say' : `${standing.registry} says`} ${standing.repository ?? 'nothing'}`,
      fix: 'find out which is right; then name it as source-repository of its identity in [trust], or list the rename',
    }),
  })
  return outcome
}

function isOtherCommit(commit: string | undefined, standing: SignaturesFact): boolean {
  return commit !== undefined && standing.commit !== undefined && commit !== standing.commit
}

/** Only where provenance is accepted: without any, that is what is missing. */
function levelLow(input: RuleInput): RuleOutcome {
  const cases = signatureCases(input).filter(({ standing }) => standing.levelWanted !== undefined)
  const findings = cases.flatMap((one): FindingDraft[] => {
    const { level, levelWanted = 0, unmet } = one.standing
    if (level === undefined || level >= levelWanted || unmet.includes('provenance')) return []
    const best = one.bundles.find((bundle) => bundle.counts.includes('provenance') && bundle.level === level)
    const limits = best?.limits === undefined || best.limits === '' ? '' : `: ${best.limits}`
    return [
      draftOf(
        one,
        `level ${level}, need ${levelWanted}${limits}`,
        'ask upstream for a signed hosted build; a builder of your own goes into [trust] builders',
        { data: { level: String(level), wanted: String(levelWanted) }, ...(one.isOpen ? { state: 'unverified' } : {}) },
      ),
    ]
  })
  return { findings, checked: cases.length }
}
