import { FORMATS } from '../formats/index.js'
import type { DocumentInput, DocumentWriter, FormatEntry, LeftOut } from '../model/document.js'
import { AssayError } from '../model/error.js'
import type { GraphView } from '../model/graph-view.js'

/** Every SBOM format assay writes, cheaply: nothing is loaded. */
export function documentFormats(): readonly FormatEntry[] {
  return FORMATS
}

/** The writer of a format by its name or an alias. Throws `usage` with the names there are. */
export async function documentWriter(name: string): Promise<DocumentWriter> {
  const entry = FORMATS.find((format) => format.name === name || format.aliases.includes(name))
  if (entry !== undefined) return entry.load()
  throw new AssayError(
    'usage',
    `no format is named ${name}`,
    `The formats are ${FORMATS.map((format) => format.name).join(', ')}.`,
  )
}

/** Fields of a document that do not come from the graph. */
export type DocumentFrame = Omit<DocumentInput, 'graph' | 'rules' | 'verdict'>

/**
 * Makes one document whole, in memory, before anything is handed out: a broken invariant throws here and no part of
 * the document exists anywhere. With `validate` the official schema is asked too.
 */
export async function makeDocument(
  writer: DocumentWriter,
  graph: GraphView,
  frame: DocumentFrame,
  options: { readonly validate: boolean; readonly onLeftOut: (left: LeftOut) => void },
): Promise<readonly string[]> {
  const written = writer.write({ ...frame, graph, rules: [] })
  const chunks = [...written.chunks]
  for (const left of written.leftOut) options.onLeftOut(left)
  if (options.validate) {
    const { validateDocument } = await import('../formats/validate.js')
    const [problem] = await validateDocument(chunks.join(''), writer.name)
    if (problem !== undefined)
      throw new AssayError(
        'internal',
        `${writer.name} does not fit its schema: ${problem}`,
        'This is a bug in assay; please report it.',
      )
  }
  return chunks
}
