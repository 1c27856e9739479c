import type { OciAttachmentKind } from '../../model/oci-report.js'
import type { Attachment } from '../../trust/oci/attachment.js'
import type { OciContents } from '../../trust/oci/contents.js'
import { readSimpleSigning } from '../../trust/oci/legacy-layer.js'
import type { OciDigest } from '../../trust/oci/reference.js'
import { formatOciDigest } from '../../trust/oci/reference.js'
import type { PredicateKind } from '../../trust/predicate-kind.js'
import { predicateKind } from '../../trust/predicate-kind.js'
import { readBundle } from '../../trust/sigstore/bundle.js'
import { readCertificateIdentity } from '../../trust/sigstore/certificate-identity.js'
import { judgeIdentity } from '../../trust/sigstore/identity-policy.js'
import type { LegacyContent, LegacyMaterial } from '../../trust/sigstore/legacy-bundle.js'
import { bundleOfLegacy } from '../../trust/sigstore/legacy-bundle.js'
import type { JsonObject } from '../../trust/strict-json.js'
import { fieldOf, isJsonObject } from '../../trust/strict-json.js'
import type { FoundSignature } from '../artifact/found-signatures.js'
import { splitSignatures } from '../artifact/found-signatures.js'
import { judgeSignature } from '../artifact/judge-signature.js'
import type { JudgedSignature, KnownArtifact } from '../artifact/judged-signature.js'
import { judged } from '../artifact/judged-signature.js'
import type { ArtifactPolicy } from '../artifact/policy.js'
import { problem } from '../artifact/reasons.js'
import type { ImagePolicy } from './image-policy.js'
import { ociProblem } from './reasons.js'

/** An attachment with what is known of it under a policy. */
export interface JudgedAttachment {
  readonly attachment: Attachment
  readonly kind: OciAttachmentKind
  /** Absent of what is not signed, or not in a form that is known. */
  readonly judged?: JudgedSignature | undefined
  /**
   * Of a refused one that names a signer whom the policy expects. `certified`: an authority of a trusted root certified
   * that name, or the key is named; `claimed`: anybody could have written it.
   */
  readonly expectedSigner?: 'certified' | 'claimed' | undefined
}

/** More signatures than any artifact has; each takes some 15 ms. */
const MAX_JUDGED = 512

/** Judges what is attached, each by itself and about the digest it is attached to (spec/trust.md §4.7 steps 5 and 6). */
export async function judgeAttachments(
  { attachments, digest, bytes }: OciContents,
  named: ImagePolicy,
): Promise<{ readonly attachments: readonly JudgedAttachment[]; readonly notJudged: number }> {
  const all: JudgedAttachment[] = []
  let left = MAX_JUDGED
  let notJudged = 0
  for (const attachment of attachments) {
    const isSigned = SIGNED.has(attachment.content.kind)
    if (isSigned && left <= 0) {
      notJudged += 1
      all.push({ attachment, kind: kindOf(attachment) })
      continue
    }
    if (isSigned) left -= 1
    const isWhole = formatOciDigest(attachment.about) === formatOciDigest(digest)
    all.push(restricted(await judgeOne(attachment, isWhole ? bytes : undefined, named.policy), named))
  }
  return { attachments: all, notJudged }
}

const SIGNED: ReadonlySet<Attachment['content']['kind']> = new Set(['bundle', 'envelope', 'simplesigning'])

/** Provenance must be read to be any; and what an identity of assay.toml says beside who may sign. */
function restricted(one: JudgedAttachment, { builders, predicateTypes }: ImagePolicy): JudgedAttachment {
  const signature = one.judged?.signature
  const statement = signature?.statement
  if (one.judged === undefined || signature?.outcome !== 'verified' || statement === undefined) return one
  const builder = statement.provenance?.builderId
  const wrong =
    predicateTypes?.includes(statement.predicateType) === false
      ? ociProblem('trust/predicate-unexpected', `this signer may not state ${statement.predicateType}`)
      : statement.kind === 'provenance' && statement.provenance === undefined
        ? signature.problems.find(({ reason }) => reason === 'trust/predicate-invalid')
        : builder !== undefined && builders?.includes(builder) === false
          ? ociProblem('trust/builder-untrusted', `it names the builder ${builder}`)
          : undefined
  if (wrong === undefined) return one
  const refused = {
    ...signature,
    outcome: 'refused' as const,
    problems: [wrong, ...signature.problems.filter((other) => other !== wrong)],
  }
  return { ...one, judged: { ...one.judged, signature: refused } }
}

/** By the part of the policy that is about its form; what nobody signed is not judged. */
async function judgeOne(
  attachment: Attachment,
  manifest: Uint8Array | undefined,
  policy: ArtifactPolicy,
): Promise<JudgedAttachment> {
  const kind = kindOf(attachment)
  const { about, from, layer, content } = attachment
  const name = `${from}, layer ${formatOciDigest(layer.digest)}`
  const artifact: KnownArtifact = { name: formatOciDigest(about), bytes: manifest, anchors: [anchorOf(about)] }
  switch (content.kind) {
    case 'bundle':
    case 'envelope': {
      if (content.kind === 'envelope' && content.legacy !== undefined)
        return judgeLegacy(attachment, name, content.legacy, { kind: 'envelope', bytes: content.bytes }, artifact, policy)
      const split = splitSignatures(name, content.bytes)
      const found = split === 'too-many' ? undefined : split[0]
      if (found === undefined) return { attachment, kind }
      const one = await judgeSignature(found, artifact, policy)
      return { attachment, kind, judged: one, expectedSigner: await expectedSigner(one, content.bytes, policy) }
    }
    case 'simplesigning': {
      const payload: KnownArtifact = { name: artifact.name, bytes: content.bytes, anchors: [] }
      return judgeLegacy(attachment, name, content.legacy, { kind: 'message', bytes: content.bytes }, payload, policy)
    }
    case 'unsigned-statement':
    case 'sbom':
    case 'notation':
    case 'other':
      return { attachment, kind }
  }
}

