import type { ProjectFile } from '../../../model/ecosystem.js'
import type { SourceTree } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import { memberOf, objectOf, parseNimJson, textOf } from '../json-fields.js'

/** What a lockfile states of an entry beside the sha1; nimble passes over keys that it does not know. */
export interface Hub1Record {
  /** As written. */
  readonly text: string
  /** Undefined where the record has none: then nobody can verify it. */
  readonly salt: Uint8Array | undefined
}

const MAX_LOCK_BYTES = 256 * 1024 * 1024

/**
 * HUB1 identifiers in lockfiles, by file and entry: `checksums.hub1`, with its salt in hexadecimal as `checksums.hub1Salt`
 * (spec/nimble.md §10). The content is the list of the package's files, which binds the length of each.
 */
export async function readHub1Records(tree: SourceTree, files: readonly ProjectFile[]): Promise<ReadonlyMap<string, Hub1Record>> {
  const records = new Map<string, Hub1Record>()
  for (const { path, format } of files) {
    if (format !== 'nimble-lock') continue
    const read = await tree.read(path, MAX_LOCK_BYTES)
    const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
    // Most locks have none, and reading one twice is not free.
    if (decoded?.ok !== true || !decoded.text.includes('"hub1"')) continue
    const parsed = parseNimJson(decoded.text, path, 'input/lock-unparseable')
    if (!parsed.ok) continue
    const { root } = parsed.document
    const groups = [
      memberOf(root, 'packages'),
      ...[...(objectOf(memberOf(root, 'tasks'))?.members.values() ?? [])].map((one) => one.value),
    ]
    for (const group of groups) {
      for (const [name, { value }] of objectOf(group)?.members ?? []) {
        const checksums = memberOf(value, 'checksums')
        const text = textOf(memberOf(checksums, 'hub1'))
        const salt = textOf(memberOf(checksums, 'hub1Salt'))
        if (text !== undefined) records.set(hub1Key(path, name), { text, salt: saltOf(salt) })
      }
    }
  }
  return records
}

export function hub1Key(lock: string, entry: string): string {
  return `${lock}\n${entry}`
}

function saltOf(hex: string | undefined): Uint8Array | undefined {
  return hex !== undefined && /^(?:[0-9a-f]{2})*$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined
}
