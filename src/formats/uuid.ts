import { createHash } from 'node:crypto'

/**
 * The namespace of assay's own names: UUIDv5 of the URL namespace and `https://assay.invalid/` (spec/sbom.md §1.8).
 * Frozen: changing it changes every serial number.
 */
export const ASSAY_NAMESPACE = '65222587-aabb-53bb-8505-7af4ff548cc5'

/** A name-based UUID, version 5 (RFC 9562 §5.5). */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  const hex = hash.toString('hex').slice(0, 32)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** The UUID of a document, derived from its text (without the id itself): equal content, equal id. */
export function documentUuid(chunks: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk, 'utf8')
  return uuidV5(ASSAY_NAMESPACE, hash.digest('hex'))
}
