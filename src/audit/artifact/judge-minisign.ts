import type { MinisignVerdict } from '../../trust/minisign.js'
import { verifyMinisign } from '../../trust/minisign.js'
import type { FoundSignature } from './found-signatures.js'
import type { JudgedSignature, KnownArtifact } from './judged-signature.js'
import { judged } from './judged-signature.js'
import type { ArtifactPolicy, NamedMinisignKey } from './policy.js'
import { problem } from './reasons.js'
import { isZigArchive } from './zig-archive.js'

/**
 * Judges a minisign signature by the keys that are given. Where the trusted comment names a file, it must be this one
 * (spec/trust.md §7): a mirror could otherwise hand out an older release, signed by the same key. For Zig's archives it must
 * name one.
 */
export async function judgeMinisign(
  found: FoundSignature,
  artifact: KnownArtifact,
  policy: ArtifactPolicy,
): Promise<JudgedSignature> {
  if (policy.minisignKeys.length === 0) return judged(found, undefined, { outcome: 'not-judged' })
  if (artifact.bytes === undefined && artifact.blake2b512 === undefined) {
    const why = 'minisign signs the file or its BLAKE2b-512, and neither is at hand'
    return judged(found, 'minisign-key', { outcome: 'undecided', problems: [problem('trust/minisign-bytes-needed', why)] })
  }
  const tried = policy.minisignKeys.map((key) => ({ key, verdict: verifyWith(found, artifact, key) }))
  const best =
    tried.find(({ verdict }) => verdict.kind === 'verified') ??
    tried.find(({ verdict }) => verdict.kind === 'refused' && verdict.reason !== 'key-id-mismatch') ??
    tried[0]
  if (best === undefined) return judged(found, undefined, { outcome: 'not-judged' })
  const { key, verdict } = best
  if (verdict.kind === 'refused') {
    return judged(found, 'minisign-key', {
      outcome: verdict.reason === 'bytes-needed' ? 'undecided' : 'refused',
      problems: [problem(`trust/minisign-${verdict.reason}`, verdict.why)],
    })
  }
  const unnamed = !namesAnyFile(verdict.trustedComment)
  if (unnamed && (await isZigArchive(artifact, verdict.keyId))) {
    const why = 'its trusted comment names no file, and an older archive of Zig would pass for this one'
    return judged(found, 'minisign-key', { outcome: 'refused', problems: [problem('trust/minisign-file-name-mismatch', why)] })
  }
  return judged(found, 'minisign-key', {
    outcome: 'verified',
    checks: (['signature', 'trusted comment', 'file name'] as const).map((name) => ({
      name,
      state: name === 'file name' && unnamed ? 'not-applicable' : 'passed',
    })),
    signer: { kind: 'key', name: `${key.name} (minisign ${verdict.keyId})` },
    comment: verdict.trustedComment,
    problems: unnamed
      ? [
          problem(
            'trust/comment-names-no-file',
            'its trusted comment names no file: an older release of this signer would pass too',
          ),
        ]
      : [],
  })
}

function verifyWith(
  found: FoundSignature,
  { name, bytes, blake2b512 = new Uint8Array() }: KnownArtifact,
  { key }: NamedMinisignKey,
): MinisignVerdict {
  const file = bytes === undefined ? ({ kind: 'blake2b512', digest: blake2b512 } as const) : ({ kind: 'bytes', bytes } as const)
  const verdict = verifyMinisign(found.bytes, key, file)
  return verdict.kind === 'verified' && namesAnyFile(verdict.trustedComment)
    ? verifyMinisign(found.bytes, key, file, name)
    : verdict
}

function namesAnyFile(comment: string): boolean {
  return comment.split('\t').some((field) => field.startsWith('file:'))
}
