import { timestampOf } from '../../evidence/days.js'
import type { ArtifactProblem, ArtifactSignature, ArtifactSigner, ArtifactStatement } from '../../model/artifact-report.js'
import { STRANGERS_TRIGGERS } from '../../model/trust-settings.js'
import { readCosignBlob } from '../../trust/cosign-blob.js'
import { parseEnvelope, signersOfEnvelope } from '../../trust/dsse.js'
import { predicateKind } from '../../trust/predicate-kind.js'
import type { SoundBundle } from '../../trust/sigstore/bundle.js'
import { readBundle } from '../../trust/sigstore/bundle.js'
import { claimedInstanceWithoutRoot } from '../../trust/sigstore/claimed-instance.js'
import { bundleOfLegacy } from '../../trust/sigstore/legacy-bundle.js'
import type { BundleSigner, BundleVerdict, CheckName } from '../../trust/sigstore/verdict.js'
import { failureOf } from '../../trust/sigstore/verdict.js'
import { verifyBundle } from '../../trust/sigstore/verifier.js'
import { judgeBuildLevel } from '../../trust/slsa/build-level.js'
import { isStatementPayloadType, parseStatement } from '../../trust/statement.js'
import { bindSubject } from '../../trust/subject-binding.js'
import type { FoundSignature } from './found-signatures.js'
import { judgeDetached } from './judge-detached.js'
import { judgeMinisign } from './judge-minisign.js'
import type { Fulfils, JudgedSignature, KnownArtifact } from './judged-signature.js'
import { judged } from './judged-signature.js'
import type { ArtifactPolicy } from './policy.js'
import { problem } from './reasons.js'

/** Judges one signature by the part of the policy that is about its form. Never throws for what it holds. */
export async function judgeSignature(
  found: FoundSignature,
  artifact: KnownArtifact,
  policy: ArtifactPolicy,
): Promise<JudgedSignature> {
  switch (found.form) {
    case 'minisign':
      return judgeMinisign(found, artifact, policy)
    case 'sigstore-bundle':
    case 'unknown':
      return judgeBundle(found, artifact, policy)
    case 'dsse-envelope':
      return judgeEnvelope(found, artifact, policy)
    case 'cosign-legacy':
      return judgeCosignBlob(found, artifact, policy)
    case 'detached-signature':
      return judgeDetached(found, artifact, policy)
    case 'openpgp':
    case 'ssh-signature':
      return judged(found, undefined, { outcome: 'not-judged' })
  }
}

/** The form that cosign wrote before version 3: the same checks over a bundle that says the same. */
async function judgeCosignBlob(found: FoundSignature, artifact: KnownArtifact, policy: ArtifactPolicy): Promise<JudgedSignature> {
  const fulfils = fulfilledBy(policy)
  if (fulfils === undefined) return judged(found, undefined, { outcome: 'not-judged' })
  const refused = (reason: Parameters<typeof problem>[0], why: string): JudgedSignature =>
    judged(found, fulfils, { outcome: 'refused', problems: [problem(reason, why)] })
  const read = readCosignBlob(found.json ?? {})
  if (!read.ok) return refused('trust/bundle-malformed', read.why)
  const { material, envelope } = read.blob
  const sha256 = artifact.anchors.find((anchor) => anchor.of === 'artifact' && anchor.algorithm === 'sha256')?.value
  const digest = sha256 === undefined ? undefined : ({ kind: 'digest', sha256: Buffer.from(sha256, 'hex') } as const)
  const content = envelope === undefined ? digest : ({ kind: 'envelope', bytes: envelope } as const)
  if (content === undefined) return refused('trust/digest-mismatch', 'no SHA-256 of the artifact is known to compare with')
  const converted = bundleOfLegacy(material, content)
  if (!converted.ok) return refused('trust/bundle-malformed', converted.why)
  const one = await judgeBundle({ ...found, bytes: converted.bytes }, artifact, policy)
  if (material.rekorBundle !== undefined || one.fulfils !== 'signer' || one.signature.outcome !== 'refused') return one
  const why = 'it holds no entry of the log: nothing says when it was signed'
  return judged(found, 'signer', { outcome: 'undecided', problems: [problem('trust/log-lookup-needed', why)] })
}

