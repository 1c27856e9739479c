import type { Component } from '../../../src/model/component.js'
import { componentLabel } from '../../../src/model/component.js'
import type { Evidence } from '../../../src/model/evidence.js'
import type { Finding } from '../../../src/model/finding.js'
import type { Edge, Fact, Graph, Replacement } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import { formatLocation } from '../../../src/model/location.js'
import type { OptionValue, Rule, Settings } from '../../../src/model/rule.js'
import type { Verification } from '../../../src/model/verification.js'
import type { ValidConfig } from '../../../src/policy/config.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { evaluate } from '../../../src/policy/gate.js'
import { component, edge, graphOf } from '../../support/graphs.js'

/** What a rule is asked: a graph and, where it matters, options, settings, evidence. */
export interface RuleCase {
  readonly rule: string
  readonly name: string
  readonly graph: Graph
  readonly options?: Readonly<Record<string, OptionValue>>
  readonly settings?: Partial<Settings>
  readonly evidence?: readonly Evidence[]
  readonly verification?: Verification
  readonly today?: string
}

/** A case in which the rule has something to say, and every word of it. */
export interface FiringCase extends RuleCase {
  readonly says: readonly Said[]
}

/** A case that is nearly the same and fine. `checked`: subjects the rule must have looked at all the same. */
export interface SparingCase extends RuleCase {
  readonly checked: number
}

export interface Said {
  readonly message: string
  readonly fix: string
  /** `file:line:column`. */
  readonly at: string | undefined
  readonly data: Readonly<Record<string, string>>
  /** Labels of the shortest path from a root. */
  readonly path: readonly string[]
}

export interface Heard {
  readonly said: readonly Said[]
  readonly checked: number | undefined
}

export const TODAY = '2026-08-01'

/** Judges one case by one rule, through the gate, under the profile in which every rule of the tree is on. */
export function hear(rules: readonly Rule[], asked: RuleCase): Heard {
  const rule = rules.find((candidate) => candidate.id === asked.rule)
  if (rule === undefined) throw new Error(`there is no rule ${asked.rule}`)
  const config: ValidConfig = {
    ...DEFAULT_CONFIG,
    profile: 'strict',
    settings: { ...DEFAULT_CONFIG.settings, ...asked.settings },
    rules: new Map([[rule.id, { options: new Map(Object.entries(asked.options ?? {})) }]]),
  }
  const graph = new GraphView(asked.graph)
  const verdict = evaluate({
    graph,
    evidence: asked.evidence ?? [],
    verification: asked.verification,
    config,
    rules: [rule],
    today: asked.today ?? TODAY,
  })
  return {
    said: verdict.findings.map((finding) => saidBy(finding, graph)),
    checked: verdict.rules.get(rule.id)?.checked,
  }
}

function saidBy(finding: Finding, graph: GraphView): Said {
  return {
    message: finding.message,
    fix: finding.fix,
    at: finding.location === undefined ? undefined : formatLocation(finding.location),
    data: finding.data ?? {},
    path: finding.path.map((id) => componentLabel(graph.get(id))),
  }
}

/** Ids of rules that lack an entry in a table. */
export function withoutEntry(rules: readonly Rule[], cases: readonly RuleCase[]): readonly string[] {
  const covered = new Set(cases.map((one) => one.rule))
  return rules.map((rule) => rule.id).filter((id) => !covered.has(id))
}

/** `W/E/E`, as the specification writes severities: relaxed, recommended, strict. */
export function severityLetters(rule: Rule): string {
  const letter = { error: 'E', warn: 'W', note: 'N', off: '-' } as const
  const { relaxed, recommended, strict } = rule.severity
  return `${letter[relaxed]}/${letter[recommended]}/${letter[strict]}`
}

export const APP = component('app', '0.1.0', { firstParty: true, source: { kind: 'path', path: '.', outside: false } })

/** A project of one package that depends on the given components, one after the other in a chain when asked for. */
export function appWith(components: readonly Component[], rest: Partial<Graph> = {}): Graph {
  return graphOf(
    [APP, ...components],
    components.map((to) => edge(APP, to)),
    rest,
  )
}

/** `app` → first → second → … */
export function chainOf(components: readonly Component[], rest: Partial<Graph> = {}): Graph {
  const edges: Edge[] = []
  let from = APP
  for (const to of components) {
    edges.push(edge(from, to))
    from = to
  }
  return graphOf([APP, ...components], edges, rest)
}

export function factAt(file: string, line: number, kind: string, data: Fact['data'], about?: Component): Fact {
  return { kind, project: 'cargo:Cargo.lock', component: about?.id, location: { file, line, column: 3 }, data }
}

export function replacementAt(file: string, line: number, rest: Partial<Replacement>): Replacement {
  return {
    kind: 'patch',
    ecosystem: 'cargo',
    project: 'cargo:Cargo.lock',
    original: {},
    active: true,
    disables: [],
    location: { file, line, column: 1 },
    ...rest,
  }
}
