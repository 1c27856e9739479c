import type { Component } from '../../model/component.js'
import type { Digest } from '../../model/digest.js'
import { digestKind, isHexDigest } from '../../model/digest.js'
import type { Evidence } from '../../model/evidence.js'

/** By what a statement can be about a component; or why nothing can be bound to it. */
export type Anchors =
  | { readonly kind: 'anchors'; readonly anchors: readonly Digest[] }
  /** Nothing of it can be attested today, however it is verified (spec/trust.md §3.1). */
  | { readonly kind: 'not-signable'; readonly why: string }
  /** It could be, and this run did not look at what is needed for that. */
  | { readonly kind: 'not-verified'; readonly why: string }

/**
 * Checks that hash the bytes of a component's archive, whose SHA-256 they keep. Only where they agree with what the lockfile
 * states is that digest one of the component; crates are the exception, whose registry states the very digest.
 */
const BYTE_CHECKS: ReadonlyMap<string, 'claim' | 'any'> = new Map([
  ['cargo/crate-bytes', 'any'],
  ['go/zip-bytes', 'claim'],
  ['zig/package-hash', 'claim'],
])

/**
 * Digests that bind (spec/trust.md §3.5): those of the archive's bytes that a lockfile states, Go's `h1:`, the commit of a git
 * source, and the SHA-256 of bytes that an ecosystem's verifier held against the lockfile. `said`: evidence of the component.
 */
export function anchorsOf(component: Component, said: readonly Evidence[]): Anchors {
  const digests = new Map<string, Digest>()
  const add = (digest: Digest): void => {
    digests.set(`${digestKind(digest)} ${digest.value}`, digest)
  }
  for (const { digest } of component.claims) if (binds(digest)) add(digest)
  const commit = commitOf(component)
  if (commit !== undefined) add(commit)
  for (const digest of hashedBytes(component, said)) add(digest)
  return digests.size > 0 ? { kind: 'anchors', anchors: [...digests.values()] } : withoutAnchors(component)
}

function binds(digest: Digest): boolean {
  if (digest.of === 'tree') return digest.scheme === 'go-h1'
  return digest.of === 'artifact' && digest.algorithm !== 'md5' && digest.algorithm !== 'sha1'
}

function commitOf({ source }: Component): Digest | undefined {
  if (source.kind !== 'git' || source.commit === undefined) return undefined
  const value = source.commit
  if (isHexDigest('sha1', value)) return { of: 'git-object', algorithm: 'sha1', value }
  return isHexDigest('sha256', value) ? { of: 'git-object', algorithm: 'sha256', value } : undefined
}

function hashedBytes({ claims }: Component, said: readonly Evidence[]): Digest[] {
  const contradicted = new Set(said.flatMap((one) => (one.verdict === 'mismatch' ? [`${one.check} ${one.stored}`] : [])))
  return said.flatMap((one): Digest[] => {
    const by = BYTE_CHECKS.get(one.check)
    const { stored, expected } = one
    if (by === undefined || one.verdict !== 'match' || one.authority?.kind !== 'artifact') return []
    if (stored === undefined || !isHexDigest('sha256', stored) || contradicted.has(`${one.check} ${stored}`)) return []
    if (by === 'claim' && !claims.some(({ digest }) => digest.value === expected)) return []
    return [{ of: 'artifact', algorithm: 'sha256', value: stored }]
  })
}

function withoutAnchors({ ecosystem, source }: Component): Anchors {
  if (source.kind === 'archive' && isGeneratedArchive(source.url))
    return {
      kind: 'not-signable',
      why: 'its archive is made on demand by the code host: nobody signs those bytes; pin the commit instead',
    }
  switch (ecosystem) {
    case 'go':
      return { kind: 'not-signable', why: 'go.sum has no hash of it by which a statement could be about it' }
    case 'zig':
      return {
        kind: 'not-verified',
        why: 'the hash in build.zig.zon is none of the archive’s bytes; --bytes fetches and hashes them',
      }
    case 'nimble':
      return {
        kind: 'not-signable',
        why: 'without a git commit nothing can be attested: the checksum of nimble.lock is none of an archive',
      }
    default:
      return { kind: 'not-signable', why: 'no digest is known of it by which a statement could be about it' }
  }
}

/** Archives of a tag, branch or commit that GitHub makes when they are asked for (spec/trust.md §3.1). */
function isGeneratedArchive(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname, pathname } = new URL(url)
  if (hostname === 'codeload.github.com') return true
  if (hostname === 'api.github.com') return /\/(?:tarball|zipball)(?:\/|$)/.test(pathname)
  return hostname === 'github.com' && /^\/[^/]+\/[^/]+\/(?:archive|tarball|zipball)\//.test(pathname)
}
