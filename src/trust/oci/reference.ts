/** A reference to something in an OCI registry (spec/trust.md §5.1), complete: nothing is left to a default. */
export interface OciReference {
  /** `host[:port]` as it is shown, lower-case: names are compared with it. `docker.io` where the text names none. */
  readonly registry: string
  /** Path of the repository, `library/` added where Docker Hub has it so. */
  readonly repository: string
  /** Given or `latest`; undefined when a digest is given without a tag. With both, the digest counts. */
  readonly tag?: string | undefined
  readonly digest?: OciDigest | undefined
}

/** `sha256:HEX` or `sha512:HEX`, lower-case. */
export interface OciDigest {
  readonly algorithm: 'sha256' | 'sha512'
  readonly hex: string
}

export type ParsedReference =
  | { readonly ok: true; readonly reference: OciReference }
  | { readonly ok: false; readonly why: string }

const SCHEME = 'oci://'
const DOCKER_HUB = 'docker.io'
/** The longest text that can be valid: host and path of 255, a tag of 128, a digest of 135, separators. */
const MAX_LENGTH = 1024
const MAX_NAME_LENGTH = 255
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const DIGEST_LENGTH: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
])

/** Reads `[oci://][HOST[:PORT]/]PATH[:TAG][@DIGEST]`. */
export function parseOciReference(text: string): ParsedReference {
  if (text.length > MAX_LENGTH) return { ok: false, why: `the reference is longer than ${MAX_LENGTH} characters` }
  const plain = text.startsWith(SCHEME) ? text.slice(SCHEME.length) : text
  const at = plain.indexOf('@')
  const digest = at < 0 ? undefined : parseOciDigest(plain.slice(at + 1))
  if (at >= 0 && digest === undefined) {
    return { ok: false, why: 'the digest is not sha256 with 64 or sha512 with 128 lower-case hexadecimal digits' }
  }
  const named = at < 0 ? plain : plain.slice(0, at)
  const colon = named.lastIndexOf(':')
  // A colon before the last slash belongs to the port.
  const hasTag = colon > named.lastIndexOf('/')
  const tag = hasTag ? named.slice(colon + 1) : undefined
  if (tag !== undefined && !TAG.test(tag))
    return { ok: false, why: 'the tag is not 1 to 128 letters, digits, dots, dashes or underscores' }
  const name = splitName(hasTag ? named.slice(0, colon) : named)
  if (typeof name === 'string') return { ok: false, why: name }
  return { ok: true, reference: { ...name, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest } }
}

/** Reads `ALGORITHM:HEX`; undefined for other algorithms, lengths and upper case. */
export function parseOciDigest(text: string): OciDigest | undefined {
  const [algorithm, hex, more] = text.split(':', 3)
  if (hex === undefined || more !== undefined || (algorithm !== 'sha256' && algorithm !== 'sha512')) return undefined
  return hex.length === DIGEST_LENGTH.get(algorithm) && /^[0-9a-f]+$/.test(hex) ? { algorithm, hex } : undefined
}

export function formatOciDigest(digest: OciDigest): string {
  return `${digest.algorithm}:${digest.hex}`
}

/** The reference in full; with a digest, the tag is left out, because it is not looked up. */
export function formatOciReference({ registry, repository, tag, digest }: OciReference): string {
  const name = `${registry}/${repository}`
  return digest === undefined ? `${name}:${tag ?? 'latest'}` : `${name}@${formatOciDigest(digest)}`
}

function splitName(name: string): { registry: string; repository: string } | string {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost'
  const registry = hasHost ? first.toLowerCase() : DOCKER_HUB
  const path = hasHost ? name.slice(slash + 1) : name
  const [, port] = HOST.exec(registry) ?? []
  if (!HOST.test(registry) || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) return 'the host is malformed'
  const repository = registry === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path
  if (`${registry}/${repository}`.length > MAX_NAME_LENGTH) return `the name is longer than ${MAX_NAME_LENGTH} characters`
  return repository.split('/').every(isPathComponent) ? { registry, repository } : 'the path of the repository is malformed'
}

/**
 * `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` of the distribution specification, read in one pass: as a regular expression its
 * nested repetition is slow on hostile text.
 */
function isPathComponent(component: string): boolean {
  if (!/^[a-z0-9._-]+$/.test(component)) return false
  return component.split(/[a-z0-9]+/).every((separator, at, all) => {
    const atEdge = at === 0 || at === all.length - 1
    return atEdge ? separator === '' : separator === '.' || separator === '_' || separator === '__' || /^-+$/.test(separator)
  })
}

/** The fallback tag under which referrers of a digest are listed (distribution specification, "referrers tag schema"). */
export function referrersTag(digest: OciDigest): string {
  return `${digest.algorithm.slice(0, 32)}-${digest.hex.slice(0, 64)}`
}
