import { displayUrl } from '../../../evidence/http/redact.js'
import type { Component } from '../../../model/component.js'
import type { Fact } from '../../../model/graph.js'
import type { ModuleId } from '../build-list.js'
import { type Piece, unanswered } from './checks.js'
import type { ProxyAnswer } from './module-proxies.js'
import { type ParsedInfo, parseVersionInfo } from './version-info.js'

export function readInfo(info: ProxyAnswer): ParsedInfo | undefined {
  return info.kind === 'ok' ? parseVersionInfo(info.answer.bytes) : undefined
}

/** Whether a proxy speaks of the version that it was asked about (spec/go.md §8.1, §15 row 39). */
export function infoCheck({ version }: ModuleId, info: ProxyAnswer): readonly Piece[] {
  const check = 'go/info'
  if (info.kind === 'none') return [unanswered(check, info)]
  const { authority, answer } = info
  const base = { check, authority, at: answer.at, stored: answer.sha256 }
  const parsed = parseVersionInfo(answer.bytes)
  if (!parsed.ok) return [{ ...base, verdict: 'unavailable', why: `its .info is none: ${parsed.why}` }]
  const observed = parsed.info.version
  if (observed === version) return [{ ...base, verdict: 'match', expected: version, observed }]
  const why = 'the proxy answers about another version than it was asked for'
  return [{ ...base, verdict: 'mismatch', expected: version, observed, why }]
}

/** What a proxy says of where and when a version was made; nobody vouches for it. */
export function infoFacts(component: Component, info: ProxyAnswer): readonly Fact[] {
  const parsed = readInfo(info)
  if (parsed?.ok !== true || parsed.info.version !== component.version) return []
  const { time, origin } = parsed.info
  const about = { component: component.id, location: component.occurrences[0]?.location }
  const facts: Fact[] = []
  if (time !== undefined) facts.push({ kind: 'go/published', ...about, data: { module: component.name, time } })
  if (origin !== undefined) {
    const { vcs, url, hash, ref } = origin
    facts.push({ kind: 'go/origin', ...about, data: { vcs, url: displayUrl(url), hash, ref } })
  }
  return facts
}
