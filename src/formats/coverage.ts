import type { Component } from '../model/component.js'
import type { Verdict } from '../model/finding.js'
import type { FileCoverage, Graph } from '../model/graph.js'

/** What was looked at and what was not: the part of a report that keeps "nothing found" apart from "nothing seen". */
export interface Coverage {
  readonly files: Readonly<Record<FileCoverage['state'], number>>
  readonly components: readonly EcosystemCoverage[]
  readonly rules: { readonly ran: number; readonly withSubjects: number }
  /** Components that an authority was asked about. This version reads and judges; it asks nobody. */
  readonly verified: number
}

export interface EcosystemCoverage {
  readonly ecosystem: string
  readonly projects: number
  readonly components: number
  /** Components that a digest or commit pins. */
  readonly pinned: number
  readonly edgesComplete: number
  readonly edgesIncomplete: number
  readonly edgesUnknown: number
}

export function coverageOf(graph: Graph, verdict: Verdict): Coverage {
  const files = { read: 0, partial: 0, unreadable: 0, skipped: 0 }
  for (const file of graph.files) files[file.state] += 1
  const names = [...new Set([...graph.projects.map((p) => p.ecosystem), ...graph.components.map((c) => c.ecosystem)])].sort()
  const counts = [...verdict.rules.values()]
  return {
    files,
    components: names.map((ecosystem) => ecosystemCoverage(ecosystem, graph)),
    rules: { ran: counts.length, withSubjects: counts.filter((count) => count.checked > 0).length },
    verified: 0,
  }
}

function ecosystemCoverage(ecosystem: string, graph: Graph): EcosystemCoverage {
  const components = graph.components.filter((component) => component.ecosystem === ecosystem)
  const edges = (state: Component['edges']['state']): number =>
    components.filter((component) => component.edges.state === state).length
  return {
    ecosystem,
    projects: graph.projects.filter((project) => project.ecosystem === ecosystem).length,
    components: components.length,
    pinned: components.filter((component) => component.claims.length > 0).length,
    edgesComplete: edges('complete'),
    edgesIncomplete: edges('incomplete'),
    edgesUnknown: edges('unknown'),
  }
}
