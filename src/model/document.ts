import type { Evidence } from './evidence.js'
import type { Severity, Verdict } from './finding.js'
import type { GraphView } from './graph-view.js'

/** What the document is about: the product, from configuration or from the tree. */
export interface Subject {
  readonly name: string
  readonly version?: string | undefined
  readonly purl?: string | undefined
}

export interface Party {
  readonly name: string
  readonly url?: string | undefined
  readonly email?: string | undefined
}

/** What a document says about itself; from configuration only, never guessed. */
export interface DocumentInfo {
  readonly subject: Subject
  /** People or organisations that answer for the SBOM. */
  readonly authors: readonly Party[]
  readonly manufacturer?: Party | undefined
  readonly supplier?: Party | undefined
}

/** One rule as a report describes it. */
export interface RuleDescription {
  readonly id: string
  readonly title: string
  readonly why: string
  readonly severity: Severity | 'off'
  readonly hard: boolean
}

/** Everything a writer may use. A writer reads no clock, no random source, no file. */
export interface DocumentInput {
  readonly graph: GraphView
  readonly evidence: readonly Evidence[]
  /** Absent when nothing was judged (`assay sbom` without a policy). */
  readonly verdict?: Verdict | undefined
  readonly rules: readonly RuleDescription[]
  readonly info: DocumentInfo
  readonly tool: { readonly name: string; readonly version: string }
  /** `YYYY-MM-DDThh:mm:ssZ`; one value for the whole document. */
  readonly timestamp: string
  /** Write components whose only scope is `inactive`. */
  readonly includeInactive: boolean
}

/** Something the format, or this version of it, has no place for. Never dropped without a word. */
export interface LeftOut {
  /** Which thing: a component label, an edge, a field. */
  readonly subject: string
  readonly what: string
  readonly why: string
}

export interface Written {
  readonly chunks: Iterable<string>
  readonly leftOut: readonly LeftOut[]
}

/** One output format in one version. */
export interface DocumentWriter {
  /** What a user types after `--format`, e.g. `cyclonedx-1.6-json`. */
  readonly name: string
  readonly title: string
  readonly mediaType: string
  /** File name when none is given, e.g. `bom.cdx.json`. */
  readonly fileName: string
  /** Throws `AssayError('internal')` when an invariant of its own output is broken; then no document exists. */
  readonly write: (input: DocumentInput) => Written
}

/** The cheap half of a format, known without loading it. */
export interface FormatEntry {
  readonly name: string
  readonly title: string
  readonly aliases: readonly string[]
  readonly load: () => Promise<DocumentWriter>
}
