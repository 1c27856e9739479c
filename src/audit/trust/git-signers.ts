import { openGpg } from '../../evidence/gpg.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { AllowedSigner } from '../../trust/git/allowed-signers.js'
import { readAllowedSigners } from '../../trust/git/allowed-signers.js'
import type { GitSigners } from '../../trust/git/judge.js'
import { readNamed } from '../named-file.js'

const MAX_BYTES = 4 * 1024 * 1024

export interface OpenedSigners {
  readonly signers: GitSigners
  /** Removes what was made for gpg. */
  close(): Promise<void>
}

/** Reads who may sign git tags and commits. Throws `input-unreadable` for a file, `configuration` for one that is no such list. */
export async function openGitSigners(allowedSigners: readonly string[], openpgpKeys: readonly string[]): Promise<OpenedSigners> {
  const ssh: AllowedSigner[] = []
  for (const file of allowedSigners) {
    const read = readAllowedSigners(Buffer.from(await readNamed(file, MAX_BYTES, 'list of allowed signers')).toString('utf8'))
    if (!read.ok)
      throw new AssayError(
        'configuration',
        `${file} is no list of allowed signers: ${escapeTerminal(read.why)}`,
        'Each line is: principals, options, key type, key; see ssh-keygen(1), ALLOWED SIGNERS.',
      )
    ssh.push(...read.signers)
  }
  const keys: Uint8Array[] = []
  for (const file of openpgpKeys) keys.push(await readNamed(file, MAX_BYTES, 'file of OpenPGP keys'))
  const opened = keys.length === 0 ? undefined : await openGpg(keys)
  if (opened?.ok === false && opened.failure === 'no-key')
    throw new AssayError(
      'configuration',
      `${openpgpKeys.join(', ')}: ${opened.why}`,
      'Give files of OpenPGP public keys, as `gpg --export` writes them.',
    )
  return {
    signers: {
      ssh: allowedSigners.length === 0 ? undefined : ssh,
      openpgp: opened === undefined ? undefined : opened.ok ? opened.gpg : opened.why,
    },
    async close() {
      if (opened?.ok === true) await opened.gpg.close()
    },
  }
}
