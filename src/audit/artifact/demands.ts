import type { ArtifactOutcome, ArtifactSbom, Demand } from '../../model/artifact-report.js'
import type { CertificatePolicy } from '../../trust/sigstore/identity-policy.js'
import type { FoundSignatures } from './found-signatures.js'
import type { Fulfils, JudgedSignature } from './judged-signature.js'
import { isByMaker, isSource } from './judged-signature.js'
import type { LookedUpSignatures } from './look-up.js'
import type { ArtifactPolicy } from './policy.js'
import { problem } from './reasons.js'

/**
 * Each part of the policy needs one signature that fulfils it, and each file that was named must hold one that verifies. A
 * signature that fails beside one that verifies is shown, and decides nothing: whoever can add a file must not be able to
 * take a release away.
 */
export function signatureDemands(
  policy: ArtifactPolicy,
  request: { readonly artifact: string; readonly bundle: readonly string[] },
  judged: readonly JudgedSignature[],
  found: Searched,
): Demand[] {
  const { certificate, keys, minisignKeys } = policy
  const parts: readonly (readonly [kind: Fulfils, wanted: string | undefined])[] = [
    ['signer', certificate === undefined ? undefined : certificateText(certificate)],
    ['key', keys.length === 0 ? undefined : keys.map(({ name }) => name).join(' or ')],
    [
      'minisign-key',
      minisignKeys.length === 0 ? undefined : minisignKeys.map(({ name, key }) => `${name} (${key.id})`).join(' or '),
    ],
  ]
  return [
    ...parts.flatMap(([kind, wanted]) =>
      wanted === undefined
        ? []
        : [
            {
              kind,
              wanted,
              ...(decideByMaker(judged.filter((one) => one.fulfils === kind)) ?? missing(kind, request.bundle, found)),
            },
          ],
    ),
    ...[...new Set(request.bundle)].map((file): Demand => {
      const own = judged.filter((one) => one.file === file)
      return { kind: 'bundle', wanted: file, ...(decide(own.filter(({ fulfils }) => fulfils !== undefined)) ?? unjudged()) }
    }),
  ]
}

/** Where signatures were looked for, and what of it could not be seen. */
type Searched = Pick<FoundSignatures, 'unreadable' | 'lookedFor'> & Pick<LookedUpSignatures, 'lookups' | 'unknown'>

type Decision = Pick<Demand, 'outcome' | 'by' | 'problem'>

/** By the best of the signatures; undefined without any. */
function decide(judged: readonly JudgedSignature[]): Decision | undefined {
  const verified = judged.find(({ signature }) => signature.outcome === 'verified')
  if (verified !== undefined) return { outcome: 'verified', by: verified.signature.from }
  for (const outcome of ['refused', 'undecided'] as const) {
    const one = judged.find(({ signature }) => signature.outcome === outcome)
    if (one !== undefined) return { outcome, by: one.signature.from, problem: one.signature.problems[0] }
  }
  return undefined
}

/** The same for who may have made it: what verifies and says nothing of that decides nothing. */
function decideByMaker(judged: readonly JudgedSignature[]): Decision | undefined {
  const isInsufficient = ({ signature }: JudgedSignature): boolean => signature.outcome === 'verified' && !isByMaker(signature)
  const decision = decide(judged.filter((one) => !isInsufficient(one)))
  const insufficient = judged.find(isInsufficient)
  if (decision !== undefined || insufficient === undefined) return decision
  const { from, statement } = insufficient.signature
  const why = `${from} states ${statement?.predicateType ?? 'something else'}, which does not say who made the artifact`
  return { outcome: 'undecided', by: from, problem: problem('trust/predicate-insufficient', why) }
}

const FORMS: Readonly<Record<Fulfils, string>> = {
  signer: 'bundle of a certificate',
  key: 'bundle, envelope or signature',
  'minisign-key': 'minisign signature',
}