function fulfilledBy(policy: ArtifactPolicy): Fulfils | undefined {
  if (policy.certificate !== undefined) return 'signer'
  return policy.keys.length > 0 ? 'key' : undefined
}

async function judgeBundle(found: FoundSignature, artifact: KnownArtifact, policy: ArtifactPolicy): Promise<JudgedSignature> {
  const read = readBundle(found.bytes)
  const byKey = read.ok && read.bundle.signedBy === 'public-key' && policy.keys.length > 0
  const fulfils = byKey ? 'key' : fulfilledBy(policy)
  if (fulfils === undefined) return judged(found, undefined, { outcome: 'not-judged' })
  const verdict = await verify(found, artifact, policy, fulfils === 'key')
  const said = saidBy(verdict)
  const failure = failureOf(verdict)
  const missingRoot = read.ok && failure !== undefined ? whichRootIsMissing(read.bundle, failure.name, policy) : undefined
  if (missingRoot !== undefined) return judged(found, fulfils, { ...said, outcome: 'undecided', problems: [missingRoot] })
  if (failure?.reason === 'trust/log-entry-unsupported') return judged(found, fulfils, { ...said, outcome: 'undecided' })
  if (failure?.name === 'signature' && needsBytes(verdict, artifact, policy, byKey && read.bundle.content.kind === 'message')) {
    const why = 'this kind of key signs whole files, and the artifact is too large to be held'
    return judged(found, fulfils, { ...said, outcome: 'undecided', problems: [problem('trust/bytes-needed', why)] })
  }
  // A repository alone, or a pattern, also fits what strangers start there; who names the very identity means that one.
  const isOpenToStrangers = unfitTrigger(verdict.signer).length > 0 && policy.certificate?.san === undefined
  if (verdict.outcome === 'verified' && isOpenToStrangers) return judged(found, fulfils, { ...said, outcome: 'refused' })
  return withStatement(found, fulfils, verdict, said, policy)
}

/** A bundle that a root at hand cannot know proves nothing, and nothing is against it either. */
function whichRootIsMissing(bundle: SoundBundle, failed: CheckName, { roots }: ArtifactPolicy): ArtifactProblem | undefined {
  if (failed !== 'time' && failed !== 'certificate' && failed !== 'log') return undefined
  const instance = claimedInstanceWithoutRoot(bundle, roots)
  if (instance !== undefined)
    return problem('trust/instance-unknown', `it says it is of the instance of ${instance}, whose root is not at hand`)
  if (failed !== 'log') return undefined
  const log = bundle.logIds.find((id) => roots.every((root) => !root.logIds.includes(id)))
  if (log === undefined) return undefined
  return problem('trust/root-old', `log ${log} is in no trusted root at hand, which may be too old or of another instance`)
}

/** ECDSA can be checked over a digest; other keys need the bytes, which of a large file are not kept. */
function needsBytes(
  verdict: BundleVerdict,
  { bytes }: KnownArtifact,
  { keys }: ArtifactPolicy,
  isMessageByKey: boolean,
): boolean {
  return (
    verdict.outcome === 'refused' &&
    isMessageByKey &&
    bytes === undefined &&
    keys.some(({ key }) => key.asymmetricKeyType !== 'ec')
  )
}

