import type { Component } from '../../model/component.js'
import type { EarlierVersionFact, PublishingFact } from '../../model/publishing-fact.js'
import type { EarlierFact } from '../../model/signature-fact.js'
import type { TrustBook } from '../../policy/trust-match.js'
import { askSources } from '../../trust/lookup/ask-sources.js'
import type { LookupSource } from '../../trust/lookup/source.js'
import type { PolicyMaker } from './component-policy.js'
import { judgeFound } from './judge-found.js'
import type { StatedRepository } from './source-repository.js'
import { publishedFrom } from './source-repository.js'

interface LookingBack {
  readonly earlier: EarlierVersionFact
  readonly publishing: PublishingFact | undefined
  /** Of the component itself, where nothing is said of the earlier version. */
  readonly stated: StatedRepository | undefined
  /** The same that were asked about the component. */
  readonly sources: readonly LookupSource[]
  readonly book: TrustBook
  readonly policies: PolicyMaker
}

/** Whether the version before a component's has provenance that is accepted (spec/trust.md §8, provenance-dropped). */
export async function earlierProvenance(component: Component, around: LookingBack): Promise<EarlierFact> {
  const { earlier, publishing, stated, sources, book, policies } = around
  const { version } = earlier
  const { name } = component
  const before: Component = { ...component, version }
  const identity = book.identityFor(before)
  const origin = publishedFrom(publishing?.earlierRepository, undefined, publishing) ?? stated
  const policy = await policies.policyFor(before, identity, origin)
  const anchors = [{ of: 'artifact', algorithm: 'sha256', value: earlier.sha256 }] as const
  const sourceRepository = identity?.sourceRepository ?? origin?.url
  const lookedUp = await askSources(sources, { name, version, anchors, sourceRepository })
  const { bundles } = await judgeFound(lookedUp.bundles, { name, anchors, policy, identity })
  const best = bundles.find(({ counts }) => counts.includes('provenance'))
  if (best !== undefined) return { version, outcome: 'provenance', signer: best.signer }
  const { answers, unknown } = lookedUp
  const nobodySaid = unknown.length > 0 || answers.every(({ kind }) => kind === 'not-applicable')
  return { version, outcome: nobodySaid ? 'unknown' : 'none' }
}
