import type { Command } from 'commander'
import { Option } from 'commander'
import { AssayError } from '../model/error.js'
import { collect, flag } from './declare.js'
import type { VerifyVsaOptions } from './options.js'

/** Options that are about a signed decision, by the name commander gives them. */
const OWN_OPTIONS: ReadonlySet<string> = new Set([
  'vsa',
  'verifierId',
  'resource',
  'level',
  'profile',
  'rule',
  'baseline',
  'asOf',
])
/** Others of `assay verify` that mean something here too: reading as for an audit, and who may have signed. */
const COMMON_OPTIONS: ReadonlySet<string> = new Set([
  'artifact',
  'key',
  'certificateIdentity',
  'certificateIdentityRegexp',
  'certificateOidcIssuer',
  'sourceRepository',
  'sourceRef',
  'trustedRoot',
  'config',
  'exclude',
  'include',
  'gomodcache',
  'zigCache',
  'cargoHome',
  'nimblePackages',
  'target',
  'features',
  'environment',
  'offline',
  'json',
  'color',
  'quiet',
  'verbose',
])

/** Declares the options of `assay verify` about a signed decision. */
export function declareVsa(command: Command): Command {
  return command
    .option('--vsa <file>', 'accept this signed decision (assay attest) instead of auditing again, with --key or --certificate-…')
    .option('--verifier-id <uri>', 'with --vsa: the verifier that the signer may speak for (default: pkg:generic/assay)')
    .option('--resource <uri>', 'with --vsa: what it must be about (default: the purl of the project)')
    .option(
      '--level <name>',
      'with --vsa: level that must have been verified, e.g. ASSAY_CHECKSUM_VERIFIED; may be repeated',
      collect,
      [],
    )
    .addOption(
      new Option('--profile <name>', 'with --vsa: profile it must have been decided by').choices([
        'relaxed',
        'recommended',
        'strict',
        'audit',
      ]),
    )
    .option('--rule <id=severity>', 'with --vsa: severity it must have been decided by; may be repeated', collect, [])
    .option('--baseline <file>', 'with --vsa: baseline it must have been decided by')
    .option('--as-of <date>', 'with --vsa: it must count at the end of this day, YYYY-MM-DD (default: now)')
}

/** The options of a call about a signed decision; undefined for another call. Throws `usage` for options that do not go together. */
export function vsaOptions(
  options: Omit<VerifyVsaOptions, 'vsa'> & { readonly vsa?: string },
  command: Command,
): VerifyVsaOptions | undefined {
  const given = command.options
    .map((option) => option.attributeName())
    .filter((name) => command.getOptionValueSource(name) === 'cli')
  const { vsa } = options
  if (vsa === undefined) {
    const alone = given.find((name) => OWN_OPTIONS.has(name))
    if (alone === undefined) return undefined
    throw new AssayError('usage', `${flag(alone)} is about a signed decision, and none is named`, 'Add --vsa FILE.')
  }
  const foreign = given.find((name) => !OWN_OPTIONS.has(name) && !COMMON_OPTIONS.has(name))
  if (foreign !== undefined)
    throw new AssayError('usage', `${flag(foreign)} means nothing with --vsa`, 'Leave it away: nobody is asked.')
  const source = given.find((name) => name === 'sourceRepository' || name === 'sourceRef')
  if (source !== undefined && options.certificateOidcIssuer === undefined)
    throw new AssayError(
      'usage',
      `${flag(source)} is what a certificate must say, and none is wanted`,
      'Add --certificate-oidc-issuer, or leave it away: a key says nothing of a source.',
    )
  return { ...options, vsa }
}
