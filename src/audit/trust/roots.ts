import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import { embeddedTrustedRoot } from '../../trust/sigstore/embedded-root.js'
import type { TrustedRoot } from '../../trust/sigstore/trusted-root.js'
import { readTrustedRoots } from '../../trust/sigstore/trusted-root.js'
import { readNamed } from '../named-file.js'

const MAX_ROOT_BYTES = 4 * 1024 * 1024

export interface LoadedRoots {
  /** In the order in which they are tried; never empty. */
  readonly roots: readonly TrustedRoot[]
  /** No file was named: the root that comes with the program is used. */
  readonly embedded: boolean
}

/** The trusted roots in the files, or else the embedded one. Throws `input-unreadable`, and `configuration` for what is no root. */
export async function loadTrustedRoots(files: readonly string[]): Promise<LoadedRoots> {
  const roots: TrustedRoot[] = []
  for (const file of files) {
    const read = readTrustedRoots(file, await readNamed(file, MAX_ROOT_BYTES, 'trusted root'))
    if (!read.ok)
      throw new AssayError(
        'configuration',
        escapeTerminal(read.why),
        'Give the trusted_root.json of the instance, or what `gh attestation trusted-root` prints.',
      )
    roots.push(...read.roots)
  }
  return roots.length > 0 ? { roots, embedded: false } : { roots: [await embeddedTrustedRoot()], embedded: true }
}
