import type { Component, DigestClaim } from '../model/component.js'
import type { ArtifactDigest, HashAlgorithm } from '../model/digest.js'
import type { Source } from '../model/source.js'
import { distinctJson } from './json-element.js'

/** The order of CycloneDX's enumeration of algorithms. */
const ORDER: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512']

export interface FileDigests {
  /** Digests of the one file that is the component, whoever serves it. */
  readonly ofComponent: readonly ArtifactDigest[]
  /** Digests of what one URL serves; another host may pack the same files into other bytes. */
  readonly ofUrl: readonly ArtifactDigest[]
}

/**
 * The digests that may stand in a hash field (spec/sbom.md §1.5): only those of files, and where two statements differ
 * neither. A registry with one file a version vouches for the component itself; a Go zip and an archive at a URL depend on
 * who packed them.
 */
export function fileDigests({ claims, source }: Component): FileDigests {
  const digests = agreedDigests(claims)
  if (source.kind === 'archive') return { ofComponent: [], ofUrl: digests }
  return { ofComponent: packedOnce(source) ? digests : [], ofUrl: [] }
}

function packedOnce(source: Source): boolean {
  return source.kind !== 'registry' || source.protocol !== 'go-proxy'
}

function agreedDigests(claims: readonly DigestClaim[]): readonly ArtifactDigest[] {
  const [only] = claims
  if (only !== undefined && claims.length === 1) return only.digest.of === 'artifact' ? [only.digest] : []
  const digests = distinctJson(claims.flatMap(({ digest }) => (digest.of === 'artifact' ? [digest] : [])))
  const count = (algorithm: HashAlgorithm): number => digests.filter((digest) => digest.algorithm === algorithm).length
  return digests
    .filter((digest) => count(digest.algorithm) === 1)
    .sort((a, b) => ORDER.indexOf(a.algorithm) - ORDER.indexOf(b.algorithm))
}
