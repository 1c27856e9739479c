import { createHash } from 'node:crypto'
import type { Digest } from '../../model/digest.js'
import { isHexDigest } from '../../model/digest.js'
import { AssayError } from '../../model/error.js'
import type { Graph } from '../../model/graph.js'
import type { ReadRequest } from '../read-graph.js'
import { readGraph } from '../read-graph.js'
import { RecordingTree } from './recording-tree.js'
import { vendoredFiles } from './vendored-files.js'

/** Everything of a tree that reading it looks at: what a decision about it is about. */
export interface AuditedInputs {
  readonly graph: Graph
  /** In the order of their paths. */
  readonly lockfiles: readonly AuditedFile[]
  /** The commit, where the tree is that of one. */
  readonly commit?: string | undefined
  /**
   * SHA-256 over lines, each ended by a newline:
   *
   * - for all files that were opened, and all in folders of vendored copies: the SHA-256 or why it could not be read, two
   *   spaces, the path as a JSON text; in the order of the paths by code unit
   * - for links in folders of vendored copies: `link`, the target and the path as JSON texts, separated by single spaces
   * - for what reading the tree noted, which may rest on names alone: `fact`, its kind, the path of the file it is about as a
   *   JSON text, separated by single spaces; each once
   *
   * the last two kinds each in the order of their lines by code unit.
   */
  readonly sha256: string
  readonly files: number
}

export interface AuditedFile {
  readonly path: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/**
 * Reads the tree, asks nobody, and says what was read. `audited`: what an audit of the same tree has read; throws
 * `input-unreadable` where a file is no longer the same, so that no decision is signed about other bytes.
 */
export async function auditedInputs(request: ReadRequest, audited?: RecordingTree): Promise<AuditedInputs> {
  const tree = new RecordingTree(request.tree)
  const graph = await readGraph({ ...request, tree, supply: undefined })
  const links: string[] = []
  for (const { path, kind } of await vendoredFiles(tree, graph)) {
    if (kind === 'file') await tree.read(path)
    else links.push(`link ${JSON.stringify((await tree.link(path)) ?? '')} ${JSON.stringify(path)}`)
  }
  const differs = [...tree.reads].find(([path, now]) => (audited?.reads.get(path) ?? now) !== now)?.[0]
  const changed = audited?.changed ?? tree.changed ?? differs
  if (changed !== undefined)
    throw new AssayError('input-unreadable', `${changed} changed while it was read`, 'Run again when nothing writes there.')
  // It is no part of the commit: what it hides from an audit is missing in the list.
  const reads = [...tree.reads].filter(([path]) => path !== '.git/info/exclude').sort(([a], [b]) => (a < b ? -1 : 1))
  const facts = graph.facts.map(({ kind, location }) => `fact ${kind} ${JSON.stringify(location?.file ?? '')}`)
  const lines = [
    ...reads.map(([path, outcome]) => `${outcome}  ${JSON.stringify(path)}`),
    ...links.sort(),
    ...[...new Set(facts)].sort(),
  ]
  const hash = createHash('sha256')
  for (const line of lines) hash.update(`${line}\n`)
  const names = [...new Set(graph.projects.flatMap(({ lockfiles }) => lockfiles))].sort()
  return {
    graph,
    lockfiles: names.flatMap((path) => {
      const sha256 = tree.reads.get(path) ?? ''
      return isHexDigest('sha256', sha256) ? [{ path, sha256 }] : []
    }),
    commit: request.tree.commit,
    sha256: hash.digest('hex'),
    files: reads.length,
  }
}

/** What a statement about the tree may name: its lockfiles, and its commit. */
export function digestsOf({ lockfiles, commit }: Pick<AuditedInputs, 'lockfiles' | 'commit'>): Digest[] {
  const files = lockfiles.map(({ sha256 }): Digest => ({ of: 'artifact', algorithm: 'sha256', value: sha256 }))
  return commit === undefined ? files : [...files, commitDigest(commit)]
}

function commitDigest(value: string): Digest {
  return { of: 'git-object', algorithm: isHexDigest('sha256', value) ? 'sha256' : 'sha1', value }
}
