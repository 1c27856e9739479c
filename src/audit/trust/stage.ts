import type { Verified } from '../../ecosystems/verifier.js'
import type { Desk } from '../../evidence/desk/desk.js'
import type { GitRemote } from '../../evidence/git/remote.js'
import type { Component } from '../../model/component.js'
import type { Evidence } from '../../model/evidence.js'
import type { Fact, Graph } from '../../model/graph.js'
import type { Settings } from '../../model/rule.js'
import type { TrustSettings } from '../../model/trust-settings.js'

/** What a stage that looks at signatures is given, after the ecosystems have said what they know. */
export interface TrustStageInput {
  readonly graph: Graph
  /** Components that come from elsewhere, in the order of the graph. */
  readonly components: readonly Component[]
  /** What the ecosystems' verifiers said. */
  readonly evidence: readonly Evidence[]
  /** What they observed beside it. */
  readonly facts: readonly Fact[]
  readonly desk: Desk
  /** Undefined where nothing may be asked. */
  readonly git?: (() => Promise<GitRemote>) | undefined
  readonly environment: ReadonlyMap<string, string>
  readonly trust: TrustSettings
  /** Allowed hosts, and private names that are never asked for in public. */
  readonly sources: Settings['sources']
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

/** Signatures of components: adds evidence and facts. Never throws for what others say. */
export type TrustStage = (input: TrustStageInput) => Promise<readonly Verified[]>

/** The stages that the settings ask for, loaded only then: nobody who wants no signatures pays for their code. */
export async function trustStages(trust: TrustSettings): Promise<readonly TrustStage[]> {
  const stages: TrustStage[] = []
  if (wantsGitSignatures(trust)) stages.push((await import('./git-signature-stage.js')).gitSignatureStage)
  // Last: a signed commit is a signature too.
  if (wantsAttestations(trust)) stages.push((await import('./attestation-stage.js')).attestationStage)
  return stages
}

function wantsAttestations({ folders, templates, github, identities, require }: TrustSettings): boolean {
  return (
    [folders, templates, github, require].some((list) => list.length > 0) ||
    identities.some(({ match }) => match.startsWith('pkg:'))
  )
}

/** Worth its questions only where somebody was named, or a signature is demanded. */
function wantsGitSignatures({ allowedSigners, openpgpKeys, require }: TrustSettings): boolean {
  return allowedSigners.length > 0 || openpgpKeys.length > 0 || require.some(({ kind }) => kind === 'signature')
}
