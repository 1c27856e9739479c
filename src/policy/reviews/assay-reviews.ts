import type { Digest, HashAlgorithm } from '../../model/digest.js'
import { HEX_LENGTH, isHexDigest } from '../../model/digest.js'
import type { Review } from '../../model/review.js'
import { EVERY_VERSION } from '../../model/review.js'
import type { TomlPath, TomlTable } from '../../syntax/toml.js'
import { isTable } from '../../syntax/toml.js'
import type { ComponentPattern } from '../component-pattern.js'
import { matchesRange, parseComponentPattern } from '../component-pattern.js'
import { nearest } from '../nearest.js'
import { dateText, text } from '../toml-values.js'
import { criteriaOf, oneOrMore } from './criteria-tables.js'
import type { ReviewFile } from './review-file.js'

const TOP = ['version', 'criteria', 'review'] as const
const KEYS = ['component', 'from', 'to', 'criteria', 'who', 'date', 'digest', 'violation', 'notes'] as const

/**
 * assay's own form, for every ecosystem: `[[review]]` of a component in a version, of what changed `from` one version `to`
 * another, or, with `violation = true`, that versions in a range must not be used.
 */
export function readAssayReviews(file: ReviewFile): void {
  const { document } = file
  const { value } = document
  if (value['version'] !== 1) file.note(document.locate(['version']), 'the version of this form is 1')
  noteUnknownKeys(value, [], TOP, file)
  const list = value['review']
  if (list === undefined) return
  if (!Array.isArray(list)) {
    file.note(document.locate(['review']), 'reviews must be written as [[review]]')
    return
  }
  list.forEach((entry, i) => {
    const path = ['review', i]
    const refusal = isTable(entry) ? readReview(entry, path, file) : refused('', 'a review must be a table: [[review]]')
    if (refusal !== undefined) file.note(document.locate([...path, refusal.key]), refusal.message)
  })
}

/** Why an entry is not taken, and which of its keys says so. */
interface Refusal {
  readonly key: string
  readonly message: string
}

function refused(key: string, message: string): Refusal {
  return { key, message }
}

function readReview(entry: TomlTable, path: TomlPath, file: ReviewFile): Refusal | undefined {
  const { document, book } = file
  noteUnknownKeys(entry, path, KEYS, file)
  const criteria = criteriaOf(entry, path, file)
  const who = oneOrMore(entry['who'])
  if (who === undefined || who.length === 0 || who.some((name) => name.trim() === ''))
    return refused('who', 'who reviewed it must be a name or a list of names')
  if (!/^\d{4}-\d{2}-\d{2}$/.test(dateText(entry['date'])))
    return refused('date', 'the date of the review must be written as 2026-12-31')
  const written = text(entry['component']) ?? ''
  const parsed = parseComponentPattern(written)
  if (!parsed.ok) return refused('component', `${quoted(written)} is no component: ${parsed.why}`)
  const { pattern } = parsed
  if (/[*?[\]{}!\\]/.test(pattern.name))
    return refused('component', `${quoted(written)} means more than one component; a review is of one`)
  const { violation } = entry
  if (violation !== undefined && typeof violation !== 'boolean') return refused('violation', 'violation must be true or false')
  if (criteria === undefined) return undefined
  const said: Said = {
    ecosystem: pattern.ecosystem,
    name: pattern.name,
    reach: 'any',
    criteria,
    who,
    notes: text(entry['notes']),
    location: document.locate(path),
  }
  if (violation !== true) return addReview(entry, said, pattern, file)
  const odd = ['from', 'to', 'digest'].find((key) => entry[key] !== undefined)
  if (odd !== undefined) return refused(odd, `a violation is of a range after @ of its component, and has no ${odd}`)
  const range = pattern.range.length === 0 ? EVERY_VERSION : written.slice(written.lastIndexOf('@') + 1)
  book.addRejection({ ...said, range, matches: (version) => matchesRange(pattern, version) }, file)
  return undefined
}

