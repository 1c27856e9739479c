import type { Comparison, ComparisonKind, MirrorSource } from '../ecosystems/mirror.js'
import { ENDPOINTS, isCratesIo } from '../model/endpoints.js'
import { AssayError } from '../model/error.js'
import type { Graph } from '../model/graph.js'
import type { Settings } from '../model/rule.js'
import type { MirrorChoices, MirrorRun } from './mirror-input.js'
import { withMirrors } from './mirror-input.js'
import type { ReadRequest } from './read-graph.js'

export interface CompareRequest extends MirrorChoices {
  /** `cargo=URL`, `go=URL`, `zig=URL`; a bare URL where only one of them can be meant. */
  readonly urls: readonly string[]
  /** Fetch packages and hash them. */
  readonly bytes: boolean
  readonly onProgress?: ((done: number) => void) | undefined
}

export interface Compared {
  readonly graph: Graph
  readonly sources: readonly MirrorSource[]
  readonly counts: Readonly<Record<ComparisonKind, number>>
  /** Everything but what is the same, in one order. */
  readonly differences: readonly Comparison[]
}

/** The rule that speaks of mirrors that disagree (spec/policy.md §2.2). */
export const DIVERGENCE = 'integrity/mirror-divergence'

/** Whether sources have what the lockfiles pin, and the same bytes. Throws `usage` for a source that nobody can be asked at. */
export function compareMirrors(read: ReadRequest, request: CompareRequest): Promise<Compared> {
  return withMirrors(read, request, async (run) => {
    const sources = sourcesOf(request.urls, run)
    const counts = { same: 0, missing: 0, lagging: 0, different: 0, unavailable: 0, 'not-comparable': 0 }
    const differences: Comparison[] = []
    let done = 0
    for (const { mirror, input } of run.parts) {
      const mirrors = sources.filter(({ ecosystem }) => ecosystem === mirror.name)
      if (mirrors.length === 0 || mirror.compare === undefined) continue
      for await (const one of mirror.compare({ ...input, mirrors, bytes: request.bytes })) {
        counts[one.kind] += 1
        if (one.kind !== 'same') differences.push(one)
        request.onProgress?.(++done)
      }
    }
    return { graph: run.graph, sources, counts, differences: differences.sort(inOneOrder) }
  })
}

function inOneOrder(a: Comparison, b: Comparison): number {
  const [one, other] = [a, b].map(({ pinned, source }) =>
    [pinned.ecosystem, pinned.name, pinned.version ?? '', source].join('\0'),
  )
  return (one ?? '') < (other ?? '') ? -1 : 1
}

function sourcesOf(urls: readonly string[], { parts, config }: MirrorRun): readonly MirrorSource[] {
  const comparing = parts.flatMap(({ mirror }) => (mirror.compare === undefined ? [] : [mirror.name]))
  const named = urls.map((text) => sourceOf(text, comparing))
  const sources = named.length > 0 ? named : declared(config.settings.sources.mirrors)
  const useful = sources.filter(({ ecosystem }) => comparing.includes(ecosystem))
  if (useful.length > 0) return useful
  throw new AssayError(
    'usage',
    named.length > 0 ? 'none of the sources holds packages of a kind that is pinned here' : 'there is no source to compare',
    'Name them, e.g. assay mirror compare cargo=https://mirror.example/index/ go=https://goproxy.example, or declare sources.mirrors in assay.toml.',
  )
}

function sourceOf(text: string, comparing: readonly string[]): MirrorSource {
  const ecosystem = /^(cargo|go|zig)=/.exec(text)?.[1]
  if (ecosystem !== undefined) return checked(ecosystem, text.slice(ecosystem.length + 1))
  if (text.startsWith('sparse+')) return checked('cargo', text)
  const [only, ...more] = comparing
  if (only !== undefined && more.length === 0) return checked(only, text)
  throw new AssayError(
    'usage',
    `whose packages ${text} holds cannot be known`,
    'Write cargo=URL, go=URL or zig=URL: packages of several kinds are pinned here.',
  )
}

function checked(ecosystem: string, url: string): MirrorSource {
  const bare = url.replace(/^(?:sparse|git)\+/, '')
  if (ecosystem === 'zig' && bare === 'origin') return { ecosystem, url: bare }
  if (URL.canParse(bare) && /^(?:https?|file):/.test(bare)) return { ecosystem, url }
  throw new AssayError('usage', `${url} is no URL of a source`, 'Name an https, http or file URL.')
}

/** Declared mirrors and what they stand for, by what that is. */
function declared(mirrors: Settings['sources']['mirrors']): readonly MirrorSource[] {
  const found = mirrors.flatMap(({ url, of }): readonly MirrorSource[] => {
    if (isCratesIo(of))
      return [
        { ecosystem: 'cargo', url },
        { ecosystem: 'cargo', url: ENDPOINTS.cargo.sparseIndex },
      ]
    if (of === 'go:proxy' || of === ENDPOINTS.go.proxy)
      return [
        { ecosystem: 'go', url },
        { ecosystem: 'go', url: ENDPOINTS.go.proxy },
      ]
    if (url.startsWith('sparse+') || of.startsWith('sparse+')) return [url, of].map((one) => ({ ecosystem: 'cargo', url: one }))
    return []
  })
  return [...new Map(found.map((one) => [`${one.ecosystem} ${one.url}`, one])).values()]
}
