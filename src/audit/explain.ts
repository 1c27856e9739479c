import type { Component, ComponentId } from '../model/component.js'
import { componentLabel } from '../model/component.js'
import type { Evidence } from '../model/evidence.js'
import type { Finding, Verdict } from '../model/finding.js'
import type { Edge, Fact, Replacement } from '../model/graph.js'
import type { GraphView } from '../model/graph-view.js'
import type { ReviewSettings } from '../model/review.js'
import type { Rule } from '../model/rule.js'
import { shortestPaths } from '../model/shortest-paths.js'
import { reviewLines } from '../policy/reviews/review-lines.js'
import type { Judged } from './judge.js'

/** Everything known about one component: why it is here, the facts with their origins, what was found. */
export interface Explanation {
  readonly component: Component
  readonly paths: readonly (readonly ComponentId[])[]
  readonly pathCount: number
  readonly dependents: readonly Edge[]
  readonly dependencies: readonly Edge[]
  readonly replacements: readonly Replacement[]
  readonly facts: readonly Fact[]
  /** What authorities said of it; absent when nobody was asked. */
  readonly evidence?: readonly Evidence[] | undefined
  readonly findings: readonly Finding[]
  /** What people wrote down who read it; absent where no files of reviews are named. */
  readonly reviews?: readonly string[] | undefined
}

export type Answer =
  | { readonly kind: 'components'; readonly explanations: readonly Explanation[] }
  | { readonly kind: 'rule'; readonly rule: Rule; readonly findings: readonly Finding[] }
  | { readonly kind: 'nothing'; readonly suggestions: readonly string[] }

/** Paths shown for one component; more exist in dense graphs, and are counted. */
const MAX_PATHS = 20

/** Answers `assay explain WHAT`: a rule by its id, else components by id, purl, `name@version` or name. */
export function explain(what: string, { graph, verdict, rules, evidence, verification, config }: Judged): Answer {
  const rule = rules.find((candidate) => candidate.id === what)
  if (rule !== undefined) return { kind: 'rule', rule, findings: verdict.findings.filter((finding) => finding.rule === what) }
  const components = matching(what, graph)
  if (components.length > 0)
    return {
      kind: 'components',
      explanations: components.map((component) =>
        explainComponent(component, graph, verdict, verification.asked ? evidence : undefined, config.settings.trust.reviews),
      ),
    }
  return { kind: 'nothing', suggestions: similar(what, graph, rules) }
}

function explainComponent(
  component: Component,
  graph: GraphView,
  verdict: Verdict,
  evidence: readonly Evidence[] | undefined,
  reviews: ReviewSettings | undefined,
): Explanation {
  const { id } = component
  const { paths, total } = shortestPaths(graph, id, MAX_PATHS)
  const touches = (replacement: Replacement): boolean =>
    replacement.original.component === id ||
    replacement.replacement?.component === id ||
    replacement.original.name === component.name
  return {
    component,
    paths,
    pathCount: total,
    dependents: graph.dependents(id),
    dependencies: graph.dependencies(id),
    replacements: graph.graph.replacements.filter(touches),
    facts: graph.graph.facts.filter((fact) => fact.component === id),
    evidence: evidence?.filter((one) => one.subject === id),
    findings: verdict.findings.filter((finding) => finding.component === id),
    ...(reviews === undefined || component.firstParty ? {} : { reviews: reviewLines(reviews, component) }),
  }
}

function matching(what: string, graph: GraphView): readonly Component[] {
  const exact = graph.components.filter((c) => c.id === what || c.purl === what || componentLabel(c) === what)
  return exact.length > 0 ? exact : graph.components.filter((c) => c.name === what)
}

/** Names that hold what was asked for, or are held by it: enough to correct a forgotten prefix or case. */
function similar(what: string, graph: GraphView, rules: readonly Rule[]): readonly string[] {
  const wanted = (what.split('@')[0] ?? what).toLowerCase()
  if (wanted === '') return []
  const names = new Set([...graph.components.map((c) => c.name), ...rules.map((r) => r.id)])
  return [...names]
    .filter((name) => name.toLowerCase().includes(wanted))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .slice(0, 5)
}
