import type { ConfiguredSource, SourceProblem } from './configured-source.js'

/** The certificate a server showed. Times are RFC 3339, UTC. */
export interface ShownCertificate {
  readonly subject: string
  readonly issuer: string
  readonly validFrom: string
  readonly validTo: string
}

/** How one question to a source ended. */
export interface AskedQuestion {
  /** What was asked for, for a person: `config.json`, `golang.org/x/text v0.3.0 .mod`. */
  readonly what: string
  /** Without credentials. */
  readonly url: string
  readonly outcome: 'answered' | 'absent' | 'refused' | 'unusable' | 'failed'
  /** HTTP status; 0 for a file. */
  readonly status?: number | undefined
  /** Name of the failure, as everywhere in assay. */
  readonly failure?: string | undefined
  readonly why?: string | undefined
  readonly help?: string | undefined
  /** Who answered in the end, when it was somebody else. */
  readonly redirectedTo?: string | undefined
  /** Milliseconds of each ask that was answered; the first one opened the connection. */
  readonly latencyMs: readonly number[]
  /** How often it was asked. */
  readonly asks: number
  /** The answer where others must give the same, and whether they do. */
  readonly answer?: { readonly value: string; readonly agreement: 'same' | 'different' | 'alone' } | undefined
  /** What the answer says about where things are. */
  readonly remark?: string | undefined
}

/** `fine` and `advice` end with exit code 0, `unsafe` with 1, `unreachable` with 3, `unreadable` with 4. */
export type SourceState = 'fine' | 'advice' | 'unsafe' | 'unreachable' | 'unreadable' | 'explained'

/** A configured source and what became of asking it. */
export interface SourceReport extends ConfiguredSource {
  readonly state: SourceState
  /** Why nobody asked it. */
  readonly unasked?: string | undefined
  readonly questions: readonly AskedQuestion[]
  readonly protocol?: 'http/1.1' | 'h2' | undefined
  readonly certificate?: ShownCertificate | undefined
}

/** What every connection is subject to. */
export interface SurroundingsReport {
  /** Proxies for https and http, without credentials; undefined: direct. */
  readonly httpsProxy?: string | undefined
  readonly httpProxy?: string | undefined
  readonly extraAuthorities: number
  readonly problems: readonly SourceProblem[]
}

/** A trust root that comes with the program. */
export interface TrustRootReport {
  readonly name: string
  /** Absent where none can be used. */
  readonly sha256?: string | undefined
  /** The day on which it was last confirmed to be current, `YYYY-MM-DD`; of a file nobody says. */
  readonly confirmed?: string | undefined
  /** Of what vouches for one that was fetched. */
  readonly expires?: string | undefined
  /** Since when the newest of its keys and certificates counts, and when the first of those in use ends. */
  readonly newestFrom?: string | undefined
  readonly firstEnd?: string | undefined
  readonly problems: readonly SourceProblem[]
}

export interface DoctorReport {
  readonly exitCode: 0 | 1 | 3 | 4
  readonly timestamp: string
  readonly offline: boolean
  readonly ecosystems: readonly { readonly ecosystem: string; readonly sources: readonly SourceReport[] }[]
  readonly surroundings: SurroundingsReport
  readonly trustRoots: readonly TrustRootReport[]
}
