import type { JsonNode } from '../../../syntax/json.js'
import { parseJson } from '../../../syntax/json.js'
import { decodeUtf8 } from '../../../syntax/text.js'

/** `.cargo_vcs_info.json`: the commit a crate was packaged from, as its publisher's cargo wrote it (spec/cargo.md §5). */
export interface VcsInfo {
  /** The commit; lower-case hexadecimal, 40 digits. */
  readonly commit: string | undefined
  /** Packaged with uncommitted changes. */
  readonly dirty: boolean
  /** The crate's folder in the repository; empty for its root. */
  readonly folder: string
}

/** Undefined for what cannot be read. */
export function readVcsInfo(bytes: Uint8Array): VcsInfo | undefined {
  const decoded = decodeUtf8(bytes)
  if (!decoded.ok) return undefined
  const json = parseJson(decoded.text, '.cargo_vcs_info.json', {
    code: 'input/manifest-unparseable',
    help: 'It is part of the published crate; nothing here can change it.',
  })
  if (!json.ok || json.document.root.kind !== 'object') return undefined
  const git = member(json.document.root, 'git')
  const commit = member(git, 'sha1')
  const dirty = member(git, 'dirty')
  const folder = member(json.document.root, 'path_in_vcs')
  return {
    commit: commit?.kind === 'string' && /^[0-9a-f]{40}$/.test(commit.value) ? commit.value : undefined,
    dirty: dirty?.kind === 'boolean' && dirty.value,
    folder: folder?.kind === 'string' ? folder.value : '',
  }
}

function member(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.get(key)?.value : undefined
}
