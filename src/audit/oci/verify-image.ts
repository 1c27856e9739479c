import type { Session } from '../../evidence/session.js'
import type { ArtifactProblem } from '../../model/artifact-report.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { OciArtifact, OciAttachment, OciDemand, OciReport } from '../../model/oci-report.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import type { OciContents, OciNote } from '../../trust/oci/contents.js'
import { isContradiction, noteReason } from '../../trust/oci/contents.js'
import { formatOciDigest } from '../../trust/oci/reference.js'
import type { OciFailure } from '../../trust/oci/source.js'
import { walkArtifact } from '../../trust/oci/walk.js'
import { sourceDemand } from '../artifact/demands.js'
import { oldEmbeddedRoot } from '../artifact/old-root.js'
import type { PolicyOptions } from '../artifact/policy.js'
import { hashContent } from './hash-content.js'
import { demandsOf } from './image-demands.js'
import { imagePolicy } from './image-policy.js'
import type { JudgedAttachment } from './judge-attachments.js'
import { judgeAttachments } from './judge-attachments.js'
import type { NamedArtifact } from './open-source.js'
import { openArtifact } from './open-source.js'
import { countsOf, isUnsignedProvenance, judgeIntegrity, levelOf } from './package-integrity.js'
import { ociProblem } from './reasons.js'

/** What `assay verify oci:…` is asked. */
export interface ImageRequest extends PolicyOptions {
  readonly named: NamedArtifact
  readonly trust: TrustSettings
  /** What passes only with warnings fails. */
  readonly strict: boolean
  /** Fetch configuration and layers too, and hash them. */
  readonly bytes: boolean
  readonly plainHttp: readonly string[]
  readonly timestamp: string
  /** Opened for a registry only. */
  readonly session: () => Promise<Session>
}

/**
 * The "package-integrity" check (spec/trust.md §4.7): digests, what is attached, signatures, provenance, identity, one
 * verdict. Throws `usage` where nobody is named who may have signed, `configuration` and `input-unreadable` for keys, roots,
 * and for an artifact that is not there.
 */
export async function verifyImage(request: ImageRequest): Promise<OciReport> {
  const { named, timestamp } = request
  const policy =
    named.kind === 'registry'
      ? await imagePolicy(request, request.trust, named.reference, (await request.session()).desk)
      : await imagePolicy(request, request.trust, undefined)
  if (policy === undefined)
    throw new AssayError(
      'usage',
      'nothing says who may have signed it, and anybody can sign anything',
      'Name the signer with --certificate-oidc-issuer and --certificate-identity, a key with --key, or add an identity with match = "oci://HOST/PATH" to [trust] of assay.toml.',
    )
  const opened = await openArtifact(named, request.session, request.plainHttp)
  const walked = opened.ok ? await walkArtifact(opened.value.source, opened.value.reference) : opened
  if (!opened.ok || !walked.ok) return withoutArtifact(request, walked)
  const hashed = request.bytes ? await hashContent(opened.value.source, walked.value) : undefined
  const { attachments, notJudged } = await judgeAttachments(walked.value, policy)
  const contents = withNotes(walked.value, [...(hashed?.notes ?? []), ...(notJudged === 0 ? [] : [tooMany(notJudged)])])
  const source = sourceOf(
    sourceDemand(
      policy.policy,
      attachments.flatMap(({ judged }) => judged ?? []),
    ),
  )
  const integrity = judgeIntegrity(contents, attachments, source)
  const unsigned = (kind: JudgedAttachment['kind']): number =>
    attachments.filter((one) => one.kind === kind && one.judged === undefined && UNSIGNED.has(one.attachment.content.kind)).length
  return {
    exitCode: exitCodeOf(integrity.outcome, integrity.provesNothing, request.strict),
    timestamp,
    outcome: integrity.outcome,
    reference: named.text,
    artifact: artifactOf(opened.value.source.name, contents, hashed?.bytes),
    demands: [...demandsOf(policy, contents, attachments), ...(source === undefined ? [] : [source])],
    signatures: countsOf(attachments, 'signature'),
    provenance: {
      ...countsOf(attachments, 'provenance'),
      unsigned: attachments.filter(isUnsignedProvenance).length,
      level: levelOf(contents, attachments),
    },
    sboms: { ...countsOf(attachments, 'sbom'), unsigned: unsigned('sbom') },
    attachments: attachments.map(shown),
    reasons: integrity.reasons,
    notes: [...integrity.notes, ...(policy.policy.embeddedRoot ? oldEmbeddedRoot(timestamp) : [])],
  }
}

function withNotes(contents: OciContents, notes: readonly OciNote[]): OciContents {
  return { ...contents, notes: [...contents.notes, ...notes] }
}

function tooMany(count: number): OciNote {
  return { weight: 'unknown', reason: 'trust/oci-too-many', why: `${count} more signatures are attached than are judged` }
}

