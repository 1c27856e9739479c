import type { FileBytes, SourceTree } from '../../model/tree.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'
import type { Checked, Descriptor, OciIndex, VerifiedDocument } from './manifest.js'
import { checkContent, MAX_MANIFEST_BYTES, OCI_INDEX, readDocument } from './manifest.js'
import type { OciDigest, OciReference } from './reference.js'
import { formatOciDigest, parseOciDigest, referrersTag } from './reference.js'
import type { ListedReferrers, OciFailure, OciRead, OciSource } from './source.js'

/** What of a layout folder is meant: without tag and digest, the one thing that is in it. */
export interface LayoutReference {
  readonly folder: string
  readonly tag?: string | undefined
  readonly digest?: OciDigest | undefined
}

export type ParsedLayoutReference =
  | { readonly ok: true; readonly reference: LayoutReference }
  | { readonly ok: false; readonly why: string }

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** Reads `FOLDER[:TAG][@DIGEST]`. A colon is that of a tag only after the last separator of folders. */
export function parseLayoutReference(text: string): ParsedLayoutReference {
  const at = text.lastIndexOf('@')
  const digest = at < 0 ? undefined : parseOciDigest(text.slice(at + 1))
  if (at >= 0 && digest === undefined && /^[a-z0-9+._-]+:/.test(text.slice(at + 1)))
    return { ok: false, why: 'the digest is not sha256 with 64 or sha512 with 128 lower-case hexadecimal digits' }
  const rest = digest === undefined ? text : text.slice(0, at)
  const colon = rest.lastIndexOf(':')
  const isDrive = colon === 1 && /^[A-Za-z]$/.test(rest.slice(0, 1))
  const tag = colon > Math.max(rest.lastIndexOf('/'), rest.lastIndexOf('\\')) && !isDrive ? rest.slice(colon + 1) : undefined
  if (tag !== undefined && !TAG.test(tag))
    return { ok: false, why: 'the tag is not 1 to 128 letters, digits, dots, dashes or underscores' }
  const folder = tag === undefined ? rest : rest.slice(0, colon)
  return folder === '' ? { ok: false, why: 'no folder is named' } : { ok: true, reference: { folder, tag, digest } }
}

/** A folder of an OCI image layout (image-spec image-layout.md), opened. */
export interface OciLayout extends OciSource {
  /** What is meant without a tag or digest: the only entry of the index that is about nothing else. */
  only(): Promise<OciRead<Pick<OciReference, 'digest'>>>
}

const REF_NAME = 'org.opencontainers.image.ref.name'
/** What `cosign save` writes instead of a tag; values as it spells them. */
const COSIGN_KIND = 'kind'
const COSIGN_KINDS: ReadonlyMap<string, string> = new Map([
  ['.sig', 'dev.cosignproject.cosign/sigs'],
  ['.att', 'dev.cosignproject.cosign/atts'],
])
/** Manifests that are read to see what they are about, together. */
const MAX_LISTED_BYTES = 64 * 1024 * 1024
const TOO_MUCH = `index.json lists more than ${MAX_LISTED_BYTES} bytes of manifests`
const MAX_LAYOUT_FILE_BYTES = 4096

interface LayoutEntry {
  readonly entry: Descriptor
  readonly held: boolean
  readonly subject?: Descriptor | undefined
}

/** Opens a layout. The tree keeps links inside; what comes is compared with its digest like a registry's answer. */
export async function openLayout(tree: SourceTree): Promise<OciRead<OciLayout>> {
  const marker = await readFile(tree, 'oci-layout', MAX_LAYOUT_FILE_BYTES)
  if (!marker.ok)
    return marker.kind === 'absent'
      ? { ok: false, kind: 'absent', why: `${tree.label} is no OCI image layout: it holds no file oci-layout` }
      : marker
  const version = layoutVersion(marker.value)
  if (version === undefined) return refused('trust/oci-malformed', 'the file oci-layout names no version that is known (1.x)')
  const index = await readFile(tree, 'index.json', MAX_MANIFEST_BYTES)
  if (!index.ok) return index
  // Its media type may be left out; anything but an index is none.
  const read = readDocument(index.value, { mediaType: OCI_INDEX })
  if (!read.ok) return refused(read.reason, `index.json: ${read.why}`)
  if (read.value.document.kind !== 'index') return refused('trust/oci-malformed', 'index.json is no index')
  return { ok: true, value: new Layout(tree, read.value.document) }
}

