import type { Attachment, AttachmentContent } from './attachment.js'
import { classifyLayer, contentWithoutBytes } from './attachment.js'
import type { OciNote } from './contents.js'
import { noteReason } from './contents.js'
import { inParallel } from './in-parallel.js'
import type { Descriptor, OciManifest, VerifiedDocument } from './manifest.js'
import { bytesToRead } from './manifest.js'
import type { OciDigest } from './reference.js'
import { formatOciDigest, referrersTag } from './reference.js'
import type { OciRead, OciSource } from './source.js'

/** Referrers of one digest that are read (spec/trust.md §5.2). */
const MAX_REFERRERS = 1000
/** Of the artifact and all its parts together. */
const MAX_MANIFESTS = 2000
/** By what their descriptors say. */
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024
const MAX_BLOB_BYTES = 16 * 1024 * 1024
const MAX_LAYERS = 4000
const MAX_ALL_BLOB_BYTES = 256 * 1024 * 1024
const AT_ONCE = 8
/** What cosign before version 3 attached by a tag of its own. */
const TAG_SUFFIXES = ['.sig', '.att', '.sbom']

type Document = VerifiedDocument & { readonly bytes: Uint8Array }

interface Found {
  readonly attachments: readonly Attachment[]
  readonly notes: readonly OciNote[]
}

/** A manifest whose layers are attachments of a digest. */
interface Carrier {
  readonly about: OciDigest
  readonly from: string
  readonly manifest: OciManifest
}

/**
 * Everything that is attached to some digests of one repository: referrers by the API or the fallback tag, the tags of
 * cosign, and statements inside an index. `subject`s are demanded of referrers, since anybody who can push can write a list.
 */
export async function readAttachments(
  source: OciSource,
  subjects: readonly OciDigest[],
  statements: readonly { readonly document: Document; readonly about: OciDigest }[],
): Promise<Found> {
  const reader = new Reader(source)
  return reader.read(subjects, statements)
}

class Reader {
  readonly #notes: OciNote[] = []

  constructor(readonly source: OciSource) {}