async function verify(
  found: FoundSignature,
  { bytes, anchors }: KnownArtifact,
  { certificate, keys, roots, memo }: ArtifactPolicy,
  byKey: boolean,
): Promise<BundleVerdict> {
  const request = { bundle: found.bytes, artifact: { bytes, anchors }, roots, memo }
  if (!byKey) return verifyBundle({ ...request, signer: certificate })
  let first: BundleVerdict | undefined
  // A hint may name no key of several: each is tried alone.
  for (const tried of [keys, ...(keys.length > 1 ? keys.map((key) => [key]) : [])]) {
    const verdict = await verifyBundle({ ...request, signer: { kind: 'key', keys: tried } })
    if (verdict.outcome === 'verified') return verdict
    first ??= verdict
  }
  return first ?? verifyBundle({ ...request, signer: undefined })
}

function saidBy(verdict: BundleVerdict): Pick<ArtifactSignature, 'outcome'> & Partial<ArtifactSignature> {
  return {
    outcome: verdict.outcome === 'verified' ? 'verified' : 'refused',
    checks: verdict.checks.map(({ name, state }) => ({ name, state })),
    problems: [
      ...verdict.checks.flatMap((check) => (check.state === 'failed' ? [problem(check.reason, check.why)] : [])),
      ...unfitTrigger(verdict.signer),
      ...(verdict.outcome === 'verified' && verdict.bundleVersion === '0.1' ? [OLD_FORM] : []),
    ],
    signer: verdict.signer === undefined ? undefined : shownSigner(verdict.signer),
    signedAt: verdict.verifiedTimes.flatMap(({ from, epochMs }) => {
      const time = timestampOf(epochMs)
      return time === undefined ? [] : [{ time, from }]
    }),
    root: verdict.root === undefined || verdict.root.sha256 === '' ? undefined : verdict.root,
  }
}

const OLD_FORM = problem(
  'trust/bundle-legacy',
  'it is of a form that signers no longer write, with a promise of the log in place of its proof',
)

function unfitTrigger(signer: BundleSigner | undefined): ArtifactProblem[] {
  const trigger = signer?.kind === 'certificate' ? signer.identity.claims.get('build-trigger') : undefined
  if (trigger === undefined || !STRANGERS_TRIGGERS.has(trigger)) return []
  return [problem('trust/release-trigger', `the build was started by ${trigger}, which makes no releases`)]
}

function shownSigner(signer: BundleSigner): ArtifactSigner {
  if (signer.kind === 'key') return signer
  const { san, claims } = signer.identity
  return { kind: 'certificate', name: san.value, claims: [...claims] }
}

/** Adds what a statement says, and hands it on where its signature is accepted. */
function withStatement(
  found: FoundSignature,
  fulfils: Fulfils,
  verdict: BundleVerdict,
  said: Pick<ArtifactSignature, 'outcome'> & Partial<ArtifactSignature>,
  policy: ArtifactPolicy,
): JudgedSignature {
  const one = withPredicate(found, fulfils, verdict, said, policy)
  return one.signature.outcome === 'verified' ? { ...one, statement: verdict.statement } : one
}

