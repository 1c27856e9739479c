import type { Verified, Verifier, VerifyDepth } from '../ecosystems/verifier.js'
import { VERIFIERS } from '../ecosystems/verifiers.js'
import type { Credential } from '../evidence/http/credentials.js'
import type { Session } from '../evidence/session.js'
import type { Component } from '../model/component.js'
import type { ProjectFile, ReadOptions } from '../model/ecosystem.js'
import type { Evidence } from '../model/evidence.js'
import { compareEvidence } from '../model/evidence.js'
import type { Fact, Graph } from '../model/graph.js'
import type { ReleaseSettings } from '../model/release-settings.js'
import type { Settings } from '../model/rule.js'
import type { SourceTree } from '../model/tree.js'
import { TRUST_ROOT_FACT } from '../model/trust-root-fact.js'
import type { TrustSettings } from '../model/trust-settings.js'
import { comesFromElsewhere } from '../model/verification.js'
import { registryQuestions } from './trust/registry-questions.js'
import { trustStages } from './trust/stage.js'

export interface VerifyRequest {
  /** Opened once; asked for when it is there. */
  readonly session: () => Session
  readonly tree: SourceTree
  /** Variables that the ecosystems' tools would obey. */
  readonly environment: ReadonlyMap<string, string>
  readonly sources: Settings['sources']
  readonly trust: TrustSettings
  readonly release: ReleaseSettings
  readonly depth: VerifyDepth
  /** Trees that the user named, as for reading. */
  readonly caches?: ReadOptions['caches'] | undefined
  readonly onProgress?: ((ecosystem: string, done: number, of: number) => void) | undefined
}

export interface Verdicts {
  /** In one order, whoever answered first. */
  readonly evidence: readonly Evidence[]
  readonly facts: readonly Fact[]
}

/** One verification: supplies readers with what is not at hand, then tests every component against its authorities. */
export class Verification {
  readonly #verifiers = new Map<string, Promise<Verifier>>()
  readonly #credentials: Promise<readonly Credential[]>[] = []

  constructor(readonly request: VerifyRequest) {}

  /** Trees behind the desk, so that reading finds manifests that are not in the tree. */
  async supply(ecosystem: string, files: readonly ProjectFile[]): Promise<ReadOptions['caches']> {
    const verifier = await this.#verifier(ecosystem)
    const { session, tree, environment, sources } = this.request
    const { desk, git } = session()
    const input = { git, tree, environment, sources, files }
    if (verifier?.credentials !== undefined) this.#credentials.push(verifier.credentials(input))
    return verifier?.supply?.({ ...input, desk }) ?? new Map()
  }

  /** Credentials of the sources that the files name. */
  async credentials(): Promise<readonly Credential[]> {
    return (await Promise.all(this.#credentials)).flat()
  }

  /** Asks about every component that comes from elsewhere; each gets at least one piece of evidence. */
  async verify(graph: Graph): Promise<Verdicts> {
    const subjects = graph.components.filter(comesFromElsewhere)
    const ecosystems = [...new Set(subjects.map((component) => component.ecosystem))]
    const parts = await Promise.all(ecosystems.map((ecosystem) => this.#ecosystem(graph, ecosystem)))
    const evidence = parts.flatMap((part) => part.flatMap((one) => (one.kind === 'evidence' ? [one.evidence] : [])))
    const facts = parts.flatMap((part) => part.flatMap((one) => (one.kind === 'fact' ? [one.fact] : [])))
    const said = new Set(evidence.map((one) => one.subject))
    for (const { id, ecosystem } of subjects) {
      if (said.has(id)) continue
      const why = VERIFIERS.has(ecosystem) ? 'nothing could be asked about it' : `nobody is asked about ${ecosystem} components`
      evidence.push({ subject: id, check: `${ecosystem}/verification`, verdict: 'not-checkable', why })
    }
    for (const one of await this.#signatures(graph, subjects, evidence, facts)) {
      if (one.kind === 'evidence') evidence.push(one.evidence)
      else facts.push(one.fact)
    }
    const published = await this.#published()
    // Told once, whoever needed them.
    const hasRoots = facts.some(({ kind }) => kind === TRUST_ROOT_FACT)
    facts.push(...published.filter(({ kind }) => !hasRoots || kind !== TRUST_ROOT_FACT))
    return { evidence: evidence.sort(compareEvidence), facts }
  }

  /** Only what the settings say about signatures: for a run in which nobody is asked. */
  async signaturesAlone(graph: Graph): Promise<Verdicts> {
    const found = await this.#signatures(graph, graph.components.filter(comesFromElsewhere), [], [])
    const evidence = found.flatMap((one) => (one.kind === 'evidence' ? [one.evidence] : []))
    return { evidence: evidence.sort(compareEvidence), facts: found.flatMap((one) => (one.kind === 'fact' ? [one.fact] : [])) }
  }

  /** What the settings say about signatures is looked at last: digests that were computed from verified bytes bind too. */
  async #signatures(
    graph: Graph,
    components: readonly Component[],
    said: readonly Evidence[],
    facts: readonly Fact[],
  ): Promise<readonly Verified[]> {
    const { session, environment, trust, sources, onProgress } = this.request
    const { desk, git } = session()
    const evidence = [...said]
    const found: Verified[] = []
    for (const stage of await trustStages(trust)) {
      const progress = onProgress === undefined ? undefined : (done: number, of: number) => onProgress('signatures', done, of)
      const added = await stage({
        graph,
        components,
        evidence,
        facts,
        desk,
        git,
        environment,
        trust,
        sources,
        onProgress: progress,
      })
      // What one stage says, the next may build on.
      evidence.push(...added.flatMap((one) => (one.kind === 'evidence' ? [one.evidence] : [])))
      found.push(...added)
    }
    return found
  }

  /** What is published under the names of `[release] images`. */
  async #published(): Promise<readonly Fact[]> {
    const { session, trust, release, depth, onProgress } = this.request
    if (release.images.length === 0) return []
    const { releaseFacts } = await import('./oci/release-facts.js')
    const progress = (done: number, of: number): void => onProgress?.('images', done, of)
    return releaseFacts({ images: release.images, trust, bytes: depth.bytes, session, onProgress: progress })
  }

  async #ecosystem(graph: Graph, ecosystem: string): Promise<readonly Verified[]> {
    const verifier = await this.#verifier(ecosystem)
    if (verifier === undefined) return []
    const { session, tree, environment, sources, trust, depth, onProgress } = this.request
    const { desk, git } = session()
    const files = graph.files.flatMap(({ path, format, state, ecosystem: owner }): ProjectFile[] =>
      owner === ecosystem && format !== undefined && state !== 'skipped' ? [{ path, format }] : [],
    )
    const said: Verified[] = []
    const input = {
      graph,
      components: graph.components.filter((component) => component.ecosystem === ecosystem && comesFromElsewhere(component)),
      tree,
      files,
      desk,
      git,
      environment,
      sources,
      depth,
      caches: this.request.caches,
      questions: registryQuestions(trust),
      onProgress: onProgress === undefined ? undefined : (done: number, of: number) => onProgress(ecosystem, done, of),
    }
    for await (const one of verifier.verify(input)) said.push(one)
    return said
  }

  #verifier(ecosystem: string): Promise<Verifier> | undefined {
    const load = VERIFIERS.get(ecosystem)
    if (load === undefined) return undefined
    const known = this.#verifiers.get(ecosystem) ?? load()
    this.#verifiers.set(ecosystem, known)
    return known
  }
}
