/** A package URL in its parts, decoded. `type` and qualifier keys are lower-case. */
export interface Purl {
  readonly type: string
  readonly namespace?: string | undefined
  readonly name: string
  readonly version?: string | undefined
  readonly qualifiers?: Readonly<Record<string, string>> | undefined
  readonly subpath?: string | undefined
}

export type PurlResult = { readonly ok: true; readonly purl: Purl } | { readonly ok: false; readonly why: string }

/** What a type asks for beyond the general rules (the type definitions of purl-spec). */
interface TypeRules {
  readonly namespace?: 'required' | 'prohibited' | undefined
  readonly foldNamespace?: true | undefined
  readonly foldName?: true | undefined
  /** The namespace is the host alone and the name is the whole path on it. */
  readonly nameIsPath?: true | undefined
}

const TYPES: ReadonlyMap<string, TypeRules> = new Map<string, TypeRules>([
  ['bitbucket', { namespace: 'required', foldNamespace: true, foldName: true }],
  ['cargo', { namespace: 'prohibited' }],
  ['git', { namespace: 'required', nameIsPath: true }],
  ['github', { namespace: 'required', foldNamespace: true, foldName: true }],
  ['gitlab', { namespace: 'required', foldNamespace: true, foldName: true }],
  ['oci', { namespace: 'prohibited', foldName: true }],
])
const NO_RULES: TypeRules = {}

/** Hosts that themselves fold case; the `git` type keeps the case of all others. */
const FOLDING_HOSTS: ReadonlySet<string> = new Set(['github', 'github.com'])

const TYPE = /^[a-z][a-z0-9.-]*$/
const QUALIFIER_KEY = /^[a-z][a-z0-9._-]*$/

/**
 * The canonical text of a package URL, by the rules of its type (ECMA-427; spec/sbom.md §4). Undefined when the parts
 * make no valid one.
 */
export function formatPurl(purl: Purl): string | undefined {
  const plain = plainPurl(purl)
  if (plain !== undefined) return plain
  const normal = normalise(purl)
  return typeof normal === 'string' ? undefined : write(normal)
}

/** Most components of a large graph: a type without rules of spelling, a plain name and version, nothing else. */
function plainPurl({ type, namespace, name, version, qualifiers, subpath }: Purl): string | undefined {
  if (type !== 'cargo' || namespace !== undefined || qualifiers !== undefined || subpath !== undefined) return undefined
  return PLAIN_WORD.test(name) && version !== undefined && PLAIN_WORD.test(version) ? `pkg:${type}/${name}@${version}` : undefined
}
const PLAIN_WORD = /^[A-Za-z0-9._-]+$/

/** Parses and normalises; where it is not a package URL, says why. */
export function parsePurl(text: string): PurlResult {
  const parts = split(text)
  if (typeof parts === 'string') return { ok: false, why: parts }
  const normal = normalise(parts)
  return typeof normal === 'string' ? { ok: false, why: normal } : { ok: true, purl: normal }
}

/** The parts with the rules of the type applied, or the reason they make no package URL. */
function normalise(purl: Purl): Purl | string {
  const type = purl.type.toLowerCase()
  if (!TYPE.test(type))
    return `the type ${JSON.stringify(purl.type)} is not a letter followed by letters, digits, dots and dashes`
  const rules = TYPES.get(type) ?? NO_RULES
  const segments = (purl.namespace ?? '').split('/').filter((segment) => segment !== '')
  let name = purl.name
  if (name === '') return 'the name is missing'
  if (rules.nameIsPath === true && segments.length > 1) name = [...segments.splice(1), name].join('/')
  if (rules.namespace === 'required' && segments.length === 0) return `the type ${type} needs a namespace`
  if (rules.namespace === 'prohibited' && segments.length > 0) return `the type ${type} has no namespace`
  // A Go module path of one element (`example`) has no namespace; every other one has its leading elements there.
  let namespace = segments.length === 0 ? undefined : segments.join('/')
  if (rules.foldNamespace === true) namespace = namespace?.toLowerCase()
  if (rules.foldName === true || (rules.nameIsPath === true && FOLDING_HOSTS.has(namespace ?? ''))) name = name.toLowerCase()
  const qualifiers = normaliseQualifiers(purl.qualifiers)
  if (typeof qualifiers === 'string') return qualifiers
  const subpath = (purl.subpath ?? '').split('/').filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
  const whole = {
    type,
    namespace,
    name,
    version: purl.version === '' ? undefined : purl.version,
    qualifiers,
    subpath: subpath.length === 0 ? undefined : subpath.join('/'),
  }
  return hasLoneSurrogate(whole) ? 'it holds half of a surrogate pair' : whole
}

