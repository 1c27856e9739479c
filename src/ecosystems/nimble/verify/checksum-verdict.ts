import type { ChecksumReading } from './checksum.js'
import { readingsOf } from './checksum.js'
import type { PackageCandidate } from './package-commit.js'

/** Told with every outcome: who relies on the tool's own check relies on nothing. */
const NO_LONGER_COMPARED = 'nimble 0.24 and later no longer compare it'

export interface ChecksumVerdict {
  readonly verdict: 'match' | 'mismatch' | 'not-checkable'
  readonly observed?: string | undefined
  readonly why: string
  /** The folder that it is about. */
  readonly candidate?: PackageCandidate | undefined
}

/** Holds the sha1 of a lock against every folder that may be the package, in every reading an honest lock can have (spec/nimble.md §4). */
export function judgeChecksum(expected: string, candidates: readonly PackageCandidate[]): ChecksumVerdict {
  const filled = candidates.filter(({ count }) => count > 0)
  for (const candidate of filled) {
    const [reading] = readingsOf(candidate.checksums, expected)
    if (reading === undefined) continue
    const parts = [
      ...(candidate.folder === '.' ? [] : [`it is that of the folder ${candidate.folder}`]),
      ...(READINGS[reading] === undefined ? [] : [READINGS[reading]]),
      ...uncoveredBy(candidate),
      NO_LONGER_COMPARED,
    ]
    return { verdict: 'match', observed: expected, why: parts.join('; '), candidate }
  }
  const [first] = filled
  if (first === undefined)
    return { verdict: 'mismatch', why: 'the commit has no files where the package should be', candidate: candidates[0] }
  const { values, notes } = first.checksums
  const filtered = notes.filter(({ kind }) => kind === 'not-computable').map(({ path }) => path)
  if (filtered.length > 0)
    return {
      verdict: 'not-checkable',
      why: `what a checkout writes for ${some(filtered)} is made by a filter or an encoding, and not as stored`,
      candidate: first,
    }
  const changed = notes.filter(({ kind }) => kind === 'changed-by-checkout').map(({ path }) => path)
  const parts = [
    `tried as ${[...values.keys()].join(', ')}${filled.length > 1 ? ` in ${filled.map(({ folder }) => folder).join(' and ')}` : ''}`,
    ...(changed.length > 0 ? [`a checkout changes ${some(changed)}`] : []),
    NO_LONGER_COMPARED,
  ]
  return { verdict: 'mismatch', observed: (values.get('checkout') ?? values.get('stored'))?.value, why: parts.join('; ') }
}

const READINGS: Readonly<Record<ChecksumReading, string | undefined>> = {
  checkout: undefined,
  'checkout-unquoted': 'made where git quotes no names (core.quotePath=false)',
  stored: 'made of the files as the repository stores them, without what .gitattributes changes',
  'plain-folder': 'made in a folder that is no checkout, such as an unpacked archive',
  atlas: 'made by Atlas, which takes the name of the package for every file name: names are not covered',
}

function uncoveredBy({ checksums: { notes } }: PackageCandidate): readonly string[] {
  const uncovered = notes.filter(({ kind }) => kind === 'submodule' || kind === 'quoted-name' || kind === 'link-skipped')
  return uncovered.length === 0 ? [] : [`it does not cover ${some(uncovered.map(({ path }) => path))}`]
}

const SHOWN = 5

function some(names: readonly string[]): string {
  const rest = names.length - SHOWN
  return (
    names
      .slice(0, SHOWN)
      .map((name) => JSON.stringify(name))
      .join(', ') + (rest > 0 ? ` and ${rest} more` : '')
  )
}
