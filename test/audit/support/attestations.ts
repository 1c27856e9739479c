import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attestationStage } from '../../../src/audit/trust/attestation-stage.js'
import type { Verified } from '../../../src/ecosystems/verifier.js'
import type { Desk } from '../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../src/evidence/desk/open-desk.js'
import type { Component } from '../../../src/model/component.js'
import type { Evidence } from '../../../src/model/evidence.js'
import type { Fact, Graph } from '../../../src/model/graph.js'
import type { Settings } from '../../../src/model/rule.js'
import type { BundleFact, SignaturesFact } from '../../../src/model/signature-fact.js'
import { readBundleFact, readSignaturesFact } from '../../../src/model/signature-fact.js'
import type { TrustSettings } from '../../../src/model/trust-settings.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { appWith } from '../../policy/support/rule-cases.js'
import { CLAIMS, ISSUER, type SigningOptions, WORKFLOW } from '../../trust/support/sigstore-instance.js'

/** A folder of attestations on disk, thrown away by `close`. */
export class AttestationFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'assay-attestations-'))

  /** Under a digest, as `gh attestation download` names it; several are JSON lines. */
  put(algorithm: string, hex: string, ...bundles: readonly (object | string)[]): void {
    mkdirSync(join(this.path, algorithm), { recursive: true })
    const lines = bundles.map((bundle) => (typeof bundle === 'string' ? bundle : JSON.stringify(bundle)))
    writeFileSync(join(this.path, algorithm, `${hex}.jsonl`), `${lines.join('\n')}\n`)
  }

  write(name: string, text: string): string {
    writeFileSync(join(this.path, name), text)
    return join(this.path, name)
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** SLSA provenance of a build by a workflow of its own repository on GitHub. */
export function provenance(
  digest: Readonly<Record<string, string>>,
  { workflow = WORKFLOW, claims = CLAIMS, builder = 'https://github.com/actions/runner/github-hosted' } = {},
): object {
  const [path = ''] = workflow.replace(`${claims[12]}/`, '').split('@')
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'artifact', digest }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: { workflow: { ref: claims[14], repository: claims[12], path } },
        resolvedDependencies: [{ uri: `git+${claims[12]}@${claims[14]}`, digest: { gitCommit: claims[13] } }],
      },
      runDetails: { builder: { id: builder }, metadata: {} },
    },
  }
}

/** A certificate like that of a release of Acme/widget, with other claims. */
export function signedAs(
  claims: Readonly<Record<number, string>>,
  san = WORKFLOW,
): Required<Pick<SigningOptions, 'san' | 'claims'>> {
  return { san, claims: { ...CLAIMS, 9: san, 18: san, ...claims } }
}

export const ACME_IDENTITY = {
  issuer: ISSUER,
  sourceRepository: 'https://github.com/Acme/widget',
  refs: ['refs/tags/v{version}'],
}

export interface Looked {
  readonly evidence: readonly Evidence[]
  readonly facts: readonly Fact[]
  readonly standing: SignaturesFact | undefined
  readonly bundles: readonly BundleFact[]
  readonly graph: Graph
}

export function offlineDesk(): Desk {
  return openDesk({ offline: true, clock: { now: () => Date.UTC(2026, 0, 1) } })
}

/** What the stage says of components, the first of them in short. */
export async function lookAt(
  components: readonly Component[],
  settings: Partial<TrustSettings>,
  {
    evidence = [],
    told = [],
    desk = offlineDesk(),
    sources = DEFAULT_CONFIG.settings.sources,
  }: {
    readonly evidence?: readonly Evidence[]
    readonly told?: readonly Fact[]
    readonly desk?: Desk
    readonly sources?: Settings['sources']
  } = {},
): Promise<Looked> {
  const graph = appWith(components)
  const found: readonly Verified[] = await attestationStage({
    graph,
    components,
    evidence,
    facts: told,
    desk,
    environment: new Map(),
    trust: { ...NO_TRUST_SETTINGS, ...settings },
    sources,
  })
  const facts = found.flatMap((one) => (one.kind === 'fact' ? [one.fact] : []))
  const first = components[0]?.id
  const own = facts.filter((fact) => fact.component === first)
  return {
    evidence: found.flatMap((one) => (one.kind === 'evidence' ? [one.evidence] : [])),
    facts,
    standing: own.flatMap((fact) => readSignaturesFact(fact) ?? [])[0],
    bundles: own.flatMap((fact) => readBundleFact(fact) ?? []),
    graph: appWith(components, { facts }),
  }
}
