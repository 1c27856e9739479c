import { isLoopback } from '../../../evidence/http/url-policy.js'
import { ENDPOINTS } from '../../../model/endpoints.js'
import type { OciDigest, OciReference } from '../reference.js'
import { formatOciDigest, parseOciDigest } from '../reference.js'

/** One repository, by where it is asked for. */
export interface RepositoryAddress {
  /** `registry.example/acme/app`, for people. */
  readonly name: string
  readonly repository: string
  /** `https://host[:port]`. */
  readonly origin: string
}

/**
 * Where a repository is (spec/trust.md §5.1). Plain http goes to this machine, and elsewhere only where the user allows it;
 * the client has to allow it as well.
 */
export function repositoryAddress(
  { registry, repository }: Pick<OciReference, 'registry' | 'repository'>,
  plainHttp = false,
): RepositoryAddress {
  const name = `${registry}/${repository}`
  if (registry === ENDPOINTS.oci.dockerHubName) return { name, repository, origin: ENDPOINTS.oci.dockerHub }
  const { host, hostname } = new URL(`https://${registry}`)
  return { name, repository, origin: `${plainHttp || isLoopback(hostname) ? 'http' : 'https'}://${host}` }
}

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** The part of a URL that names a manifest: nothing but a digest's digits or a well-formed tag gets into a path. */
export function manifestPath({ tag, digest }: Pick<OciReference, 'tag' | 'digest'>): string | undefined {
  if (digest !== undefined) return digestPath(digest, 'manifests')
  const named = tag ?? 'latest'
  return TAG.test(named) ? `manifests/${named}` : undefined
}

/** The same for what is named by digest alone. */
export function digestPath(digest: OciDigest, kind: 'manifests' | 'blobs' | 'referrers'): string | undefined {
  const text = formatOciDigest(digest)
  return parseOciDigest(text) === undefined ? undefined : `${kind}/${text}`
}