function missing(kind: Fulfils, named: readonly string[], { unreadable, lookedFor, lookups, unknown }: Searched): Decision {
  const [first] = unreadable
  if (first !== undefined)
    return { outcome: 'unreadable', problem: problem('trust/bundle-unreadable', `${first.file} cannot be read: ${first.why}`) }
  const where = [...(named.length > 0 ? named : lookedFor), ...lookups.map(({ source }) => source)].join(', ')
  if (unknown.length > 0) {
    const silent = unknown.map(({ source, why }) => `${source}: ${why}`).join('; ')
    return {
      outcome: 'undecided',
      problem: problem('trust/attestation-unknown', `no ${FORMS[kind]} was found, and not everybody answered: ${silent}`),
    }
  }
  return { outcome: 'undecided', problem: problem('trust/attestation-missing', `no ${FORMS[kind]} is in ${where}`) }
}

function unjudged(): Decision {
  return {
    outcome: 'undecided',
    problem: problem('trust/identity-unconstrained', 'nothing was said about who may sign in this form'),
  }
}

/** What was said about the source must be vouched for by a signature that verifies, and contradicted by none. */
export function sourceDemand({ source: wanted }: ArtifactPolicy, judged: readonly JudgedSignature[]): Demand[] {
  if (wanted === undefined) return []
  const text = [wanted.repository, wanted.ref].filter((part) => part !== undefined).join(' at ')
  const stated = judged.flatMap(({ source, signature }) =>
    source === undefined ? [] : [{ source, signature, agrees: isSource(source, wanted) }],
  )
  const verified = stated.filter(({ signature }) => signature.outcome === 'verified' && isByMaker(signature))
  const other = verified.find(({ agrees }) => agrees === false)
  const same = verified.find(({ agrees }) => agrees === true)
  const contradicting = other ?? (same === undefined ? stated.find(({ agrees }) => agrees === false) : undefined)
  const demand = (outcome: ArtifactOutcome, rest: Partial<Demand>): Demand[] => [
    { kind: 'source', wanted: text, outcome, ...rest },
  ]
  if (contradicting !== undefined) {
    const { repository = 'an unnamed repository', ref = 'an unnamed ref' } = contradicting.source
    const why = `it was built from ${repository} at ${ref}`
    return demand('refused', { by: contradicting.signature.from, problem: problem('trust/source-unexpected', why) })
  }
  if (same !== undefined) return demand('verified', { by: same.signature.from })
  return demand('undecided', {
    problem: problem('trust/source-unproven', 'no signature that verifies says where it was built from'),
  })
}

/** An SBOM that names other bytes is about something else; one that names none is only warned about. */
export function sbomDemand({ file, subject, attestedBy, named }: ArtifactSbom): Demand[] {
  switch (subject) {
    case 'unnamed':
      return attestedBy === undefined ? [] : [{ kind: 'sbom', wanted: file, outcome: 'verified', by: attestedBy }]
    case 'this-artifact':
      return [{ kind: 'sbom', wanted: file, outcome: 'verified', by: attestedBy ?? file }]
    case 'another-artifact':
      return [
        {
          kind: 'sbom',
          wanted: file,
          outcome: 'refused',
          problem: problem('sbom/other-subject', `it describes ${named.join(', ')}`),
        },
      ]
    case 'contradiction':
      return [
        {
          kind: 'sbom',
          wanted: file,
          outcome: 'refused',
          problem: problem(
            'sbom/subject-conflict',
            `one of its digests is of this artifact and another is not: ${named.join(', ')}`,
          ),
        },
      ]
  }
}

/** What a certificate must say, in one line. */
export function certificateText({ issuer, san, sanPattern, sourceRepository, refs }: CertificatePolicy): string {
  return [
    san,
    sanPattern === undefined ? undefined : `/${sanPattern.source}/`,
    issuer === undefined ? undefined : `issuer ${issuer}`,
    sourceRepository === undefined ? undefined : `source ${sourceRepository}`,
    refs === undefined ? undefined : `ref ${refs.join(' or ')}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}
