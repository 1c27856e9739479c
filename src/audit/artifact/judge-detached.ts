import { isSignedByCertificate, signerOfDetached } from '../../trust/detached-signature.js'
import type { FoundSignature } from './found-signatures.js'
import type { JudgedSignature, KnownArtifact } from './judged-signature.js'
import { judged } from './judged-signature.js'
import type { ArtifactPolicy } from './policy.js'
import { problem } from './reasons.js'

/**
 * A signature in a file of its own (spec/trust.md §3.3). A key of one's own decides. With a certificate beside it, nothing in
 * it says when it was made, and the certificate was valid for minutes: that check is never skipped.
 */
export async function judgeDetached(
  found: FoundSignature,
  artifact: KnownArtifact,
  policy: ArtifactPolicy,
): Promise<JudgedSignature> {
  const { bytes: signature, certificate } = found
  if (policy.keys.length > 0) {
    const signer = await signerOfDetached(signature, artifact, policy.keys)
    if (signer === 'bytes-needed') {
      const why = 'this kind of key signs whole files, and the artifact is too large to be held'
      return judged(found, 'key', { outcome: 'undecided', problems: [problem('trust/bytes-needed', why)] })
    }
    if (signer !== undefined) {
      const checks = (['signature', 'identity'] as const).map((name) => ({ name, state: 'passed' as const }))
      return judged(found, 'key', { outcome: 'verified', checks, signer: { kind: 'key', name: signer.name } })
    }
    // With a certificate beside it, it may be meant for that.
    if (certificate === undefined)
      return judged(found, 'key', {
        outcome: 'refused',
        problems: [problem('trust/key-wrong', 'the signature is not by a configured key, or not over this file')],
      })
  }
  if (certificate === undefined || policy.certificate === undefined) return judged(found, undefined, { outcome: 'not-judged' })
  if ((await isSignedByCertificate(certificate, signature, artifact)) === false) {
    const why = 'the signature is not by the key of the certificate beside it, or not over this file'
    return judged(found, 'signer', { outcome: 'refused', problems: [problem('trust/signature-invalid', why)] })
  }
  const why =
    'it is a signature with its certificate alone: without an entry of the log or a timestamp nothing says when it was signed'
  return judged(found, 'signer', { outcome: 'undecided', problems: [problem('trust/log-lookup-needed', why)] })
}
