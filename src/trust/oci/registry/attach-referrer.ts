import type { Descriptor } from '../manifest.js'
import { MAX_MANIFEST_BYTES, OCI_INDEX, readDocument } from '../manifest.js'
import { formatOciDigest } from '../reference.js'
import type { OciRead } from '../source.js'
import { type NewReferrer, referrerContents } from './artifact-manifest.js'
import { listUnderFallbackTag } from './fallback-list.js'
import { pushBlob, putManifest } from './push.js'
import { isStatus, notWritten, type RegistryWriter } from './registry-writer.js'

interface Attached {
  /** As lists of referrers name it. */
  readonly descriptor: Descriptor & { readonly size: number }
  /** How others find it: the registry lists it itself, or it was written into the list under the fallback tag. */
  readonly listedBy: 'referrers-api' | 'fallback-tag'
}

/**
 * Attaches something to an artifact of the same repository (spec/trust.md §5.4 to §5.6): blobs, a manifest with the artifact
 * as its subject, and an entry in the list of referrers where the registry keeps none itself. Doing it again with the same
 * input changes nothing. What was pushed before a failure stays.
 */
export async function attachReferrer(
  writer: RegistryWriter,
  subject: Descriptor & { readonly size: number },
  referrer: NewReferrer,
): Promise<OciRead<Attached>> {
  const { blobs, manifest } = referrerContents(subject, referrer)
  const { descriptor } = manifest
  for (const blob of blobs) {
    const pushed = await pushBlob(writer, blob)
    if (!pushed.ok) return pushed
  }
  const put = await putManifest(writer, manifest)
  if (put === 'changed-meanwhile')
    return { ok: false, kind: 'unavailable', why: `${writer.address.name} refuses the manifest although no condition was set` }
  if (!put.ok) return put
  const listed = await isListedByRegistry(writer, subject, descriptor, put.value.get('oci-subject'))
  if (!listed.ok) return listed
  if (listed.value) return { ok: true, value: { descriptor, listedBy: 'referrers-api' } }
  const added = await listUnderFallbackTag(writer, subject.digest, descriptor)
  return added.ok ? { ok: true, value: { descriptor, listedBy: 'fallback-tag' } } : added
}

/**
 * Whether the registry lists it by itself. It says so with `OCI-Subject`; since some say so without having the list, the
 * list has to be there as well. Without the header it counts if it is in the list.
 */
async function isListedByRegistry(
  writer: RegistryWriter,
  subject: Descriptor,
  referrer: Descriptor,
  stated: string | undefined,
): Promise<OciRead<boolean>> {
  const digest = formatOciDigest(subject.digest)
  const outcome = await writer.send({
    method: 'GET',
    to: { path: `referrers/${digest}` },
    headers: { accept: OCI_INDEX },
    limitBytes: MAX_MANIFEST_BYTES,
  })
  if (isStatus(outcome, 404)) return { ok: true, value: false }
  if (!isStatus(outcome, 200))
    return notWritten(outcome, 'the referrer is pushed, and whether it is listed is unknown', writer.address.name)
  if (stated === digest) return { ok: true, value: true }
  const list = readDocument(outcome.bytes, { mediaType: OCI_INDEX }, outcome.headers.get('content-type'))
  const isListed =
    list.ok &&
    list.value.document.kind === 'index' &&
    list.value.document.manifests.some((one) => formatOciDigest(one.digest) === formatOciDigest(referrer.digest))
  return { ok: true, value: isListed }
}
