import { inOrder } from '../../ecosystems/in-order.js'
import type { Verified } from '../../ecosystems/verifier.js'
import type { Component, ComponentId } from '../../model/component.js'
import type { Digest } from '../../model/digest.js'
import type { Evidence } from '../../model/evidence.js'
import type { Fact } from '../../model/graph.js'
import type { EarlierVersionFact, PublishingFact } from '../../model/publishing-fact.js'
import { readEarlierVersionFact, readPublishingFact } from '../../model/publishing-fact.js'
import { bundleFact, signaturesFact } from '../../model/signature-fact.js'
import { TrustBook } from '../../policy/trust-match.js'
import type { LookedUp } from '../../trust/lookup/ask-sources.js'
import { askSources } from '../../trust/lookup/ask-sources.js'
import type { LookupSource } from '../../trust/lookup/source.js'
import { anchorsOf } from './anchors.js'
import { AttestationSources } from './attestation-sources.js'
import { PolicyMaker, trustedBuilders } from './component-policy.js'
import type { Seen } from './component-signatures.js'
import { GIT_SIGNATURE_CHECKS, signatureEvidence, standingOf } from './component-signatures.js'
import { earlierProvenance } from './earlier-provenance.js'
import { judgeFound } from './judge-found.js'
import { isLookedUp } from './registry-questions.js'
import { loadTrustedRoots, onlineRootsOf, rootFacts } from './roots.js'
import { statedRepository } from './source-repository.js'
import type { TrustStage, TrustStageInput } from './stage.js'

/**
 * Signatures and attestations of components (spec/trust.md §3.5): for each that the settings are about, every source is asked,
 * every signature judged, and what came of it told as one piece of evidence or more and as facts. Throws `configuration` and
 * `input-unreadable` for roots, keys and folders of the settings.
 */
export const attestationStage: TrustStage = async (input) => {
  const book = new TrustBook(input.trust)
  // A rule tells what cannot be used, and shuts the gate where the settings do not allow another root in its place.
  const online = onlineRootsOf({ ...input.trust, rootFallback: true }, input.desk)
  const loaded = await loadTrustedRoots(input.trust.roots, online)
  const { roots, embedded } = loaded
  const builders = trustedBuilders(input.trust.builders)
  const policies = new PolicyMaker({ roots, embeddedRoot: embedded, builders, memo: new Map() })
  const sources = new AttestationSources(book, input.sources, input.desk, input.environment)
  const said = bySubject(input.evidence)
  const looked = input.components.filter((component) => isLookedUp(book, component))
  const publishing = byComponent(input.facts, readPublishingFact)
  const before = byComponent(input.facts, readEarlierVersionFact)
  for (const { id } of looked.filter((one) => before.has(one.id)).slice(MOST_LOOKED_BACK)) before.delete(id)
  const look = (component: Component): Promise<readonly Verified[]> =>
    lookAt(component, said.get(component.id) ?? [], { book, policies, sources, publishing, earlier: before })
  const found: Verified[] = rootFacts(loaded, input.trust.rootFallback).map((fact) => ({ kind: 'fact', fact }))
  for await (const one of inOrder(looked, look, input.onProgress)) found.push(one)
  return found
}

/** Each is one more component to look up, and asks nobody about versions that are not used without end. */
const MOST_LOOKED_BACK = 256

interface Around {
  readonly book: TrustBook
  readonly policies: PolicyMaker
  readonly sources: AttestationSources
  readonly publishing: ReadonlyMap<ComponentId, PublishingFact>
  /** Of components that may be looked back from. */
  readonly earlier: ReadonlyMap<ComponentId, EarlierVersionFact>
}

