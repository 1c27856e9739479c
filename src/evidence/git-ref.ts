import { AssayError } from '../model/error.js'
import { objectId } from './git/objects.js'
import { askGit } from './git-command.js'

/** A tag or commit of a repository on this machine, as it is stored; its bytes have its id. */
export interface StoredObject {
  readonly type: 'tag' | 'commit'
  readonly id: string
  readonly bytes: Uint8Array
}

export interface NamedRef {
  /** `refs/tags/…` where the name is that of a tag. */
  readonly tagName?: string | undefined
  /** What the name stands for: a tag object, or a commit. */
  readonly target: StoredObject
  /** What it leads to in the end. */
  readonly commit: StoredObject
}

const MAX_OBJECT_BYTES = 16 * 1024 * 1024
const MAX_ANSWER_BYTES = 64 * 1024
const FULL_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Reads what a tag, branch or id stands for. Throws `input-unreadable` where it stands for no commit. */
export function readGitRef(folder: string, ref: string): NamedRef {
  // git would take it for an option, or for a question about history; no branch, tag or id looks so.
  if (ref === '' || ref === '@' || ref.startsWith('-') || /[\u0000-\u0020\u007f:^~?*[\\]|@\{/.test(ref))
    throw new AssayError('input-unreadable', `${JSON.stringify(ref)} names no commit`, 'Name a tag, a branch or a commit id.')
  const repository = askGit(folder, ['rev-parse', '--git-dir'], MAX_ANSWER_BYTES)
  if (!repository.ok)
    throw new AssayError(
      'input-unreadable',
      `no git repository can be read there: ${repository.why}`,
      'Name a folder in a git repository.',
    )
  const tag = ref.startsWith('refs/') ? ref : `refs/tags/${ref}`
  // A whole id means that object, as for git: somebody may have called a tag of another commit so.
  const asTag = FULL_ID.test(ref) ? undefined : idOf(folder, tag)
  const id = asTag ?? idOf(folder, ref)
  const commit = id === undefined ? undefined : idOf(folder, `${id}^{commit}`)
  if (id === undefined || commit === undefined)
    throw new AssayError(
      'input-unreadable',
      `the repository has no tag or commit ${ref}`,
      'Check the name; a shallow clone may not hold it.',
    )
  const target = readObject(folder, id)
  return {
    tagName: asTag !== undefined && tag.startsWith('refs/tags/') ? tag.slice('refs/tags/'.length) : undefined,
    target,
    commit: target.id === commit ? target : readObject(folder, commit),
  }
}

function idOf(folder: string, name: string): string | undefined {
  const answer = askGit(folder, ['rev-parse', '--verify', '--quiet', name], MAX_ANSWER_BYTES)
  const id = answer.ok ? answer.stdout.toString('latin1').trim() : ''
  return FULL_ID.test(id) ? id : undefined
}

function readObject(folder: string, id: string): StoredObject {
  for (const type of ['tag', 'commit'] as const) {
    const answer = askGit(folder, ['cat-file', type, id], MAX_OBJECT_BYTES)
    // git peels a tag that is asked for as a commit: only its bytes tell.
    if (answer.ok && objectId(type, answer.stdout, id.length === 64 ? 'sha256' : 'sha1') === id)
      return { type, id, bytes: answer.stdout }
  }
  throw new AssayError(
    'input-unreadable',
    `the object ${id} of the repository cannot be read, or its bytes have another id`,
    'Check the repository with git fsck.',
  )
}
