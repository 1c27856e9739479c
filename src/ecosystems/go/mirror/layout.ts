import { escapePath, escapeVersion } from '../module-path.js'
import { parsePseudoVersion } from '../pseudo-version.js'

/** Where the files of a proxy begin in a store; the go command writes its own download cache in the same form. */
export const CACHE = 'go/cache/download'

/** The path of a module's file below a proxy, without its ending; undefined for what no proxy can have. */
export function versionPath(path: string, version: string): string | undefined {
  const folder = modulePath(path)
  const name = escapeVersion(version)
  return folder === undefined || name === undefined ? undefined : `${folder}/${name}`
}

/** The `@v` folder of a module. */
export function modulePath(path: string): string | undefined {
  const escaped = escapePath(path)
  return escaped === undefined ? undefined : `${CACHE}/${escaped}/@v`
}

/**
 * What the store says of a version (spec/go.md §8.1). Nobody vouches for what proxies say there, so it is made from the
 * version alone; a pseudo-version holds its time.
 */
export function versionInfo(version: string): Uint8Array {
  const time = parsePseudoVersion(version)?.time
  return Buffer.from(JSON.stringify({ Version: version, ...(time === undefined ? {} : { Time: time }) }))
}
