import { INDEX, type LayoutMaker, type Pointer } from './layout-maker.js'

/** Pushes everything that was made to a registry on loopback, as any client does, with the fallback lists of referrers. */
export async function pushLayout(own: LayoutMaker, origin: string, repository: string): Promise<void> {
  const base = `${origin}/v2/${repository}`
  for (const [digest, bytes] of own.blobs) if (!own.manifests.has(digest)) await pushBlob(base, digest, bytes)
  for (const [digest, mediaType] of own.manifests) await putManifest(base, digest, mediaType, bytesOf(own, digest))
  for (const { digest, annotations } of own.entries) {
    const tag = annotations?.['org.opencontainers.image.ref.name']
    const mediaType = own.manifests.get(digest)
    if (tag !== undefined && mediaType !== undefined) await putManifest(base, tag, mediaType, bytesOf(own, digest))
  }
  for (const [tag, manifests] of fallbackLists(own))
    await putManifest(base, tag, INDEX, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })))
}

function bytesOf(own: LayoutMaker, digest: string): Uint8Array {
  return own.blobs.get(digest) ?? Buffer.of()
}

/** Distribution 2.8 has no referrers API: whoever pushes writes the list (distribution-spec, "referrers tag schema"). */
function fallbackLists(own: LayoutMaker): Map<string, Pointer[]> {
  const lists = new Map<string, Pointer[]>()
  for (const entry of own.entries) {
    const { subject } = JSON.parse(Buffer.from(own.blobs.get(entry.digest) ?? '{}').toString())
    if (subject === undefined) continue
    const tag = String(subject.digest).replace(':', '-')
    lists.set(tag, [...(lists.get(tag) ?? []), entry])
  }
  return lists
}

async function pushBlob(base: string, digest: string, bytes: Uint8Array): Promise<void> {
  const started = await fetch(`${base}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(started.headers.get('location') ?? '', base)
  location.searchParams.set('digest', digest)
  await expectCreated(
    await fetch(location, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } }),
  )
}

async function putManifest(base: string, reference: string, mediaType: string, bytes: Uint8Array): Promise<void> {
  await expectCreated(
    await fetch(`${base}/manifests/${reference}`, { method: 'PUT', body: bytes, headers: { 'content-type': mediaType } }),
  )
}

async function expectCreated(response: Response): Promise<void> {
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
}
