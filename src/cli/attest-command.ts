import type { Command } from 'commander'
import { Option } from 'commander'
import type { Finish, MakeContext } from './declare.js'
import { collect, judging, reading, verifying, wholeNumber } from './declare.js'
import type { AttestOptions } from './options.js'

const HELP = `
It audits as \`assay audit\` does in CI, and signs the decision as an in-toto statement (SLSA verification summary v1) about the
lockfiles, or about the files in --artifact. \`assay verify --vsa\` accepts it instead of auditing again, where the policy and
the files are the same. A policy that is not met is signed as FAILED, and only with --allow-failed.

The passphrase of a key is taken from ASSAY_KEY_PASSWORD or COSIGN_PASSWORD, or asked for on a terminal. --keyless signs by the
identity of the job (GitHub: permissions: { id-token: write }; GitLab: id_tokens: { SIGSTORE_ID_TOKEN: { aud: sigstore } }):
this publishes who signed, the repository and the digests in a public log, for ever.

Make a key:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -out key.pem
  openssl pkey -in key.pem -pubout -out key.pub

Examples:
  assay attest --key key.pem
  assay attest --key key.pem --artifact dist/app --sbom dist/app.cdx.json --resource pkg:cargo/app@1.0.0
  assay attest git:.#v1.0.0 --keyless --evidence-out evidence.tar -o app.vsa.sigstore.json
  assay attest --keyless --attach oci:registry.example.org/acme/app@sha256:… --sbom app.cdx.json
  assay attest --print-statement --offline
  assay verify --vsa reports/assay-vsa.sigstore.json --key key.pub

Exit codes: those of the audit: 0 passed, 1 violations, 3 could not verify (also: a service gave no signature), 4 input unreadable.`

/** Declares `assay attest`. */
export function addAttest(command: Command, context: MakeContext, finish: Finish): void {
  verifying(judging(reading(command)))
    .option('--artifact <file>', 'built file that the decision is about; may be repeated (default: the lockfiles)', collect, [])
    .option('--sbom <file>', 'SBOM to attest too, to FILE.sigstore.json; may be repeated', collect, [])
    .option('--sign <file>', 'file whose bytes are signed too, to FILE.sigstore.json; may be repeated', collect, [])
    .option('--resource <uri>', 'what the decision is about, as agreed with those who read it (default: the purl of the project)')
    .option('--verifier-id <uri>', 'who verified (default: pkg:generic/assay)')
    .option('--expires <days>', 'how long it counts, at most as long as the waivers it rests on (default: 30d)', days)
    .option('--timestamp <time>', 'when the decision is made, RFC 3339 UTC, and judged (default: SOURCE_DATE_EPOCH, else now)')
    .option('--evidence-out <pack>', 'write everything the audit was told to this evidence pack, and name it in the decision')
    .option('-o, --output <file>', 'where the signed decision goes', 'reports/assay-vsa.sigstore.json')
    .option(
      '--attach <image>',
      'attach the signed decision and SBOMs to this image, oci:HOST/PATH@sha256:…, which they are about too',
    )
    .option('--allow-failed', 'sign also that the policy was not met')
    .option('--print-statement', 'print the statements, one a line, and sign nothing')
    .option('--key <file>', 'sign with this private key (PEM, PKCS #8: ECDSA P-256 or Ed25519)')
    .option('--keyless', 'sign by the identity that continuous integration gives this job')
    .addOption(
      new Option('--oidc-provider <name>', 'whose identity, where there are several').choices(['github-actions', 'gitlab']),
    )
    .option('--identity-token <file>', 'with --keyless: a file that holds the identity token')
    .option('--yes', 'agree to what --keyless publishes, where it would ask')
    .option('--fulcio-url <url>', 'authority that certifies identities (default: the public one)')
    .option('--rekor-url <url>', 'log that takes the signature (default: the public one with --keyless, none with --key)')
    .addOption(new Option('--rekor-version <number>', 'version of that log').choices(['1', '2']).default('1'))
    .addOption(
      new Option('--rekor-entry <kind>', 'how a log of version 1 keeps a statement').choices(['dsse', 'intoto']).default('dsse'),
    )
    .option('--tsa-url <url>', 'timestamp authority (RFC 3161)')
    .option('--signing-config <file>', 'with --keyless: signing_config.v0.2.json, which names these services')
    .option(
      '--trusted-root <file>',
      'trusted root of those services: what was signed is verified before it is written',
      collect,
      [],
    )
    .option('--json', 'print JSON (schemas/attest.schema.json)')
    .addHelpText('after', HELP)
    .action(async (path: string, options: AttestOptions, own: Command) => {
      finish(await (await import('./commands/attest.js')).run(path, options, context(own)))
    })
}

/** `30d` or `30`. */
function days(value: string): number {
  return wholeNumber(value.replace(/d$/, ''))
}
