import { readSha256 } from '../store/answer-record.js'
import { boundedText, countOf, type Fields, fieldsOf } from '../store/fields.js'
import { seal, unseal } from '../store/seal.js'
import { PACK_FORMAT, PACK_FORMATS } from './layout.js'
import { PackRefused } from './problem.js'

export interface Lines {
  readonly count: number
  readonly bytes: number
  readonly sha256: string
}

export interface Manifest {
  readonly meta: ReadonlyMap<string, string>
  readonly answers: Lines
  readonly facts: Lines
  readonly blobs: { readonly count: number; readonly bytes: number }
}

const META_NAME = /^[a-z][a-z0-9-]{0,63}$/
const LONGEST_META = 1000
const MOST_META = 32

/** Whether a manifest can hold these texts. */
export function isMeta(meta: ReadonlyMap<string, string>): boolean {
  return meta.size <= MOST_META && [...meta].every(([name, text]) => META_NAME.test(name) && text.length <= LONGEST_META)
}

export function printManifest({ meta, answers, facts, blobs }: Manifest): string {
  const sorted = [...meta].sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = ({ count, bytes, sha256 }: Lines): Lines => ({ count, bytes, sha256 })
  return seal({
    format: PACK_FORMAT,
    meta: Object.fromEntries(sorted),
    answers: lines(answers),
    facts: lines(facts),
    blobs: { count: blobs.count, bytes: blobs.bytes },
  })
}

/** Reads a manifest; only the one text that `printManifest` writes for it is accepted. Throws `PackRefused`. */
export function parseManifest(text: string): Manifest {
  const read = unseal(text, PACK_FORMAT)
  if (read.kind === 'foreign') {
    if (text.startsWith(`{"format":"${PACK_FORMATS}`))
      throw new PackRefused('unknown-version', 'it was written by another version of assay')
    throw new PackRefused('not-a-pack', 'its manifest is not that of an evidence pack')
  }
  if (read.kind === 'damaged') throw new PackRefused('manifest-damaged', 'the manifest is not what it was when it was written')
  const meta = readMeta(read.fields)
  const answers = readLines(read.fields.get('answers'))
  const facts = readLines(read.fields.get('facts'))
  const inner = fieldsOf(read.fields.get('blobs'))
  const count = countOf(inner?.get('count'))
  const bytes = countOf(inner?.get('bytes'))
  if (meta !== undefined && answers !== undefined && facts !== undefined && count !== undefined && bytes !== undefined) {
    const manifest = { meta, answers, facts, blobs: { count, bytes } }
    if (printManifest(manifest) === text) return manifest
  }
  throw new PackRefused('record-invalid', 'the manifest is not one that this format has')
}

function readMeta(fields: Fields): ReadonlyMap<string, string> | undefined {
  const inner = fieldsOf(fields.get('meta'))
  if (inner === undefined) return undefined
  const meta = new Map<string, string>()
  for (const [name, value] of inner) {
    const text = boundedText(value, LONGEST_META)
    if (text === undefined) return undefined
    meta.set(name, text)
  }
  return isMeta(meta) ? meta : undefined
}

function readLines(value: unknown): Lines | undefined {
  const inner = fieldsOf(value)
  const count = countOf(inner?.get('count'))
  const bytes = countOf(inner?.get('bytes'))
  const sha256 = readSha256(inner?.get('sha256'))
  return count === undefined || bytes === undefined || sha256 === undefined ? undefined : { count, bytes, sha256 }
}
