import type { OciContents, OciNote } from '../../trust/oci/contents.js'
import { isContradiction, noteReason } from '../../trust/oci/contents.js'
import type { Descriptor, OciManifest } from '../../trust/oci/manifest.js'
import { formatOciDigest } from '../../trust/oci/reference.js'
import type { OciSource } from '../../trust/oci/source.js'

/** One blob is held at a time; a larger one is told, not read. */
const MAX_BLOB_BYTES = 512 * 1024 * 1024
const MAX_ALL_BYTES = 8 * 1024 * 1024 * 1024

/** Fetches the configuration and layers of every image of an artifact, and compares them with their digests. */
export async function hashContent(
  source: OciSource,
  { document, children }: OciContents,
): Promise<{ readonly bytes: number; readonly notes: readonly OciNote[] }> {
  const notes: OciNote[] = []
  const blobs = new Map<string, Descriptor>()
  const add = ({ config, layers }: OciManifest): void => {
    for (const blob of [...(config === undefined ? [] : [config]), ...layers]) blobs.set(formatOciDigest(blob.digest), blob)
  }
  if (document.kind === 'manifest') add(document)
  for (const { descriptor, role, held } of children) {
    if (role !== 'image' || !held) continue
    const read = await source.document({ digest: descriptor.digest }, descriptor)
    if (read.ok && read.value.document.kind === 'manifest') add(read.value.document)
  }
  let bytes = 0
  for (const [digest, blob] of blobs) {
    // A layer that is fetched from elsewhere by licence is not the registry's to hand out.
    if (/\.nondistributable\.|\.foreign\./.test(blob.mediaType)) continue
    if (bytes + (blob.size ?? 0) > MAX_ALL_BYTES) {
      notes.push({ weight: 'unknown', reason: 'trust/oci-too-large', why: `its layers have more than ${MAX_ALL_BYTES} bytes` })
      break
    }
    const read = await source.blob(blob, MAX_BLOB_BYTES)
    if (read.ok) bytes += read.value.length
    else if (read.kind === 'refused') {
      const reason = noteReason(read.reason)
      notes.push({
        weight: isContradiction(reason) ? 'contradiction' : 'unknown',
        reason,
        why: `the blob ${digest}: ${read.why}`,
      })
    } else {
      const reason = read.kind === 'absent' ? 'trust/oci-missing' : 'trust/attestation-unknown'
      notes.push({ weight: 'unknown', reason, why: `the blob ${digest}: ${read.why}` })
    }
  }
  return { bytes, notes }
}
