import { nameOf } from './answer-key.js'
import { readSha256, readTime } from './answer-record.js'
import { boundedText, countOf, type Fields } from './fields.js'

/** Bytes kept for ever under a name of the caller's choice, such as the objects of a git tree under its id. */
export interface FactRecord {
  readonly name: string
  readonly sha256: string
  readonly size: number
  /** When it was remembered: RFC 3339, UTC, seconds. */
  readonly at: string
}

const LONGEST_NAME = 8192

/** The name a fact is kept under: the caller's, or its hash where a stranger's URL made it longer than a record may hold. */
export function factName(name: string): string {
  return name.length <= LONGEST_NAME ? name : `sha256 ${nameOf(name)}`
}

/** The members of a record in their fixed order, ready for `JSON.stringify`. */
export function factMembers({ name, sha256, size, at }: FactRecord): object {
  return { fact: name, blob: sha256, size, at }
}

export function readFact(fields: Fields): FactRecord | undefined {
  const name = boundedText(fields.get('fact'), LONGEST_NAME)
  const sha256 = readSha256(fields.get('blob'))
  const size = countOf(fields.get('size'))
  const at = readTime(fields.get('at'))
  if (name === undefined || sha256 === undefined || size === undefined || at === undefined) return undefined
  return { name, sha256, size, at }
}
