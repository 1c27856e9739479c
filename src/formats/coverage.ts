import type { Component } from '../model/component.js'
import type { FileCoverage, Graph } from '../model/graph.js'
import type { ReportInput } from '../model/report.js'
import type { EcosystemVerification } from './verification-coverage.js'
import { verificationCoverage } from './verification-coverage.js'

/** What was looked at and what was not: the part of a report that keeps "nothing found" apart from "nothing seen". */
export interface Coverage {
  readonly files: Readonly<Record<FileCoverage['state'], number>>
  readonly components: readonly EcosystemCoverage[]
  readonly rules: { readonly ran: number; readonly withSubjects: number }
  /** Components with which an authority agrees and none disagrees. */
  readonly verified: number
  readonly verification: readonly EcosystemVerification[]
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

export function coverageOf({
  graph: { graph },
  verdict,
  evidence,
}: Pick<ReportInput, 'graph' | 'verdict' | 'evidence'>): Coverage {
  const files = { read: 0, partial: 0, unreadable: 0, skipped: 0 }
  for (const file of graph.files) files[file.state] += 1
  const names = [...new Set([...graph.projects.map((p) => p.ecosystem), ...graph.components.map((c) => c.ecosystem)])].sort()
  const counts = [...verdict.rules.values()]
  const verification = verificationCoverage(graph, evidence)
  return {
    files,
    components: names.map((ecosystem) => ecosystemCoverage(ecosystem, graph)),
    rules: { ran: counts.length, withSubjects: counts.filter((count) => count.checked > 0).length },
    verified: verification.reduce((sum, one) => sum + one.components.match, 0),
    verification,
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
