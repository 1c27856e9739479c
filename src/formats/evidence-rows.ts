import type { Evidence } from '../model/evidence.js'
import { compareEvidence } from '../model/evidence.js'
import type { GraphView } from '../model/graph-view.js'
import type { Json } from './json-element.js'

/** One piece of evidence as reports write it (`schemas/evidence.schema.json`), keys in one order. */
export function evidenceRow(one: Evidence, graph: GraphView): Json {
  const component = graph.find(one.subject)
  return {
    subject: one.subject,
    ...(component === undefined ? {} : { component: { name: component.name, version: component.version, purl: component.purl } }),
    check: one.check,
    verdict: one.verdict,
    ...(one.authority === undefined ? {} : { authority: { kind: one.authority.kind, name: one.authority.name } }),
    ...optional('expected', one.expected),
    ...optional('observed', one.observed),
    ...optional('why', one.why),
    ...optional('stored', one.stored),
    ...optional('at', one.at),
  }
}

/** All of it in one order, one row after another. */
export function* evidenceRows(evidence: readonly Evidence[], graph: GraphView): Iterable<Json> {
  for (const one of [...evidence].sort(compareEvidence)) yield evidenceRow(one, graph)
}

function optional(name: string, value: string | undefined): Json {
  return value === undefined ? {} : { [name]: value }
}
