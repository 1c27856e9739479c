import { judge } from '../../src/audit/judge.js'
import { toDocument } from '../../src/audit/library.js'
import { readGraph } from '../../src/audit/read-graph.js'
import { reportDocument } from '../../src/audit/report-documents.js'
import { ECOSYSTEMS } from '../../src/ecosystems/index.js'
import { PLAIN } from '../../src/model/style.js'
import type { SourceTree } from '../../src/model/tree.js'
import { MemoryTree } from './memory-tree.js'

const TIME = '2026-01-02T03:04:05Z'

/**
 * Everything that must hold for any bytes under any names: nothing throws, no file that an ecosystem claims is lost,
 * every place that is named exists, every document can be written and read. Throws with what does not.
 */
export async function expectSoundRun(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const tree = new MemoryTree(files)
  const graph = await readGraph({ tree })
  const covered = new Set(graph.files.map((file) => file.path))
  for (const path of Object.keys(files)) {
    if (ECOSYSTEMS.some((ecosystem) => ecosystem.claim(path) !== undefined) && !covered.has(path))
      throw new Error(`${path} is neither read nor told to be skipped`)
  }
  for (const file of graph.files) {
    if (file.state !== 'unreadable' && file.state !== 'partial') continue
    const said = graph.diagnostics.some((diagnostic) => diagnostic.location.file === file.path && diagnostic.severity === 'error')
    if (!said) throw new Error(`${file.path} is ${file.state} and no diagnostic says why`)
  }
  const { verdict, graph: view, evidence, verification, described, config } = await judgeTree(tree)
  for (const { location } of [...graph.diagnostics, ...verdict.findings]) {
    if (location === undefined) continue
    const text = files[location.file]
    if (text === undefined) throw new Error(`a place in ${location.file}, which is not there`)
    const lines = lineCount(text)
    if (!(location.line >= 1 && location.line <= lines && location.column >= 1))
      throw new Error(`${location.file}:${location.line}:${location.column} is outside its ${lines} lines`)
  }
  const report = {
    graph: view,
    evidence,
    verification,
    verdict,
    rules: described,
    tool: { name: 'assay', version: '0' },
    timestamp: TIME,
    profile: config.profile,
  }
  for (const format of ['json', 'sarif'] as const) JSON.parse([...(await reportDocument(format, report, PLAIN, true))].join(''))
  for (const format of ['cyclonedx-1.6-json', 'spdx-2.3-json']) JSON.parse(await toDocument(graph, format, { timestamp: TIME }))
}

function judgeTree(tree: SourceTree): ReturnType<typeof judge> {
  return judge({ tree }, { input: { tree }, config: false, rules: [], raiseOnly: false, today: TIME.slice(0, 10) })
}

function lineCount(content: string | Uint8Array): number {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  let lines = 1
  for (const byte of bytes) if (byte === 10) lines += 1
  // A lone carriage return ends a line for some of the formats.
  for (const byte of bytes) if (byte === 13) lines += 1
  return lines
}
