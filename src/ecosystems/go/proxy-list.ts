/** One entry of GOPROXY. */
export interface ProxyEntry {
  /** With its scheme; `direct` and `off` as they are. */
  readonly url: string
  /** What stands after it decides: `|` goes on after every error, `,` only when the proxy answers "not found". */
  readonly fallbackOnAnyError?: boolean | undefined
}

export type ProxyList =
  | { readonly kind: 'default' }
  | { readonly kind: 'list'; readonly entries: readonly ProxyEntry[]; readonly ignored: readonly string[] }
  | { readonly kind: 'invalid'; readonly why: string }

/** Splits a value of GOPROXY (spec/go.md §8.3). */
export function parseProxyList(value: string): ProxyList {
  if (value === '') return { kind: 'default' }
  const parts = value.split(/([,|])/)
  const entries: ProxyEntry[] = []
  for (let i = 0; i < parts.length; i += 2) {
    const text = (parts[i] ?? '').trim()
    if (text === '') continue
    if (text === 'direct' || text === 'off') {
      const rest = parts.filter((_, at) => at > i && at % 2 === 0).map((part) => part.trim())
      return { kind: 'list', entries: [...entries, { url: text }], ignored: rest.filter((part) => part !== '') }
    }
    const url = withScheme(text)
    const why = urlProblem(url)
    if (why !== undefined) return { kind: 'invalid', why }
    entries.push({ url, fallbackOnAnyError: parts[i + 1] === '|' })
  }
  return entries.length === 0 ? { kind: 'invalid', why: 'list without entries' } : { kind: 'list', entries, ignored: [] }
}

function withScheme(text: string): string {
  return /[.:/]/.test(text) && !text.includes(':/') && !text.startsWith('/') ? `https://${text}` : text
}

function urlProblem(url: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) return 'missing scheme'
  if (scheme !== 'https' && scheme !== 'http' && scheme !== 'file') return 'scheme must be https, http or file'
  return scheme === 'file' && /^file:\/\/[^/]/i.test(url) ? 'file URL with a host' : undefined
}
