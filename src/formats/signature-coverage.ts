import type { ComponentId } from '../model/component.js'
import { componentLabel } from '../model/component.js'
import type { GraphView } from '../model/graph-view.js'
import type { RequiredKind, SignatureOutcome, SignaturesFact } from '../model/signature-fact.js'
import {
  ATTESTATION_FACT,
  readBundleFact,
  readSignaturesFact,
  SIGNATURE_OUTCOMES,
  SIGNATURES_FACT,
} from '../model/signature-fact.js'
import { comesFromElsewhere } from '../model/verification.js'
import type { Json } from './json-element.js'

/** How far the components of one ecosystem are signed; every component is counted once. */
export interface EcosystemSignatures {
  readonly ecosystem: string
  /** Components that come from elsewhere. */
  readonly total: number
  /** Of how many signatures were looked for. */
  readonly asked: number
  readonly components: Readonly<Record<SignatureOutcome | 'not-looked-for', number>>
  /** How many must be signed, and how many of them lack something. */
  readonly required: number
  readonly unmet: number
  /** What can be signed in this ecosystem today. */
  readonly signable: string
}

/** What signatures there can be (spec/trust.md §3.1), so that "nothing to verify" is not taken for "verified". */
const SIGNABLE: ReadonlyMap<string, string> = new Map([
  ['cargo', 'no signature of its own; a project may attest the .crate by the checksum that the lockfile states'],
  ['go', 'the checksum database vouches for every public module; an attestation of a module’s hash or zip is rare'],
  ['zig', 'no signature of packages; a project may attest an uploaded archive, never one that its host makes on demand'],
  ['nimble', 'no signature of packages; a commit can be signed or attested, the checksum of the lockfile cannot'],
])

/** By ecosystem, in the order of their names. Linear. */
export function signatureCoverage(graph: GraphView): readonly EcosystemSignatures[] {
  const standings = standingsOf(graph)
  const rows = new Map<string, { -readonly [K in keyof EcosystemSignatures]: EcosystemSignatures[K] } & { components: Counts }>()
  for (const component of graph.components) {
    if (!comesFromElsewhere(component)) continue
    const { ecosystem } = component
    const row = rows.get(ecosystem) ?? {
      ...{ ecosystem, total: 0, asked: 0, components: noCounts(), required: 0, unmet: 0 },
      signable: SIGNABLE.get(ecosystem) ?? 'nothing is known of signatures in this ecosystem',
    }
    rows.set(ecosystem, row)
    const standing = standings.get(component.id)
    row.total += 1
    row.components[standing?.outcome ?? 'not-looked-for'] += 1
    if (standing === undefined) continue
    row.asked += 1
    if (standing.required.length > 0) row.required += 1
    if (standing.unmet.length > 0) row.unmet += 1
  }
  return [...rows.values()].sort((a, b) => (a.ecosystem < b.ecosystem ? -1 : 1))
}

type Counts = Record<SignatureOutcome | 'not-looked-for', number>

function noCounts(): Counts {
  const none = { verified: 0, derived: 0, unconstrained: 0, refused: 0, none: 0, unknown: 0 }
  return { ...none, 'not-verified': 0, 'not-signable': 0, 'not-asked': 0, 'not-looked-for': 0 }
}

function standingsOf(graph: GraphView): ReadonlyMap<ComponentId, SignaturesFact> {
  return new Map(
    graph.facts(SIGNATURES_FACT).flatMap((fact): [ComponentId, SignaturesFact][] => {
      const standing = readSignaturesFact(fact)
      return standing === undefined || fact.component === undefined ? [] : [[fact.component, standing]]
    }),
  )
}

const WORDS: Readonly<Record<SignatureOutcome, string>> = {
  verified: 'verified',
  derived: 'verified by a derived identity',
  unconstrained: 'signed by nobody who is named',
  refused: 'refused',
  none: 'unsigned',
  unknown: 'unknown',
  'not-verified': 'needing --bytes',
  'not-signable': 'not signable',
  'not-asked': 'with nobody to ask',
}

/**
 * For people: one line an ecosystem where anything was looked for, and what can be signed there at all. `asked`: the run was to
 * verify, so that nothing looked for is worth a word.
 */
export function signatureLines(graph: GraphView, asked: boolean): readonly string[] {
  const rows = signatureCoverage(graph)
  const looked = rows.filter(({ asked }) => asked > 0)
  const total = rows.reduce((sum, row) => sum + row.total, 0)
  if (looked.length === 0)
    return total === 0 || !asked ? [] : ['none looked for: [trust] of assay.toml names neither sources nor signers']
  return rows.flatMap(({ ecosystem, total: all, asked, components, required, unmet, signable }) => {
    const left = components['not-looked-for']
    const counts = SIGNATURE_OUTCOMES.flatMap((outcome) =>
      outcome !== 'verified' && components[outcome] > 0 ? [`${components[outcome]} ${WORDS[outcome]}`] : [],
    )
    const rest = [
      ...counts,
      ...(left > 0 ? [`${left} not looked for`] : []),
      ...(required > 0 ? [`${required - unmet} of ${required} required are there`] : []),
    ]
    const line = `${ecosystem.padEnd(11)} ${components.verified} of ${all} verified${rest.length > 0 ? ` (${rest.join(', ')})` : ''}`
    return asked > 0 && components.verified < all ? [line, `  ${signable}`] : [line]
  })
}

/** Every signature that was found, as reports write it, in the order of the facts. */
export function* attestationRows(graph: GraphView): Iterable<Json> {
  for (const fact of graph.facts(ATTESTATION_FACT)) {
    const bundle = readBundleFact(fact)
    if (bundle === undefined || fact.component === undefined) continue
    const component = graph.find(fact.component)
    const stated = Object.entries(bundle).filter(([, value]) => value !== undefined)
    yield {
      subject: fact.component,
      ...(component === undefined ? {} : { component: componentLabel(component) }),
      ...Object.fromEntries(stated),
    }
  }
}

/** For `explain`: how one component stands, and every signature that was found of it. */
export function signaturesOf(graph: GraphView, id: ComponentId): readonly string[] {
  const standing = standingsOf(graph).get(id)
  if (standing === undefined) return []
  const lacks = standing.unmet.length === 0 ? [] : [`lacks ${standing.unmet.map(kindWord).join(' and ')}, which [trust] requires`]
  const bundles = graph.facts(ATTESTATION_FACT).flatMap((fact) => {
    const bundle = fact.component === id ? readBundleFact(fact) : undefined
    if (bundle === undefined) return []
    const said = [
      bundle.signer === undefined ? undefined : `signed by ${bundle.signer}`,
      bundle.predicateType,
      bundle.level === undefined ? undefined : `level ${bundle.level}`,
      bundle.why,
    ]
    return [`${bundle.outcome}: ${[bundle.from, ...said.filter((part) => part !== undefined)].join('; ')}`]
  })
  const asked = standing.asked.length === 0 ? [] : [`asked: ${standing.asked.join(', ')}`]
  return [`${WORDS[standing.outcome]}: ${standing.why}`, ...lacks, ...bundles, ...asked]
}

function kindWord(kind: RequiredKind): string {
  return kind === 'sbom' ? 'an SBOM' : kind === 'provenance' ? 'provenance' : 'a signature'
}
