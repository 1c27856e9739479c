import { decodeUtf8 } from '../../../syntax/text.js'
import type { ModFile } from '../mod-file.js'
import { parseModFile } from '../parse-mod.js'

export const MAX_MOD_BYTES = 16 * 1024 * 1024

/** A dependency's go.mod as the go command would read it; undefined for what it would refuse. */
export function readModDocument(bytes: Uint8Array, name: string): ModFile | undefined {
  const decoded = decodeUtf8(bytes)
  if (!decoded.ok || decoded.hadBom) return undefined
  const mod = parseModFile(decoded.text, name, 'lax')
  return mod.module === undefined || mod.problems.length > 0 ? undefined : mod
}

/** What a proxy makes up for a version without a go.mod (spec/go.md §8.1); no module path needs quotes. */
export function isSyntheticMod(bytes: Uint8Array, path: string): boolean {
  return Buffer.from(`module ${path}\n`).equals(bytes)
}
