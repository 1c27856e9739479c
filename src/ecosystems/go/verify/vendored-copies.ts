import { inMemory, readZip } from '../../../evidence/archive/zip.js'
import type { Graph } from '../../../model/graph.js'
import type { SourceTree, TreeEntry } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { ModuleId } from '../build-list.js'
import { moduleKey } from '../build-list.js'
import { fileOwners, filesBelow } from '../vendor-files.js'
import { parseVendorList, type VendoredModule } from '../vendor-list.js'
import { sha256 } from './dirhash.js'
import { type ModuleZip, ZIP_LIMITS } from './module-zip.js'

/** The copy of one module in a vendor folder. */
interface VendoredCopy {
  /** Of the vendor folder. */
  readonly folder: string
  readonly module: VendoredModule
  readonly files: readonly TreeEntry[]
}

export interface VendorDifference {
  /** In the tree. */
  readonly path: string
  readonly kind: 'modified' | 'added' | 'missing'
}

/** Copies that a build takes, by the module version whose code they are said to be. */
export type VendoredCopies = ReadonlyMap<string, readonly VendoredCopy[]>

const MAX_LIST_BYTES = 256 * 1024 * 1024

/** The vendor folders in use, with the files of each module in them. */
export async function findVendoredCopies(graph: Graph, tree: SourceTree): Promise<VendoredCopies> {
  const found = new Map<string, VendoredCopy[]>()
  for (const { kind, ecosystem, active, replacement, location } of graph.replacements) {
    const source = replacement?.source
    if (kind !== 'vendor' || ecosystem !== 'go' || !active || source?.kind !== 'path') continue
    const read = await tree.read(location.file, MAX_LIST_BYTES)
    const decoded = read.ok ? decodeUtf8(read.bytes) : undefined
    if (decoded?.ok !== true) continue
    const list = parseVendorList(decoded.text, location.file)
    const owners = fileOwners(source.path, list, await filesBelow(tree, source.path))
    for (const module of list.modules) {
      const code = codeOf(module)
      if (code === undefined || module.packages.length === 0) continue
      const copy = { folder: source.path, module, files: owners.get(module) ?? [] }
      const same = found.get(moduleKey(code))
      if (same === undefined) found.set(moduleKey(code), [copy])
      else same.push(copy)
    }
  }
  return found
}

/** A directory that replaces a module has no zip. */
function codeOf({ path, version, replacement }: VendoredModule): ModuleId | undefined {
  if (replacement !== undefined) return replacement.kind === 'module' ? replacement : undefined
  return version === undefined ? undefined : { path, version }
}

/** Every difference between a copy and the module zip it was made from (spec/go.md §5.4). */
export async function compareVendored(
  copy: VendoredCopy,
  { path, version }: ModuleId,
  zip: ModuleZip,
  bytes: Uint8Array,
  tree: SourceTree,
): Promise<readonly VendorDifference[]> {
  const prefix = `${path}@${version}/`
  const originals = new Map(zip.files.map((file) => [file.name.slice(prefix.length), file.sha256]))
  const root = `${copy.folder}/${copy.module.path}/`
  const differences: VendorDifference[] = []
  const present = new Set<string>()
  for (const file of copy.files) {
    const relative = file.path.slice(root.length)
    present.add(relative)
    const original = originals.get(relative)
    const read = original === undefined ? undefined : await tree.read(file.path)
    if (original === undefined) differences.push({ path: file.path, kind: 'added' })
    // What cannot be read is not what was copied either.
    else if (read?.ok !== true || sha256(read.bytes) !== original) differences.push({ path: file.path, kind: 'modified' })
  }
  const absent = expectedFiles(copy.module, originals.keys()).filter((name) => !present.has(name))
  for (const name of lackedForNoReason(absent, bytes, prefix)) differences.push({ path: `${root}${name}`, kind: 'missing' })
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** `go mod vendor` copies every file of a package but tests and go.mod files. */
function expectedFiles(module: VendoredModule, names: Iterable<string>): readonly string[] {
  const folders = new Set(module.packages.map((name) => (name === module.path ? '' : `${name.slice(module.path.length + 1)}/`)))
  return [...names].filter((name) => {
    const slash = name.lastIndexOf('/') + 1
    const base = name.slice(slash)
    return (
      folders.has(name.slice(0, slash)) && base !== '' && !base.endsWith('_test.go') && base !== 'go.mod' && base !== 'go.sum'
    )
  })
}

/** The names that a copy lacks for no reason: files with a build constraint on `ignore` are never copied. */
function lackedForNoReason(names: readonly string[], bytes: Uint8Array, prefix: string): readonly string[] {
  if (!names.some((name) => name.endsWith('.go'))) return names
  const entries = new Map(readZip(inMemory(bytes), ZIP_LIMITS).map((entry) => [entry.name, entry]))
  return names.filter((name) => {
    const content = name.endsWith('.go') ? entries.get(prefix + name)?.content() : undefined
    return content === undefined || !isIgnored(content)
  })
}

function isIgnored(content: Uint8Array): boolean {
  const text = new TextDecoder().decode(content)
  const head = /^package\s/m.exec(text)?.index ?? text.length
  return /^[ \t]*\/\/(?:go:build|[ \t]*\+build)[ \t].*\bignore\b/m.test(text.slice(0, head))
}
