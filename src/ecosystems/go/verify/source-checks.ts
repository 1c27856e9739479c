import { type Component, componentLabel } from '../../../model/component.js'
import type { Authority } from '../../../model/evidence.js'
import type { Fact } from '../../../model/graph.js'
import type { NoAnswer } from '../../no-answer.js'
import { compared, type Piece, unanswered } from './checks.js'
import type { DirectModule } from './direct-tag.js'
import type { VendorDifference } from './vendored-copies.js'
import type { FetchedZip } from './zip-inspection.js'

/** The vendored copies of a module against its zip. */
export type VendorOutcome =
  | {
      readonly kind: 'compared'
      /** Of the zip. */
      readonly h1: string
      readonly url: string
      readonly at: string
      readonly sha256: string
      readonly files: number
      readonly differences: readonly VendorDifference[]
    }
  | { readonly kind: 'none'; readonly none: NoAnswer & { readonly authority?: Authority | undefined } }

const NOT_VOUCHED = 'neither go.sum nor the log vouches for the zip that it would be compared with'
const MAX_NAMED = 3
/** A folder that was replaced as a whole differs in every file. */
const MAX_FACTS = 200

/** Only a zip that somebody vouches for can tell what vendored files should be (spec/go.md §5.4). */
export function vendorCheck(outcome: VendorOutcome, vouched: readonly string[]): readonly Piece[] {
  const check = 'go/vendor'
  if (outcome.kind === 'none') return [unanswered(check, outcome.none)]
  const { h1, url, at, sha256: stored, files, differences } = outcome
  const base = { check, authority: { kind: 'artifact', name: url }, at, stored } as const
  if (!vouched.includes(h1)) return [{ ...base, verdict: 'not-checkable', why: NOT_VOUCHED }]
  if (differences.length === 0) return [{ ...base, verdict: 'match', why: `${files} files` }]
  const named = differences.slice(0, MAX_NAMED).map(({ path, kind }) => `${path} (${kind})`)
  const rest = differences.length > MAX_NAMED ? ` and ${differences.length - MAX_NAMED} more` : ''
  return [{ ...base, verdict: 'mismatch', why: `${named.join(', ')}${rest}` }]
}

/** The same words as the reader has for it, which looks at caches: one difference is one finding. */
export function vendorFacts(component: Component, outcome: VendorOutcome, vouched: readonly string[]): readonly Fact[] {
  if (outcome.kind === 'none' || !vouched.includes(outcome.h1)) return []
  return outcome.differences.slice(0, MAX_FACTS).map(({ path, kind }) => ({
    kind: 'integrity/vendor-drift',
    component: component.id,
    location: kind === 'missing' ? component.occurrences[0]?.location : { file: path, line: 1, column: 1 },
    data: { path, why: driftText(kind, componentLabel(component)) },
  }))
}

function driftText(kind: VendorDifference['kind'], label: string): string {
  switch (kind) {
    case 'modified':
      return `its content differs from ${label}`
    case 'added':
      return `${label} has no such file`
    case 'missing':
      return `${label} has it, and the copy does not`
  }
}

/** Entries that nothing made by the go command holds (spec/go.md §15 row 42). */
export function zipFacts(component: Component, zip: FetchedZip): readonly Fact[] {
  if (zip.kind === 'none' || !zip.result.ok) return []
  const { linkModes, folders } = zip.result.zip
  const about = { component: component.id, location: component.occurrences[0]?.location }
  const one = (what: string, entries: readonly string[]): readonly Fact[] =>
    entries.length === 0
      ? []
      : [{ kind: 'go/zip-odd-entry', ...about, data: { what, count: entries.length, entries: entries.slice(0, MAX_NAMED) } }]
  return [...one('link', linkModes), ...one('folder', folders)]
}

/** What the tag in the repository gives against what everybody downloads. */
export function directTagCheck(direct: DirectModule, vouched: readonly string[]): readonly Piece[] {
  const check = 'go/direct-tag'
  const authority = direct.repository === undefined ? undefined : ({ kind: 'git', name: direct.repository } as const)
  if (direct.kind === 'none') return [unanswered(check, { ...direct, authority })]
  if (direct.kind === 'damaged') return [{ check, verdict: 'mismatch', expected: vouched[0], why: direct.why, authority }]
  const { h1: observed, ref, commit, at, stored } = direct
  const base = { check, observed, authority, at, stored, why: ref === commit ? `commit ${commit}` : `${ref} is ${commit}` }
  if (vouched.length > 0) return compared(base, vouched)
  return [{ ...base, verdict: 'not-checkable', why: `${base.why}; neither go.sum nor the log states what it should be` }]
}
