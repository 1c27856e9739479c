import type { Component } from '../../../model/component.js'
import type { Authority, Evidence, VerdictKind } from '../../../model/evidence.js'
import type { Fact } from '../../../model/graph.js'
import type { Verified } from '../../verifier.js'

export type Emit = (verified: Verified) => void

type CargoCheck =
  | 'cargo/index-checksum'
  | 'cargo/crate-bytes'
  | 'cargo/vendored'
  | 'cargo/git-commit'
  | 'cargo/vcs-info'
  /** Only where nobody can be asked whether a version is yanked. */
  | 'cargo/yanked'

type Details = Omit<Evidence, 'subject' | 'check' | 'verdict'>

/** One component under verification: what its lockfiles claim, and a voice. */
export class Subject {
  readonly name: string
  readonly version: string
  /** Checksums of the lockfiles that hold it, each once: two lockfiles may disagree. */
  readonly checksums: readonly string[]

  constructor(
    readonly component: Component,
    readonly emit: Emit,
  ) {
    this.name = component.name
    this.version = component.version ?? ''
    this.checksums = [
      ...new Set(
        component.claims.flatMap(({ statedBy, digest }) =>
          statedBy === 'lock' && digest.of === 'artifact' && digest.algorithm === 'sha256' ? [digest.value] : [],
        ),
      ),
    ]
  }

  say(check: CargoCheck, verdict: VerdictKind, authority: Authority | undefined, details: Details = {}): void {
    this.emit({
      kind: 'evidence',
      evidence: { subject: this.component.id, check, verdict, ...(authority === undefined ? {} : { authority }), ...details },
    })
  }

  /** One observation that is no verdict; placed where the lockfile names the component. */
  note(kind: string, data: Fact['data']): void {
    const location = this.component.occurrences[0]?.location
    this.tell({ kind, component: this.component.id, location, data })
  }

  tell(fact: Fact): void {
    this.emit({ kind: 'fact', fact })
  }
}
