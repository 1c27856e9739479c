import type { ForgeReference } from './forge.js'
import { readForgeUrl } from './forge.js'

/** The `url` of a dependency (spec/zig.md §5.1). Every text in it is free of credentials. */
export type ZigUrl =
  | {
      readonly kind: 'git'
      readonly transport: Transport
      readonly host: string
      readonly path: string
      /** As written, without credentials. */
      readonly url: string
      /** What git is asked for: without `git+`, `?ref=` and fragment. */
      readonly repository: string
      /** `?ref=`: a label that `zig fetch` writes and nothing reads. */
      readonly label: string | undefined
      /** The fragment, which alone selects; undefined when there is none. */
      readonly revision: string | undefined
      /** The fragment where it is a full commit id, lower-case. */
      readonly commit: string | undefined
      readonly forge: ForgeReference | undefined
    }
  | {
      readonly kind: 'archive'
      readonly transport: Transport
      readonly host: string
      readonly path: string
      readonly url: string
      readonly forge: ForgeReference | undefined
    }
  /** An archive on disk, relative to the depending package or absolute. */
  | { readonly kind: 'file'; readonly url: string; readonly path: string; readonly absolute: boolean }
  | { readonly kind: 'unsupported'; readonly url: string; readonly why: string }

type Transport = 'http' | 'https'

export interface UrlReading {
  readonly url: ZigUrl
  /** The text held a password or token. */
  readonly credential: boolean
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i

/** Reads the text of a `url` field. Never throws: what zig cannot fetch is `unsupported`. */
export function readZigUrl(text: string): UrlReading {
  const { clean, credential } = withoutCredentials(text)
  return { url: classify(clean), credential }
}

function classify(url: string): ZigUrl {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]
  switch (scheme?.toLowerCase()) {
    case 'file':
      return fileUrl(url)
    case 'http':
    case 'https':
    case 'git+http':
    case 'git+https':
      return webUrl(url)
    case undefined:
      return { kind: 'unsupported', url, why: 'it is no URI' }
    default:
      return { kind: 'unsupported', url, why: `zig fetches nothing by the scheme ${scheme}` }
  }
}

function webUrl(url: string): ZigUrl {
  const git = /^git\+/i.test(url)
  const plain = git ? url.slice('git+'.length) : url
  if (!/^https?:\/\/[^/]/i.test(plain) || !URL.canParse(plain)) return { kind: 'unsupported', url, why: 'it is no URI' }
  const { protocol, host, pathname: path, hash, searchParams } = new URL(plain)
  const transport = protocol === 'http:' ? 'http' : 'https'
  if (!git) return { kind: 'archive', transport, host, path, url, forge: readForgeUrl(host, path, searchParams) }
  const revision = decodeFragment(hash.slice(1))
  const commit = revision !== undefined && COMMIT.test(revision) ? revision.toLowerCase() : undefined
  return {
    kind: 'git',
    transport,
    host,
    path,
    url,
    repository: withoutLabel(plain),
    label: searchParams.get('ref') || undefined,
    revision,
    commit,
    forge: readForgeUrl(host, path, searchParams, revision ?? ''),
  }
}

function decodeFragment(fragment: string): string | undefined {
  if (fragment === '') return undefined
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

/** The text up to the fragment, with `ref` taken out of the query and everything else as written. */
function withoutLabel(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1)
  const question = beforeFragment.indexOf('?')
  if (question < 0) return beforeFragment
  const kept = beforeFragment
    .slice(question + 1)
    .split('&')
    .filter((pair) => pair !== '' && pair !== 'ref' && !pair.startsWith('ref='))
  const bare = beforeFragment.slice(0, question)
  return kept.length === 0 ? bare : `${bare}?${kept.join('&')}`
}

/** A host would have to stand after two slashes; zig opens the path alone. */
function fileUrl(url: string): ZigUrl {
  const rest = url.slice('file:'.length)
  const path = rest.startsWith('//') ? rest.slice(2).replace(/^[^/]*/, '') : rest
  return { kind: 'file', url, path, absolute: path.startsWith('/') || /^[A-Za-z]:/.test(path) }
}

/** Query fields that carry a secret by their very name. */
const SECRET_FIELD =
  /^(?:(?:access|private|job|auth|oauth|deploy)[_-]?token|token|api[_-]?key|password|passwd|secret|x-amz-signature|sig)$/i

/**
 * Takes user information and secret query fields out of a text that is meant to be a URL. The authority is sought as
 * broadly as the most lenient reader would (no slashes, many, backslashes), so that a secret cannot hide in a malformed one.
 */
function withoutCredentials(text: string): { readonly clean: string; readonly credential: boolean } {
  const prefix = /^[A-Za-z][A-Za-z0-9+.-]*:[/\\]*/.exec(text)?.[0] ?? ''
  const rest = text.slice(prefix.length)
  const end = rest.search(/[/\\?#]/)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const at = authority.lastIndexOf('@')
  const userInfo = authority.slice(0, Math.max(at, 0))
  const query = withoutSecretFields(rest.slice(at + 1))
  // A bare short name (`git@`) is no secret; a password is, and so is a token in the place of a name.
  const secretUser = userInfo.includes(':') || userInfo.length >= 16
  return { clean: prefix + query.clean, credential: secretUser || query.removed }
}

function withoutSecretFields(text: string): { readonly clean: string; readonly removed: boolean } {
  const question = text.indexOf('?')
  if (question < 0) return { clean: text, removed: false }
  const hash = text.indexOf('#', question)
  const fragment = hash < 0 ? '' : text.slice(hash)
  const pairs = text.slice(question + 1, hash < 0 ? undefined : hash).split('&')
  const kept = pairs.filter((pair) => !SECRET_FIELD.test(pair.split('=', 1)[0] ?? ''))
  if (kept.length === pairs.length) return { clean: text, removed: false }
  const query = kept.length === 0 ? '' : `?${kept.join('&')}`
  return { clean: text.slice(0, question) + query + fragment, removed: true }
}
