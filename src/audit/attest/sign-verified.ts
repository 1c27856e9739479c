import { createHash } from 'node:crypto'
import type { AttestSigner, SignedFile } from '../../model/attest-report.js'
import type { Digest } from '../../model/digest.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { SigningContent, SigningFailure, SigningParty } from '../../trust/signing/sign.js'
import type { TrustedRoot } from '../../trust/sigstore/trusted-root.js'
import type { BundleVerdict } from '../../trust/sigstore/verdict.js'
import { failureOf } from '../../trust/sigstore/verdict.js'
import { verifyBundle } from '../../trust/sigstore/verifier.js'
import type { ToSign } from './to-sign.js'

interface SignedBundle {
  readonly text: string
  readonly signer: AttestSigner
}

/** A bundle that verifies, and that nothing is written of yet. */
export interface NewBundle extends SignedFile {
  readonly text: string
}

/** Signs everything, by one signer. Throws as the signing of one does, and then hands out none. */
export async function signAll(
  all: readonly ToSign[],
  party: SigningParty,
  roots: readonly TrustedRoot[],
): Promise<{ readonly bundles: readonly NewBundle[]; readonly signer: AttestSigner | undefined }> {
  if (party.kind === 'key' && party.key.kind === 'ed25519' && all.some(({ kind }) => kind === 'file'))
    throw new AssayError(
      'configuration',
      'a signature over a file by an Ed25519 key is not verified by every tool in use',
      'Use an ECDSA P-256 key where the bytes of files are signed.',
    )
  const bundles: NewBundle[] = []
  let signer: AttestSigner | undefined
  for (const { content, about, kind, bundle, predicateType } of all) {
    const signed = await signVerified(content, about, party, roots)
    signer = signed.signer
    const sha256 = createHash('sha256').update(signed.text).digest('hex')
    bundles.push({ kind, bundle, sha256, predicateType, text: signed.text })
  }
  return { bundles, signer }
}

const FAILURES: Readonly<Record<SigningFailure, readonly [what: string, help: string]>> = {
  authority: [
    'the authority gave no certificate',
    'Check --fulcio-url, and that the identity was issued for the audience sigstore.',
  ],
  log: ['the log took no entry', 'Check --rekor-url and --rekor-version, or run it again.'],
  timestamp: ['the timestamp authority gave no timestamp', 'Check --tsa-url, or run it again.'],
  token: ['the identity token cannot be used', 'Have it issued for the audience sigstore.'],
}

/**
 * Signs, and verifies what came out as anybody will: a bundle that our own verifier refuses is not handed out. `about`:
 * digests of which a statement must name one. Throws `unavailable` where a service gives nothing, or what does not verify.
 */
async function signVerified(
  content: SigningContent,
  about: readonly Digest[],
  party: SigningParty,
  roots: readonly TrustedRoot[],
): Promise<SignedBundle> {
  const { signBundle } = await import('../../trust/signing/sign.js')
  const signed = await signBundle(content, party)
  if (!signed.ok) {
    const [what, help] = FAILURES[signed.failure]
    throw new AssayError('unavailable', `${what}: ${escapeTerminal(signed.why)}`, help)
  }
  const verdict = await verifyBundle({
    bundle: Buffer.from(signed.bundle),
    artifact: { bytes: content.kind === 'message' ? content.bytes : undefined, anchors: about },
    roots,
    signer: party.kind === 'key' ? { kind: 'key', keys: [party.key.publicKey] } : undefined,
  })
  const signer = signerOf(verdict, party)
  if (signer !== undefined) return { text: signed.bundle, signer }
  const failure = failureOf(verdict)
  throw new AssayError(
    'unavailable',
    `the signature that was made does not verify (${failure?.reason ?? 'no reason'}): ${escapeTerminal(failure?.why ?? '')}`,
    'Give the trusted root of the services that were asked with --trusted-root; if it is that one, do not trust what they answer.',
  )
}

/** Undefined where the bundle does not verify. Who an identity is, the authority says; the user is shown it. */
function signerOf({ outcome, signer }: BundleVerdict, party: SigningParty): AttestSigner | undefined {
  if (party.kind === 'key') {
    const { name, hint } = party.key.publicKey
    return outcome === 'verified' ? { kind: 'key', name, hint } : undefined
  }
  if (outcome !== 'unconstrained' || signer?.kind !== 'certificate') return undefined
  return { kind: 'certificate', name: signer.identity.san.value, issuer: signer.identity.claims.get('issuer') }
}
