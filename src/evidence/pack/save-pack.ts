import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AssayError } from '../../model/error.js'
import type { Used } from '../desk/desk.js'
import { replaceFile } from '../store/replace-file.js'
import { type PackMeta, writePack } from './write-pack.js'

export interface SavedPack {
  /** SHA-256 of the file, for pinning. */
  readonly digest: string
  readonly bytes: number
}

/** Writes the pack of a run to a file, whole or not at all. Throws as `writePack` does, and `output-unwritable`. */
export async function savePack(path: string, used: Used, meta: PackMeta = {}): Promise<SavedPack> {
  const digest = createHash('sha256')
  let bytes = 0
  function* counted(): Generator<Uint8Array> {
    for (const chunk of writePack(used, meta)) {
      digest.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  try {
    await mkdir(dirname(resolve(path)), { recursive: true })
    await replaceFile(resolve(path), counted(), 0o644)
  } catch (error) {
    if (error instanceof AssayError || !(error instanceof Error && 'code' in error)) throw error
    const message = `cannot write ${path} (${String(error.code)})`
    throw new AssayError('output-unwritable', message, 'Choose another place with -o.', { cause: error })
  }
  return { digest: digest.digest('hex'), bytes }
}
