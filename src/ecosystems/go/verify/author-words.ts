import type { Component } from '../../../model/component.js'
import type { Fact } from '../../../model/graph.js'
import type { Retraction } from '../mod-file.js'
import { compareVersions } from '../version.js'
import { highest, type LatestOutcome } from './latest-version.js'

/** What the author says of a module in the go.mod of its latest version (spec/go.md §12.1). */
export function authorFacts(component: Component, version: string, latest: LatestOutcome): readonly Fact[] {
  if (latest.kind === 'unknown') return []
  const about = { component: component.id, location: component.occurrences[0]?.location }
  const { mod, versions } = latest
  const facts: Fact[] = [
    {
      kind: 'go/latest',
      ...about,
      data: { module: component.name, version: latest.version, behind: compareVersions(version, latest.version) < 0 },
    },
  ]
  const matching = mod.retract.filter((interval) => isRetracted(version, interval))
  if (matching.length > 0) {
    const better = highest(versions.filter((one) => !mod.retract.some((interval) => isRetracted(one, interval))))
    const rationale = [...new Set(matching.map((interval) => shortMessage(interval.rationale)))].filter((text) => text !== '')
    facts.push({
      kind: 'go/retracted',
      ...about,
      data: {
        module: `${component.name}@${version}`,
        rationale: rationale.join('; '),
        by: latest.version,
        better: better ?? '',
      },
    })
  }
  const deprecated = shortMessage(mod.module?.deprecated ?? '')
  if (deprecated !== '')
    facts.push({ kind: 'go/deprecated', ...about, data: { module: component.name, message: deprecated, by: latest.version } })
  return facts
}

function isRetracted(version: string, { low, high }: Pick<Retraction, 'low' | 'high'>): boolean {
  return compareVersions(low, version) <= 0 && compareVersions(version, high) <= 0
}

const LONGEST = 500
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** A stranger's text as the go command shows it: its first line, if that is short and printable (spec/go.md §2.6). */
export function shortMessage(text: string): string {
  const newline = text.indexOf('\n')
  const line = (newline < 0 ? text : text.slice(0, newline)).trim()
  if (Buffer.byteLength(line) > LONGEST) return '(a message that is too long to show)'
  return UNPRINTABLE.test(line) ? '(a message that holds unprintable characters)' : line
}
