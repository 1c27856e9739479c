import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { answerKey, keyText } from '../store/answer-key.js'
import { type AnswerRecord, readRecord, recordMembers } from '../store/answer-record.js'
import { type FactRecord, factMembers, readFact } from '../store/fact-record.js'
import { type Fields, parseFields } from '../store/fields.js'
import {
  ANSWERS,
  BLOCK,
  blobMember,
  END,
  FACTS,
  MANIFEST,
  MAX_BLOB_BYTES,
  MAX_LINES_BYTES,
  MAX_MANIFEST_BYTES,
  memberHeader,
  namedBlobs,
  statedSize,
} from './layout.js'
import { type Lines, type Manifest, parseManifest } from './manifest.js'
import type { Pack } from './pack.js'
import { bytesInMemory, bytesOfFile, type PackBytes } from './pack-bytes.js'
import { PackScanner } from './pack-scanner.js'
import { type PackProblem, type PackProblemCode, PackRefused } from './problem.js'

export type PackRead = { readonly ok: true; readonly pack: Pack } | { readonly ok: false; readonly problem: PackProblem }

export interface ReadPackOptions {
  /** Refuse any other pack than the one of this SHA-256. */
  readonly digest?: string | undefined
}

/** A pack in memory, checked whole. Whatever its maker did, it ends with a pack or a named problem. */
export function readPack(bytes: Uint8Array, options: ReadPackOptions = {}): PackRead {
  return read(bytesInMemory(bytes), options)
}

/** The same for a file. It is gone through once; blobs are read and checked again when they are asked for. */
export function openPack(path: string, options: ReadPackOptions = {}): PackRead {
  let source: PackBytes
  try {
    source = bytesOfFile(path)
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it is not a file'
    return { ok: false, problem: new PackRefused('unreadable', `${path} cannot be read (${why})`).problem() }
  }
  const outcome = read(source, options)
  if (!outcome.ok) source.close()
  return outcome
}

function read(source: PackBytes, options: ReadPackOptions): PackRead {
  try {
    const scanner = new PackScanner(source)
    const manifest = readManifest(scanner)
    const answers = readAnswers(scanner, manifest.answers)
    const facts = readFacts(scanner, manifest.facts)
    const places = checkBlobs(scanner, manifest, answers, facts)
    scanner.expect(END, 'the end')
    const digest = scanner.finish()
    if (options.digest !== undefined && options.digest !== digest)
      throw new PackRefused('other-pack', `the pack is ${digest}, asked for was ${options.digest}`)
    return { ok: true, pack: new CheckedPack(source, digest, manifest, answers, facts, places) }
  } catch (error) {
    if (error instanceof PackRefused) return { ok: false, problem: error.problem() }
    if (error instanceof Error && 'syscall' in error)
      return { ok: false, problem: new PackRefused('unreadable', `the pack cannot be read (${error.message})`).problem() }
    throw error
  }
}

function readManifest(scanner: PackScanner): Manifest {
  if (scanner.source.size < BLOCK) throw new PackRefused('not-a-pack', 'it is too short to be an evidence pack')
  const header = scanner.take(BLOCK).slice()
  const size = statedSize(header)
  if (size === undefined || Buffer.compare(memberHeader(MANIFEST, size), header) !== 0)
    throw new PackRefused('not-a-pack', 'it does not begin as an evidence pack does')
  if (size > MAX_MANIFEST_BYTES) throw new PackRefused('too-large', 'the manifest is larger than is accepted')
  const manifest = parseManifest(utf8Text(scanner.take(size)) ?? '')
  scanner.padding(size, MANIFEST)
  return manifest
}

function readAnswers(scanner: PackScanner, stated: Lines): ReadonlyMap<string, AnswerRecord> {
  const answers = new Map<string, AnswerRecord>()
  let last = ''
  for (const [line, fields] of readLines(scanner, ANSWERS, stated, 'answers-damaged')) {
    const record = readRecord(fields)
    if (record === undefined || JSON.stringify(recordMembers(record)) !== line) throw invalid('an answer')
    const keyed = answerKey(record.key.url, record.key.accept)
    const text = keyText(record.key)
    // A key that could not have been made from any question would never be found, or worse, hold a credential.
    if (keyed === undefined || !keyed.ok || keyed.key.url !== record.key.url || text <= last)
      throw invalid('the key of an answer')
    last = text
    answers.set(text, record)
  }
  return answers
}