/** Adds what a verified statement says, and takes the verdict back where it contradicts the certificate. */
function withPredicate(
  found: FoundSignature,
  fulfils: Fulfils,
  verdict: BundleVerdict,
  said: Pick<ArtifactSignature, 'outcome'> & Partial<ArtifactSignature>,
  { builders }: ArtifactPolicy,
): JudgedSignature {
  const claims = verdict.signer?.kind === 'certificate' ? verdict.signer.identity.claims : undefined
  const vouched = { repository: claims?.get('source-repository-uri'), ref: claims?.get('source-repository-ref') }
  const { statement } = verdict
  if (statement === undefined) return judged(found, fulfils, said, vouched)
  const kind = predicateKind(statement.predicateType)
  const plain: ArtifactStatement = { predicateType: statement.predicateType, kind }
  if ((kind === 'cyclonedx' || kind === 'spdx') && verdict.outcome === 'verified')
    return { ...judged(found, fulfils, { ...said, statement: plain }, vouched), sbom: statement.predicate }
  if (kind !== 'provenance' || verdict.outcome !== 'verified') {
    const isUnknown = kind === 'unknown' && verdict.outcome === 'verified'
    const unknown = isUnknown ? [problem('trust/predicate-unknown', `it states ${statement.predicateType}`)] : []
    return judged(found, fulfils, { ...said, statement: plain, problems: [...unknown, ...(said.problems ?? [])] }, vouched)
  }
  const { level, provenance, limits } = judgeBuildLevel(verdict, { parameters: [] }, builders)
  if (provenance === undefined) {
    const problems = [...limits.map(({ reason, why }) => problem(reason, why)), ...(said.problems ?? [])]
    return judged(found, fulfils, { ...said, statement: plain, problems }, vouched)
  }
  const shown: ArtifactStatement = {
    ...plain,
    provenance: {
      buildLevel: level,
      builderId: provenance.builderId,
      buildType: provenance.buildType,
      repository: provenance.source?.repository,
      ref: provenance.source?.ref,
      commit: provenance.source?.commit,
      entryPoint: provenance.entryPoint,
      invocation: provenance.invocation,
      limits: limits.map(({ reason, why }) => problem(reason, why)),
    },
  }
  const contradictions = limits.filter(({ reason }) => reason === 'trust/provenance-contradiction')
  if (contradictions.length > 0) {
    const problems = [...contradictions.map(({ reason, why }) => problem(reason, why)), ...(said.problems ?? [])]
    return judged(found, fulfils, { ...said, outcome: 'refused', problems, statement: shown }, vouched)
  }
  const source = {
    repository: vouched.repository ?? provenance.source?.repository,
    ref: vouched.ref ?? provenance.source?.ref,
  }
  return judged(found, fulfils, { ...said, statement: shown }, source)
}

/** An envelope without a bundle around it: only a key of one's own can be checked offline. */
function judgeEnvelope(found: FoundSignature, artifact: KnownArtifact, policy: ArtifactPolicy): JudgedSignature {
  if (policy.keys.length === 0) {
    const fulfils = fulfilledBy(policy)
    if (fulfils === undefined) return judged(found, undefined, { outcome: 'not-judged' })
    const why = 'it is an envelope alone: without a log entry or a timestamp nothing says when it was signed'
    return judged(found, fulfils, { outcome: 'undecided', problems: [problem('trust/log-lookup-needed', why)] })
  }
  const refused = (reason: Parameters<typeof problem>[0], why: string, said: Partial<ArtifactSignature> = {}): JudgedSignature =>
    judged(found, 'key', { ...said, outcome: 'refused', problems: [problem(reason, why)] })
  const parsed = parseEnvelope(found.json)
  if (!parsed.ok) return refused('trust/bundle-malformed', parsed.why)
  const { envelope } = parsed
  const [key] = signersOfEnvelope(envelope, policy.keys)
  if (key === undefined) return refused('trust/key-wrong', 'the signature is not by a configured key')
  const signer: BundleSigner = { kind: 'key', name: key.name }
  if (!isStatementPayloadType(envelope.payloadType))
    return refused('trust/predicate-invalid', 'the envelope carries no in-toto statement', { signer })
  const statement = parseStatement(envelope.payload)
  if (!statement.ok) return refused('trust/predicate-invalid', statement.why, { signer })
  const binding = bindSubject(statement.statement, artifact.anchors)
  if (binding.kind === 'other-subject')
    return refused('trust/attestation-other-subject', `it is about ${binding.attested.join(', ')}`, { signer })
  if (binding.kind === 'conflict')
    return refused(
      'trust/subject-conflict',
      `one subject agrees with ${binding.agrees.value} and contradicts with ${binding.contradicts.value}`,
      { signer },
    )
  const verdict: BundleVerdict = {
    outcome: 'verified',
    checks: (['bundle', 'signature', 'statement', 'subject', 'identity'] as const).map((name) => ({ name, state: 'passed' })),
    signer,
    verifiedTimes: [],
    statement: statement.statement,
  }
  return withStatement(found, 'key', verdict, saidBy(verdict), policy)
}
