import { isUtf8 } from 'node:buffer'
import { decodeAnyBase64 } from '../base64.js'
import type { PredicateKind } from '../predicate-kind.js'
import { predicateKind } from '../predicate-kind.js'
import type { LegacyMaterial } from '../sigstore/legacy-bundle.js'
import type { Statement } from '../statement.js'
import { parseStatement } from '../statement.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'
import { isLegacyLayer, legacyMaterialOf } from './legacy-layer.js'
import type { Descriptor } from './manifest.js'
import type { OciDigest } from './reference.js'

/** Something that is attached to an artifact. Nothing in it is verified, except that its bytes have their digest. */
export interface Attachment {
  /** The digest that whoever attached it links it to. */
  readonly about: OciDigest
  /** For people: how it was found, and the digest of its manifest. */
  readonly from: string
  /** As the manifest states: a hint. */
  readonly artifactType: string
  readonly layer: Descriptor
  readonly content: AttachmentContent
}

/** What an attachment is by its bytes (spec/trust.md §4.7 step 5). */
export type AttachmentContent =
  /** A sigstore bundle; `states` is the kind of statement it carries, undefined for a signature over bytes. */
  | { readonly kind: 'bundle'; readonly bytes: Uint8Array; readonly states?: PredicateKind | undefined }
  /** The payload that cosign signed before version 3, with its signature. */
  | { readonly kind: 'simplesigning'; readonly bytes: Uint8Array; readonly legacy: LegacyMaterial }
  /** A DSSE envelope without a bundle around it; `legacy` where cosign before version 3 put the certificate beside it. */
  | {
      readonly kind: 'envelope'
      readonly bytes: Uint8Array
      readonly states?: PredicateKind | undefined
      readonly legacy?: LegacyMaterial | undefined
    }
  /** A statement that nobody signed, as BuildKit writes it. */
  | { readonly kind: 'unsigned-statement'; readonly statement: Statement }
  | { readonly kind: 'sbom'; readonly bytes: Uint8Array; readonly format: SbomFormat }
  | { readonly kind: 'notation' }
  /** Known to nobody here, or not read. */
  | { readonly kind: 'other'; readonly why?: string | undefined }

export interface SbomFormat {
  readonly family: 'cyclonedx' | 'spdx'
  readonly encoding: 'json' | 'xml' | 'tag-value'
  /** As written, e.g. `1.6`; absent where only a reader of that encoding could tell. */
  readonly version?: string | undefined
}

const NOTATION = 'application/vnd.cncf.notary.signature'
const SBOM_DEPTH = 128
/** Parts of a file system: never read for what is attached. */
const IMAGE_LAYER = /^application\/vnd\.(?:oci\.image\.layer|docker\.image\.rootfs)\./

/** What is known of an attachment without its bytes; undefined where they must be read. */
export function contentWithoutBytes(artifactType: string, layer: Descriptor): AttachmentContent | undefined {
  if (artifactType === NOTATION) return { kind: 'notation' }
  return IMAGE_LAYER.test(layer.mediaType) ? { kind: 'other', why: 'it is a part of a file system' } : undefined
}

/** What the bytes of a layer are. Its media type and annotations decide nothing, but cosign before version 3 kept signatures in them. */
export function classifyLayer(bytes: Uint8Array, layer: Descriptor): AttachmentContent {
  const json = parseStrictJson(bytes, { maxBytes: bytes.length, maxDepth: SBOM_DEPTH })
  if (!json.ok) return textSbom(bytes) ?? { kind: 'other', why: json.why }
  if (!isJsonObject(json.value)) return { kind: 'other' }
  const { value } = json
  const envelope = fieldOf(value, 'dsseEnvelope')
  if (fieldOf(value, 'verificationMaterial') !== undefined)
    return { kind: 'bundle', bytes, states: isJsonObject(envelope) ? stated(envelope) : undefined }
  if (fieldOf(value, 'payloadType') !== undefined && fieldOf(value, 'signatures') !== undefined)
    return { kind: 'envelope', bytes, states: stated(value), legacy: isLegacyLayer(layer) ? legacyMaterialOf(layer) : undefined }
  if (isSimpleSigning(value)) return { kind: 'simplesigning', bytes, legacy: legacyMaterialOf(layer) }
  const format = jsonSbom(value)
  if (format !== undefined) return { kind: 'sbom', bytes, format }
  const statement = fieldOf(value, 'predicateType') === undefined ? undefined : parseStatement(bytes)
  return statement?.ok === true
    ? { kind: 'unsigned-statement', statement: statement.statement }
    : { kind: 'other', why: statement?.why }
}