function normaliseQualifiers(qualifiers: Purl['qualifiers']): Purl['qualifiers'] | string {
  if (qualifiers === undefined) return undefined
  const entries = Object.entries(qualifiers).filter(([, value]) => value !== '')
  if (entries.length === 0) return undefined
  const lower = entries.map(([key, value]) => [key.toLowerCase(), value] as const)
  for (const [key] of lower) if (!QUALIFIER_KEY.test(key)) return `the qualifier ${JSON.stringify(key)} is no valid key`
  if (new Set(lower.map(([key]) => key)).size < lower.length) return 'a qualifier is there twice'
  return Object.fromEntries(lower.sort((a, b) => (a[0] < b[0] ? -1 : 1)))
}

function hasLoneSurrogate(purl: Purl): boolean {
  const texts = [purl.namespace, purl.name, purl.version, purl.subpath, ...Object.values(purl.qualifiers ?? {})]
  return texts.some((text) => text !== undefined && LONE_SURROGATE.test(text))
}
const LONE_SURROGATE = /[\ud800-\udfff]/u

function write(purl: Purl): string {
  const path = purl.namespace === undefined ? '' : `${encodeSegments(purl.namespace)}/`
  const name = TYPES.get(purl.type)?.nameIsPath === true ? encodeSegments(purl.name) : encode(purl.name)
  const version = purl.version === undefined ? '' : `@${encode(purl.version)}`
  const qualifiers = Object.entries(purl.qualifiers ?? {}).map(([key, value]) => `${key}=${encode(value)}`)
  const query = qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`
  const subpath = purl.subpath === undefined ? '' : `#${encodeSegments(purl.subpath)}`
  return `pkg:${purl.type}/${path}${name}${version}${query}${subpath}`
}

function encodeSegments(path: string): string {
  return PLAIN_PATH.test(path) ? path : path.split('/').map(encode).join('/')
}

/** Most names need no escape: one test instead of a copy. */
const PLAIN = /^[A-Za-z0-9.\-_~:]*$/
const PLAIN_PATH = /^[A-Za-z0-9.\-_~:/]*$/

/** Percent-encoding over UTF-8; only `A-Z a-z 0-9 . - _ ~` and the colon stay as they are. */
function encode(text: string): string {
  if (PLAIN.test(text)) return text
  // encodeURIComponent leaves `!'()*` alone and escapes the colon.
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%3A', ':')
}

/** Cuts a text into decoded parts, in the order the specification gives: subpath, qualifiers, scheme, type, version, name. */
function split(text: string): Purl | string {
  const [beforeHash, hash] = cut(text, text.indexOf('#'))
  const [beforeQuery, query] = cut(beforeHash, beforeHash.indexOf('?'))
  if (!/^pkg:/i.test(beforeQuery)) return 'it does not begin with "pkg:"'
  const body = beforeQuery.slice('pkg:'.length).replace(/^\/+/, '').replace(/\/+$/, '')
  const slash = body.indexOf('/')
  if (slash < 0) return 'it has no type'
  const type = body.slice(0, slash)
  const rest = body.slice(slash + 1)
  // An `@` before the last slash belongs to a namespace (`pkg:npm/@scope/name`).
  const at = rest.lastIndexOf('@')
  const [path, version] = cut(rest, at > rest.lastIndexOf('/') ? at : -1)
  const segments = decodeSegments(path)
  const decodedVersion = version === undefined ? '' : decode(version)
  const qualifiers = splitQualifiers(query)
  const subpath = decodeSegments(hash ?? '')
  if (segments === undefined || decodedVersion === undefined || subpath === undefined) return 'it holds a broken percent-encoding'
  if (typeof qualifiers === 'string') return qualifiers
  const name = segments.pop() ?? ''
  if (segments.some((segment) => segment.includes('/'))) return 'a namespace segment holds an encoded slash'
  return {
    type,
    namespace: segments.join('/'),
    name,
    version: decodedVersion,
    qualifiers,
    subpath: subpath.filter((s) => !s.includes('/')).join('/'),
  }
}

function splitQualifiers(query: string | undefined): Readonly<Record<string, string>> | string {
  const pairs: [string, string][] = []
  for (const pair of (query ?? '').split('&')) {
    if (pair === '') continue
    const [key, value] = cut(pair, pair.indexOf('='))
    const decoded = decode(value ?? '')
    if (decoded === undefined) return 'it holds a broken percent-encoding'
    pairs.push([key.toLowerCase(), decoded])
  }
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) return 'a qualifier is there twice'
  return Object.fromEntries(pairs)
}

function decodeSegments(path: string): string[] | undefined {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    const decoded = decode(segment)
    if (decoded === undefined) return undefined
    if (decoded !== '') segments.push(decoded)
  }
  return segments
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function cut(text: string, at: number): [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
