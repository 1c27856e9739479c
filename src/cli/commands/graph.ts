import { GraphView } from '../../model/graph-view.js'
import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { openRequest } from '../input.js'
import type { GraphOptions } from '../options.js'
import { warnAboutReading } from '../reading-report.js'

/** `assay graph`: the component graph as a tree, JSON or DOT. */
export async function run(path: string, options: GraphOptions, context: Context): Promise<ExitCode> {
  const { request } = await openRequest(path, options, context)
  const { readGraph } = await import('../../audit/read-graph.js')
  const { graphDocument } = await import('../../audit/graph-documents.js')
  const graph = await readGraph(request)
  const code = warnAboutReading(graph, path, context.terminal)
  const chunks = await graphDocument(
    options.json === true ? 'json' : options.format,
    new GraphView(graph),
    context.terminal.style,
  )
  if (options.output === undefined) await context.terminal.print(chunks)
  else {
    const { writeFiles } = await import('../../audit/inputs.js')
    writeFiles([{ path: options.output, chunks }])
    context.terminal.say(`wrote ${options.output}`)
  }
  return code
}
