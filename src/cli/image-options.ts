import type { Command } from 'commander'
import { AssayError } from '../model/error.js'
import { collect, flag, isGiven } from './declare.js'
import type { ImageSbomOptions, VerifyImageOptions } from './options.js'

/** True for an argument that names something in a registry or layout folder instead of a tree. */
export function namesImage(argument: string): boolean {
  return /^oci(?:-layout)?:/.test(argument)
}

/** Options of `assay verify` about an image, beside those that it shares with `--artifact`. */
export function declareImage(command: Command): Command {
  return command
    .option('--strict', 'with oci: what passes only with warnings fails (exit 1)')
    .option('--plain-http <host>', 'with oci: ask this registry over plain http; may be repeated', collect, [])
    .option('--evidence-out <pack>', 'with oci, --repo or --attestations: write everything that was said to this evidence pack')
}

/** Who may have signed, where a command has no such options of its own. */
export function declareSigner(command: Command): Command {
  return command
    .option('--key <file>', 'with oci: public key in PEM that must have signed; may be repeated', collect, [])
    .option('--certificate-identity <name>', 'with oci: who must have signed, exactly as in the certificate')
    .option('--certificate-identity-regexp <pattern>', 'with oci: the same as a pattern that matches the whole name')
    .option('--certificate-oidc-issuer <url>', 'with oci: who must have vouched for that identity')
    .option('--trusted-root <file>', 'with oci: trusted_root.json or JSON lines of them; may be repeated', collect, [])
    .option('--plain-http <host>', 'with oci: ask this registry over plain http; may be repeated', collect, [])
}

const SIGNER = ['key', 'certificateIdentity', 'certificateIdentityRegexp', 'certificateOidcIssuer', 'trustedRoot']
const ASKING = ['config', 'offline', 'store', 'evidence', 'evidenceDigest', 'plainHttp']
const COMMON = ['color', 'quiet', 'verbose']
const VERIFY = new Set([
  ...SIGNER,
  ...ASKING,
  ...COMMON,
  'sourceRepository',
  'sourceRef',
  'onlineRoots',
  'strict',
  'bytes',
  'evidenceOut',
  'json',
])
const SBOM = new Set([...SIGNER, ...ASKING, ...COMMON, 'format'])
/** Options of `assay sbom` that are about an image alone. */
const SBOM_ALONE = [...SIGNER, 'plainHttp']

/** The options of `assay verify oci:…`. Throws `usage` for those that mean nothing there. */
export function verifyImageOptions(
  image: string,
  options: Omit<VerifyImageOptions, 'image'>,
  command: Command,
): VerifyImageOptions {
  refuseOthers(command, VERIFY)
  return { ...options, image }
}

/** The options of `assay sbom oci:…`. Throws `usage` for those that mean nothing there. */
export function imageSbomOptions(image: string, options: Omit<ImageSbomOptions, 'image'>, command: Command): ImageSbomOptions {
  refuseOthers(command, SBOM)
  return { ...options, image }
}

/** Throws `usage` where an option about an image is given, and none is named. */
export function refuseImageOptions(command: Command, names: readonly string[] = SBOM_ALONE): void {
  const alone = names.find((name) => isGiven(command, name))
  if (alone !== undefined)
    throw new AssayError('usage', `${flag(alone)} is about an image, and none is named`, 'Name one as oci:HOST/PATH@sha256:….')
}

function refuseOthers(command: Command, known: ReadonlySet<string>): void {
  const foreign = command.options
    .map((option) => option.attributeName())
    .find((name) => !known.has(name) && isGiven(command, name))
  if (foreign !== undefined)
    throw new AssayError(
      'usage',
      `${flag(foreign)} means nothing for an image`,
      'Leave it away: the registry or folder alone is read.',
    )
}
