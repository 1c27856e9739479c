import { ArchiveError } from './limits.js'

/** Names are UTF-8 here; what is not refuses the archive, since a replaced character would change a name in silence. */
export function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ArchiveError('bad-name', 'a name is not UTF-8')
  }
}
