import { createHash } from 'node:crypto'
import type { Descriptor } from '../manifest.js'
import { EMPTY_CONFIG, OCI_MANIFEST } from '../manifest.js'
import type { OciDigest } from '../reference.js'
import { formatOciDigest } from '../reference.js'

/** Bytes with what names them. */
export interface Content {
  readonly descriptor: Descriptor & { readonly size: number }
  readonly bytes: Uint8Array
}

/** Something to be attached to an artifact: one file, what it is, and what is said about it. */
export interface NewReferrer {
  readonly artifactType: string
  readonly layer: {
    readonly mediaType: string
    readonly bytes: Uint8Array
    readonly annotations: ReadonlyMap<string, string>
  }
  readonly annotations: ReadonlyMap<string, string>
}

/** The config of everything that needs none (spec/trust.md §5.4). */
export const EMPTY: Content = contentOf(Buffer.from('{}'), EMPTY_CONFIG)

/** What a registry has to hold for a referrer. The same input gives the same bytes, so that pushing twice is pushing once. */
interface ReferrerContents {
  readonly blobs: readonly Content[]
  /** Its descriptor is how lists of referrers name it. */
  readonly manifest: Content
}

export function referrerContents(subject: Descriptor & { readonly size: number }, referrer: NewReferrer): ReferrerContents {
  const { artifactType, layer, annotations } = referrer
  const file = contentOf(layer.bytes, layer.mediaType)
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: { ...members(EMPTY.descriptor), data: Buffer.from(EMPTY.bytes).toString('base64') },
    layers: [{ ...members(file.descriptor), annotations: sorted(layer.annotations) }],
    subject: members(subject),
    annotations: sorted(annotations),
  }
  const manifest = contentOf(Buffer.from(JSON.stringify(document)), OCI_MANIFEST)
  return {
    blobs: [EMPTY, file],
    manifest: { ...manifest, descriptor: { ...manifest.descriptor, artifactType, annotations } },
  }
}

/** A descriptor as JSON has it, with all that a list of referrers repeats. */
export function listedMembers(descriptor: Descriptor & { readonly size: number }): object {
  const { artifactType, annotations } = descriptor
  return { ...members(descriptor), annotations: sorted(annotations), artifactType }
}

export function contentOf(bytes: Uint8Array, mediaType: string): Content {
  const digest: OciDigest = { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') }
  return { descriptor: { mediaType, digest, size: bytes.length, annotations: new Map() }, bytes }
}

function members({ mediaType, digest, size }: Descriptor & { readonly size: number }): object {
  return { mediaType, digest: formatOciDigest(digest), size }
}

function sorted(annotations: ReadonlyMap<string, string>): object | undefined {
  if (annotations.size === 0) return undefined
  return Object.fromEntries([...annotations].sort(([a], [b]) => (a < b ? -1 : 1)))
}
