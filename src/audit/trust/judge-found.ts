import type { Digest } from '../../model/digest.js'
import type { BundleFact } from '../../model/signature-fact.js'
import type { IdentitySettings } from '../../model/trust-settings.js'
import type { FoundBundle } from '../../trust/lookup/source.js'
import type { FoundSignature } from '../artifact/found-signatures.js'
import { splitSignatures } from '../artifact/found-signatures.js'
import { judgeSignature } from '../artifact/judge-signature.js'
import type { ComponentPolicy } from './component-policy.js'
import { bundleOutcome } from './judged-bundle.js'

/** Of one component: verifying one takes milliseconds, and anybody can make any number of them. */
const MAX_SIGNATURES = 256

interface Judged {
  readonly bundles: readonly BundleFact[]
  /** Files that hold more signatures than are judged. */
  readonly overfull: readonly string[]
}

/** What is judged by: the component's name and digests, who may sign it, and what of its statements counts. */
interface JudgedBy {
  readonly name: string
  readonly anchors: readonly Digest[]
  readonly policy: ComponentPolicy
  readonly identity: IdentitySettings | undefined
}

/** Judges every signature in the files that were found for a component. */
export async function judgeFound(found: readonly FoundBundle[], by: JudgedBy): Promise<Judged> {
  const bundles: BundleFact[] = []
  const overfull: string[] = []
  for (const { from, bytes, sha256 } of found) {
    const signatures = splitSignatures(from, bytes)
    if (signatures === 'too-many' || bundles.length + signatures.length > MAX_SIGNATURES) overfull.push(from)
    else bundles.push(...(await judgeAll(signatures, sha256, by)))
  }
  return { bundles, overfull }
}

async function judgeAll(
  signatures: readonly FoundSignature[],
  sha256: string,
  { name, anchors, policy: { policy, basis }, identity }: JudgedBy,
): Promise<BundleFact[]> {
  const judged: BundleFact[] = []
  for (const found of signatures) {
    const { signature } = await judgeSignature(found, { name, anchors }, policy)
    const outcome = bundleOutcome(signature, sha256, basis, identity)
    if (outcome !== undefined) judged.push(outcome)
  }
  return judged
}
