import { fieldOf, isJsonObject, type JsonObject, parseStrictJson } from '../../strict-json.js'
import type { Descriptor } from '../manifest.js'
import { ACCEPTED_MANIFESTS, MAX_MANIFEST_BYTES, OCI_INDEX, readDocument } from '../manifest.js'
import type { OciDigest } from '../reference.js'
import { referrersTag } from '../reference.js'
import type { OciFailure, OciRead } from '../source.js'
import { contentOf, listedMembers } from './artifact-manifest.js'
import { putManifest } from './push.js'
import { isStatus, notWritten, type RegistryWriter } from './registry-writer.js'

/** The list as it is now. */
interface List {
  /** Its members as they are, of which more than we know must stay; undefined when there is no list yet. */
  readonly json: JsonObject | undefined
  readonly manifests: readonly Descriptor[]
  readonly etag: string | undefined
}

const ATTEMPTS = 8
/**
 * How long to wait before looking whether another one, who read the list before it was written, wrote it after: most
 * registries do not honour `If-Match`. At least twice as long as reading and writing took us: it is not faster for others.
 */
const SETTLE_MS = 250
const LONGEST_SETTLE_MS = 10_000

/**
 * Adds a referrer to the list under the fallback tag, where a registry keeps none itself (spec/trust.md §5.5). Two who write
 * at once can lose an entry; so it is read again, and added again while it is missing.
 */
export async function listUnderFallbackTag(
  writer: RegistryWriter,
  subject: OciDigest,
  referrer: Descriptor & { readonly size: number },
): Promise<OciRead<undefined>> {
  const tag = referrersTag(subject)
  /** How often in a row it was found there after it was written. */
  let found = 0
  let settleMs = SETTLE_MS
  for (let attempt = 1; attempt <= ATTEMPTS; ) {
    const started = writer.now()
    const list = await readList(writer, tag)
    if (!list.ok) return list
    const { json, manifests, etag } = list.value
    if (manifests.some(({ digest }) => digest.hex === referrer.digest.hex && digest.algorithm === referrer.digest.algorithm)) {
      found += 1
      if (attempt === 1 || found === 2) return { ok: true, value: undefined }
      await writer.pause(settleMs)
      continue
    }
    found = 0
    const bytes = withEntry(json, referrer)
    // Longer than what is read, it would be lost with all that is in it.
    if (!readDocument(bytes, {}).ok) return refused('trust/oci-too-large', `the list under the tag ${tag} is full`)
    const headers = etag === undefined ? {} : { 'if-match': etag }
    const put = await putManifest(writer, contentOf(bytes, OCI_INDEX), { tag, headers })
    attempt += 1
    settleMs = Math.min(LONGEST_SETTLE_MS, Math.max(SETTLE_MS, 2 * (writer.now() - started)))
    if (put !== 'changed-meanwhile' && !put.ok) return put
    if (put === 'changed-meanwhile') await writer.pause(settleMs)
  }
  return {
    ok: false,
    kind: 'unavailable',
    why: `others write to the tag ${tag} all the time: the referrer is pushed, and not listed`,
  }
}

async function readList(writer: RegistryWriter, tag: string): Promise<OciRead<List>> {
  const outcome = await writer.send({
    method: 'GET',
    to: { path: `manifests/${tag}` },
    headers: { accept: ACCEPTED_MANIFESTS.join(', ') },
    limitBytes: MAX_MANIFEST_BYTES,
  })
  if (isStatus(outcome, 404)) return { ok: true, value: { json: undefined, manifests: [], etag: undefined } }
  if (!isStatus(outcome, 200)) return notWritten(outcome, `the list under the tag ${tag} cannot be read`, writer.address.name)
  const read = readDocument(outcome.bytes, {}, outcome.headers.get('content-type'))
  const json = parseStrictJson(outcome.bytes)
  if (!read.ok || read.value.document.kind !== 'index' || !json.ok || !isJsonObject(json.value))
    return refused('trust/oci-malformed', `what has the tag ${tag} is no list of referrers, and is not overwritten`)
  const { manifests } = read.value.document
  return { ok: true, value: { json: json.value, manifests, etag: outcome.headers.get('etag') } }
}

function withEntry(json: JsonObject | undefined, referrer: Descriptor & { readonly size: number }): Uint8Array {
  const before = json === undefined ? [] : fieldOf(json, 'manifests')
  const manifests = [...(Array.isArray(before) ? before : []), listedMembers(referrer)]
  return Buffer.from(JSON.stringify({ schemaVersion: 2, ...json, mediaType: OCI_INDEX, manifests }))
}

function refused(reason: `trust/oci-${string}`, why: string): { ok: false } & OciFailure {
  return { ok: false, kind: 'refused', reason, why }
}
