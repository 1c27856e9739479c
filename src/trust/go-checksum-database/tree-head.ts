import { decodeBase64 } from '../base64.js'
import { HASH_LENGTH, MAX_TREE_SIZE } from '../merkle.js'
import type { NoteVerifier } from '../note.js'
import { openNote } from '../note.js'

/** A signed state of the log: how many records it held and the root over them. */
export interface TreeHead {
  readonly size: bigint
  readonly root: Uint8Array
  /** The signed note it was read from, whole: what is stored, and what a fork's proof shows. */
  readonly note: Uint8Array
}

export type HeadRefusal = 'note-malformed' | 'note-unverified' | 'note-bad-signature' | 'tree-malformed'

export type OpenedTreeHead =
  | { readonly ok: true; readonly head: TreeHead }
  | { readonly ok: false; readonly reason: HeadRefusal; readonly why: string }

const FIRST_LINE = 'go.sum database tree'
const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/

/** Opens a signed tree head of the Go checksum database (spec/go.md §9.2, §9.3) with the database's key. */
export function openTreeHead(note: Uint8Array, verifier: NoteVerifier): OpenedTreeHead {
  const opened = openNote(note, [verifier])
  switch (opened.kind) {
    case 'malformed':
      return { ok: false, reason: 'note-malformed', why: `the signed note is malformed: ${opened.why}` }
    case 'unverified':
      return { ok: false, reason: 'note-unverified', why: `no signature by ${verifier.name}+${verifier.keyHash}` }
    case 'bad-signature':
      return {
        ok: false,
        reason: 'note-bad-signature',
        why: `the signature by ${verifier.name}+${verifier.keyHash} does not hold`,
      }
    case 'verified': {
      const tree = parseTreeText(opened.text)
      return 'why' in tree ? { ok: false, reason: 'tree-malformed', why: tree.why } : { ok: true, head: { ...tree, note } }
    }
  }
}

/** Lines after the third are signed but are not in the log: nothing is ever read from them (spec/go.md §9.9). */
function parseTreeText(text: string): { size: bigint; root: Uint8Array } | { why: string } {
  const [first, size, root, end] = text.split('\n', 4)
  if (first !== FIRST_LINE) return { why: `the first line of the tree head is not "${FIRST_LINE}"` }
  if (size === undefined || !DECIMAL.test(size) || BigInt(size) > MAX_TREE_SIZE) {
    return { why: 'the second line of the tree head is not a tree size' }
  }
  const hash = root === undefined || end === undefined ? undefined : decodeBase64(root)
  if (hash?.length !== HASH_LENGTH) return { why: 'the third line of the tree head is not a SHA-256 in base64' }
  return { size: BigInt(size), root: hash }
}