async function lookAt(component: Component, said: readonly Evidence[], around: Around): Promise<readonly Verified[]> {
  const { book, policies, sources } = around
  const identity = book.identityFor(component)
  const publishing = around.publishing.get(component.id)
  const stated = statedRepository(component, said, publishing)
  const anchors = anchorsOf(component, said)
  const policy = await policies.policyFor(component, identity, stated)
  const asked = anchors.kind === 'anchors' ? sources.sourcesFor(component) : []
  const sourceRepository = identity?.sourceRepository ?? stated?.url
  const digests = anchors.kind === 'anchors' ? anchors.anchors : []
  const answered = digests.length === 0 ? NOTHING_LOOKED_UP : await lookUp(component, digests, sourceRepository, asked)
  const lookedUp = { ...answered, unknown: [...answered.unknown, ...silentRepositories(component, said, book)] }
  const { bundles, overfull } = await judgeFound(lookedUp.bundles, { name: component.name, anchors: digests, policy, identity })
  const seen: Seen = {
    component,
    said,
    anchors,
    identity,
    stated,
    basis: policy.basis,
    requirements: book.requirementsFor(component),
    lookedUp,
    overfull,
    bundles,
  }
  const standing = standingOf(seen)
  const earlier = lacksProvenance(seen) ? around.earlier.get(component.id) : undefined
  const before =
    earlier === undefined
      ? undefined
      : await earlierProvenance(component, { earlier, publishing, stated, sources: asked, book, policies })
  return [
    ...signatureEvidence(seen, standing).map((evidence): Verified => ({ kind: 'evidence', evidence })),
    { kind: 'fact', fact: signaturesFact(component, { ...standing, earlier: before }) },
    ...bundles.map((bundle): Verified => ({ kind: 'fact', fact: bundleFact(component, bundle) })),
  ]
}

/** Everybody answered, and none of what they have is accepted provenance. */
function lacksProvenance({ lookedUp: { answers, unknown }, overfull, bundles }: Seen): boolean {
  return (
    unknown.length + overfull.length === 0 &&
    answers.some(({ kind }) => kind !== 'not-applicable') &&
    bundles.every(({ counts, outcome }) => !counts.includes('provenance') && outcome !== 'undecided')
  )
}

/** A signed commit would be the signature that is required: where its repository does not answer, none is missing. */
function silentRepositories(component: Component, said: readonly Evidence[], book: TrustBook): LookedUp['unknown'] {
  const { allowedSigners, openpgpKeys } = book.settings
  if (allowedSigners.length + openpgpKeys.length === 0) return []
  if (book.requirementsFor(component).every(({ kind }) => kind !== 'signature')) return []
  const silent = said.filter(({ check, verdict }) => verdict === 'unavailable' && GIT_SIGNATURE_CHECKS.has(check))
  return silent.map(({ authority, check, why = 'it did not answer' }) => ({ source: authority?.name ?? check, why }))
}

const NOTHING_LOOKED_UP: LookedUp = { answers: [], bundles: [], unknown: [] }

function lookUp(
  { name, version, source }: Component,
  anchors: readonly Digest[],
  sourceRepository: string | undefined,
  sources: readonly LookupSource[],
): Promise<LookedUp> {
  const url = source.kind === 'archive' || source.kind === 'git' ? source.url : undefined
  return askSources(sources, { name, version, anchors, url, sourceRepository })
}

/** What a registry said of components; of several registries the first. */
function byComponent<T>(facts: readonly Fact[], read: (fact: Fact) => T | undefined): Map<ComponentId, T> {
  const found = new Map<ComponentId, T>()
  for (const fact of facts) {
    const data = read(fact)
    if (data !== undefined && fact.component !== undefined && !found.has(fact.component)) found.set(fact.component, data)
  }
  return found
}

function bySubject(evidence: TrustStageInput['evidence']): ReadonlyMap<ComponentId, readonly Evidence[]> {
  const groups = new Map<ComponentId, Evidence[]>()
  for (const one of evidence) {
    const group = groups.get(one.subject)
    if (group === undefined) groups.set(one.subject, [one])
    else group.push(one)
  }
  return groups
}
