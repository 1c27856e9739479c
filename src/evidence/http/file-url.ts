import { fileURLToPath } from 'node:url'
import { type BoundedFile, readBoundedFile } from './bounded-file.js'

/** Reads what a `file:` URL names, as mirrors on disk are configured. The URL must name no host. */
export async function readFileUrl(
  url: URL,
  limit: number,
): Promise<BoundedFile | { readonly ok: false; readonly failure: 'bad-url'; readonly why: string }> {
  if (url.hostname !== '') return { ok: false, failure: 'bad-url', why: 'it names a host' }
  let path: string
  try {
    path = fileURLToPath(url)
  } catch {
    return { ok: false, failure: 'bad-url', why: 'it names no path' }
  }
  if (path.includes('\0')) return { ok: false, failure: 'bad-url', why: 'it names no path' }
  return readBoundedFile(path, limit)
}
