import type { Desk, OkAnswer, Question } from '../../../evidence/desk/desk.js'
import { displayUrl } from '../../../evidence/http/redact.js'
import type { Authority } from '../../../model/evidence.js'
import { type NoAnswer, noAnswer } from '../../no-answer.js'
import { escapePath, escapeVersion } from '../module-path.js'
import type { GoSources } from './go-sources.js'

/** What a proxy has of a module (spec/go.md §8.1). */
type ProxyFile = 'list' | 'latest' | { readonly version: string; readonly kind: 'info' | 'mod' | 'zip' }

export type ProxyAnswer =
  | {
      readonly kind: 'ok'
      readonly answer: OkAnswer
      /** Who served it: the proxy, not the file. */
      readonly authority: Authority
      readonly url: string
    }
  | ({ readonly kind: 'none'; readonly authority?: Authority | undefined } & NoAnswer)

type Asking = Omit<Question, 'url'>

/** Asks the proxies of a list one after the other, request by request, as the go command does (spec/go.md §8.3). */
export class ModuleProxies {
  constructor(
    readonly desk: Desk,
    readonly sources: GoSources,
  ) {}

  async ask(path: string, file: ProxyFile, asking: Asking): Promise<ProxyAnswer> {
    const { sources } = this
    const below = pathOf(path, file)
    if (below === undefined) return { kind: 'none', verdict: 'not-checkable', why: 'no proxy can have a module of that name' }
    const reason = sources.reasonForNoProxy(path)
    if (reason !== undefined) return { kind: 'none', verdict: 'not-checkable', why: reason }
    // Of several failures one that is no "not found" counts, since it hides what the source has.
    let failed: (ProxyAnswer & { readonly kind: 'none' }) | undefined
    let missed: (ProxyAnswer & { readonly kind: 'none' }) | undefined
    for (const proxy of sources.proxies) {
      const authority: Authority = { kind: 'registry', name: displayUrl(proxy.url).replace(/\/$/, '') }
      const forbidden = sources.reasonNotToAsk(path, proxy.url)
      if (forbidden !== undefined) {
        failed ??= { kind: 'none', verdict: 'not-checkable', why: forbidden, authority }
        break
      }
      const url = `${proxy.url}/${below}`
      const answer = await this.desk.ask({ ...asking, url })
      if (answer.kind === 'ok') return { kind: 'ok', answer, authority, url: displayUrl(url) }
      const none = { kind: 'none', authority, ...noAnswer(answer, displayUrl(url)) } as const
      if (answer.kind === 'absent') missed ??= none
      else {
        failed ??= none
        if (!proxy.fallbackOnAnyError) break
      }
    }
    return failed ?? (missed === undefined ? NOBODY : { ...missed, why: `${missed.why}${this.#rest()}` })
  }

  #rest(): string {
    return this.sources.end === 'direct' ? '; the go command would go on to its repository' : ''
  }
}

const NOBODY: ProxyAnswer = { kind: 'none', verdict: 'not-checkable', why: 'there is no proxy to ask' }

function pathOf(path: string, file: ProxyFile): string | undefined {
  const escaped = escapePath(path)
  if (escaped === undefined) return undefined
  if (file === 'latest') return `${escaped}/@latest`
  if (file === 'list') return `${escaped}/@v/list`
  const version = escapeVersion(file.version)
  // A plus sign stays as it is, as the go command sends it.
  const encoded = version === undefined ? undefined : encodeURIComponent(version).replaceAll('%2B', '+')
  return encoded === undefined ? undefined : `${escaped}/@v/${encoded}.${file.kind}`
}
