import { mirrorJson } from '../formats/mirror-json.js'
import type { Compared } from './mirror-compare.js'
import { DIVERGENCE } from './mirror-compare.js'
import type { MirrorStored } from './mirror-fetch.js'

export function comparedDocument({ sources, counts, differences }: Compared): string {
  const rows = differences.map((one) => (one.kind === 'different' ? { ...one, rule: DIVERGENCE } : one))
  return mirrorJson('compare', { sources, counts, differences: rows })
}

export function storedDocument({ folder, files, bytes, kept, items }: MirrorStored): string {
  const packages = items.map(({ pinned, outcome, files: paths }) => ({ ...pinned, ...outcome, files: paths }))
  return mirrorJson('fetch', { folder, files, bytes, kept, packages })
}
