/** Files of the package managers that Zig projects used before build.zig.zon; seen and named, never parsed (spec/zig.md §1). */
const OLDER: ReadonlySet<string> = new Set(['zig.mod', 'zigmod.lock', 'gyro.zzz', 'gyro.lock'])

/** The format of a file that belongs to Zig, by its path. */
export function claimZig(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name === 'build.zig.zon') return 'zig-zon'
  return OLDER.has(name) ? 'zig-older-manager' : undefined
}
