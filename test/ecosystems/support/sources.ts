import type { KnownSource, SourcesInput, SourcesReader } from '../../../src/ecosystems/sources.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { MemoryTree } from '../../support/memory-tree.js'

export interface SourcesCase {
  readonly files?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly sources?: Partial<SourcesInput['sources']>
  readonly userFile?: { readonly shown: string; readonly text: string }
}

const NO_SOURCES: SourcesInput['sources'] = {
  registries: ['crates.io', 'go:proxy', 'nim:official'],
  mirrors: [],
  git: { orgs: [], require: 'any' },
  hosts: [],
  internal: [],
}

/** What an ecosystem says of a tree in memory. */
export async function sourcesOf(
  reader: SourcesReader,
  claim: (path: string) => string | undefined,
  { files = {}, environment = {}, sources = {}, userFile }: SourcesCase,
): Promise<readonly KnownSource[]> {
  const tree = new MemoryTree(files)
  return reader.read({
    tree,
    files: await claimedFiles(tree, claim),
    environment: new Map(Object.entries(environment)),
    sources: { ...NO_SOURCES, ...sources },
    userFiles: userFile === undefined ? [] : [userFile],
  })
}

/** `name: code code`, one a source: what a table compares. */
export function summary(sources: readonly KnownSource[]): readonly string[] {
  return sources.map(({ name, url, problems }) => `${name} ${url ?? '-'}: ${problems.map(({ code }) => code).join(' ')}`.trim())
}

export function weights(sources: readonly KnownSource[]): readonly string[] {
  return sources.flatMap(({ problems }) => problems.map(({ code, weight }) => `${weight} ${code}`))
}
