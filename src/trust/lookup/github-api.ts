import { nextLink } from '../next-link.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'

/** One page of attestations, as GitHub's API lists them (spec/trust.md §3.2). */
export interface AttestationPage {
  readonly attestations: readonly ListedAttestation[]
}

/** Either the bundle itself, or where it can be fetched. Neither: it cannot be had. */
export type ListedAttestation =
  | { readonly kind: 'inline'; readonly bundle: Uint8Array }
  | { readonly kind: 'elsewhere'; readonly url: string }
  | { readonly kind: 'missing' }

export type ReadPage = { readonly ok: true; readonly page: AttestationPage } | { readonly ok: false; readonly why: string }

/** A page with bundles in it is large. */
export const PAGE_LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 64 }
export const PER_PAGE = 100

/** Reads `{"attestations": [{"bundle": {…} or null, "bundle_url": "…"}]}`. */
export function readAttestationPage(bytes: Uint8Array): ReadPage {
  const json = parseStrictJson(bytes, PAGE_LIMITS)
  if (!json.ok) return { ok: false, why: json.why }
  const list = isJsonObject(json.value) ? fieldOf(json.value, 'attestations') : undefined
  if (!Array.isArray(list)) return { ok: false, why: 'it holds no list of attestations' }
  return { ok: true, page: { attestations: list.map(readAttestation) } }
}

function readAttestation(value: unknown): ListedAttestation {
  if (!isJsonObject(value)) return { kind: 'missing' }
  const bundle = fieldOf(value, 'bundle')
  if (isJsonObject(bundle)) return { kind: 'inline', bundle: Buffer.from(JSON.stringify(bundle)) }
  const url = fieldOf(value, 'bundle_url')
  return typeof url === 'string' && url !== '' ? { kind: 'elsewhere', url } : { kind: 'missing' }
}

/** The next page by a `Link` header (RFC 8288), where it stays below `base`: what is asked there may carry a token. */
export function nextPage(link: string | undefined, base: string): string | 'elsewhere' | undefined {
  const target = nextLink(link)
  if (target === undefined) return undefined
  if (!URL.canParse(target, `${base}/`)) return 'elsewhere'
  const next = new URL(target, `${base}/`)
  const home = new URL(`${base}/`)
  const below = next.origin === home.origin && next.pathname.startsWith(home.pathname)
  return below && next.username === '' && next.password === '' ? next.href : 'elsewhere'
}

const OWNER = /^[A-Za-z0-9](?:[\w-]{0,98}\w)?$/
const REPOSITORY = /^[A-Za-z0-9._-]{1,100}$/

/** `owner/name` of a repository, as GitHub allows them. */
export function readRepositoryName(text: string): { readonly owner: string; readonly name: string } | undefined {
  const [owner, name, more] = text.split('/')
  if (owner === undefined || name === undefined || more !== undefined) return undefined
  return OWNER.test(owner) && REPOSITORY.test(name) && name !== '.' && name !== '..' ? { owner, name } : undefined
}
