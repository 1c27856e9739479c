import { createHash } from 'node:crypto'
import { joinPath, resolvePath } from '../../../model/tree.js'
import type { GitSource } from '../../git-source.js'
import type { CheckedCrate } from './crate-check.js'
import type { Subject } from './subject.js'

const CHECK = 'cargo/vcs-info'
const SHOWN = 5
/** What cargo itself writes into an archive. The author's manifest is there beside the one that cargo made of it. */
const MADE_BY_CARGO: ReadonlySet<string> = new Set(['Cargo.toml', 'Cargo.lock', '.cargo_vcs_info.json'])
/** Beyond it the links of a commit lead in circles. */
const MAX_LINKS = 16

/**
 * Holds a published crate against the commit that it says it was packaged from (spec/cargo.md §6 level 8). That it differs is
 * a reason to look, no proof of malice: files may be made while packaging.
 */
export async function checkSource(
  subject: Subject,
  { crate, manifest, stored, at }: CheckedCrate,
  git: GitSource,
  reasonNotToAsk: (url: string) => string | undefined,
): Promise<void> {
  const { vcs } = crate
  const url = repositoryOf(manifest?.declared.repository)
  const tell = (why: string): void => subject.say(CHECK, 'not-checkable', undefined, { why, stored, at })
  if (vcs?.commit === undefined) return tell('the crate does not say which commit it was packaged from')
  if (url === undefined) return tell('its manifest names no repository that can be asked')
  const folder = vcs.folder === '' ? '.' : resolvePath('.', vcs.folder)
  if (folder === undefined) return tell('the folder that it says it was packaged from leads out of the repository')
  const authority = { kind: 'git', name: url } as const
  const expected = vcs.commit
  const reason = reasonNotToAsk(url)
  if (reason !== undefined) return subject.say(CHECK, 'not-checkable', authority, { expected, why: reason, stored, at })
  const files = await git.files(url, vcs.commit)
  if (files.kind === 'mismatch') return subject.say(CHECK, 'mismatch', authority, { expected, why: files.why, stored, at })
  if (files.kind !== 'ok') return subject.say(CHECK, files.verdict, authority, { expected, why: files.why, stored, at })
  const commit: Commit = new Map(files.value.map((file) => [file.path, file]))
  const differing = [...crate.files].flatMap(([path, { sha256 }]) =>
    MADE_BY_CARGO.has(path) || isInCommit(commit, folder, path, sha256) ? [] : [path],
  )
  const dirty = vcs.dirty ? 'it was packaged with changes that were not committed' : undefined
  if (differing.length === 0)
    return subject.say(CHECK, 'match', authority, { expected, observed: expected, stored, at, why: dirty })
  const shown = differing
    .sort()
    .slice(0, SHOWN)
    .map((path) => JSON.stringify(path))
    .join(' ')
  const more = differing.length > SHOWN ? ` and ${differing.length - SHOWN} more` : ''
  const list = `not in that commit, or other there: ${shown}${more}`
  subject.say(CHECK, 'mismatch', authority, { expected, stored, at, why: dirty === undefined ? list : `${dirty}; ${list}` })
}

/** Pages of forges stand in manifests for the repository they show. */
function repositoryOf(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  url.username = ''
  url.password = ''
  url.hash = ''
  url.search = ''
  const page = /^\/([^/]+\/[^/]+)\/(?:tree|blob)\//.exec(url.pathname)?.[1]
  if (page !== undefined && (url.hostname === 'github.com' || url.hostname === 'codeberg.org')) url.pathname = `/${page}`
  return url.href.replace(/\/$/, '')
}

type Commit = ReadonlyMap<string, { readonly kind: 'file' | 'link' | 'submodule'; readonly bytes: Uint8Array }>

function isInCommit(commit: Commit, folder: string, path: string, sha256: string): boolean {
  const name = path === 'Cargo.toml.orig' ? 'Cargo.toml' : path
  if (hashAt(commit, joinPath(folder, name)) === sha256) return true
  // A readme or licence from above the package's folder is put into its root.
  if (name.includes('/')) return false
  for (let at = folder; at !== '.'; ) {
    at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '.'
    if (hashAt(commit, joinPath(at, name)) === sha256) return true
  }
  return false
}

/** Cargo packages what a link leads to. */
function hashAt(commit: Commit, path: string): string | undefined {
  let at: string | undefined = path
  for (let hops = 0; at !== undefined && hops < MAX_LINKS; hops++) {
    const entry = commit.get(at)
    if (entry?.kind === 'file') return createHash('sha256').update(entry.bytes).digest('hex')
    if (entry?.kind !== 'link') return undefined
    const above = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '.'
    at = resolvePath(above, Buffer.from(entry.bytes).toString('utf8'))
  }
  return undefined
}
