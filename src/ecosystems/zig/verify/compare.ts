import type { PackageHash } from '../package-hash.js'
import type { HashSummary } from './tree-hash.js'

export type Comparison =
  | {
      readonly verdict: 'match'
      /** Under which reading, where there is more than one. */
      readonly reading: 'current' | 'legacy-filtered' | 'legacy-all-files'
    }
  | { readonly verdict: 'mismatch'; readonly observed: string; readonly why: string }

/** Holds the hash of a package against what its files give, in every reading the form can have (spec/zig.md §4, §7). */
export function compareHash(hash: PackageHash, hashes: HashSummary): Comparison {
  return hash.form === 'legacy' ? compareLegacy(hash, hashes) : compareCurrent(hash, hashes)
}

function compareLegacy({ text }: PackageHash, { legacy, legacyAllFiles, excluded }: HashSummary): Comparison {
  if (legacy?.value === text) return { verdict: 'match', reading: 'legacy-filtered' }
  if (legacyAllFiles?.value === text) return { verdict: 'match', reading: 'legacy-all-files' }
  const tried = [
    ...(legacy === undefined ? [] : ['the files that paths name']),
    ...(legacyAllFiles === undefined || (legacy !== undefined && excluded.length === 0)
      ? []
      : ['all files, as zig 0.11 read it']),
  ]
  return {
    verdict: 'mismatch',
    observed: legacy?.value ?? legacyAllFiles?.value ?? NOTHING,
    why: `tried over ${tried.join(' and over ') || 'nothing, since the manifest cannot be read and there are links'}; a hash that was saved by a development build of zig 0.12 can match nothing`,
  }
}

function compareCurrent(hash: Exclude<PackageHash, { form: 'legacy' }>, hashes: HashSummary): Comparison {
  const { current, legacyAllFiles, size } = hashes
  if (current?.value === hash.text) return { verdict: 'match', reading: 'current' }
  const observed = current?.value ?? legacyAllFiles?.value ?? NOTHING
  if (current === undefined)
    return { verdict: 'mismatch', observed, why: 'its manifest cannot be read, or states no name or version' }
  if (hasSameFiles(hash, hashes))
    return { verdict: 'mismatch', observed, why: 'the files are the same, and the hash names another package or version' }
  const difference = size - hash.size
  const sizes =
    difference === 0 || hash.size === SATURATED
      ? 'as many bytes in all, and other content'
      : `${Math.abs(difference)} bytes ${difference > 0 ? 'more' : 'less'} than the ${hash.size} that the hash states`
  return { verdict: 'mismatch', observed, why: `it unpacks to ${sizes}` }
}

/** Stands for that many bytes or more. */
const SATURATED = 0xffff_ffff
const NOTHING = 'nothing that can be hashed'

/** Whether digest and size in a hash are those of these files, whatever the package is called. */
export function hasSameFiles(hash: Exclude<PackageHash, { form: 'legacy' }>, { legacy, size }: HashSummary): boolean {
  const digest = legacy?.value.slice('1220'.length) ?? ''
  return digest.startsWith(hash.digestPrefix) && Math.min(size, SATURATED) === hash.size
}
