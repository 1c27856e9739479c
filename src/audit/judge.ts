import type { Desk } from '../evidence/desk/desk.js'
import type { OpenInput } from '../evidence/open-input.js'
import { readTextFile } from '../evidence/open-input.js'
import type { RuleDescription } from '../model/document.js'
import { AssayError } from '../model/error.js'
import type { Evidence } from '../model/evidence.js'
import type { Verdict } from '../model/finding.js'
import type { Fact } from '../model/graph.js'
import { GraphView } from '../model/graph-view.js'
import type { Rule } from '../model/rule.js'
import type { Verification as VerificationState } from '../model/verification.js'
import type { ValidConfig } from '../policy/config.js'
import { describeRules, evaluate } from '../policy/gate.js'
import { findConfig, loadConfigFile } from './config-file.js'
import type { VerifyChoices } from './read-and-verify.js'
import { readAndVerify, readWithLocalSignatures } from './read-and-verify.js'
import type { ReadRequest } from './read-graph.js'

/** How to judge: the configuration and what the command line adds to it. */
export interface JudgeRequest {
  readonly input: OpenInput
  /** A file, `false` for none, `true` for the nearest. */
  readonly config: string | boolean
  readonly profile?: string | undefined
  /** `id=severity` pairs of the command line. */
  readonly rules: readonly string[]
  /** The command line may only raise severities (in CI, unless allowed). */
  readonly raiseOnly: boolean
  readonly baseline?: string | undefined
  /** `YYYY-MM-DD` in UTC. */
  readonly today: string
  /** Whom to ask, and how far; absent when the tree alone is judged. */
  readonly verify?: VerifyChoices | undefined
}

export interface Judged {
  readonly graph: GraphView
  readonly evidence: readonly Evidence[]
  readonly verification: VerificationState
  readonly verdict: Verdict
  readonly config: ValidConfig
  readonly rules: readonly Rule[]
  readonly described: readonly RuleDescription[]
}

/** Reads a tree and judges it: the whole of design §4 up to the verdict. Throws for usage and configuration only. */
export async function judge(read: ReadRequest, request: JudgeRequest): Promise<Judged> {
  const { allRules } = await import('./rules.js')
  const rules = await allRules()
  // The configuration is checked before anything is read: a mistake in it costs no time.
  const loaded = await loadConfigFile(findConfig(request.input, request.config), rules)
  const { applyCommandLine } = await import('../policy/command-line.js')
  const config = applyCommandLine(loaded, rules, request)
  const baseline = request.baseline === undefined ? undefined : await readBaseline(request.baseline)
  const reading = withDiscovery(read, config)
  const released = (desk?: Desk): Promise<readonly Fact[]> => releaseFacts(read, config, desk)
  const { evidence, verification, ...tested } =
    request.verify === undefined
      ? await readWithLocalSignatures(reading, config, released)
      : await readAndVerify(reading, request.verify, config, released)
  const graph = new GraphView(tested.graph)
  const verdict = evaluate({ graph, evidence, verification, config, rules, today: request.today, baseline })
  return { graph, evidence, verification, verdict, config, rules, described: describeRules(rules, config) }
}

/** What is known of the files that are published; their signatures ask nobody. */
async function releaseFacts({ tree }: ReadRequest, { settings }: ValidConfig, desk: Desk | undefined): Promise<readonly Fact[]> {
  if (settings.release.sboms.length === 0) return []
  const { releaseSbomFacts } = await import('./release-sboms.js')
  return releaseSbomFacts(tree, settings, desk)
}

/** What the configuration says about files that are left out or read, beside what the request says. */
export function withDiscovery(read: ReadRequest, { discover: { exclude, include } }: Pick<ValidConfig, 'discover'>): ReadRequest {
  const discover = {
    exclude: [...exclude, ...(read.discover?.exclude ?? [])],
    include: [...include, ...(read.discover?.include ?? [])],
  }
  return { ...read, discover: { ...read.discover, ...discover } }
}

async function readBaseline(path: string): Promise<ReadonlySet<string>> {
  const { parseBaseline } = await import('../policy/baseline.js')
  const text = readTextFile(path)
  const baseline = text === undefined ? undefined : parseBaseline(text)
  if (baseline === undefined)
    throw new AssayError('configuration', `${path} is no baseline of assay`, 'Write one with assay baseline.')
  return baseline
}