/** A signature of cosign before version 3: the same checks over another form, and the digest that its payload names. */
async function judgeLegacy(
  attachment: Attachment,
  name: string,
  legacy: LegacyMaterial,
  content: Exclude<LegacyContent, { kind: 'digest' }>,
  artifact: KnownArtifact,
  policy: ArtifactPolicy,
): Promise<JudgedAttachment> {
  const kind = kindOf(attachment)
  const converted = bundleOfLegacy(legacy, content)
  const bytes = converted.ok ? converted.bytes : content.bytes
  const found: FoundSignature = { file: name, from: name, form: 'sigstore-bundle', bytes }
  const shown = (one: JudgedSignature): JudgedSignature => ({ ...one, signature: { ...one.signature, form: 'cosign-legacy' } })
  const fulfils = policy.certificate === undefined ? 'key' : 'signer'
  if (!converted.ok) {
    const problems = [problem('trust/bundle-malformed', converted.why)]
    return { attachment, kind, judged: shown(judged(found, fulfils, { outcome: 'refused', problems })) }
  }
  const one = await judgeSignature(found, artifact, policy)
  const expected = await expectedSigner(one, bytes, policy)
  const named = content.kind === 'message' ? readSimpleSigning(content.bytes) : undefined
  const wrong =
    named === undefined
      ? undefined
      : !named.ok
        ? problem('trust/predicate-invalid', named.why)
        : named.digest === formatOciDigest(attachment.about)
          ? undefined
          : problem('trust/attestation-other-subject', `it is about ${named.digest}`)
  if (wrong === undefined || one.signature.outcome !== 'verified')
    return { attachment, kind, judged: shown(one), expectedSigner: expected }
  const refused = { ...one.signature, outcome: 'refused' as const, problems: [wrong, ...one.signature.problems] }
  return { attachment, kind, judged: shown({ ...one, signature: refused }) }
}

function anchorOf({ algorithm, hex }: OciDigest): KnownArtifact['anchors'][number] {
  return { of: 'artifact', algorithm, value: hex }
}

/** Checks that stand after the certificate: where one of them fails, the certificate was issued to that name. */
const AFTER_CERTIFICATE: ReadonlySet<string> = new Set(['log', 'signature', 'log-window', 'statement'])

/** Whether a refused signature names a signer whom the policy expects. */
async function expectedSigner(
  { signature }: JudgedSignature,
  bytes: Uint8Array,
  { certificate, keys }: ArtifactPolicy,
): Promise<JudgedAttachment['expectedSigner']> {
  if (signature.outcome !== 'refused') return undefined
  const read = readBundle(bytes)
  if (!read.ok) return undefined
  const failed = signature.checks.find(({ state }) => state === 'failed')?.name
  if (failed === undefined) return signature.signer === undefined ? undefined : 'certified'
  if (failed === 'subject' && signature.problems.some(({ reason }) => reason === 'trust/subject-conflict')) {
    const identityHolds = signature.checks.some(({ name, state }) => name === 'identity' && state === 'passed')
    return identityHolds ? 'certified' : undefined
  }
  // About something else, or by somebody else who is named: no sign of the expected signer.
  if (failed === 'subject' || failed === 'identity' || failed === 'artifact' || failed === 'bundle') return undefined
  if (read.bundle.signedBy === 'public-key') {
    const stated = bundleHint(read.bundle.json)
    const isOurs = keys.some(({ hint, name }) => stated === hint || stated === name)
    return isOurs && failed === 'signature' ? 'certified' : undefined
  }
  if (certificate === undefined) return undefined
  const { claimedCertificate } = await import('../../trust/sigstore/library.js')
  const raw = claimedCertificate(read.bundle)
  const identity = raw === undefined ? undefined : readCertificateIdentity(raw)
  if (identity === undefined || typeof identity === 'string' || judgeIdentity(identity, certificate).length > 0) return undefined
  return AFTER_CERTIFICATE.has(failed) ? 'certified' : 'claimed'
}

function bundleHint(json: JsonObject): string | undefined {
  const material = fieldOf(json, 'verificationMaterial')
  const key = isJsonObject(material) ? fieldOf(material, 'publicKey') : undefined
  const hint = isJsonObject(key) ? fieldOf(key, 'hint') : undefined
  return typeof hint === 'string' && hint !== '' ? hint : undefined
}

/** What an attachment is, or says it is before its signature is checked. */
function kindOf({ content }: Attachment): OciAttachmentKind {
  switch (content.kind) {
    case 'simplesigning':
    case 'notation':
      return 'signature'
    case 'bundle':
      return content.states === undefined ? 'signature' : PREDICATES[content.states]
    case 'envelope':
      return content.states === undefined ? 'other' : PREDICATES[content.states]
    case 'unsigned-statement':
      return PREDICATES[predicateKind(content.statement.predicateType)]
    case 'sbom':
      return 'sbom'
    case 'other':
      return 'other'
  }
}

const PREDICATES: Readonly<Record<PredicateKind, OciAttachmentKind>> = {
  provenance: 'provenance',
  'cosign-signature': 'signature',
  cyclonedx: 'sbom',
  spdx: 'sbom',
  vex: 'vex',
  'verification-summary': 'summary',
  // What a custom predicate holds, only its reader knows.
  'cosign-custom': 'other',
  vulnerabilities: 'other',
  scorecard: 'other',
  'test-result': 'other',
  release: 'other',
  link: 'other',
  properties: 'other',
  unknown: 'other',
}