const UNSIGNED: ReadonlySet<string> = new Set(['unsigned-statement', 'sbom'])

/**
 * 0 only where something is proven: statements that nobody signed are a warning, and no reason to go on. With `--strict`
 * what only warns fails.
 */
function exitCodeOf(outcome: OciReport['outcome'], provesNothing: boolean, strict: boolean): OciReport['exitCode'] {
  switch (outcome) {
    case 'pass':
      return 0
    case 'warn':
      return strict ? 1 : provesNothing ? 3 : 0
    case 'fail':
      return 1
    case 'unknown':
      return 3
  }
}

const NONE = { verified: 0, invalid: 0, otherSigner: 0, otherSubject: 0, undecided: 0 }

/** The artifact itself could not be had. Throws `input-unreadable` where it is not there or cannot be read. */
function withoutArtifact(
  request: ImageRequest,
  failure: { readonly ok: true } | ({ readonly ok: false } & OciFailure),
): OciReport {
  const { named, timestamp } = request
  const report = (outcome: 'fail' | 'unknown', reason: ArtifactProblem): OciReport => ({
    exitCode: outcome === 'fail' ? 1 : 3,
    timestamp,
    outcome,
    reference: named.text,
    demands: [],
    signatures: NONE,
    provenance: { ...NONE, unsigned: 0 },
    sboms: { ...NONE, unsigned: 0 },
    attachments: [],
    reasons: [reason],
    notes: [],
  })
  if (failure.ok || failure.kind === 'unavailable')
    return report('unknown', ociProblem('trust/oci-unavailable', failure.ok ? 'it was not read' : failure.why))
  if (failure.kind === 'refused' && isContradiction(noteReason(failure.reason)))
    return report('fail', ociProblem(noteReason(failure.reason), failure.why))
  throw new AssayError(
    'input-unreadable',
    escapeTerminal(`${named.text} cannot be read: ${failure.why}`),
    failure.kind === 'absent'
      ? 'Check the name, the tag or digest, and whether your credentials may see it.'
      : 'Ask whoever pushed it to push it again with a current tool.',
  )
}

function sourceOf(demands: ReturnType<typeof sourceDemand>): OciDemand | undefined {
  const [demand] = demands
  if (demand === undefined) return undefined
  const { wanted, outcome, by, problem: wrong } = demand
  return { kind: 'source', wanted, outcome: outcome === 'unreadable' ? 'undecided' : outcome, by, problem: wrong }
}

function artifactOf(source: string, contents: OciContents, hashedBytes: number | undefined): OciArtifact {
  const { digest, document, bytes, byTag, children, subject } = contents
  return {
    source,
    digest: formatOciDigest(digest),
    tag: byTag,
    mediaType: document.mediaType,
    artifactType: document.artifactType,
    size: bytes.length,
    parts: children.map(({ descriptor, role, held }) => ({
      digest: formatOciDigest(descriptor.digest),
      platform: descriptor.platform,
      role,
      held,
    })),
    subject: subject === undefined ? undefined : { digest: formatOciDigest(subject.descriptor.digest), state: subject.state },
    hashedBytes,
  }
}

function shown({ attachment, kind, judged }: JudgedAttachment): OciAttachment {
  const { about, from, artifactType, layer, content } = attachment
  return {
    about: formatOciDigest(about),
    from,
    kind,
    form: judged === undefined ? FORMS[content.kind] : formOf(judged.signature.form),
    artifactType,
    mediaType: layer.mediaType,
    digest: formatOciDigest(layer.digest),
    size: layer.size ?? 0,
    signature: judged?.signature,
    what: whatOf(content),
  }
}

const FORMS: Readonly<Record<JudgedAttachment['attachment']['content']['kind'], OciAttachment['form']>> = {
  bundle: 'sigstore-bundle',
  envelope: 'dsse-envelope',
  simplesigning: 'cosign-legacy',
  notation: 'notation',
  'unsigned-statement': 'unsigned-statement',
  sbom: 'document',
  other: 'unknown',
}

function formOf(form: NonNullable<JudgedAttachment['judged']>['signature']['form']): OciAttachment['form'] {
  return form === 'sigstore-bundle' || form === 'dsse-envelope' || form === 'cosign-legacy' ? form : 'unknown'
}

function whatOf(content: JudgedAttachment['attachment']['content']): string | undefined {
  switch (content.kind) {
    case 'sbom': {
      const { family, version, encoding } = content.format
      return [family === 'cyclonedx' ? 'CycloneDX' : 'SPDX', version, `(${encoding})`]
        .filter((part) => part !== undefined)
        .join(' ')
    }
    case 'unsigned-statement':
      return content.statement.predicateType
    case 'other':
      return content.why
    case 'bundle':
    case 'envelope':
    case 'simplesigning':
    case 'notation':
      return undefined
  }
}
