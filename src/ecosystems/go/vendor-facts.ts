import { ArchiveError } from '../../evidence/archive/limits.js'
import { inMemory, readZip } from '../../evidence/archive/zip.js'
import type { SourceTree, TreeEntry } from '../../model/tree.js'
import { folderOf, joinPath } from '../../model/tree.js'
import type { KnownModule } from './known-module.js'
import { labelOf } from './known-module.js'
import { escapePath, escapeVersion } from './module-path.js'
import type { ResolvedView } from './project.js'
import type { Note } from './project-facts.js'
import { treeHash } from './tree-hash.js'
import { fileOwners, filesBelow } from './vendor-files.js'
import type { Surroundings, VendorFolder } from './view.js'

const MAX_ZIP_BYTES = 500 * 1024 * 1024

/** The vendor folder against the manifests, and its files against what they are copies of (spec/go.md §5.3, §5.4). */
export async function vendorFacts(resolved: ResolvedView, surroundings: Surroundings, note: Note): Promise<void> {
  const { vendor } = resolved.view
  if (vendor === undefined) return
  const top = { file: vendor.list.file, line: 1, column: 1 }
  if (vendor.unused !== undefined) {
    note('go/vendor-unused', top, { folder: vendor.folder, why: vendor.unused })
    return
  }
  for (const { kind, module, goMod, modulesTxt, location } of resolved.vendorProblems)
    note('go/vendor-inconsistent', location, {
      file: vendor.list.file,
      kind,
      module,
      goMod: goMod ?? '',
      modulesTxt: modulesTxt ?? '',
    })
  const files = await filesBelow(surroundings.tree, vendor.folder)
  packageFacts(vendor, files, note)
  const owners = fileOwners(vendor.folder, vendor.list, files)
  let unchecked = 0
  for (const [module, own] of owners) {
    const known = resolved.modules.get(module.path)
    const isBuilt = known !== undefined && known.module.version === module.version
    const original = isBuilt ? await originalOf(known, resolved, surroundings, note) : undefined
    if (!isBuilt || original === undefined) unchecked += 1
    else await compareFiles({ vendor, known, own, original }, surroundings.tree, note)
  }
  if (unchecked > 0) note('go/vendor-unchecked', top, { folder: vendor.folder, count: unchecked })
}

/** Packages that modules.txt lists and that are not there, and folders with Go files that it does not list. */
function packageFacts(vendor: VendorFolder, files: readonly TreeEntry[], note: Note): void {
  const present = new Set(files.map((file) => folderOf(file.path).slice(vendor.folder.length + 1)))
  const withGo = new Set(
    files.filter((file) => file.path.endsWith('.go')).map((file) => folderOf(file.path).slice(vendor.folder.length + 1)),
  )
  const listed = new Set<string>()
  for (const module of vendor.list.modules) {
    for (const name of module.packages) {
      listed.add(name)
      if (!present.has(name))
        note('integrity/vendor-drift', module.location, {
          path: joinPath(vendor.folder, name),
          why: 'modules.txt lists the package and its folder is not there',
        })
    }
  }
  for (const folder of [...withGo].sort()) {
    if (folder === '' || listed.has(folder)) continue
    const path = joinPath(vendor.folder, folder)
    note(
      'integrity/vendor-drift',
      { file: vendor.list.file, line: 1, column: 1 },
      { path, why: 'modules.txt does not list the package' },
    )
  }
}

/** The content of a file of the original, by its path in the module; undefined when it has none of that name. */
type Original = (path: string) => Promise<Uint8Array | undefined>

async function originalOf(
  known: KnownModule,
  { view }: ResolvedView,
  { tree, caches }: Surroundings,
  note: Note,
): Promise<Original | undefined> {
  const { code } = known
  if (code.kind === 'directory') {
    const { folder } = code
    if (folder === undefined || (await tree.stat(folder)) === undefined) return undefined
    return async (path) => {
      const read = await tree.read(joinPath(folder, path))
      return read.ok ? read.bytes : undefined
    }
  }
  const [path, version] = [escapePath(code.path), escapeVersion(code.version)]
  if (path === undefined || version === undefined) return undefined
  for (const cache of caches) {
    const read = await cache.tree.read(joinPath(cache.folder, `cache/download/${path}/@v/${version}.zip`), MAX_ZIP_BYTES)
    if (!read.ok) continue
    const contents = unpack(read.bytes)
    const recorded = view.sums.hashes(code.path, code.version, false)
    const found = contents === undefined ? 'no readable archive' : treeHash(contents)
    const [first] = recorded
    // Only an archive that go.sum vouches for can tell what the vendored files should be.
    if (first !== undefined && !recorded.includes(found))
      note(
        'go/sum-mismatch',
        known.requirements[0]?.location,
        { module: labelOf(known), what: 'code', recorded: first, found },
        known,
      )
    if (contents === undefined || !recorded.includes(found)) return undefined
    const byName = new Map(contents.map(({ name, content }) => [name, content]))
    return async (file) => byName.get(`${code.path}@${code.version}/${file}`)
  }
  return undefined
}

function unpack(bytes: Uint8Array): readonly { readonly name: string; readonly content: Uint8Array }[] | undefined {
  try {
    return readZip(inMemory(bytes)).map((entry) => ({
      name: entry.name,
      content: entry.directory ? new Uint8Array() : entry.content(),
    }))
  } catch (error) {
    if (error instanceof ArchiveError) return undefined
    throw error
  }
}

interface Comparison {
  readonly vendor: VendorFolder
  readonly known: KnownModule
  readonly own: readonly TreeEntry[]
  readonly original: Original
}

async function compareFiles({ vendor, known, own, original }: Comparison, tree: SourceTree, note: Note): Promise<void> {
  const prefix = `${vendor.folder}/${known.module.path}/`
  for (const { path } of own) {
    const copy = await tree.read(path)
    const wanted = await original(path.slice(prefix.length))
    if (!copy.ok) continue
    const why =
      wanted === undefined
        ? `${labelOf(known)} has no such file`
        : Buffer.compare(copy.bytes, wanted) === 0
          ? undefined
          : `its content differs from ${labelOf(known)}`
    if (why !== undefined) note('integrity/vendor-drift', { file: path, line: 1, column: 1 }, { path, why }, known)
  }
}
