import type { Location } from '../../model/location.js'
import type { SourceTree } from '../../model/tree.js'
import { baseName, folderOf, joinPath } from '../../model/tree.js'
import { decodeUtf8 } from '../../syntax/text.js'
import type { InstalledMeta } from './develop.js'
import { parseInstalledFolder, parseInstalledMeta } from './develop.js'
import type { LockEntry } from './lock-model.js'
import { parseManifest } from './manifest.js'
import type { Manifest } from './manifest-model.js'
import { normaliseName } from './requirement.js'

/** A copy of a package that is at hand: in `nimbledeps/pkgs2`, in the clones of Atlas, or in a package cache. */
export interface InstalledPackage {
  readonly folder: string
  readonly name: string
  readonly version: string | undefined
  /** From the folder name: what nimble computed when it installed it. */
  readonly sha1: string | undefined
  readonly manifest: Manifest | undefined
  readonly meta: InstalledMeta | undefined
  readonly location: Location
  /** Part of the tree that is audited, not of a cache beside it. */
  readonly inTree: boolean
}

/** Copies at hand, by normalised name. */
export type Installed = ReadonlyMap<string, readonly InstalledPackage[]>

/** The copy of just what the lock names; undefined when there is none. */
export function installedFor(entry: LockEntry, installed: Installed): InstalledPackage | undefined {
  const candidates = installed.get(normaliseName(entry.name)) ?? []
  return candidates.find((copy) => matches(entry, copy))
}

/** The folder name carries the checksum; where it does not, the recorded commit or the version decides. */
function matches(entry: LockEntry, copy: InstalledPackage): boolean {
  if (copy.sha1 !== undefined && entry.sha1 !== undefined) return copy.sha1 === entry.sha1.text
  if (copy.meta?.revision !== undefined && entry.revision !== undefined) return copy.meta.revision === entry.revision
  return copy.version === undefined || copy.version === entry.version
}

/** Makes one of what was read of a folder; `file` is what was found in it. */
export function installedPackage(
  file: string,
  manifest: Manifest | undefined,
  meta: InstalledMeta | undefined,
  inTree: boolean,
): InstalledPackage {
  const folder = folderOf(file)
  const split = parseInstalledFolder(baseName(folder))
  return {
    folder,
    name: manifest?.name ?? split?.name ?? baseName(folder),
    version: split?.version ?? manifest?.fields.get('version')?.text,
    sha1: split?.sha1,
    manifest,
    meta,
    location: { file, line: 1, column: 1 },
    inTree,
  }
}

/** Groups copies by name. */
export function groupInstalled(copies: Iterable<InstalledPackage>): Installed {
  const groups = new Map<string, InstalledPackage[]>()
  for (const copy of copies) {
    const key = normaliseName(copy.name)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [copy])
    else known.push(copy)
  }
  return groups
}

/** Looks up the copies of certain packages in the `pkgs2` folder of a cache (`~/.nimble`). */
export async function readCachedPackages(cache: SourceTree, names: ReadonlySet<string>): Promise<readonly InstalledPackage[]> {
  const found: InstalledPackage[] = []
  for (const entry of await cache.list('pkgs2')) {
    const split = parseInstalledFolder(baseName(entry.path))
    if (entry.kind !== 'folder' || split === undefined || !names.has(normaliseName(split.name))) continue
    const inner = await cache.list(entry.path)
    const manifestPath = inner.find((file) => file.kind === 'file' && file.path.endsWith('.nimble'))?.path
    const manifestText = manifestPath === undefined ? undefined : await readText(cache, manifestPath)
    const metaPath = joinPath(entry.path, 'nimblemeta.json')
    const metaText = await readText(cache, metaPath)
    const meta = metaText === undefined ? undefined : parseInstalledMeta(metaText, metaPath)
    found.push(
      installedPackage(
        manifestPath ?? metaPath,
        manifestText === undefined || manifestPath === undefined ? undefined : parseManifest(manifestText, manifestPath),
        meta?.ok === true ? meta.value : undefined,
        false,
      ),
    )
  }
  return found
}

const MAX_BYTES = 8 * 1024 * 1024

/** A text beside the claimed files; undefined when it is not there or no text. */
export async function readText(tree: SourceTree, path: string): Promise<string | undefined> {
  const file = await tree.read(path, MAX_BYTES)
  if (!file.ok) return undefined
  const decoded = decodeUtf8(file.bytes)
  return decoded.ok ? decoded.text : undefined
}

/** The project folder that a copy belongs to: what stands before `nimbledeps`, `pkgs2` or, for Atlas, `deps`. */
export function ownerOf(path: string, atlasFolders: ReadonlySet<string>): string | undefined {
  const parts = folderOf(path).split('/')
  const at = parts.findIndex(
    (part, i) =>
      part === 'nimbledeps' ||
      part === 'pkgs2' ||
      (part === 'deps' && i < parts.length - 1 && atlasFolders.has(joined(parts, i))),
  )
  return at < 0 ? undefined : joined(parts, at)
}

function joined(parts: readonly string[], end: number): string {
  return parts.slice(0, end).join('/') || '.'
}
