import { basename } from 'node:path'
import type { ChecksumList } from './checksum-list.js'
import type { FoundSignature } from './found-signatures.js'
import { judgeSignature } from './judge-signature.js'
import type { JudgedSignature, KnownArtifact } from './judged-signature.js'
import type { ArtifactPolicy } from './policy.js'
import { problem } from './reasons.js'

/**
 * Judges a signature over a list of digests: over the list first, and only where that holds by what the list says of the
 * artifact. A statement about the list says nothing about how the artifact came to be in it.
 */
export async function judgeListed(
  found: FoundSignature,
  list: ChecksumList,
  { anchors }: KnownArtifact,
  policy: ArtifactPolicy,
): Promise<JudgedSignature> {
  const { file, bytes, sha256, listed } = list
  const signed: KnownArtifact = { name: basename(file), bytes, anchors: [{ of: 'artifact', algorithm: 'sha256', value: sha256 }] }
  const one = await judgeSignature(found, signed, policy)
  const signature = { ...one.signature, list: file }
  const judged: JudgedSignature = { file: one.file, fulfils: one.fulfils, signature, source: one.source }
  if (signature.outcome !== 'verified') return judged
  const known = (algorithm: string): string | undefined =>
    anchors.find((anchor) => anchor.of === 'artifact' && anchor.algorithm === algorithm)?.value
  const other = listed.find(({ algorithm, value }) => known(algorithm) !== value)
  if (other === undefined) return judged
  const why = `${basename(file)}, which it signs, lists ${other.algorithm}:${other.value}, and the artifact is ${other.algorithm}:${known(other.algorithm) ?? 'not known'}`
  return {
    ...judged,
    signature: { ...signature, outcome: 'refused', problems: [problem('trust/digest-mismatch', why), ...signature.problems] },
  }
}
