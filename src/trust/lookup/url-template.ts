import { decoded, isLoopback } from '../../evidence/http/url-policy.js'
import type { LookupKey } from './lookup-key.js'
import type { LookupSubject } from './source.js'

const VARIABLES = ['name', 'version', 'digest', 'alg', 'url', 'owner', 'repo', 'file'] as const
type Variable = (typeof VARIABLES)[number]

/** A URL with variables, checked: https (or plain http of this machine), variables in path and query alone. */
export interface ParsedTemplate {
  readonly text: string
  /** For people: without its query. */
  readonly shown: string
  readonly variables: ReadonlySet<Variable>
}

export type TemplateReading =
  | { readonly ok: true; readonly template: ParsedTemplate }
  | { readonly ok: false; readonly why: string }

const LONGEST_TEMPLATE = 2048
const LONGEST_VALUE = 1024

/** Reads a template of spec/trust.md §3.5, source 4. */
export function parseUrlTemplate(text: string): TemplateReading {
  if (text.length > LONGEST_TEMPLATE) return { ok: false, why: `it is longer than ${LONGEST_TEMPLATE} characters` }
  const names = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
  const foreign = names.find((name) => !isVariable(name))
  if (foreign !== undefined)
    return { ok: false, why: `{${foreign}} is none of ${VARIABLES.map((name) => `{${name}}`).join(' ')}` }
  const plain = text.replaceAll(/\{[^{}]*\}/g, 'x')
  if (/[{}]/.test(plain)) return { ok: false, why: 'a brace is not closed' }
  const origin = /^(https?:\/\/[^/?#{}@\\\s]+)\//.exec(text)?.[1]
  if (origin === undefined || !URL.canParse(plain))
    return { ok: false, why: 'it must begin with https:// and a host, without variables and credentials in them' }
  const { protocol, hostname } = new URL(origin)
  if (protocol === 'http:' && !isLoopback(hostname)) return { ok: false, why: 'plain http is for this machine alone' }
  if (names.length === 0) return { ok: false, why: 'it has no variable: every component would be given the same answer' }
  const [shown = ''] = text.split(/[?#]/, 1)
  return { ok: true, template: { text, shown, variables: new Set(names.filter(isVariable)) } }
}

function isVariable(name: string): name is Variable {
  return VARIABLES.some((known) => known === name)
}

/**
 * The URL for one subject, each value percent-encoded. A text instead says why there is none: a value is not known, or with it
 * the path would lead elsewhere.
 */
export function expandTemplate(
  { text, variables }: ParsedTemplate,
  subject: LookupSubject,
  key: LookupKey | undefined,
): { readonly url: string } | string {
  const values = new Map<string, string>()
  for (const name of variables) {
    const value = variableOf(name, subject, key)
    const encoded = value === undefined || value.length > LONGEST_VALUE ? undefined : encode(value)
    if (encoded === undefined || encoded === '') return `{${name}} is not known of it`
    values.set(name, encoded)
  }
  const url = text.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => values.get(name) ?? '')
  // Dots are not encoded, and browsers' rules take `%2e` for one.
  const path = url
    .replace(/[?#].*$/s, '')
    .split('/')
    .slice(3)
  if (path.some((part) => /^(?:\.|%2e){1,2}$/i.test(part))) return 'a value of it would lead out of the path of the template'
  return { url }
}

function variableOf(name: Variable, subject: LookupSubject, key: LookupKey | undefined): string | undefined {
  switch (name) {
    case 'name':
      return subject.name
    case 'version':
      return subject.version
    case 'digest':
      return key?.hex
    case 'alg':
      return key?.algorithm
    case 'url':
      return subject.url
    case 'file':
      return subject.file ?? fileOf(subject.url)
    case 'owner':
      return repositoryParts(subject.sourceRepository)?.owner
    case 'repo':
      return repositoryParts(subject.sourceRepository)?.repo
  }
}

function fileOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  return decoded(new URL(url).pathname.split('/').at(-1) ?? '') || undefined
}

/** The last two parts of a repository's path: owner, or innermost group, and name. On github.com the first two. */
function repositoryParts(url: string | undefined): { readonly owner: string; readonly repo: string } | undefined {
  const plain = url?.replace(/^git\+/, '')
  if (plain === undefined || !URL.canParse(plain)) return undefined
  const { host, pathname } = new URL(plain)
  const parts = pathname.split('/').filter((part) => part !== '')
  const [owner, last] = host === 'github.com' ? parts : parts.slice(-2)
  const repo = last?.replace(/\.git$/, '')
  return owner === undefined || repo === undefined || repo === '' ? undefined : { owner: decoded(owner), repo: decoded(repo) }
}

/** Undefined for a text that is no Unicode. */
function encode(value: string): string | undefined {
  try {
    return encodeURIComponent(value)
  } catch {
    return undefined
  }
}
