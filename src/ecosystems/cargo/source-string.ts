import { ENDPOINTS } from '../../model/endpoints.js'
import type { GitRef, Source } from '../../model/source.js'

/** A `source` of Cargo.lock, understood (spec/cargo.md §1.4, §1.5). */
export interface CargoSource {
  readonly kind: 'registry' | 'sparse' | 'git' | 'path'
  readonly url: string
  readonly ref?: GitRef | undefined
  /** Full commit; absent when the lock pins none. */
  readonly commit?: string | undefined
  readonly pin: 'full' | 'abbreviated' | 'none' | 'not-git'
  /** A ref that format 1 to 3 wrote raw and cargo decodes on reading: cargo does not recognise its own entry. */
  readonly refAmbiguous: boolean
  /** Equal keys mean the same source to cargo: kind, normalised URL and ref; never the commit. */
  readonly identity: string
}

export type SourceResult =
  | { readonly ok: true; readonly source: CargoSource }
  | { readonly ok: false; readonly code: 'source-unsupported' | 'source-invalid'; readonly why: string }

/** Parses a source string. `encoded`: ref values are form-urlencoded (format 4); raw before that. */
export function parseSourceString(text: string, encoded: boolean): SourceResult {
  const plus = text.indexOf('+')
  const kind = plus < 0 ? '' : text.slice(0, plus)
  const rest = text.slice(plus + 1)
  switch (kind) {
    case '':
      return { ok: false, code: 'source-invalid', why: `${JSON.stringify(text)} names no kind of source` }
    case 'registry':
      // Cargo 1.6x wrote `registry+sparse+…` by mistake.
      return rest.startsWith('sparse+') ? registry('sparse', rest.slice('sparse+'.length)) : registry('registry', rest)
    case 'sparse':
      return registry('sparse', rest)
    case 'git':
      return git(rest, encoded)
    case 'path':
      return rest.includes('://') ? { ok: true, source: plain('path', rest, `path ${rest}`) } : invalidUrl(rest)
    default:
      return { ok: false, code: 'source-unsupported', why: `cargo knows no source of kind ${JSON.stringify(kind)}` }
  }
}

function invalidUrl(url: string): SourceResult {
  return { ok: false, code: 'source-invalid', why: `${JSON.stringify(url)} is not a URL` }
}

function plain(kind: CargoSource['kind'], url: string, identity: string): CargoSource {
  return { kind, url, pin: 'not-git', refAmbiguous: false, identity }
}

function registry(kind: 'registry' | 'sparse', url: string): SourceResult {
  if (!isUrl(url)) return invalidUrl(url)
  return {
    ok: true,
    source: plain(kind, url, isPublicRegistry(url) ? PUBLIC : `${kind} ${normaliseUrl(url, kind === 'registry')}`),
  }
}

const PUBLIC = `registry ${ENDPOINTS.cargo.gitIndex}`

/** The public registry under either of its index URLs. */
export function isPublicRegistry(url: string): boolean {
  const bare = normaliseUrl(url, false)
  return bare === ENDPOINTS.cargo.gitIndex || `${bare}/` === ENDPOINTS.cargo.sparseIndex
}

/** The locked commit stands after the last `#`, and only if it is one; a raw ref may hold `#` itself. */
function git(text: string, encoded: boolean): SourceResult {
  const hash = text.lastIndexOf('#')
  const fragment = hash < 0 ? undefined : text.slice(hash + 1)
  const full = fragment !== undefined && /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(fragment)
  const abbreviated = !full && fragment !== undefined && /^[0-9a-f]{4,39}$/.test(fragment)
  const body = full || abbreviated ? text.slice(0, hash) : text
  const question = body.indexOf('?')
  const url = question < 0 ? body : body.slice(0, question)
  if (!isUrl(url)) return invalidUrl(url)
  const query = question < 0 ? '' : body.slice(question + 1)
  const { ref, raw } = encoded ? decodedRef(query) : rawRef(query)
  const identity = `git ${normaliseUrl(url, true)} ${ref.kind} ${ref.value ?? ''}`
  return {
    ok: true,
    source: {
      kind: 'git',
      url,
      ref,
      commit: full ? fragment : undefined,
      pin: full ? 'full' : abbreviated ? 'abbreviated' : 'none',
      refAmbiguous: !encoded && /[+%#&]/.test(raw),
      identity,
    },
  }
}

interface ParsedRef {
  readonly ref: GitRef
  readonly raw: string
}

/** Format 4: a form-urlencoded query; the last key that cargo knows wins. */
function decodedRef(query: string): ParsedRef {
  let found: ParsedRef = { ref: { kind: 'default' }, raw: '' }
  for (const [key, value] of new URLSearchParams(query)) {
    const kind = refKind(key)
    if (kind !== undefined) found = { ref: { kind, value }, raw: value }
  }
  return found
}

/** Formats 1 to 3 wrote the value as it is, so the first key owns all that follows. */
function rawRef(query: string): ParsedRef {
  const equals = query.indexOf('=')
  const kind = equals < 0 ? undefined : refKind(query.slice(0, equals))
  if (kind === undefined) return { ref: { kind: 'default' }, raw: '' }
  const value = query.slice(equals + 1)
  return { ref: { kind, value }, raw: value }
}

function refKind(key: string): 'branch' | 'tag' | 'rev' | undefined {
  if (key === 'ref') return 'branch'
  return key === 'branch' || key === 'tag' || key === 'rev' ? key : undefined
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && text.includes('://')
}

/**
 * What cargo compares: no trailing slash; for git-protocol URLs also `https` and lower case on github.com and no `.git`.
 * The latter never for sparse URLs (CVE-2026-5222).
 */
export function normaliseUrl(url: string, gitProtocol: boolean): string {
  let normal = url.replace(/\/$/, '')
  if (!gitProtocol) return normal
  const github = /^[a-z+]+:\/\/(?:[^/@]*@)?github\.com\//i.exec(normal)
  if (github !== null) normal = `https://github.com/${normal.slice(github[0].length).toLowerCase()}`
  return normal.replace(/\.git$/, '')
}

/** The source in the common model. URLs lose their user info: an id or a purl must never carry a credential. */
export function toSource(source: CargoSource): Source {
  const url = withoutUserInfo(source.url)
  switch (source.kind) {
    case 'registry':
      return {
        kind: 'registry',
        protocol: 'cargo-git-index',
        url: isPublicRegistry(url) ? ENDPOINTS.cargo.gitIndex : normaliseUrl(url, true),
      }
    case 'sparse':
      return isPublicRegistry(url)
        ? { kind: 'registry', protocol: 'cargo-git-index', url: ENDPOINTS.cargo.gitIndex }
        : { kind: 'registry', protocol: 'cargo-sparse', url: url.endsWith('/') ? url : `${url}/` }
    case 'git':
      return { kind: 'git', url, ref: source.ref, commit: source.commit }
    case 'path':
      return { kind: 'unknown', why: 'the lockfile names a folder of another machine' }
  }
}

/** `user:secret@` taken out of a URL. */
export function withoutUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
}