function readFacts(scanner: PackScanner, stated: Lines): ReadonlyMap<string, FactRecord> {
  const facts = new Map<string, FactRecord>()
  let last: string | undefined
  for (const [line, fields] of readLines(scanner, FACTS, stated, 'facts-damaged')) {
    const record = readFact(fields)
    if (record === undefined || JSON.stringify(factMembers(record)) !== line) throw invalid('a fact')
    if (last !== undefined && record.name <= last) throw invalid('the order of the facts')
    last = record.name
    facts.set(record.name, record)
  }
  return facts
}

/** One line at a time: what a stranger puts into a line must not be multiplied by the number of lines. */
function* readLines(
  scanner: PackScanner,
  name: string,
  { count, bytes, sha256 }: Lines,
  damaged: PackProblemCode,
): Generator<readonly [line: string, fields: Fields]> {
  if (bytes > MAX_LINES_BYTES) throw new PackRefused('too-large', `${name} is larger than is accepted`)
  scanner.header(name, bytes)
  const content = scanner.take(bytes)
  if (hash('sha256', content) !== sha256) throw new PackRefused(damaged, `${name} is not what the manifest says`)
  let lines = 0
  for (let start = 0; start < content.length; lines += 1) {
    const end = content.indexOf(NEWLINE, start)
    const line = end < 0 ? undefined : utf8Text(content.subarray(start, end))
    const fields = line === undefined ? undefined : parseFields(line)
    if (line === undefined || fields === undefined) throw invalid(`a line of ${name}`)
    yield [line, fields]
    start = end + 1
  }
  if (lines !== count) throw invalid(`the number of lines of ${name}`)
  scanner.padding(bytes, name)
}

const NEWLINE = 0x0a

/** Undefined for what is no UTF-8: other bytes must not read as the same text. */
function utf8Text(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') : undefined
}

interface Place {
  readonly offset: number
  readonly size: number
}

function checkBlobs(
  scanner: PackScanner,
  { blobs: stated }: Manifest,
  answers: ReadonlyMap<string, AnswerRecord>,
  facts: ReadonlyMap<string, FactRecord>,
): ReadonlyMap<string, Place> {
  const blobs = namedBlobs(answers.values(), facts.values())
  if (blobs === undefined || blobs.length !== stated.count || blobs.reduce((sum, [, size]) => sum + size, 0) !== stated.bytes)
    throw invalid('what is said of the blobs')
  const places = new Map<string, Place>()
  for (const [sha256, size] of blobs) {
    if (size > MAX_BLOB_BYTES) throw new PackRefused('too-large', 'a blob is larger than is accepted')
    const name = blobMember(sha256)
    scanner.header(name, size)
    places.set(sha256, { offset: scanner.at, size })
    if (scanner.hashOf(size) !== sha256) throw new PackRefused('blob-damaged', `${name} does not hash to its name`)
    scanner.padding(size, name)
  }
  return places
}

function invalid(what: string): PackRefused {
  return new PackRefused('record-invalid', `${what} is not one that this format has`)
}

class CheckedPack implements Pack {
  readonly meta: ReadonlyMap<string, string>

  constructor(
    readonly source: PackBytes,
    readonly digest: string,
    manifest: Manifest,
    readonly byKey: ReadonlyMap<string, AnswerRecord>,
    readonly byName: ReadonlyMap<string, FactRecord>,
    readonly places: ReadonlyMap<string, Place>,
  ) {
    this.meta = manifest.meta
  }

  get answers(): number {
    return this.byKey.size
  }

  get facts(): number {
    return this.byName.size
  }

  get blobs(): number {
    return this.places.size
  }

  answer(key: AnswerRecord['key']): AnswerRecord | undefined {
    return this.byKey.get(keyText(key))
  }

  fact(name: string): FactRecord | undefined {
    return this.byName.get(name)
  }

  blob(sha256: string): Uint8Array | undefined {
    const place = this.places.get(sha256)
    if (place === undefined) return undefined
    try {
      const bytes = this.source.read(place.offset, place.size)
      return hash('sha256', bytes) === sha256 ? bytes : undefined
    } catch {
      return undefined
    }
  }

  close(): void {
    this.source.close()
  }
}
