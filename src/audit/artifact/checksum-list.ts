import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { readBoundedFile } from '../../evidence/http/bounded-file.js'
import type { ArtifactDigest } from '../../model/digest.js'
import { isHexDigest } from '../../model/digest.js'

/** A list of digests that names the artifact: signed in its place, it makes the listed digest one to compare with. */
export interface ChecksumList {
  readonly file: string
  readonly bytes: Uint8Array
  readonly sha256: string
  /** What it says of the artifact; never empty. */
  readonly listed: readonly ArtifactDigest[]
}

/** The names that release tools give such lists (spec/trust.md §3.3). */
const NAMES = [
  'SHA256SUMS',
  'SHA512SUMS',
  'SHA256SUMS.txt',
  'SHA512SUMS.txt',
  'sha256sums.txt',
  'sha512sums.txt',
  'checksums.txt',
]
const MAX_LIST_BYTES = 4 * 1024 * 1024
const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const

/** The lists in the artifact's folder that name it. */
export async function checksumLists(artifact: string): Promise<ChecksumList[]> {
  const lists = new Map<string, ChecksumList>()
  for (const name of NAMES) {
    const file = join(dirname(artifact), name)
    const read = await readBoundedFile(file, MAX_LIST_BYTES)
    const listed = read.ok ? listedDigests(read.bytes, basename(artifact)) : []
    if (!read.ok || listed.length === 0) continue
    const sha256 = createHash('sha256').update(read.bytes).digest('hex')
    // Where case does not tell names apart, one list has several.
    if (!lists.has(sha256)) lists.set(sha256, { file, bytes: read.bytes, sha256, listed })
  }
  return [...lists.values()]
}

/** What a list says of one name: lines as `sha256sum` writes them, or with `--tag`. MD5 and SHA-1 do not count. */
export function listedDigests(bytes: Uint8Array, name: string): ArtifactDigest[] {
  const listed = new Map<string, ArtifactDigest>()
  for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
    const entry = entryOf(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (entry === undefined || entry.name !== name) continue
    const value = entry.hex.toLowerCase()
    const algorithm = ALGORITHMS.find((one) => isHexDigest(one, value))
    if (algorithm !== undefined) listed.set(value, { of: 'artifact', algorithm, value })
  }
  return [...listed.values()]
}

function entryOf(line: string): { readonly hex: string; readonly name: string } | undefined {
  const [, hex, name] = /^([0-9A-Fa-f]{64,128}) [ *](?:\.\/)?(.+)$/.exec(line) ?? []
  if (hex !== undefined && name !== undefined) return { hex, name }
  const [, tagged, value] = /^SHA(?:256|384|512) \((?:\.\/)?(.+)\) = ([0-9A-Fa-f]{64,128})$/.exec(line) ?? []
  return tagged === undefined || value === undefined ? undefined : { hex: value, name: tagged }
}
