import { createHash } from 'node:crypto'
import { decodeBase64 } from '../base64.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'
import type { OciDigest } from './reference.js'
import { formatOciDigest, parseOciDigest } from './reference.js'

/** What points to content: kind, digest and size are all compared with what comes (image-spec descriptor.md). */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: OciDigest
  /** In bytes. Absent only in the `subject` of manifests that older tools wrote. */
  readonly size?: number | undefined
  readonly artifactType?: string | undefined
  readonly annotations: ReadonlyMap<string, string>
  /** `os/architecture[/variant]` that an index names for a child; as written, for people. */
  readonly platform?: string | undefined
  /** The content itself, base64; never believed before its digest agrees. */
  readonly data?: Uint8Array | undefined
}

export type OciDocument = OciManifest | OciIndex

export interface OciManifest {
  readonly kind: 'manifest'
  readonly mediaType: string
  /** As stated, or else the media type of the config (spec/trust.md §5.4). */
  readonly artifactType: string
  /** Absent in manifests of the old kind for artifacts. */
  readonly config?: Descriptor | undefined
  readonly layers: readonly Descriptor[]
  /** What it says it is about: a link by whoever pushed it, never evidence. */
  readonly subject?: Descriptor | undefined
  readonly annotations: ReadonlyMap<string, string>
}

export interface OciIndex {
  readonly kind: 'index'
  readonly mediaType: string
  readonly artifactType?: string | undefined
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor | undefined
  readonly annotations: ReadonlyMap<string, string>
}

export type OciRefusal =
  | 'trust/oci-digest-mismatch'
  | 'trust/oci-size-mismatch'
  | 'trust/oci-mediatype-mismatch'
  | 'trust/oci-malformed'

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: OciRefusal; readonly why: string }

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json'
/** What some tools attached before version 1.1 of the specification was done without it: read, never written. */
const OLD_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'
/** What to ask for: a registry answers 404 for a kind that is not asked for. */
export const ACCEPTED_MANIFESTS: readonly string[] = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_INDEX, OLD_ARTIFACT]
export const EMPTY_CONFIG = 'application/vnd.oci.empty.v1+json'

export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024
const MAX_CHILDREN = 1000
const MAX_DEPTH = 16

/** What reading a manifest may bring, by what its descriptor says: one that says too much is refused unread. */
export function bytesToRead({ size = 0 }: Descriptor): number {
  return size > MAX_MANIFEST_BYTES ? 0 : size
}

/** What is known of a document before it is read. */
export interface ExpectedContent {
  readonly digest?: OciDigest | undefined
  readonly size?: number | undefined
  readonly mediaType?: string | undefined
}

/** Compares received bytes with what pointed to them: size first, then the hash of the very bytes (spec/trust.md §5.2). */
export function checkContent(bytes: Uint8Array, expected: ExpectedContent): Checked<OciDigest> {
  if (expected.size !== undefined && bytes.length !== expected.size) {
    return refused('trust/oci-size-mismatch', `it has ${bytes.length} bytes, its descriptor says ${expected.size}`)
  }
  const algorithm = expected.digest?.algorithm ?? 'sha256'
  const digest: OciDigest = { algorithm, hex: createHash(algorithm).update(bytes).digest('hex') }
  if (expected.digest !== undefined && digest.hex !== expected.digest.hex) {
    return refused(
      'trust/oci-digest-mismatch',
      `its bytes are ${formatOciDigest(digest)}, asked for was ${formatOciDigest(expected.digest)}`,
    )
  }
  return { ok: true, value: digest }
}

/** A verified manifest or index, with the digest of the bytes it was read from. */
export interface VerifiedDocument {
  readonly document: OciDocument
  readonly digest: OciDigest
}

/**
 * Reads a manifest or index from its bytes, after comparing them with what pointed to them. `contentType` is the header
 * of the answer; what it, the descriptor and the document say must be one type.
 */
export function readDocument(bytes: Uint8Array, expected: ExpectedContent, contentType?: string): Checked<VerifiedDocument> {
  if (bytes.length > MAX_MANIFEST_BYTES) return refused('trust/oci-malformed', `it is longer than ${MAX_MANIFEST_BYTES} bytes`)
  const content = checkContent(bytes, expected)
  if (!content.ok) return content
  const json = parseStrictJson(bytes, { maxBytes: MAX_MANIFEST_BYTES, maxDepth: MAX_DEPTH })
  if (!json.ok) return refused('trust/oci-malformed', `it cannot be read: ${json.why}`)
  if (!isJsonObject(json.value)) return refused('trust/oci-malformed', 'it is no JSON object')
  const stated = textOf(json.value, 'mediaType')
  const header = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  const types = [stated, header, expected.mediaType].filter((type) => type !== undefined)
  const [mediaType] = types
  if (mediaType === undefined) return refused('trust/oci-malformed', 'neither it nor what points to it names its media type')
  if (types.some((type) => type !== mediaType))
    return refused('trust/oci-mediatype-mismatch', `document, answer and descriptor name ${types.join(', ')}`)
  const document = parseDocument(json.value, mediaType)
  return typeof document === 'string'
    ? refused('trust/oci-malformed', document)
    : { ok: true, value: { document, digest: content.value } }
}

