import { parseJson } from '../../../syntax/json.js'
import { decodeUtf8 } from '../../../syntax/text.js'

export const CHECKSUM_FILE = '.cargo-checksum.json'

/** What a vendored package says about itself (spec/cargo.md §3.8). */
export interface ChecksumFile {
  /** Listed hashes by path, as written: neither need be usable. */
  readonly files: ReadonlyMap<string, string>
  /** SHA-256 of the `.crate`; absent for git dependencies. */
  readonly package: string | undefined
}

/** Undefined for what cargo could not read either. */
export function readChecksumFile(bytes: Uint8Array): ChecksumFile | undefined {
  const decoded = decodeUtf8(bytes)
  if (!decoded.ok) return undefined
  const json = parseJson(decoded.text, CHECKSUM_FILE, {
    code: 'input/config-unparseable',
    help: 'Run cargo vendor again.',
  })
  if (!json.ok || json.document.root.kind !== 'object') return undefined
  const { members } = json.document.root
  const listed = members.get('files')?.value
  if (listed?.kind !== 'object') return undefined
  const files = new Map<string, string>()
  for (const [path, { value }] of listed.members) {
    if (value.kind !== 'string') return undefined
    files.set(path, value.value)
  }
  const own = members.get('package')?.value
  return { files, package: own?.kind === 'string' ? own.value : undefined }
}
