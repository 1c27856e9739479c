import type { documentConfig } from '../../audit/document-info.js'
import type { ReadRequest } from '../../audit/inputs.js'
import type { Tested } from '../../audit/read-and-verify.js'
import { GraphView } from '../../model/graph-view.js'
import { VERSION } from '../../version.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { openRequest } from '../input.js'
import type { SbomOptions } from '../options.js'
import { splitOutput } from '../outputs.js'
import { warnAboutReading } from '../reading-report.js'
import { documentTime } from '../time.js'

const DEFAULT_FORMAT = 'cyclonedx-1.6-json'

/** `assay sbom`: one read, any number of documents. */
export async function run(path: string, options: SbomOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const { documentFormats, documentWriter, makeDocument } = await import('../../audit/documents.js')
  if (options.format === 'list') {
    await terminal.print(documentFormats().map((format) => `${format.name.padEnd(22)} ${format.title}\n`))
    return 0
  }
  const timestamp = documentTime(options.timestamp)
  const targets = options.output.map(splitOutput)
  const names = options.format !== undefined || targets.length === 0 ? [options.format ?? DEFAULT_FORMAT] : []
  // Every name is checked before anything is read: a misspelt format costs no time.
  const onStdout = await Promise.all(names.map(documentWriter))
  const toFiles = await Promise.all(targets.map(async (target) => ({ ...target, writer: await documentWriter(target.format) })))

  const { input, request } = await openRequest(path, options, context)
  const { documentConfig, documentInfo } = await import('../../audit/document-info.js')
  // Checked before anything is read: a mistake in it costs no time.
  const config = await documentConfig(input, options.config)
  const { graph, evidence } = await read(request, options, context, config)
  const code = warnAboutReading(graph, path, terminal)
  const { info, guessed } = documentInfo(graph, config)
  if (guessed)
    terminal.warn(
      'assay: nothing in the tree names the whole product; the SBOM calls it "repository". Set [project] name in assay.toml.',
    )
  const frame = {
    info,
    evidence,
    tool: { name: 'assay', version: VERSION },
    timestamp,
    includeInactive: options.includeInactive === true,
  }
  const view = new GraphView(graph)
  const make = (writer: (typeof onStdout)[number]): Promise<readonly string[]> =>
    makeDocument(writer, view, frame, {
      validate: options.validate === true,
      onLeftOut: (left) => terminal.detail(`${writer.name}: ${left.subject}: ${left.what} left out: ${left.why}`),
    })
  const printed = await Promise.all(onStdout.map(make))
  const files = await Promise.all(toFiles.map(async (target) => ({ path: target.path, chunks: await make(target.writer) })))
  if (files.length > 0) {
    const { writeFiles } = await import('../../audit/inputs.js')
    writeFiles(files)
    for (const file of files) terminal.say(`wrote ${file.path}`)
  }
  for (const chunks of printed) await terminal.print(chunks)
  return code
}

/** The tree alone, unless evidence was asked for. */
async function read(
  request: ReadRequest,
  options: SbomOptions,
  context: Context,
  config: Awaited<ReturnType<typeof documentConfig>>,
): Promise<Pick<Tested, 'graph' | 'evidence'>> {
  const choices =
    options.verify === true || options.evidence !== undefined
      ? (await import('../verifying.js')).verifyChoices(options, context, options.verify === true)
      : undefined
  if (choices === undefined) {
    const { readGraph } = await import('../../audit/read-graph.js')
    return { graph: await readGraph(request), evidence: [] }
  }
  const { readAndVerify } = await import('../../audit/read-and-verify.js')
  return readAndVerify(request, choices, config)
}