function parseDocument(json: JsonObject, mediaType: string): OciDocument | string {
  const isIndex = mediaType === OCI_INDEX || mediaType === DOCKER_INDEX
  const isOld = mediaType === OLD_ARTIFACT
  if (!isIndex && !isOld && mediaType !== OCI_MANIFEST && mediaType !== DOCKER_MANIFEST)
    return `${mediaType} is no manifest that is supported`
  // A document that could be read as either would be one thing to us and another to whoever runs it.
  const both = isIndex ? ['config', 'layers'] : isOld ? ['config', 'layers', 'manifests'] : ['manifests']
  if (both.some((name) => fieldOf(json, name) !== undefined)) return 'it is a manifest and an index at once'
  const annotations = annotationsOf(json)
  const subject = subjectOf(json)
  if (annotations === undefined) return 'its annotations are malformed'
  if (subject === 'malformed') return 'its subject is malformed'
  const artifactType = textOf(json, 'artifactType')
  if (isIndex) {
    const manifests = descriptorsOf(json, 'manifests')
    if (manifests === undefined) return `its manifests are not at most ${MAX_CHILDREN} descriptors`
    return { kind: 'index', mediaType, artifactType, manifests, subject, annotations }
  }
  if (isOld) {
    const layers = fieldOf(json, 'blobs') === undefined ? [] : descriptorsOf(json, 'blobs')
    if (layers === undefined) return `its blobs are not at most ${MAX_CHILDREN} descriptors`
    return artifactType === undefined
      ? 'it has no artifact type'
      : { kind: 'manifest', mediaType, artifactType, layers, subject, annotations }
  }
  const config = descriptorOf(fieldOf(json, 'config'))
  const layers = descriptorsOf(json, 'layers')
  if (config?.size === undefined) return 'its config is no descriptor'
  if (layers === undefined) return `its layers are not at most ${MAX_CHILDREN} descriptors`
  if (config.mediaType === EMPTY_CONFIG && artifactType === undefined) return 'it has an empty config and no artifact type'
  return { kind: 'manifest', mediaType, artifactType: artifactType ?? config.mediaType, config, layers, subject, annotations }
}

function descriptorsOf(json: JsonObject, name: string): Descriptor[] | undefined {
  const list = fieldOf(json, name)
  if (!Array.isArray(list) || list.length > MAX_CHILDREN) return undefined
  const descriptors: Descriptor[] = []
  for (const each of list) {
    const descriptor = descriptorOf(each)
    if (descriptor?.size === undefined) return undefined
    descriptors.push(descriptor)
  }
  return descriptors
}

function subjectOf(json: JsonObject): Descriptor | undefined | 'malformed' {
  const subject = fieldOf(json, 'subject')
  return subject === undefined || subject === null ? undefined : (descriptorOf(subject) ?? 'malformed')
}

function descriptorOf(value: unknown): Descriptor | undefined {
  if (!isJsonObject(value)) return undefined
  const mediaType = textOf(value, 'mediaType')
  const digest = parseOciDigest(textOf(value, 'digest') ?? '')
  const size = fieldOf(value, 'size')
  const annotations = annotationsOf(value)
  if (mediaType === undefined || digest === undefined || annotations === undefined) return undefined
  if (size !== undefined && (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)) return undefined
  const encoded = textOf(value, 'data')
  const data = encoded === undefined ? undefined : decodeBase64(encoded)
  if (encoded !== undefined && data === undefined) return undefined
  const artifactType = textOf(value, 'artifactType')
  return { mediaType, digest, size, artifactType, annotations, platform: platformOf(value), data }
}

function platformOf(json: JsonObject): string | undefined {
  const platform = fieldOf(json, 'platform')
  if (!isJsonObject(platform)) return undefined
  const parts = ['os', 'architecture', 'variant'].flatMap((name) => textOf(platform, name) ?? [])
  return parts.length === 0 ? undefined : parts.join('/')
}

function annotationsOf(json: JsonObject): ReadonlyMap<string, string> | undefined {
  const value = fieldOf(json, 'annotations') ?? {}
  if (!isJsonObject(value)) return undefined
  const annotations = new Map<string, string>()
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') return undefined
    annotations.set(name, text)
  }
  return annotations
}

function textOf(object: JsonObject, name: string): string | undefined {
  const value = fieldOf(object, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function refused(reason: OciRefusal, why: string): { ok: false; reason: OciRefusal; why: string } {
  return { ok: false, reason, why }
}
