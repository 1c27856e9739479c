import type { ComponentId } from '../model/component.js'
import type { Evidence, VerdictKind } from '../model/evidence.js'
import type { Graph } from '../model/graph.js'
import { ATTESTATION_CHECK } from '../model/signature-fact.js'
import { comesFromElsewhere } from '../model/verification.js'

/** What came of a component in all: the first that holds of any of its checks; `unasked` when there is none. */
export type Standing = VerdictKind | 'unasked'

/** A contradiction outweighs any agreement, an agreement any silence. */
export const STANDINGS = ['mismatch', 'match', 'absent', 'unavailable', 'not-checkable', 'unasked'] as const satisfies Standing[]
export const VERDICTS = ['match', 'mismatch', 'absent', 'unavailable', 'not-checkable'] as const satisfies VerdictKind[]

export interface EcosystemVerification {
  readonly ecosystem: string
  /** Components that come from elsewhere, or of which something was said all the same. */
  readonly total: number
  /** How many of them stand where. */
  readonly components: Readonly<Record<Standing, number>>
  /** How many checks ended how. */
  readonly checks: Readonly<Record<VerdictKind, number>>
}

/** How far the components of each ecosystem are verified, in the order of their names. Linear. */
export function verificationCoverage(graph: Graph, evidence: readonly Evidence[]): readonly EcosystemVerification[] {
  const said = new Map<ComponentId, Evidence[]>()
  for (const one of evidence) {
    const known = said.get(one.subject)
    if (known === undefined) said.set(one.subject, [one])
    else known.push(one)
  }
  const rows = new Map<string, { total: number; components: Record<Standing, number>; checks: Record<VerdictKind, number> }>()
  for (const component of graph.components) {
    const about = said.get(component.id) ?? []
    if (!comesFromElsewhere(component) && about.length === 0) continue
    const row = rows.get(component.ecosystem) ?? { total: 0, components: none(STANDINGS), checks: none(VERDICTS) }
    rows.set(component.ecosystem, row)
    row.total += 1
    // A signature that is missing or bad takes away nothing that an authority agrees with: signatures are counted by themselves.
    row.components[standingOf(about.filter(({ check, verdict }) => check !== ATTESTATION_CHECK || verdict === 'match'))] += 1
    for (const { verdict } of about) row.checks[verdict] += 1
  }
  return [...rows].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([ecosystem, row]) => ({ ecosystem, ...row }))
}

function standingOf(evidence: readonly Evidence[]): Standing {
  return STANDINGS.find((standing) => evidence.some((one) => one.verdict === standing)) ?? 'unasked'
}

function none<K extends string>(names: readonly K[]): Record<K, number> {
  // Every name of the union is given, so that none is missing from the record.
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
}
