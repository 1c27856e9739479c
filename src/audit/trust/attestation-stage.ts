import { inOrder } from '../../ecosystems/in-order.js'
import type { Verified } from '../../ecosystems/verifier.js'
import type { Component, ComponentId } from '../../model/component.js'
import type { Digest } from '../../model/digest.js'
import type { Evidence } from '../../model/evidence.js'
import type { BundleFact } from '../../model/signature-fact.js'
import { bundleFact, signaturesFact } from '../../model/signature-fact.js'
import type { IdentitySettings } from '../../model/trust-settings.js'
import { TrustBook } from '../../policy/trust-match.js'
import type { LookedUp } from '../../trust/lookup/ask-sources.js'
import { askSources } from '../../trust/lookup/ask-sources.js'
import type { FoundBundle, LookupSource } from '../../trust/lookup/source.js'
import type { FoundSignature } from '../artifact/found-signatures.js'
import { splitSignatures } from '../artifact/found-signatures.js'
import { judgeSignature } from '../artifact/judge-signature.js'
import type { Anchors } from './anchors.js'
import { anchorsOf } from './anchors.js'
import { AttestationSources } from './attestation-sources.js'
import type { ComponentPolicy } from './component-policy.js'
import { PolicyMaker, trustedBuilders } from './component-policy.js'
import type { Seen } from './component-signatures.js'
import { signatureEvidence, standingOf } from './component-signatures.js'
import { bundleOutcome } from './judged-bundle.js'
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
  const looked = input.components.filter((component) => isAbout(book, component))
  const look = (component: Component): Promise<readonly Verified[]> =>
    lookAt(component, said.get(component.id) ?? [], { book, policies, sources })
  const found: Verified[] = rootFacts(loaded, input.trust.rootFallback).map((fact) => ({ kind: 'fact', fact }))
  for await (const one of inOrder(looked, look, input.onProgress)) found.push(one)
  return found
}

interface Around {
  readonly book: TrustBook
  readonly policies: PolicyMaker
  readonly sources: AttestationSources
}

/** Folders are of every component: what is in them was put there to be looked at. */
function isAbout(book: TrustBook, component: Component): boolean {
  return (
    book.settings.folders.length > 0 ||
    book.identityFor(component) !== undefined ||
    book.requirementsFor(component).length > 0 ||
    book.templatesFor(component).length > 0 ||
    book.asksGithub(component)
  )
}

async function lookAt(component: Component, said: readonly Evidence[], around: Around): Promise<readonly Verified[]> {
  const { book, policies, sources } = around
  const identity = book.identityFor(component)
  const stated = statedRepository(component, said)
  const anchors = anchorsOf(component, said)
  const policy = await policies.policyFor(component, identity, stated)
  const asked = anchors.kind === 'anchors' ? sources.sourcesFor(component) : []
  const sourceRepository = identity?.sourceRepository ?? stated?.url
  const lookedUp =
    anchors.kind === 'anchors' ? await lookUp(component, anchors.anchors, sourceRepository, asked) : NOTHING_LOOKED_UP
  const bundles: BundleFact[] = []
  const overfull: string[] = []
  for (const bundle of lookedUp.bundles) {
    const signatures = splitSignatures(bundle.from, bundle.bytes)
    if (signatures === 'too-many' || bundles.length + signatures.length > MAX_SIGNATURES) overfull.push(bundle.from)
    else bundles.push(...(await judgeAll(signatures, bundle, component, anchors, policy, identity)))
  }
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
  return [
    ...signatureEvidence(seen, standing).map((evidence): Verified => ({ kind: 'evidence', evidence })),
    { kind: 'fact', fact: signaturesFact(component, standing) },
    ...bundles.map((bundle): Verified => ({ kind: 'fact', fact: bundleFact(component, bundle) })),
  ]
}

/** Of one component: verifying one takes milliseconds, and anybody can make any number of them. */
const MAX_SIGNATURES = 256

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

async function judgeAll(
  signatures: readonly FoundSignature[],
  { sha256 }: FoundBundle,
  { name }: Component,
  anchors: Anchors,
  { policy, basis }: ComponentPolicy,
  identity: IdentitySettings | undefined,
): Promise<BundleFact[]> {
  const artifact = { name, anchors: anchors.kind === 'anchors' ? anchors.anchors : [] }
  const judged: BundleFact[] = []
  for (const found of signatures) {
    const { signature } = await judgeSignature(found, artifact, policy)
    const outcome = bundleOutcome(signature, sha256, basis, identity)
    if (outcome !== undefined) judged.push(outcome)
  }
  return judged
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
