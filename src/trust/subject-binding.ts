import type { Digest } from '../model/digest.js'
import { isHexDigest, sameDigest } from '../model/digest.js'
import type { Statement, StatementSubject } from './statement.js'

/** Whether a statement is about the thing that has the given digests (spec/trust.md §3.5). */
export type SubjectBinding =
  | { readonly kind: 'bound'; readonly subject: StatementSubject; readonly by: readonly Digest[] }
  /** About something else: for a policy, the same as no statement. */
  | { readonly kind: 'other-subject'; readonly attested: readonly string[] }
  /** One digest of a subject agrees and another one of the same subject contradicts: the statement is worthless. */
  | { readonly kind: 'conflict'; readonly agrees: Digest; readonly contradicts: Digest }

/** How many attested digests a report shows. */
const SHOWN = 5

/**
 * Compares subjects with `anchors`, the digests known of one thing from its lockfile, registry or verified bytes. Names
 * bind nothing. SHA-1 of anything but a git object, and MD5, bind nothing.
 */
export function bindSubject(statement: Pick<Statement, 'subjects'>, anchors: readonly Digest[]): SubjectBinding {
  let bound: SubjectBinding | undefined
  for (const subject of statement.subjects) {
    const comparable = comparableDigests(subject)
    const agreeing = comparable.filter((digest) => anchors.some((anchor) => sameDigest(anchor, digest)))
    const agrees = agreeing[0]
    if (agrees === undefined) continue
    const contradicts = comparable.find(
      (digest) => !agreeing.includes(digest) && anchors.some((anchor) => sameKindOfDigest(anchor, digest)),
    )
    if (contradicts !== undefined) return { kind: 'conflict', agrees, contradicts }
    bound ??= { kind: 'bound', subject, by: agreeing }
  }
  if (bound !== undefined) return bound
  const attested = statement.subjects.flatMap(({ digest }) => [...digest].map(([algorithm, value]) => `${algorithm}:${value}`))
  return { kind: 'other-subject', attested: attested.slice(0, SHOWN) }
}

/** Every digest by which a statement can be about something. */
export function attestedDigests({ subjects }: Pick<Statement, 'subjects'>): Digest[] {
  return subjects.flatMap(comparableDigests)
}

function sameKindOfDigest(a: Digest, b: Digest): boolean {
  return sameDigest({ ...a, value: '' }, { ...b, value: '' })
}

/** The digests of a subject that may bind, as the model types them. Those of the wrong length for their algorithm are none. */
function comparableDigests(subject: StatementSubject): Digest[] {
  const digests: Digest[] = []
  for (const [algorithm, written] of subject.digest) {
    const value = written.toLowerCase()
    switch (algorithm) {
      case 'sha256':
      case 'sha384':
      case 'sha512':
        if (isHexDigest(algorithm, value)) digests.push({ of: 'artifact', algorithm, value })
        break
      case 'dirHash':
      case 'dirHash1':
        if (isHexDigest('sha256', value)) digests.push({ of: 'tree', scheme: 'go-h1', value: `h1:${hexToBase64(value)}` })
        break
      case 'gitCommit':
        digests.push(...gitObject(value))
        break
      case 'sha1':
        if (namesCommit(subject.uri)) digests.push(...gitObject(value))
        break
    }
  }
  return digests
}

function gitObject(value: string): Digest[] {
  if (isHexDigest('sha1', value)) return [{ of: 'git-object', algorithm: 'sha1', value }]
  if (isHexDigest('sha256', value)) return [{ of: 'git-object', algorithm: 'sha256', value }]
  return []
}

/** `sha1` is a commit where the descriptor names a git location, or a release's tag on GitHub. */
function namesCommit(uri: string | undefined): boolean {
  return uri !== undefined && (uri.startsWith('git+') || /^pkg:github\/[^@]+@/.test(uri))
}

function hexToBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64')
}