type Said = Omit<Review, 'from' | 'to' | 'digest'>

function addReview(entry: TomlTable, said: Said, pattern: ComponentPattern, file: ReviewFile): Refusal | undefined {
  const ends = endsOf(entry, pattern)
  if ('message' in ends) return ends
  const { digest: stated } = entry
  const digest = stated === undefined ? undefined : parseDigest(text(stated) ?? '', pattern.ecosystem)
  if (stated !== undefined && digest === undefined)
    return refused(
      'digest',
      `${quoted(text(stated) ?? '')} is no digest; write sha256:HEX, git:COMMIT, or as the lockfile has it: h1:… of go.sum, sha1:HEX of nimble.lock, the hash of build.zig.zon`,
    )
  if (ends.to === '' && digest === undefined)
    return refused('component', 'a review is of one version: write it after @, or name its bytes with digest')
  // A commit is a version of its own: what another commit holds under the same number was not read.
  if (digest?.of === 'git-object') file.book.addReview({ ...said, ...ends, to: `${ends.to}@git:${digest.value}` })
  else file.book.addReview({ ...said, ...ends, digest })
  return undefined
}

/** The version that was read, or the two between which. `to` is empty where the component has none. */
function endsOf(entry: TomlTable, { range }: ComponentPattern): { readonly from?: string; readonly to: string } | Refusal {
  const [only, ...others] = range
  if (others.length > 0 || (only !== undefined && only.operator !== '='))
    return refused('component', 'a review is of one version; ranges are for violation = true')
  if (entry['from'] === undefined && entry['to'] === undefined) return { to: only?.version ?? '' }
  if (only !== undefined) return refused('component', 'from and to are the versions; leave out the one after @')
  const from = text(entry['from']) ?? ''
  const to = text(entry['to']) ?? ''
  const odd = [from, to].findIndex((version) => !VERSION.test(version))
  return odd < 0 ? { from, to } : refused(odd === 0 ? 'from' : 'to', 'from and to must be the two versions that were compared')
}

const VERSION = /^[^\s@<>=*^~|]{1,200}(?:@git:[0-9a-f]{40}(?:[0-9a-f]{24})?)?$/

function parseDigest(written: string, ecosystem: string): Digest | undefined {
  const [, prefix = '', value = ''] = /^(sha256|sha384|sha512|sha1|git):([0-9a-f]+)$/.exec(written) ?? []
  if (prefix === 'git') {
    if (value.length !== 40 && value.length !== 64) return undefined
    return { of: 'git-object', algorithm: value.length === 40 ? 'sha1' : 'sha256', value }
  }
  const algorithm = Object.keys(HEX_LENGTH).find((name): name is HashAlgorithm => name === prefix)
  if (algorithm !== undefined) {
    if (!isHexDigest(algorithm, value)) return undefined
    if (algorithm === 'sha1') return ecosystem === 'nimble' ? { of: 'tree', scheme: 'nimble-sha1', value } : undefined
    return { of: 'artifact', algorithm, value }
  }
  if (ecosystem === 'go' && /^h1:[A-Za-z0-9+/]{43}=$/.test(written)) return { of: 'tree', scheme: 'go-h1', value: written }
  if (ecosystem !== 'zig' || !/^[A-Za-z0-9_.-]{40,200}$/.test(written)) return undefined
  return { of: 'tree', scheme: /^1220[0-9a-f]{64}$/.test(written) ? 'zig-legacy' : 'zig', value: written }
}

function noteUnknownKeys(entry: TomlTable, path: TomlPath, known: readonly string[], file: ReviewFile): void {
  for (const key of Object.keys(entry)) {
    if (known.includes(key)) continue
    const near = nearest(key.slice(0, 100), known)
    file.note(
      file.document.locate([...path, key], 'key'),
      `${quoted(key)} is not known here${near === undefined ? `; there are ${known.join(', ')}` : `, did you mean ${near}?`}`,
    )
  }
}

function quoted(written: string): string {
  return JSON.stringify(written.slice(0, 100))
}
