import { failureKind } from '../../../evidence/http/failures.js'
import { formatOciDigest, parseOciDigest } from '../reference.js'
import type { OciRead } from '../source.js'
import type { Content } from './artifact-manifest.js'
import { isStatus, notWritten, type RegistryWriter } from './registry-writer.js'

/** An upload that broke off is begun anew, not continued: blobs are small here. */
const UPLOADS = 3
const FIRST_PAUSE_MS = 500

/** Puts a blob where it is not yet (spec/trust.md §5.5). */
export async function pushBlob(writer: RegistryWriter, { descriptor, bytes }: Content): Promise<OciRead<'held' | 'pushed'>> {
  const digest = formatOciDigest(descriptor.digest)
  const what = `the blob ${digest} cannot be pushed`
  for (let upload = 1; ; upload += 1) {
    const held = await writer.send({ method: 'HEAD', to: { path: `blobs/${digest}` } })
    if (isStatus(held, 200)) return { ok: true, value: 'held' }
    const begun = await writer.send({ method: 'POST', to: { path: 'blobs/uploads/' }, body: NOTHING })
    const location = isStatus(begun, 202) ? uploadAddress(begun.headers.get('location'), writer, digest) : undefined
    if (isStatus(begun, 202) && location === undefined)
      return { ok: false, kind: 'unavailable', why: `${what}: ${writer.address.name} names no place to send it to` }
    const headers = { 'content-type': 'application/octet-stream' }
    const put = location === undefined ? begun : await writer.send({ method: 'PUT', to: { location }, headers, body: bytes })
    if (location !== undefined && isStatus(put, 200, 201, 204)) return { ok: true, value: 'pushed' }
    const mayHelp = put.kind === 'unavailable' && failureKind(put.failure).retry
    if (!mayHelp || upload >= UPLOADS) return notWritten(put, what, writer.address.name)
    await writer.pause(FIRST_PAUSE_MS * upload)
  }
}

/** Puts a manifest under a tag, or under its digest; gives the headers of the answer. */
export async function putManifest(
  writer: RegistryWriter,
  { descriptor, bytes }: Content,
  { tag, headers }: { readonly tag?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<OciRead<ReadonlyMap<string, string>> | 'changed-meanwhile'> {
  const digest = formatOciDigest(descriptor.digest)
  const outcome = await writer.send({
    method: 'PUT',
    to: { path: `manifests/${tag ?? digest}` },
    headers: { ...headers, 'content-type': descriptor.mediaType },
    body: bytes,
    repeatable: true,
  })
  if (isStatus(outcome, 412)) return 'changed-meanwhile'
  if (!isStatus(outcome, 200, 201, 202))
    return notWritten(outcome, `the manifest ${digest} cannot be pushed`, writer.address.name)
  const stated = parseOciDigest(outcome.headers.get('docker-content-digest') ?? '')
  if (stated !== undefined && stated.algorithm === 'sha256' && stated.hex !== descriptor.digest.hex)
    return {
      ok: false,
      kind: 'refused',
      reason: 'trust/oci-digest-mismatch',
      why: `${writer.address.name} stored ${formatOciDigest(stated)} instead of ${digest}`,
    }
  return { ok: true, value: outcome.headers }
}

const NOTHING = new Uint8Array()

/** Where to send an upload: relative or not, with or without a query of its own, which is kept as it is. */
function uploadAddress(location: string | undefined, { address }: RegistryWriter, digest: string): string | undefined {
  if (location === undefined || !URL.canParse(location, address.origin)) return undefined
  const url = new URL(location, address.origin)
  url.hash = ''
  return `${url.href}${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`
}
