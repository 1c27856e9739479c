import type { Attachment } from './attachment.js'
import type { Descriptor, OciDocument } from './manifest.js'
import type { OciDigest } from './reference.js'

/** One artifact with everything that is attached to it, read and compared with its digests; no signature is judged. */
export interface OciContents {
  readonly digest: OciDigest
  /** The exact bytes of the manifest or index. */
  readonly bytes: Uint8Array
  readonly document: OciDocument
  /** The tag it was asked for by, where no digest was given. */
  readonly byTag?: string | undefined
  /** What an index holds, also through indexes in it; empty for a manifest. */
  readonly children: readonly OciChild[]
  /** What the manifest says it is about. */
  readonly subject?: SubjectLink | undefined
  readonly attachments: readonly Attachment[]
  readonly notes: readonly OciNote[]
}

/** One entry of an index. */
export interface OciChild {
  readonly descriptor: Descriptor
  /** `attestation`: unsigned statements about a sibling and nothing else, as BuildKit writes them. */
  readonly role: 'image' | 'index' | 'attestation'
  /** False where it could not be had or is not what its descriptor says; a note tells why. */
  readonly held: boolean
}

export interface SubjectLink {
  readonly descriptor: Descriptor
  /** Whether it is in the same repository, as described. */
  readonly state: 'held' | 'dangling' | 'unknown'
}

/**
 * Something that was seen on the way.
 * - `contradiction`: bytes are not what names them.
 * - `unknown`: somebody did not answer, or a limit was reached: more may be there.
 * - `note`: odd, and decides nothing.
 */
export interface OciNote {
  readonly weight: 'contradiction' | 'unknown' | 'note'
  readonly reason: OciNoteReason
  readonly why: string
}

export type OciNoteReason =
  | 'trust/oci-digest-mismatch'
  | 'trust/oci-size-mismatch'
  | 'trust/oci-mediatype-mismatch'
  | 'trust/oci-malformed'
  | 'trust/oci-too-large'
  | 'trust/oci-too-many'
  | 'trust/oci-missing'
  | 'trust/oci-mutable-reference'
  | 'trust/oci-referrer-foreign'
  | 'trust/oci-subject-dangling'
  | 'trust/attestation-unknown'

const KNOWN: ReadonlySet<string> = new Set<OciNoteReason>([
  'trust/oci-digest-mismatch',
  'trust/oci-size-mismatch',
  'trust/oci-mediatype-mismatch',
  'trust/oci-malformed',
  'trust/oci-too-large',
])

/** The reason of a source as one of those that are known; what a source calls otherwise is malformed. */
export function noteReason(reason: string): OciNoteReason {
  return isNoteReason(reason) ? reason : 'trust/oci-malformed'
}

/** True where what came is not what its descriptor names; what is only not understood contradicts nothing. */
export function isContradiction(reason: OciNoteReason): boolean {
  return (
    reason === 'trust/oci-digest-mismatch' || reason === 'trust/oci-size-mismatch' || reason === 'trust/oci-mediatype-mismatch'
  )
}

function isNoteReason(reason: string): reason is OciNoteReason {
  return KNOWN.has(reason)
}
