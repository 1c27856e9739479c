import { readTarHeader } from './tar-header.js'
import type { Packing } from './unpack.js'

/** A zip, or a tar packed in one of the ways. */
export type ArchiveFormat = { readonly container: 'zip' } | { readonly container: 'tar'; readonly packing: Packing }

const ZIP: ArchiveFormat = { container: 'zip' }
const tar = (packing: Packing): ArchiveFormat => ({ container: 'tar', packing })

const ENDINGS: readonly (readonly [ending: string, format: ArchiveFormat])[] = [
  ['.tar', tar('none')],
  ['.tar.gz', tar('gzip')],
  ['.tgz', tar('gzip')],
  ['.crate', tar('gzip')],
  ['.tar.xz', tar('xz')],
  ['.txz', tar('xz')],
  ['.tar.zst', tar('zstd')],
  ['.tzst', tar('zstd')],
  ['.zip', ZIP],
  ['.jar', ZIP],
]

/** The format a file name promises; undefined for what is not read here (bzip2, 7z and the like). */
export function formatByName(name: string): ArchiveFormat | undefined {
  const lower = name.toLowerCase()
  return ENDINGS.find(([ending]) => lower.endsWith(ending))?.[1]
}

/** A tar is known by its first header. */
const MAGIC_BYTES = 512

const MAGICS: readonly (readonly [magic: readonly number[], format: ArchiveFormat])[] = [
  [[0x1f, 0x8b], tar('gzip')],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], tar('xz')],
  [[0x28, 0xb5, 0x2f, 0xfd], tar('zstd')],
  [[0x50, 0x4b, 0x03, 0x04], ZIP],
  // A zip without entries.
  [[0x50, 0x4b, 0x05, 0x06], ZIP],
]

/** The format the first bytes show. That a packed file holds a tar is supposed, not seen. */
export function formatByMagic(head: Uint8Array): ArchiveFormat | undefined {
  const found = MAGICS.find(([magic]) => magic.every((byte, i) => head[i] === byte))
  if (found !== undefined) return found[1]
  return head.length >= MAGIC_BYTES && isTarHeader(head) ? tar('none') : undefined
}

function isTarHeader(head: Uint8Array): boolean {
  try {
    readTarHeader(head)
    return true
  } catch {
    return false
  }
}
