import { createHash } from 'node:crypto'
import type { SourceTree } from '../../../model/tree.js'
import { baseName, joinPath, resolvePath } from '../../../model/tree.js'
import type { CheckedCrate } from './crate-check.js'
import type { GitAsker } from './git-asker.js'
import { GIT_NOT_ASKED } from './git-asker.js'
import type { Subject } from './subject.js'

const CHECK = 'cargo/vcs-info'
const SHOWN = 5
/** What cargo itself writes into an archive. The author's manifest is there beside the one that cargo made of it. */
const MADE_BY_CARGO: ReadonlySet<string> = new Set(['Cargo.toml', 'Cargo.lock', '.cargo_vcs_info.json'])

/**
 * Holds a published crate against the commit that it says it was packaged from (spec/cargo.md §6 level 8). That it differs is
 * a reason to look, no proof of malice: files may be made while packaging.
 */
export async function checkSource(
  subject: Subject,
  { crate, manifest, stored, at }: CheckedCrate,
  git: GitAsker | undefined,
): Promise<void> {
  const { vcs } = crate
  const url = manifest?.declared.repository
  const tell = (why: string): void => subject.say(CHECK, 'not-checkable', undefined, { why, stored, at })
  if (vcs?.commit === undefined) return tell('the crate does not say which commit it was packaged from')
  if (url === undefined) return tell('its manifest names no repository')
  const authority = { kind: 'git', name: url } as const
  const expected = vcs.commit
  if (git === undefined) return subject.say(CHECK, 'not-checkable', authority, { expected, why: GIT_NOT_ASKED, stored, at })
  const tree = await git.tree(url, vcs.commit)
  if (tree.kind !== 'ok') {
    const verdict = tree.kind === 'absent' ? 'absent' : 'unavailable'
    return subject.say(CHECK, verdict, authority, { expected, why: tree.why, stored, at })
  }
  const folder = vcs.folder === '' ? '.' : resolvePath('.', vcs.folder)
  if (folder === undefined) return tell('the folder that it says it was packaged from leads out of the repository')
  const differing: string[] = []
  for (const [path, { sha256 }] of crate.files)
    if (!MADE_BY_CARGO.has(path) && !(await isInCommit(tree.value, folder, path, sha256))) differing.push(path)
  const dirty = vcs.dirty ? 'it was packaged with changes that were not committed; ' : ''
  const list = differing
    .sort()
    .slice(0, SHOWN)
    .map((path) => JSON.stringify(path))
    .join(' ')
  const more = differing.length > SHOWN ? ` and ${differing.length - SHOWN} more` : ''
  if (differing.length === 0)
    return subject.say(CHECK, 'match', authority, {
      expected,
      observed: expected,
      stored,
      at,
      why: dirty === '' ? undefined : dirty.slice(0, -2),
    })
  subject.say(CHECK, 'mismatch', authority, {
    expected,
    stored,
    at,
    why: `${dirty}not in that commit, or other there: ${list}${more}`,
  })
}

async function isInCommit(tree: SourceTree, folder: string, path: string, sha256: string): Promise<boolean> {
  const name = path === 'Cargo.toml.orig' ? 'Cargo.toml' : path
  if ((await hashAt(tree, joinPath(folder, name))) === sha256) return true
  // A readme or licence from above the package's folder is put into its root.
  if (name.includes('/')) return false
  for (let at = folder; at !== '.'; ) {
    at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '.'
    if ((await hashAt(tree, joinPath(at, baseName(name)))) === sha256) return true
  }
  return false
}

async function hashAt(tree: SourceTree, path: string): Promise<string | undefined> {
  const read = await tree.read(path)
  return read.ok ? createHash('sha256').update(read.bytes).digest('hex') : undefined
}
