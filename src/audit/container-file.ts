import type { Fact } from '../model/graph.js'
import type { SourceTree } from '../model/tree.js'
import { parseOciReference } from '../trust/oci/reference.js'

const MAX_FILES = 2000
const MAX_FILE_BYTES = 1024 * 1024
const MAX_REFERENCES = 500
const MAX_SHOWN = 512

/**
 * One fact `oci/image-reference` for every image that a container file takes over: `reference`, `usage`, and `pinned`
 * (`digest`, `tag`), or why it cannot be told. What cannot be read gives none. Asks nobody.
 */
export async function imageReferenceFacts(tree: SourceTree, paths: readonly string[]): Promise<readonly Fact[]> {
  const facts: Fact[] = []
  for (const file of paths.slice(0, MAX_FILES)) {
    const read = await tree.read(file, MAX_FILE_BYTES)
    if (!read.ok) continue
    for (const { reference, usage, line, column } of readContainerFile(Buffer.from(read.bytes).toString('utf8'))) {
      const shown = reference.slice(0, MAX_SHOWN)
      const location = { file, line, column, endLine: line, endColumn: column + reference.length }
      facts.push({ kind: 'oci/image-reference', location, data: { reference: shown, usage, ...pinOf(reference) } })
    }
  }
  return facts
}

function pinOf(reference: string): { readonly pinned: 'digest' | 'tag' | 'unknown'; readonly why?: string } {
  if (reference.includes('$')) return { pinned: 'unknown', why: 'its name is put together from variables' }
  const parsed = parseOciReference(reference)
  if (!parsed.ok) return { pinned: 'unknown', why: parsed.why }
  return { pinned: parsed.reference.digest === undefined ? 'tag' : 'digest' }
}

export interface ImageUse {
  /** As written. */
  readonly reference: string
  /** `from`: a stage begins with it. `copy`: files are taken out of it. */
  readonly usage: 'from' | 'copy'
  readonly line: number
  readonly column: number
}

const HEREDOC = /<<-?(["']?)([A-Za-z_][A-Za-z0-9_]{0,63})\1/g
const ESCAPE = /^#\s*escape\s*=\s*`\s*$/i

/**
 * The images that a container file names (Dockerfile reference: FROM, COPY --from), without its own stages and `scratch`.
 * Continued lines, comments and here-documents are read as the builder does; every line is looked at once.
 */
export function readContainerFile(text: string): ImageUse[] {
  const lines = text.split(/\r?\n/)
  const continuation = directivesOf(lines).some((line) => ESCAPE.test(line)) ? '`' : '\\'
  const uses: ImageUse[] = []
  const stages = new Set<string>()
  let waitingFor: string[] = []
  let instruction: Word[] = []
  for (const [at, line] of lines.entries()) {
    if (waitingFor.length > 0) {
      if (line.replace(/^\t+/, '') === waitingFor[0]) waitingFor = waitingFor.slice(1)
      continue
    }
    if (/^\s*#/.test(line) || (instruction.length > 0 && line.trim() === '')) continue
    const trimmed = line.trimEnd()
    const continues = trimmed.endsWith(continuation)
    instruction.push(...wordsOf(continues ? trimmed.slice(0, -1) : trimmed, at + 1))
    if (isBlockInstruction(instruction)) waitingFor = [...line.matchAll(HEREDOC)].map(([, , name = '']) => name)
    if (continues && waitingFor.length === 0) continue
    noteUses(instruction, stages, uses)
    if (uses.length >= MAX_REFERENCES) break
    instruction = []
  }
  noteUses(instruction, stages, uses)
  return uses
}

/** Comments before everything else may set how the file is read. */
function directivesOf(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => !line.startsWith('#'))
  return lines.slice(0, end < 0 ? lines.length : end)
}

interface Word {
  readonly text: string
  readonly line: number
  readonly column: number
}

function wordsOf(line: string, number: number): Word[] {
  return [...line.matchAll(/\S+/g)].map((match) => ({ text: match[0], line: number, column: match.index + 1 }))
}

function isBlockInstruction([first]: readonly Word[]): boolean {
  return /^(?:RUN|COPY|ADD)$/i.test(first?.text ?? '')
}

function noteUses(instruction: readonly Word[], stages: Set<string>, uses: ImageUse[]): void {
  const [first, ...rest] = instruction
  switch (first?.text.toUpperCase()) {
    case 'FROM': {
      const [image, as, name] = rest.filter(({ text }) => !text.startsWith('--'))
      if (image !== undefined && image.text !== 'scratch' && !stages.has(image.text.toLowerCase()))
        uses.push({ reference: image.text, usage: 'from', line: image.line, column: image.column })
      if (as?.text.toUpperCase() === 'AS' && name !== undefined) stages.add(name.text.toLowerCase())
      break
    }
    case 'COPY': {
      const flag = '--from='
      const from = rest.find(({ text }) => text.startsWith(flag))
      const reference = from?.text.slice(flag.length) ?? ''
      if (from !== undefined && reference !== '' && !/^\d+$/.test(reference) && !stages.has(reference.toLowerCase()))
        uses.push({ reference, usage: 'copy', line: from.line, column: from.column + flag.length })
      break
    }
  }
}
