import type { OpenInput } from '../evidence/open-input.js'
import type { Evidence } from '../model/evidence.js'
import type { Graph } from '../model/graph.js'
import { GraphView } from '../model/graph-view.js'
import { PLAIN } from '../model/style.js'
import { VERSION } from '../version.js'
import type { Judged } from './judge.js'
import type { VerifyChoices } from './read-and-verify.js'
import type { ReadRequest } from './read-graph.js'
import type { ReportFormat } from './report-documents.js'

/** What may be handed to the library: a path as on the command line, or an opened input (`openInput`, your own `SourceTree`). */
export type Input = string | OpenInput

/** Choices about reading; everything has the default of the command line. */
export type ReadChoices = Omit<ReadRequest, 'tree' | 'only'>

/** Choices about judging. */
export interface AuditChoices extends ReadChoices {
  /** Whom to ask, and how far. Default: nobody, the tree alone is judged. */
  readonly verify?: VerifyChoices | undefined
  /** Path of an `assay.toml`; `false` for none; default: the nearest one up to the repository root. */
  readonly config?: string | false | undefined
  readonly profile?: 'relaxed' | 'recommended' | 'strict' | 'audit' | undefined
  /** Severities by rule id, over the configuration. */
  readonly severities?: Readonly<Record<string, 'error' | 'warn' | 'note' | 'off'>> | undefined
  /** Path of a baseline file. */
  readonly baseline?: string | undefined
  /** RFC 3339 UTC, whole seconds. Waivers are judged by its day. Default: `SOURCE_DATE_EPOCH`, else now. */
  readonly timestamp?: string | undefined
}

export interface AuditResult extends Pick<Judged, 'verdict' | 'config' | 'rules' | 'evidence'> {
  readonly graph: Graph
  /** The report `assay audit` prints, whole. */
  readonly report: (format: ReportFormat) => Promise<string>
}

/** Choices about a document. */
export interface DocumentChoices {
  /** Name, version and purl of the product; default: the project at the top of the tree. */
  readonly subject?:
    | { readonly name: string; readonly version?: string | undefined; readonly purl?: string | undefined }
    | undefined
  /** What authorities said, from `audit`. */
  readonly evidence?: readonly Evidence[] | undefined
  /** RFC 3339 UTC, whole seconds. Default: `SOURCE_DATE_EPOCH`, else now. */
  readonly timestamp?: string | undefined
  /** Also write components that no selected feature or target reaches. */
  readonly includeInactive?: boolean | undefined
  /** Check the document against its schema before handing it out. */
  readonly validate?: boolean | undefined
}

/** Reads every project of an input into one graph. Throws `AssayError` when the input cannot be opened, never on content. */
export async function readGraph(input: Input, choices: ReadChoices = {}): Promise<Graph> {
  const { tree, only } = await opened(input)
  const read = await import('./read-graph.js')
  return read.readGraph({ ...choices, tree, only })
}

/** Reads and judges: what `assay audit` does, as data. Throws `AssayError` for a wrong configuration or an input that cannot be opened. */
export async function audit(input: Input, choices: AuditChoices = {}): Promise<AuditResult> {
  const { config, profile, severities, baseline, timestamp, verify, ...read } = choices
  const open = await opened(input)
  const time = timestamp ?? (await now())
  const { judge } = await import('./judge.js')
  const judged = await judge(
    { ...read, tree: open.tree, only: open.only },
    {
      input: open,
      config: config ?? true,
      profile,
      rules: Object.entries(severities ?? {}).map(([id, severity]) => `${id}=${severity}`),
      raiseOnly: false,
      baseline,
      today: time.slice(0, 10),
      verify,
    },
  )
  return {
    graph: judged.graph.graph,
    evidence: judged.evidence,
    verdict: judged.verdict,
    config: judged.config,
    rules: judged.rules,
    report: async (format) => {
      const { reportDocument } = await import('./report-documents.js')
      const chunks = await reportDocument(
        format,
        {
          graph: judged.graph,
          evidence: judged.evidence,
          verification: judged.verification,
          verdict: judged.verdict,
          rules: judged.described,
          tool: { name: 'assay', version: VERSION },
          timestamp: time,
          profile: judged.config.profile,
        },
        PLAIN,
        true,
      )
      return [...chunks].join('')
    },
  }
}

/** The graph as a CycloneDX document (JSON); `version` 1.4 to 1.7, default 1.6. */
export async function toCycloneDX(
  graph: Graph,
  choices: DocumentChoices & { readonly version?: '1.4' | '1.5' | '1.6' | '1.7' | undefined } = {},
): Promise<string> {
  return toDocument(graph, `cyclonedx-${choices.version ?? '1.6'}-json`, choices)
}

/** The graph as an SPDX 2.3 document (JSON). */
export async function toSpdx(graph: Graph, choices: DocumentChoices = {}): Promise<string> {
  return toDocument(graph, 'spdx-2.3-json', choices)
}

/** The graph in any of the formats of `assay sbom --format list`. Throws `usage` for another name. */
export async function toDocument(graph: Graph, format: string, choices: DocumentChoices = {}): Promise<string> {
  const { documentWriter, makeDocument } = await import('./documents.js')
  const { subjectOf } = await import('./subject.js')
  const writer = await documentWriter(format)
  const chunks = await makeDocument(
    writer,
    new GraphView(graph),
    {
      info: { subject: choices.subject ?? subjectOf(graph).subject, authors: [] },
      evidence: choices.evidence ?? [],
      tool: { name: 'assay', version: VERSION },
      timestamp: choices.timestamp ?? (await now()),
      includeInactive: choices.includeInactive === true,
    },
    { validate: choices.validate === true, onLeftOut: () => undefined },
  )
  return chunks.join('')
}

async function opened(input: Input): Promise<OpenInput> {
  if (typeof input !== 'string') return input
  const { openInput } = await import('../evidence/open-input.js')
  return openInput(input)
}

async function now(): Promise<string> {
  return (await import('../evidence/clock.js')).currentTimestamp()
}
