import type { Location } from '../../model/location.js'
import { SourceText } from '../../syntax/text.js'
import { modulePathProblem } from './module-path.js'
import { canonicalVersion } from './version.js'

/**
 * - `h1`: a hash that can be compared;
 * - `unknown-algorithm`: the go command treats the line as absent;
 * - `empty-go-mod`: the hash of an empty go.mod, which it drops on reading;
 * - `odd`: it has three fields and no part of it means anything.
 */
export type SumEntryState = 'h1' | 'unknown-algorithm' | 'empty-go-mod' | 'odd'

/** One line of three fields. */
export interface SumEntry {
  readonly path: string
  readonly version: string
  /** The line is about the go.mod alone and says nothing of the code. */
  readonly goMod: boolean
  readonly hash: string
  readonly state: SumEntryState
  readonly location: Location
}

export interface SumFile {
  readonly file: string
  readonly entries: readonly SumEntry[]
  /** Lines that make the go command stop. */
  readonly malformed: readonly { readonly fields: number; readonly location: Location }[]
}

const EMPTY_GO_MOD = 'h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY='
/** 32 bytes: 42 free characters, one of which the two low bits are zero, and the padding. */
const H1 = /^h1:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const OTHER_ALGORITHM = /^(?!h1:)[A-Za-z0-9]+:[A-Za-z0-9+/]+={0,2}$/

/** Reads a go.sum or go.work.sum (spec/go.md §3.1). There are no comments, and no line refuses the file here. */
export function parseSumFile(text: string, file: string): SumFile {
  const source = new SourceText(file, text)
  const entries: SumEntry[] = []
  const malformed: SumFile['malformed'][number][] = []
  for (const start of source.lineStarts) {
    const newline = text.indexOf('\n', start)
    const line = text.slice(start, newline < 0 ? text.length : newline)
    const fields = line.split(/\s+/).filter((field) => field !== '')
    if (fields.length === 0) continue
    const indent = line.length - line.trimStart().length
    const location = source.locate(start + indent, start + line.trimEnd().length)
    const [path = '', versionField = '', hash = ''] = fields
    if (fields.length !== 3) malformed.push({ fields: fields.length, location })
    else entries.push(toEntry(path, versionField, hash, location))
  }
  return { file, entries, malformed }
}

function toEntry(path: string, versionField: string, hash: string, location: Location): SumEntry {
  const goMod = versionField.endsWith('/go.mod')
  const version = goMod ? versionField.slice(0, -'/go.mod'.length) : versionField
  return { path, version, goMod, hash, state: stateOf(path, version, hash), location }
}

function stateOf(path: string, version: string, hash: string): SumEntryState {
  // Dropped whatever its key is, so this comes before the question whether the key makes sense.
  if (hash === EMPTY_GO_MOD) return 'empty-go-mod'
  if (modulePathProblem(path) !== undefined || canonicalVersion(version) !== version) return 'odd'
  if (H1.test(hash)) return 'h1'
  return OTHER_ALGORITHM.test(hash) ? 'unknown-algorithm' : 'odd'
}

/** `path version` or `path version/go.mod`: what a hash is looked up by. */
export function sumKey(path: string, version: string, goMod: boolean): string {
  return `${path} ${version}${goMod ? '/go.mod' : ''}`
}
