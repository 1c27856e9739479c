const NAMES: ReadonlyMap<string, string> = new Map([
  ['nimble.lock', 'nimble-lock'],
  ['nimble.develop', 'nimble-develop'],
  ['nimble.paths', 'nimble-paths'],
  ['nimblemeta.json', 'nimble-meta'],
  ['atlas.lock', 'atlas-lock'],
  ['atlas.config', 'atlas-config'],
  ['atlas.workspace', 'atlas-workspace'],
])

/**
 * The format of a file that belongs to Nim's package managers, by its path. Files with names that others use too
 * (`requires`, `config.nims`, `.gitmodules`) are only looked at beside one of these.
 */
export function claimNimble(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const format = NAMES.get(name)
  if (format !== undefined) return format
  if (name.endsWith('.nimble-link')) return 'nimble-link'
  return name.endsWith('.nimble') && name !== '.nimble' ? 'nimble-manifest' : undefined
}