function layoutVersion(bytes: Uint8Array): string | undefined {
  const json = parseStrictJson(bytes)
  const version = json.ok && isJsonObject(json.value) ? fieldOf(json.value, 'imageLayoutVersion') : undefined
  return typeof version === 'string' && /^1\.\d{1,3}\.\d{1,3}$/.test(version) ? version : undefined
}

class Layout implements OciLayout {
  #entries: Promise<readonly LayoutEntry[] | undefined> | undefined
  readonly #documents = new Map<string, Promise<OciRead<VerifiedDocument & { readonly bytes: Uint8Array }>>>()

  constructor(
    readonly tree: SourceTree,
    readonly index: OciIndex,
  ) {}

  get name(): string {
    return this.tree.label
  }

  async document(
    { tag, digest }: Pick<OciReference, 'tag' | 'digest'>,
    expected?: Descriptor,
  ): Promise<OciRead<VerifiedDocument & { readonly bytes: Uint8Array }>> {
    if (digest !== undefined) return this.#byDigest(digest, expected ?? this.index.manifests.find((one) => isOf(one, digest)))
    const named = this.#tagged(tag ?? 'latest')
    const [first, ...others] = named
    if (first === undefined) return { ok: false, kind: 'absent', why: `nothing in ${this.name} has the tag ${tag ?? 'latest'}` }
    if (others.some((other) => !isOf(other, first.digest)))
      return refused('trust/oci-malformed', `${named.length} entries of index.json have the tag ${tag ?? 'latest'}`)
    return this.#byDigest(first.digest, first)
  }

  async blob(descriptor: Descriptor, limitBytes: number): Promise<OciRead<Uint8Array>> {
    const { digest, size, data } = descriptor
    if (size !== undefined && size > limitBytes)
      return refused('trust/oci-too-large', `it has ${size} bytes, at most ${limitBytes} are read`)
    if (data !== undefined && data.length <= limitBytes && checkContent(data, descriptor).ok) return { ok: true, value: data }
    const bytes = await this.#read(digest, size, limitBytes)
    if (!(bytes instanceof Uint8Array)) return bytes
    const checked = checkContent(bytes, descriptor)
    return checked.ok ? { ok: true, value: bytes } : refused(checked.reason, checked.why)
  }

  async referrers(digest: OciDigest): Promise<OciRead<ListedReferrers>> {
    const descriptors: Descriptor[] = []
    const notes: string[] = []
    const entries = await (this.#entries ??= this.#readEntries())
    if (entries === undefined) return { ok: false, kind: 'unavailable', why: TOO_MUCH }
    for (const { entry, subject, held } of entries) {
      // What cannot be read may be about it: whoever reads the list will say so.
      if (!isOf(entry, digest) && (!held || (subject !== undefined && isOf(subject, digest)))) descriptors.push(entry)
    }
    const tag = referrersTag(digest)
    const listed = this.#tagged(tag).length === 0 ? undefined : await this.document({ tag })
    if (listed?.ok === true && listed.value.document.kind === 'index') {
      const known = new Set(descriptors.map((one) => formatOciDigest(one.digest)))
      descriptors.push(...listed.value.document.manifests.filter((one) => !known.has(formatOciDigest(one.digest))))
    } else if (listed !== undefined)
      notes.push(`what has the tag ${tag} is no list of referrers${listed.ok ? '' : `: ${listed.why}`}`)
    return { ok: true, value: { descriptors, from: 'layout', notes } }
  }

  async only(): Promise<OciRead<Pick<OciReference, 'digest'>>> {
    const digests = new Map<string, OciDigest>()
    const entries = await (this.#entries ??= this.#readEntries())
    if (entries === undefined) return { ok: false, kind: 'unavailable', why: TOO_MUCH }
    for (const { entry, subject } of entries) {
      if (subject === undefined && !isAttachment(entry)) digests.set(formatOciDigest(entry.digest), entry.digest)
    }
    const [digest] = digests.values()
    if (digest !== undefined && digests.size === 1) return { ok: true, value: { digest } }
    const tags = [...new Set(this.index.manifests.flatMap((entry) => entry.annotations.get(REF_NAME) ?? []))].slice(0, 5)
    const named = tags.length === 0 ? '' : `; tags: ${tags.join(', ')}`
    return {
      ok: false,
      kind: 'absent',
      why:
        digests.size === 0
          ? `${this.name} holds nothing`
          : `${this.name} holds ${digests.size} artifacts, and none is named${named}`,
    }
  }

  /** The entries of the index with what they say they are about; undefined where that is too much to read. */
  async #readEntries(): Promise<readonly LayoutEntry[] | undefined> {
    const total = this.index.manifests.reduce((sum, { size = 0 }) => sum + size, 0)
    if (total > MAX_LISTED_BYTES) return undefined
    const entries: LayoutEntry[] = []
    for (const entry of this.index.manifests) {
      const read = await this.document({ digest: entry.digest }, entry)
      entries.push({ entry, held: read.ok, subject: read.ok ? read.value.document.subject : undefined })
    }
    return entries
  }

  #tagged(tag: string): readonly Descriptor[] {
    const named = this.index.manifests.filter(({ annotations }) => {
      const name = annotations.get(REF_NAME)
      return name === tag || name?.endsWith(`:${tag}`) === true
    })
    const kind = COSIGN_KINDS.get(tag.slice(-'.sig'.length))
    return named.length > 0 || kind === undefined
      ? named
      : this.index.manifests.filter(({ annotations }) => annotations.get(COSIGN_KIND) === kind).slice(0, 1)
  }

