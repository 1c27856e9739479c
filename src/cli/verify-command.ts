import type { Command } from 'commander'
import { AssayError } from '../model/error.js'
import { collect, flag, isGiven } from './declare.js'
import type { VerifyArtifactOptions, VerifyCommandOptions } from './options.js'

const HELP = `
With --artifact, signatures are those in --bundle, or else beside it: FILE.sigstore.json, .sigstore, .bundle,
.intoto.jsonl, .minisig, .sig (with .pem or .crt), those of a SHA256SUMS that lists it, and attestations beside the
--sbom. Nobody is asked unless --repo or --attestations names whom; --offline holds. Every option that names a signer, a
key or a source must be fulfilled.

With oci:HOST/PATH@DIGEST or oci-layout:FOLDER[:TAG][@DIGEST] as path, one artifact of a registry or layout folder is
verified: digests, signature, signer, provenance, SBOMs. The options of --artifact say who must have signed; without any,
[trust] identities of assay.toml do. --bytes hashes its layers too.

Examples:
  assay verify
  assay verify --bytes --json
  assay verify --offline --evidence evidence.tar
  assay verify --artifact widget.tar.gz --certificate-oidc-issuer https://token.actions.githubusercontent.com --source-repository https://github.com/acme/widget --source-ref refs/tags/v1.0.0
  assay verify --artifact zig-x86_64-linux-0.15.2.tar.xz --key RWSGOq2NVecA2UPNdBUZykf1CCb147pkmdtYxgb3Ti+JO/wCYvhbAb/U
  assay verify --vsa reports/assay-vsa.sigstore.json --key assay.pub --level ASSAY_CHECKSUM_VERIFIED
  assay verify --artifact widget.tar.gz --repo acme/widget
  assay verify --git-ref v1.2.0 --allowed-signers maintainers.allowed vendor/widget
  assay verify oci:registry.example/acme/app@sha256:… --certificate-oidc-issuer https://token.actions.githubusercontent.com --source-repository https://github.com/acme/app

Exit codes: 0 everything that could be asked agrees, 1 something is contradicted or gone, 3 somebody did not answer.
With --artifact, --git-ref or --vsa: 0 verified, 1 refused, 3 it cannot be decided, 4 a file cannot be read.
With oci: 0 pass, or a warning that something is missing beside what is verified (--strict: 1), 1 fail, 3 unknown or nothing
is proven, 4 it is not there.`

/** Options that are about one file, by the name commander gives them. */
const ARTIFACT_OPTIONS = [
  'bundle',
  'key',
  'certificateIdentity',
  'certificateIdentityRegexp',
  'certificateOidcIssuer',
  'trustedRoot',
  'onlineRoots',
  'sbom',
  'sourceRepository',
  'sourceRef',
  'repo',
  'attestations',
]
/** Options of `assay verify` that mean something with `--artifact` too. */
const COMMON_OPTIONS = ['artifact', 'offline', 'json', 'color', 'quiet', 'verbose']
/** And those that do where somebody is asked. */
const ASKING_OPTIONS = ['store', 'evidence', 'evidenceDigest', 'evidenceOut']

/** Declares what `assay verify` understands besides the options of every command that reads and asks. */
export function declareVerify(command: Command): Command {
  return command
    .option('--artifact <file>', 'verify this file instead: bytes, signature, signer, provenance, SBOM')
    .option('--bundle <file>', 'with --artifact: sigstore bundle, JSON lines or .minisig; may be repeated', collect, [])
    .option(
      '--key <file>',
      'with --artifact, --vsa or oci: public key, PEM or of minisign (also its base64 line); may be repeated',
      collect,
      [],
    )
    .option('--certificate-identity <name>', 'with --artifact, --vsa or oci: who must have signed, exactly as in the certificate')
    .option(
      '--certificate-identity-regexp <pattern>',
      'with --artifact, --vsa or oci: the same as a pattern that matches the whole name',
    )
    .option('--certificate-oidc-issuer <url>', 'with --artifact, --vsa or oci: who must have vouched for that identity')
    .option(
      '--trusted-root <file>',
      'with --artifact, --vsa or oci: trusted_root.json or JSON lines of them; may be repeated',
      collect,
      [],
    )
    .option('--online-roots', 'with --artifact or oci: the trusted root that assay trust update fetched last')
    .option('--sbom <file>', 'with --artifact: SBOM that must be about this file; may be repeated', collect, [])
    .option('--source-repository <url>', 'with --artifact, --vsa or oci: repository it must have been built from')
    .option('--source-ref <ref>', 'with --artifact, --vsa or oci: ref it must have been built from, e.g. refs/tags/v1.0.0')
    .option(
      '--repo <owner/name>',
      'with --artifact: ask GitHub for its attestations of this repository; it must have been built there',
    )
    .option(
      '--attestations <folder or url>',
      'with --artifact: look there by digest, e.g. https://HOST/{alg}/{digest}.jsonl; may be repeated',
      collect,
      [],
    )
    .option(
      '--json',
      'print JSON (schemas/evidence.schema.json, with --artifact schemas/artifact.schema.json, with --git-ref schemas/git-ref.schema.json, with --vsa schemas/vsa.schema.json, with oci: schemas/oci.schema.json)',
    )
    .addHelpText('after', HELP)
}

/** Whether the call is about one file. Throws `usage` for options that say so without `--artifact`. */
export function isAboutArtifact(command: Command): boolean {
  if (isGiven(command, 'artifact')) return true
  const alone = ARTIFACT_OPTIONS.find((name) => isGiven(command, name))
  if (alone === undefined) return false
  throw new AssayError(
    'usage',
    `${flag(alone)} is about one file or image, and none is named`,
    'Add --artifact FILE, or name an image as oci:HOST/PATH@DIGEST.',
  )
}

/** The options of a call about one file. Throws `usage` for those that are about a tree. */
export function artifactOptions(options: VerifyCommandOptions, command: Command): VerifyArtifactOptions {
  const isAsking = isGiven(command, 'repo') || isGiven(command, 'attestations')
  const known = new Set([...COMMON_OPTIONS, ...ARTIFACT_OPTIONS, ...(isAsking ? ASKING_OPTIONS : [])])
  const foreign = command.options
    .map((option) => option.attributeName())
    .find((name) => !known.has(name) && isGiven(command, name))
  if (command.args.length > 0)
    throw new AssayError('usage', 'a path and --artifact exclude each other', 'Leave one of them away.')
  if (foreign !== undefined)
    throw new AssayError(
      'usage',
      `${flag(foreign)} means nothing with --artifact`,
      'Leave it away: for one file, only those are asked whom --repo and --attestations name.',
    )
  return { ...options, artifact: options.artifact ?? '' }
}
