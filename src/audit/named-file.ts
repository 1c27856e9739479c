import { readBoundedFile } from '../evidence/http/bounded-file.js'
import { AssayError } from '../model/error.js'

/** A file that the command line or the configuration names. Throws `input-unreadable`. */
export async function readNamed(file: string, limit: number, what: string): Promise<Uint8Array> {
  const read = await readBoundedFile(file, limit)
  if (read.ok) return read.bytes
  const why = read.failure === 'absent' ? 'does not exist' : `cannot be read (${read.why})`
  throw new AssayError('input-unreadable', `the ${what} ${file} ${why}`, 'Check the path and its permissions.')
}
