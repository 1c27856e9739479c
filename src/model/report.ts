import type { RuleDescription } from './document.js'
import type { Evidence } from './evidence.js'
import type { Verdict } from './finding.js'
import type { GraphView } from './graph-view.js'
import type { Verification } from './verification.js'

/** Everything a report may use; like a document's input, without what only SBOMs need. */
export interface ReportInput {
  readonly graph: GraphView
  readonly evidence: readonly Evidence[]
  readonly verification: Verification
  readonly verdict: Verdict
  readonly rules: readonly RuleDescription[]
  readonly tool: { readonly name: string; readonly version: string }
  readonly timestamp: string
  /** Name of the profile the judgement started from. */
  readonly profile: string
}
