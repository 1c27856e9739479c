import type { VerifyDepth } from '../ecosystems/verifier.js'
import type { Desk, Used } from '../evidence/desk/desk.js'
import type { Evidence } from '../model/evidence.js'
import type { Fact, Graph } from '../model/graph.js'
import type { Verification as VerificationState } from '../model/verification.js'
import { NOT_ASKED } from '../model/verification.js'
import type { ValidConfig } from '../policy/config.js'
import { withFacts } from './merge.js'
import type { ReadRequest } from './read-graph.js'
import { readGraph } from './read-graph.js'

/** How a run verifies. */
export interface VerifyChoices {
  /** Ask nobody; a pack may answer. */
  readonly offline: boolean
  /** An evidence pack to answer from, and its SHA-256 where that is pinned. */
  readonly pack?: string | undefined
  readonly packDigest?: string | undefined
  /** Keep answers between runs (default). */
  readonly store?: boolean | undefined
  readonly depth: VerifyDepth
  /** The surroundings: proxies, credentials, the ecosystems' own settings, `CI`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onNotice?: ((message: string) => void) | undefined
  readonly onProgress?: ((ecosystem: string, done: number, of: number) => void) | undefined
  /** Given everything the run was told, before it is closed: what an evidence pack is made of. */
  readonly onUsed?: ((used: Used) => Promise<void>) | undefined
}

/** A graph, and what authorities say of it. */
export interface Tested {
  readonly graph: Graph
  readonly evidence: readonly Evidence[]
  readonly verification: VerificationState
}

/** More facts of the tree that is read; with a desk where others are asked or a pack answers. */
export type FactsBeside = (desk?: Desk) => Promise<readonly Fact[]>

const NOTHING_BESIDE: FactsBeside = () => Promise.resolve([])

/** Reads the graph, with manifests that authorities hand out where the run may ask, and tests what was read. */
export async function readAndVerify(
  read: ReadRequest,
  choices: VerifyChoices | undefined,
  config: Pick<ValidConfig, 'verify' | 'settings'>,
  beside: FactsBeside = NOTHING_BESIDE,
): Promise<Tested> {
  if (choices === undefined)
    return { graph: withFacts(await readGraph(read), await beside()), evidence: [], verification: NOT_ASKED }
  const { openSession } = await import('../evidence/session.js')
  const { Verification } = await import('./verify.js')
  const { verificationAsked } = await import('../policy/availability.js')
  const { offline, environment, depth } = choices
  const given = Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  const verification = new Verification({
    session: () => session,
    tree: read.tree,
    environment: new Map(given),
    sources: config.settings.sources,
    trust: config.settings.trust,
    release: config.settings.release,
    depth,
    caches: read.options?.caches ?? new Map(),
    onProgress: choices.onProgress,
  })
  const session = await openSession({ ...choices, ...config.verify, credentials: () => verification.credentials() })
  try {
    const graph = await readGraph({ ...read, supply: (ecosystem, files) => verification.supply(ecosystem, files) })
    const { evidence, facts } = await verification.verify(graph)
    const all = [...facts, ...(await beside(session.desk))]
    await choices.onUsed?.(session.used())
    const ci = (environment['CI'] ?? '') !== ''
    return { graph: withFacts(graph, all), evidence, verification: verificationAsked(config.verify, { ci, offline }) }
  } finally {
    await session.close()
  }
}

/**
 * Reads the graph, and looks for signatures in the folders of the settings alone: what is at hand is judged although nobody
 * is asked (spec/trust.md §3.5).
 */
export async function readWithLocalSignatures(
  read: ReadRequest,
  config: Pick<ValidConfig, 'verify' | 'settings'>,
  beside: FactsBeside = NOTHING_BESIDE,
): Promise<Tested> {
  const graph = withFacts(await readGraph(read), await beside())
  const { sources, trust, release } = config.settings
  if (trust.folders.length === 0) return { graph, evidence: [], verification: NOT_ASKED }
  const { openSession } = await import('../evidence/session.js')
  const { Verification } = await import('./verify.js')
  const environment = new Map<string, string>()
  const session = await openSession({ ...config.verify, offline: true, environment: {} })
  try {
    if (trust.onlineRoots) await (await import('./trust/fetched-root.js')).tellOfKeptRoot(session.desk, {})
    const depth = { bytes: false, source: false }
    const request = { session: () => session, tree: read.tree, environment, sources, trust, release, depth }
    const { evidence, facts } = await new Verification(request).signaturesAlone(graph)
    return { graph: withFacts(graph, facts), evidence, verification: NOT_ASKED }
  } finally {
    await session.close()
  }
}
