import { posix, win32 } from 'node:path'

/**
 * Where the store is, unless the user names a folder: `ASSAY_CACHE`, else the cache folder of the platform
 * (XDG base directory specification; `LOCALAPPDATA`; `~/Library/Caches`). Undefined where the surroundings name none.
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string | undefined {
  const own = env['ASSAY_CACHE']
  if (own !== undefined && own !== '') return own
  const path = platform === 'win32' ? win32 : posix
  const absolute = (name: string): string | undefined => {
    const value = env[name]
    // A relative XDG_CACHE_HOME is to be ignored (XDG §2); a relative home would be another folder for every command.
    return value !== undefined && path.isAbsolute(value) ? value : undefined
  }
  const below = (base: string | undefined, ...parts: string[]): string | undefined =>
    base === undefined ? undefined : path.join(base, ...parts)
  switch (platform) {
    case 'win32':
      return below(absolute('LOCALAPPDATA') ?? below(absolute('USERPROFILE'), 'AppData', 'Local'), 'assay', 'cache')
    case 'darwin':
      return below(absolute('XDG_CACHE_HOME'), 'assay') ?? below(absolute('HOME'), 'Library', 'Caches', 'assay')
    default:
      return below(absolute('XDG_CACHE_HOME') ?? below(absolute('HOME'), '.cache'), 'assay')
  }
}
