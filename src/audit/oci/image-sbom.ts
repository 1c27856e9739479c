import type { Session } from '../../evidence/session.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import type { SbomFormat } from '../../trust/oci/attachment.js'
import { jsonSbom, statementIn } from '../../trust/oci/attachment.js'
import type { OciContents } from '../../trust/oci/contents.js'
import { formatOciDigest } from '../../trust/oci/reference.js'
import { walkArtifact } from '../../trust/oci/walk.js'
import { SBOM_LIMITS } from '../../trust/sbom-subject.js'
import type { JsonObject } from '../../trust/strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../../trust/strict-json.js'
import type { PolicyOptions } from '../artifact/policy.js'
import type { ImagePolicy } from './image-policy.js'
import { imagePolicy } from './image-policy.js'
import type { JudgedAttachment } from './judge-attachments.js'
import { judgeAttachments } from './judge-attachments.js'
import type { NamedArtifact } from './open-source.js'
import { openArtifact } from './open-source.js'

export interface ImageSbomRequest extends PolicyOptions {
  readonly named: NamedArtifact
  readonly trust: TrustSettings
  /** `cyclonedx` or `spdx`, also with a version, e.g. `cyclonedx-1.6`; undefined: any. */
  readonly format: string | undefined
  readonly plainHttp: readonly string[]
  readonly session: () => Promise<Session>
}

/** An SBOM that is attached to an artifact. */
export interface ImageSbom {
  readonly text: string
  readonly format: string
  /** What it is about: the artifact itself, or a part of an index. */
  readonly about: string
  readonly from: string
  /** Attested under the policy; else what a person must know before using it. */
  readonly verified: boolean
  readonly notice?: string | undefined
  /** 3 where somebody was named who must have signed, and nothing by them was found. */
  readonly exitCode: 0 | 3
}

interface Candidate {
  readonly one: JudgedAttachment
  readonly format: SbomFormat
  readonly text: string
  readonly verified: boolean
}

/**
 * The SBOM of an artifact that is attested and verified under the policy, else one that nobody signed, which is said.
 * One whose attestation was refused is never given. Throws `input-unreadable` where there is none, with what was found.
 */
export async function imageSbom(request: ImageSbomRequest): Promise<ImageSbom> {
  const { named, format } = request
  const wanted = wantedFormat(format)
  const policy =
    named.kind === 'registry'
      ? await imagePolicy(request, request.trust, named.reference, (await request.session()).desk)
      : await imagePolicy(request, request.trust, undefined)
  const opened = await openArtifact(named, request.session, request.plainHttp)
  const walked = opened.ok ? await walkArtifact(opened.value.source, opened.value.reference) : opened
  if (!walked.ok)
    throw new AssayError(
      walked.kind === 'unavailable' ? 'unavailable' : 'input-unreadable',
      escapeTerminal(`${named.text} cannot be read: ${walked.why}`),
      'Check the name and your credentials for the registry, or give an evidence pack with --evidence.',
    )
  const contents = walked.value
  const { attachments } = await judgeAttachments(contents, policy ?? NOBODY)
  const own = formatOciDigest(contents.digest)
  const candidates = attachments.flatMap(candidateOf).filter(({ format: found }) => wanted === undefined || wanted(found))
  // What is attested first, then what is about the whole.
  const [best] = candidates
    .map((candidate) => ({ candidate, about: formatOciDigest(candidate.one.attachment.about) }))
    .sort(
      (a, b) => Number(b.candidate.verified) - Number(a.candidate.verified) || Number(b.about === own) - Number(a.about === own),
    )
  if (best === undefined)
    throw noSbom(
      request,
      attachments,
      contents.notes.some(({ weight }) => weight === 'unknown'),
    )
  const { candidate, about } = best
  const { verified, one } = candidate
  const notices = [...(verified ? [] : [noticeOf(policy)]), ...(about === own ? [] : [partNotice(contents, about)])]
  return {
    text: candidate.text,
    format: formatName(candidate.format),
    about,
    from: one.attachment.from,
    verified,
    notice: notices.length === 0 ? undefined : notices.join('; '),
    exitCode: verified || policy === undefined ? 0 : 3,
  }
}

