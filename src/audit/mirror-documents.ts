import { mirrorJson } from '../formats/mirror-json.js'
import type { Compared } from './mirror-compare.js'
import { DIVERGENCE } from './mirror-compare.js'
import type { MirrorStored } from './mirror-fetch.js'

/** What `mirror compare` prints with `--json`; what differs carries the rule that speaks of it. */
export function comparedDocument({ sources, counts, differences }: Compared): string {
  const rows = differences.map((one) => (one.kind === 'different' ? { ...one, rule: DIVERGENCE } : one))
  return mirrorJson('compare', { sources, counts, differences: rows })
}

/** What `mirror fetch` prints with `--json`. */
export function storedDocument({ folder, files, bytes, kept, items }: MirrorStored): string {
  const packages = items.map(({ pinned, outcome, files: paths }) => ({ ...pinned, ...outcome, files: paths }))
  return mirrorJson('fetch', { folder, files, bytes, kept, packages })
}