  async read(
    subjects: readonly OciDigest[],
    statements: readonly { readonly document: Document; readonly about: OciDigest }[],
  ): Promise<Found> {
    const listed = await inParallel(subjects, AT_ONCE, async (about) => ({ about, list: await this.source.referrers(about) }))
    const wanted = this.#bounded(listed.flatMap(({ about, list }) => this.#listed(about, list)))
    const carriers = await inParallel(wanted, AT_ONCE, async ({ about, descriptor, from }) =>
      this.#referrer(about, descriptor, from, await this.source.document({ digest: descriptor.digest }, descriptor)),
    )
    const tags = subjects.flatMap((about) => TAG_SUFFIXES.map((suffix) => ({ about, tag: `${referrersTag(about)}${suffix}` })))
    const tagged = await inParallel(tags, AT_ONCE, async ({ about, tag }) =>
      this.#tagged(about, tag, await this.source.document({ tag })),
    )
    const inside = statements.map(({ document, about }) => carrierOf(about, 'in the index', document))
    const all = [...carriers, ...tagged, ...inside].filter((carrier) => carrier !== undefined)
    return { attachments: await this.#layers(all), notes: this.#notes }
  }

  #listed(
    about: OciDigest,
    list: OciRead<{ readonly descriptors: readonly Descriptor[]; readonly from: string; readonly notes: readonly string[] }>,
  ): { about: OciDigest; descriptor: Descriptor; from: string }[] {
    const digest = formatOciDigest(about)
    if (!list.ok) {
      if (list.kind === 'absent') return []
      this.#note('unknown', 'trust/attestation-unknown', `who refers to ${digest} is not known: ${list.why}`)
      return []
    }
    const { descriptors, from, notes } = list.value
    for (const note of notes) this.#note('note', 'trust/oci-malformed', note)
    const distinct = new Map(descriptors.map((descriptor) => [formatOciDigest(descriptor.digest), descriptor]))
    if (distinct.size > MAX_REFERRERS)
      this.#note(
        'unknown',
        'trust/oci-too-many',
        `${distinct.size} manifests refer to ${digest}; the first ${MAX_REFERRERS} are read`,
      )
    return [...distinct.values()]
      .slice(0, MAX_REFERRERS)
      .map((descriptor) => ({ about, descriptor, from: LISTS.get(from) ?? from }))
  }

  /** Cuts by what the descriptors say of their size, which the source holds them to: the same run cuts at the same place. */
  #bounded<T extends { readonly descriptor: Descriptor }>(all: readonly T[]): readonly T[] {
    let bytes = 0
    const taken = all.filter(({ descriptor }, at) => {
      bytes += bytesToRead(descriptor)
      return at < MAX_MANIFESTS && bytes <= MAX_MANIFEST_BYTES
    })
    if (taken.length < all.length)
      this.#note('unknown', 'trust/oci-too-many', `${all.length} manifests refer to it and its parts; ${taken.length} are read`)
    return taken
  }

  #referrer(about: OciDigest, descriptor: Descriptor, from: string, read: OciRead<Document>): Carrier | undefined {
    const digest = formatOciDigest(descriptor.digest)
    if (!read.ok) {
      this.#unread(`the referrer ${digest}`, read, 'note')
      return undefined
    }
    const { subject } = read.value.document
    if (subject === undefined || formatOciDigest(subject.digest) !== formatOciDigest(about)) {
      const other = subject === undefined ? 'nothing' : formatOciDigest(subject.digest)
      this.#note(
        'note',
        'trust/oci-referrer-foreign',
        `${digest} is listed as about ${formatOciDigest(about)}, and says it is about ${other}`,
      )
      return undefined
    }
    return carrierOf(about, from, read.value)
  }

  #tagged(about: OciDigest, tag: string, read: OciRead<Document>): Carrier | undefined {
    if (read.ok) return carrierOf(about, `tag ${tag}`, read.value)
    if (read.kind !== 'absent') this.#unread(`the tag ${tag}`, read, 'unknown')
    return undefined
  }

  async #layers(carriers: readonly Carrier[]): Promise<readonly Attachment[]> {
    let bytes = 0
    const all = carriers.flatMap(({ about, from, manifest: { artifactType, layers } }) =>
      layers.map((layer) => ({ about, from, artifactType, layer })),
    )
    const planned = all.slice(0, MAX_LAYERS).map((attachment) => {
      const { artifactType, layer } = attachment
      const known = contentWithoutBytes(artifactType, layer)
      if (known !== undefined) return { attachment, known }
      bytes += layer.size === undefined || layer.size > MAX_BLOB_BYTES ? 0 : layer.size
      const isOver = bytes > MAX_ALL_BLOB_BYTES
      return { attachment, known: isOver ? ({ kind: 'other', why: 'more is attached than is read' } as const) : undefined }
    })
    if (all.length > MAX_LAYERS || bytes > MAX_ALL_BLOB_BYTES)
      this.#note('unknown', 'trust/oci-too-many', `${all.length} blobs are attached, which are not all read`)
    return inParallel(planned, AT_ONCE, async ({ attachment, known }): Promise<Attachment> => {
      const content = known ?? (await this.#content(attachment.layer))
      return { ...attachment, content }
    })
  }

  async #content(layer: Descriptor): Promise<AttachmentContent> {
    const read = await this.source.blob(layer, MAX_BLOB_BYTES)
    if (read.ok) return classifyLayer(read.value, layer)
    this.#unread(`the attached blob ${formatOciDigest(layer.digest)}`, read, 'unknown')
    return { kind: 'other', why: read.why }
  }

  /**
   * What a list or a referrer says of a size or a type is whoever's who pushed it; that bytes are not those of their digest
   * is the registry's doing.
   */
  #unread(what: string, read: Exclude<OciRead<unknown>, { ok: true }>, absent: 'note' | 'unknown'): void {
    switch (read.kind) {
      case 'refused': {
        const reason = noteReason(read.reason)
        this.#note(reason === 'trust/oci-digest-mismatch' ? 'contradiction' : 'note', reason, `${what}: ${read.why}`)
        break
      }
      case 'absent':
        this.#note(absent, 'trust/oci-missing', `${what} is not there: ${read.why}`)
        break
      case 'unavailable':
        this.#note('unknown', 'trust/attestation-unknown', `${what}: ${read.why}`)
        break
    }
  }

  #note(weight: OciNote['weight'], reason: OciNote['reason'], why: string): void {
    this.#notes.push({ weight, reason, why })
  }
}

const LISTS: ReadonlyMap<string, string> = new Map([
  ['referrers-api', 'referrer'],
  ['fallback-tag', 'referrer by tag'],
  ['layout', 'referrer'],
])

/** An index that refers to something carries nothing that is known. */
function carrierOf(about: OciDigest, from: string, { document, digest }: Document): Carrier | undefined {
  return document.kind === 'manifest' ? { about, from: `${from}, ${formatOciDigest(digest)}`, manifest: document } : undefined
}