/** Two platforms of one index need not be made of the same. */
function partNotice({ children }: OciContents, about: string): string {
  const part = children.find(({ descriptor }) => formatOciDigest(descriptor.digest) === about)
  const images = children.filter(({ role }) => role === 'image')
  const name = [part?.descriptor.platform, about].filter((each) => each !== undefined).join(' ')
  return `this SBOM is about one of its ${images.length} parts alone: ${name}`
}

function noticeOf(policy: ImagePolicy | undefined): string {
  return policy === undefined
    ? 'nobody vouches for this SBOM: nothing says who may have signed it (--certificate-identity, --key, [trust] of assay.toml)'
    : 'nobody vouches for this SBOM: no attestation of one is by whom you named; whoever can push to the registry can have written it'
}

/** Judges nothing. */
const NOBODY: ImagePolicy = { policy: { keys: [], minisignKeys: [], roots: [], embeddedRoot: false } }

function candidateOf(one: JudgedAttachment): Candidate[] {
  const { content } = one.attachment
  if (content.kind === 'sbom')
    return [{ one, format: content.format, text: Buffer.from(content.bytes).toString('utf8'), verified: false }]
  const outcome = one.judged?.signature.outcome
  if (outcome === 'verified') return documentIn(one, one.judged?.sbom, true)
  if (content.kind === 'unsigned-statement') return documentIn(one, content.statement.predicate, false)
  // Where nobody is named, an attestation is what anybody could have written; one that was refused is nothing.
  if (outcome !== 'not-judged' || one.kind !== 'sbom' || (content.kind !== 'bundle' && content.kind !== 'envelope')) return []
  return documentIn(one, statementIn(content)?.predicate, false)
}

function documentIn(one: JudgedAttachment, predicate: JsonObject | undefined, verified: boolean): Candidate[] {
  const document = predicate === undefined ? undefined : unwrapped(predicate)
  const format = document === undefined ? undefined : jsonSbom(document)
  return document === undefined || format === undefined ? [] : [{ one, format, text: pretty(document), verified }]
}

/** Old cosign wrapped documents in `Data`, sometimes as a text (spec/trust.md §4.6). */
function unwrapped(predicate: JsonObject): JsonObject | undefined {
  const data = fieldOf(predicate, 'Data')
  if (data === undefined) return predicate
  const parsed = typeof data === 'string' ? parseStrictJson(Buffer.from(data), SBOM_LIMITS) : { ok: true as const, value: data }
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined
}

function pretty(document: JsonObject): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function formatName({ family, version, encoding }: SbomFormat): string {
  const name = family === 'cyclonedx' ? 'CycloneDX' : 'SPDX'
  return `${version === undefined ? name : `${name} ${version}`} (${encoding})`
}

/** Throws `usage` for a format that no SBOM has. */
function wantedFormat(format: string | undefined): ((found: SbomFormat) => boolean) | undefined {
  if (format === undefined) return undefined
  const [, family, version, encoding] = /^(cyclonedx|spdx)(?:-(\d+\.\d+))?(?:-(json|xml|tag-value))?$/.exec(format) ?? []
  if (family === undefined)
    throw new AssayError(
      'usage',
      escapeTerminal(`${format} is no format of an attached SBOM`),
      'Use cyclonedx or spdx, e.g. cyclonedx-1.6-json.',
    )
  return (found) =>
    found.family === family &&
    (version === undefined || found.version === version || found.version?.startsWith(`${version}.`) === true) &&
    (encoding === undefined || found.encoding === encoding)
}

function noSbom({ named, format }: ImageSbomRequest, attachments: readonly JudgedAttachment[], more: boolean): AssayError {
  const found = attachments.map(describe)
  const shown = [...new Set(found)].slice(0, 10)
  const what = shown.length === 0 ? 'nothing is attached' : `attached are: ${shown.join('; ')}`
  const why = `${named.text} has no SBOM${format === undefined ? '' : ` in ${format}`} that can be given: ${what}${more ? '; not everything could be read' : ''}`
  return new AssayError(
    'input-unreadable',
    escapeTerminal(why),
    'Attach one in the release job, e.g. with actions/attest-sbom or `cosign attest --type cyclonedx`.',
  )
}

function describe({ kind, judged, attachment: { content, artifactType } }: JudgedAttachment): string {
  if (content.kind === 'sbom') return `${formatName(content.format)}, unsigned`
  const reason = judged?.signature.problems[0]?.reason
  return `${kind === 'other' ? artifactType : kind}${reason === undefined ? '' : ` (${reason})`}`
}
