import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parsePublicKey } from '../../src/trust/public-key.js'
import { embeddedTrustedRoot } from '../../src/trust/sigstore/embedded-root.js'
import type { SignerPolicy } from '../../src/trust/sigstore/identity-policy.js'
import type { TrustedRoot } from '../../src/trust/sigstore/trusted-root.js'
import { readTrustedRoots } from '../../src/trust/sigstore/trusted-root.js'
import { failureOf } from '../../src/trust/sigstore/verdict.js'
import type { SignedArtifact } from '../../src/trust/sigstore/verifier.js'
import { verifyBundle } from '../../src/trust/sigstore/verifier.js'

const USAGE = `verify-bundle --bundle FILE (--certificate-identity SAN --certificate-oidc-issuer ISSUER | --key FILE) [--trusted-root FILE] FILE_OR_DIGEST
sign-bundle [--in-toto] --identity-token TOKEN --bundle FILE [--trusted-root FILE] [--signing-config FILE] FILE`

interface Options {
  readonly bundle?: string | undefined
  readonly 'certificate-identity'?: string | undefined
  readonly 'certificate-oidc-issuer'?: string | undefined
  readonly key?: string | undefined
  readonly 'trusted-root'?: string | undefined
  readonly 'identity-token'?: string | undefined
  readonly 'signing-config'?: string | undefined
  readonly 'in-toto'?: boolean | undefined
}

/** Runs one command of the suite's protocol; gives the exit code. */
export async function runClient(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args
  if (command !== 'verify-bundle' && command !== 'sign-bundle')
    return fail(2, `${command ?? 'nothing'} is not supported; known is ${USAGE}`)
  let parsed: { values: Options & { staging?: boolean | undefined }; positionals: string[] }
  try {
    const text = { type: 'string' } as const
    const options = {
      bundle: text,
      'certificate-identity': text,
      'certificate-oidc-issuer': text,
      key: text,
      'trusted-root': text,
      'identity-token': text,
      'signing-config': text,
      'in-toto': { type: 'boolean' },
      staging: { type: 'boolean' },
    } as const
    parsed = parseArgs({ args: rest, options, allowPositionals: true })
  } catch (error) {
    return fail(2, error instanceof Error ? error.message : USAGE)
  }
  const [subject, ...more] = parsed.positionals
  if (subject === undefined || more.length > 0 || parsed.values.bundle === undefined) return fail(2, USAGE)
  if (parsed.values.staging === true && parsed.values['trusted-root'] === undefined)
    return fail(2, 'no root of the staging instance is at hand')
  const { bundle } = parsed.values
  return command === 'verify-bundle' ? verify(bundle, parsed.values, subject) : signFile(bundle, parsed.values, subject)
}

async function signFile(bundle: string, options: Options, file: string): Promise<number> {
  const { 'identity-token': token, 'signing-config': signingConfig, 'in-toto': inToto = false } = options
  if (token === undefined) return fail(2, USAGE)
  const { sign } = await import('./sign-command.js')
  const why = await sign({ token, bundle, signingConfig, inToto, file })
  return why === undefined ? 0 : fail(1, why)
}

async function verify(bundle: string, options: Options, subject: string): Promise<number> {
  const roots = await rootsOf(options['trusted-root'])
  if (typeof roots === 'string') return fail(1, roots)
  const signer = signerOf(options)
  if (typeof signer === 'string') return fail(1, signer)
  const verdict = await verifyBundle({ bundle: readFileSync(bundle), artifact: artifactOf(subject), roots, signer })
  if (verdict.outcome === 'verified') return 0
  const failure = failureOf(verdict)
  return fail(1, `${failure?.reason}: ${failure?.why}`)
}

async function rootsOf(file: string | undefined): Promise<readonly TrustedRoot[] | string> {
  if (file === undefined) return [await embeddedTrustedRoot()]
  const read = readTrustedRoots(file, readFileSync(file))
  return read.ok ? read.roots : read.why
}

function signerOf(options: Options): SignerPolicy | string {
  if (options.key === undefined) {
    return { kind: 'certificate', issuer: options['certificate-oidc-issuer'], san: options['certificate-identity'] }
  }
  const parsed = parsePublicKey(options.key, readFileSync(options.key, 'utf8'))
  return parsed.ok ? { kind: 'key', keys: [parsed.key] } : parsed.why
}

/** `sha256:HEX` is a digest, unless a file has that name. */
function artifactOf(subject: string): SignedArtifact {
  const value = /^sha256:([0-9a-f]{64})$/.exec(subject)?.[1]
  return value === undefined
    ? { bytes: readFileSync(subject), anchors: [] }
    : { anchors: [{ of: 'artifact', algorithm: 'sha256', value }] }
}

function fail(code: number, message: string): number {
  console.error(message)
  return code
}
