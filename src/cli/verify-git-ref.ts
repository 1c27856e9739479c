import type { Command } from 'commander'
import { AssayError } from '../model/error.js'
import { collect, flag } from './declare.js'
import type { VerifyGitRefOptions } from './options.js'

/** Options that are about one tag or commit, by the name commander gives them. */
const OWN_OPTIONS: ReadonlySet<string> = new Set(['gitRef', 'allowedSigners', 'openpgpKeys'])
/** Others of `assay verify` that mean something here too. */
const COMMON_OPTIONS: ReadonlySet<string> = new Set(['offline', 'json', 'color', 'quiet', 'verbose'])

/** Declares the options of `assay verify` about one tag or commit. */
export function declareGitRef(command: Command): Command {
  return command
    .option('--git-ref <ref>', 'verify who signed this tag or commit of the repository at [path]')
    .option(
      '--allowed-signers <file>',
      'with --git-ref: SSH keys that may sign (ssh-keygen, ALLOWED SIGNERS); may be repeated',
      collect,
      [],
    )
    .option(
      '--openpgp-keys <file>',
      'with --git-ref: OpenPGP public keys that may sign (gpg --export); may be repeated',
      collect,
      [],
    )
}

/** The options of a call about one tag or commit; undefined for another call. Throws `usage` for options that do not go together. */
export function gitRefOptions(
  options: Omit<VerifyGitRefOptions, 'gitRef'> & { readonly gitRef?: string },
  command: Command,
): VerifyGitRefOptions | undefined {
  const given = command.options
    .map((option) => option.attributeName())
    .filter((name) => command.getOptionValueSource(name) === 'cli')
  const { gitRef } = options
  if (gitRef === undefined) {
    const alone = given.find((name) => OWN_OPTIONS.has(name))
    if (alone === undefined) return undefined
    throw new AssayError('usage', `${flag(alone)} is about one tag or commit, and none is named`, 'Add --git-ref REF.')
  }
  const foreign = given.find((name) => !OWN_OPTIONS.has(name) && !COMMON_OPTIONS.has(name))
  if (foreign !== undefined)
    throw new AssayError(
      'usage',
      `${flag(foreign)} means nothing with --git-ref`,
      'Leave it away: the repository alone is looked at.',
    )
  return { ...options, gitRef }
}