  async #byDigest(
    digest: OciDigest,
    expected: Descriptor | undefined,
  ): Promise<OciRead<VerifiedDocument & { readonly bytes: Uint8Array }>> {
    const key = `${formatOciDigest(digest)} ${expected?.size ?? ''} ${expected?.mediaType ?? ''}`
    const known = this.#documents.get(key) ?? this.#readDocument(digest, expected)
    this.#documents.set(key, known)
    return known
  }

  async #readDocument(
    digest: OciDigest,
    expected: Descriptor | undefined,
  ): Promise<OciRead<VerifiedDocument & { readonly bytes: Uint8Array }>> {
    const bytes = await this.#read(digest, expected?.size, MAX_MANIFEST_BYTES)
    if (!(bytes instanceof Uint8Array)) return bytes
    const read: Checked<VerifiedDocument> = readDocument(bytes, { digest, size: expected?.size, mediaType: expected?.mediaType })
    return read.ok ? { ok: true, value: { ...read.value, bytes } } : refused(read.reason, read.why)
  }

  async #read(digest: OciDigest, size: number | undefined, limit: number): Promise<Uint8Array | ({ ok: false } & OciFailure)> {
    const read = await readFile(this.tree, `blobs/${digest.algorithm}/${digest.hex}`, Math.min(size ?? limit, limit))
    if (read.ok) return read.value
    if (read.kind === 'refused' && read.reason === 'trust/oci-too-large' && size !== undefined && size <= limit)
      return refused('trust/oci-size-mismatch', `it is longer than the ${size} bytes that its descriptor says`)
    return read
  }
}

function isOf(descriptor: Descriptor, digest: OciDigest): boolean {
  return descriptor.digest.algorithm === digest.algorithm && descriptor.digest.hex === digest.hex
}

/** An entry that is signatures of another one, by what cosign and the fallback schemes write. */
function isAttachment({ annotations }: Descriptor): boolean {
  const kind = annotations.get(COSIGN_KIND)
  if ([...COSIGN_KINDS.values()].some((known) => known === kind)) return true
  return /(?:^|:)sha(?:256|512)-[0-9a-f]{64}(?:\.[a-z]+)?$/.test(annotations.get(REF_NAME) ?? '')
}

async function readFile(tree: SourceTree, path: string, limit: number): Promise<OciRead<Uint8Array>> {
  const entry = await tree.stat(path)
  // A pipe or a device would be waited for.
  if (entry !== undefined && entry.kind !== 'file') return refused('trust/oci-malformed', `${path} is no regular file`)
  const read: FileBytes = await tree.read(path, limit)
  if (read.ok) return { ok: true, value: read.bytes }
  switch (read.failure) {
    case 'absent':
      return { ok: false, kind: 'absent', why: read.why }
    case 'unreadable':
      return { ok: false, kind: 'unavailable', why: read.why }
    case 'too-large':
      return refused('trust/oci-too-large', read.why)
    case 'outside':
    case 'not-a-file':
      return refused('trust/oci-malformed', read.why)
  }
}

function refused(
  reason: `trust/oci-${string}`,
  why: string,
): { ok: false; kind: 'refused'; reason: `trust/oci-${string}`; why: string } {
  return { ok: false, kind: 'refused', reason, why }
}