/** The kind of a statement in an envelope, before anything of it is verified: for showing what was refused. */
function stated(envelope: JsonObject): PredicateKind {
  const statement = statementOf(envelope)
  return statement === undefined ? 'unknown' : predicateKind(statement.predicateType)
}

/** The statement in a bundle or envelope, as whoever wrote it: nothing of it is verified. */
export function statementIn({
  bytes,
}: Extract<AttachmentContent, { readonly kind: 'bundle' | 'envelope' }>): Statement | undefined {
  const json = parseStrictJson(bytes)
  if (!json.ok || !isJsonObject(json.value)) return undefined
  const envelope = fieldOf(json.value, 'dsseEnvelope') ?? json.value
  return isJsonObject(envelope) ? statementOf(envelope) : undefined
}

function statementOf(envelope: JsonObject): Statement | undefined {
  const encoded = fieldOf(envelope, 'payload')
  const payload = typeof encoded === 'string' ? decodeAnyBase64(encoded) : undefined
  const statement = payload === undefined ? undefined : parseStatement(payload)
  return statement?.ok === true ? statement.statement : undefined
}

function isSimpleSigning(json: JsonObject): boolean {
  const critical = fieldOf(json, 'critical')
  return isJsonObject(critical) && isJsonObject(fieldOf(critical, 'image'))
}

/** The format of an SBOM in JSON; undefined for anything else. */
export function jsonSbom(json: JsonObject): SbomFormat | undefined {
  const text = (name: string): string | undefined => {
    const value = fieldOf(json, name)
    return typeof value === 'string' ? value : undefined
  }
  if (text('bomFormat') === 'CycloneDX') return { family: 'cyclonedx', encoding: 'json', version: text('specVersion') }
  const spdx = text('spdxVersion')
  if (spdx?.startsWith('SPDX-') === true) return { family: 'spdx', encoding: 'json', version: spdx.slice('SPDX-'.length) }
  // SPDX 3 is JSON-LD; its context names the version.
  const [, version] = /^https:\/\/spdx\.org\/rdf\/(3\.\d+(?:\.\d+)?)\//.exec(text('@context') ?? '') ?? []
  return version === undefined ? undefined : { family: 'spdx', encoding: 'json', version }
}

/** What no XML and no tag-value document holds, and a terminal may obey. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d
}

/** How far into a text its kind must show. */
const SNIFFED = 4096

/** Whoever attaches SBOMs often labels XML and JSON alike: the content tells. */
function textSbom(bytes: Uint8Array): AttachmentContent | undefined {
  if (!isUtf8(bytes) || bytes.some(isControl)) return undefined
  const start = Buffer.from(bytes.subarray(0, SNIFFED)).toString('utf8')
  const [, cyclonedx] = /<(?:\w+:)?bom\s[^>]*http:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)/.exec(start) ?? []
  if (cyclonedx !== undefined)
    return { kind: 'sbom', bytes, format: { family: 'cyclonedx', encoding: 'xml', version: cyclonedx } }
  const [, tagValue] = /^(?:\uFEFF)?(?:#[^\n]*\n)*SPDXVersion:\s*SPDX-(\d+\.\d+)/.exec(start) ?? []
  if (tagValue !== undefined) return { kind: 'sbom', bytes, format: { family: 'spdx', encoding: 'tag-value', version: tagValue } }
  return /^\s*</.test(start) && start.includes('http://spdx.org/rdf/terms#')
    ? { kind: 'sbom', bytes, format: { family: 'spdx', encoding: 'xml' } }
    : undefined
}
