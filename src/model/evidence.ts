import type { ComponentId } from './component.js'

export type VerdictKind = 'match' | 'mismatch' | 'absent' | 'not-checkable' | 'unavailable'

/** Who was asked: a registry index, the bytes themselves, a log, a repository, a signature. */
export interface Authority {
  readonly kind: 'registry' | 'artifact' | 'log' | 'git' | 'tree' | 'signature'
  /** URL or name, without credentials. */
  readonly name: string
}

/** The outcome of one check of one component against one authority. Data: can be stored, signed, replayed. */
export interface Evidence {
  readonly subject: ComponentId
  /** `<ecosystem>/<check>`, e.g. `cargo/index-checksum`. */
  readonly check: string
  readonly verdict: VerdictKind
  readonly authority?: Authority | undefined
  readonly expected?: string | undefined
  readonly observed?: string | undefined
  /** Reason of `not-checkable` and `unavailable`; detail of the others. */
  readonly why?: string | undefined
  /** SHA-256 of the stored bytes the verdict rests on. */
  readonly stored?: string | undefined
  /** RFC 3339 UTC, seconds. */
  readonly at?: string | undefined
}

/** One order for evidence, whatever order it came in: by component, check and authority, then by what was said. Code units. */
export function compareEvidence(a: Evidence, b: Evidence): number {
  return (
    compareTexts(a.subject, b.subject) ||
    compareTexts(a.check, b.check) ||
    compareTexts(a.authority?.name, b.authority?.name) ||
    compareTexts(a.authority?.kind, b.authority?.kind) ||
    compareTexts(a.verdict, b.verdict) ||
    compareTexts(a.expected, b.expected) ||
    compareTexts(a.observed, b.observed) ||
    compareTexts(a.why, b.why) ||
    compareTexts(a.stored, b.stored) ||
    compareTexts(a.at, b.at)
  )
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}
