/**
 * The three things that look like a hash and are not the same:
 *
 * - `artifact`: a digest of the bytes of one file that somebody can download.
 * - `tree`: a digest over a listing of files by a scheme of its own. Only that scheme's tool can compare it.
 * - `git-object`: the id of a commit, tree, blob or tag.
 *
 * Only `artifact` may reach a hash field of an SBOM (spec/sbom.md §1.5).
 */
export type Digest = ArtifactDigest | TreeDigest | GitObjectId

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'

export interface ArtifactDigest {
  readonly of: 'artifact'
  readonly algorithm: HashAlgorithm
  /** Lower-case hexadecimal. */
  readonly value: string
}

export type TreeScheme =
  /** go.sum `h1:` over the module zip's listing; value keeps the `h1:` prefix. */
  | 'go-h1'
  /** go.sum `/go.mod h1:` line; value keeps the `h1:` prefix. */
  | 'go-mod-h1'
  /** Zig package hash, new form `name-version-…`. */
  | 'zig'
  /** Zig package hash, multihash form `1220…`. */
  | 'zig-legacy'
  /** nimble.lock `checksums.sha1`. */
  | 'nimble-sha1'
  /** assay's own SHA-256 over the canonical file list. */
  | 'assay-files'

export interface TreeDigest {
  readonly of: 'tree'
  readonly scheme: TreeScheme
  readonly value: string
}

export interface GitObjectId {
  readonly of: 'git-object'
  readonly algorithm: 'sha1' | 'sha256'
  /** Lower-case hexadecimal, full length. */
  readonly value: string
}

/** Length of the hexadecimal form, by algorithm. */
export const HEX_LENGTH: Readonly<Record<HashAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha384: 96,
  sha512: 128,
}

const LOWER_HEX = /^[0-9a-f]+$/

/** True for lower-case hexadecimal of just the length the algorithm has. */
export function isHexDigest(algorithm: HashAlgorithm, value: string): boolean {
  return value.length === HEX_LENGTH[algorithm] && LOWER_HEX.test(value)
}

/** The kind of thing a digest speaks of, with its scheme or algorithm: `artifact:sha256`, `tree:go-h1`. */
export function digestKind(digest: Digest): string {
  return digest.of === 'tree' ? `tree:${digest.scheme}` : `${digest.of}:${digest.algorithm}`
}

export function sameDigest(a: Digest, b: Digest): boolean {
  return digestKind(a) === digestKind(b) && a.value === b.value
}
