import { hash } from 'node:crypto'
import { AssayError } from '../../model/error.js'
import type { Used } from '../desk/desk.js'
import { byKey, recordMembers } from '../store/answer-record.js'
import { factMembers } from '../store/fact-record.js'
import {
  ANSWERS,
  blobMember,
  END,
  FACTS,
  MANIFEST,
  MAX_BLOB_BYTES,
  MAX_LINES_BYTES,
  memberHeader,
  namedBlobs,
  padding,
} from './layout.js'
import { isMeta, type Lines, printManifest } from './manifest.js'

/** Texts about the pack, by names such as `subject`. No times: the same answers give the same pack. */
export type PackMeta = Readonly<Record<string, string>>

/**
 * The pack of a run, piece by piece; format in `layout.ts`. Blobs are read one at a time. Throws `unavailable` when bytes of
 * the run are gone from the store, `usage` when the texts or the answers do not fit into a pack.
 */
export function* writePack(used: Used, meta: PackMeta = {}): Generator<Uint8Array> {
  const texts = new Map(Object.entries(meta))
  const blobs = namedBlobs(used.answers, used.facts)
  if (!isMeta(texts)) throw unfit('a text about the pack has a name or a length that the format does not allow')
  if (blobs === undefined) throw unfit('two answers state one hash and two lengths')
  const answers = linesOf([...used.answers].sort(byKey).map(recordMembers))
  const facts = linesOf([...used.facts].sort((a, b) => (a.name < b.name ? -1 : 1)).map(factMembers))
  const bytes = blobs.reduce((sum, [, size]) => sum + size, 0)
  if (answers.lines.bytes > MAX_LINES_BYTES || facts.lines.bytes > MAX_LINES_BYTES) throw unfit('there are too many answers')
  const manifest = printManifest({
    meta: texts,
    answers: answers.lines,
    facts: facts.lines,
    blobs: { count: blobs.length, bytes },
  })
  yield* member(MANIFEST, Buffer.from(manifest))
  yield* member(ANSWERS, answers.bytes)
  yield* member(FACTS, facts.bytes)
  for (const [sha256, size] of blobs) {
    if (size > MAX_BLOB_BYTES) throw unfit(`an answer has more than ${MAX_BLOB_BYTES} bytes`)
    const content = used.blob(sha256, size)
    if (content === undefined || content.length !== size || hash('sha256', content) !== sha256) throw gone(sha256)
    yield* member(blobMember(sha256), content)
  }
  yield END
}

function* member(name: string, content: Uint8Array): Generator<Uint8Array> {
  yield memberHeader(name, content.length)
  if (content.length > 0) yield content
  const rest = padding(content.length)
  if (rest > 0) yield new Uint8Array(rest)
}

function linesOf(members: readonly object[]): { readonly bytes: Uint8Array; readonly lines: Lines } {
  const bytes = Buffer.from(members.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return { bytes, lines: { count: members.length, bytes: bytes.length, sha256: hash('sha256', bytes) } }
}

function unfit(why: string): AssayError {
  return new AssayError('usage', `no evidence pack can be written: ${why}`, 'Make packs of parts of the project.')
}

function gone(sha256: string): AssayError {
  return new AssayError(
    'unavailable',
    `no evidence pack can be written: the bytes ${sha256} of this run are gone from the store`,
    'Run again, without pruning the store meanwhile.',
  )
}
