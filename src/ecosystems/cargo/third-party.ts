import type { Location } from '../../model/location.js'
import type { SourceTree } from '../../model/tree.js'
import { baseName, joinPath } from '../../model/tree.js'
import { decodeUtf8 } from '../../syntax/text.js'
import type { DeclaredPackage } from './declared.js'
import { declaredOfMember } from './declared.js'
import { parseIndexFile } from './index-row.js'
import type { LockPackage } from './lock-model.js'
import { parseManifest } from './manifest.js'
import { findWorkspaces } from './workspace.js'

/** One package of a vendor folder (directory source, spec/cargo.md §3.8). */
export interface VendoredPackage {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly declared: DeclaredPackage
  /** `package` of `.cargo-checksum.json`: SHA-256 of the `.crate`; undefined for git packages. */
  readonly checksum: string | undefined
  readonly location: Location
}

/** Everything a folder of vendored packages holds, by `name version`. */
export async function readVendorFolder(tree: SourceTree, folder: string): Promise<ReadonlyMap<string, VendoredPackage>> {
  const found = new Map<string, VendoredPackage>()
  for (const entry of await tree.list(folder)) {
    // Cargo skips folders that begin with a dot or hold no manifest.
    if (entry.kind !== 'folder' || baseName(entry.path).startsWith('.')) continue
    const vendored = await readVendored(tree, entry.path)
    if (vendored !== undefined) found.set(`${vendored.name} ${vendored.version}`, vendored)
  }
  return found
}

async function readVendored(tree: SourceTree, folder: string): Promise<VendoredPackage | undefined> {
  const package_ = await readPackageFolder(tree, folder)
  if (package_ === undefined) return undefined
  const list = joinPath(folder, '.cargo-checksum.json')
  const text = await readText(tree, list)
  return {
    ...package_,
    folder,
    checksum: text === undefined ? undefined : packageChecksum(text),
    location: { file: list, line: 1, column: 1 },
  }
}

function packageChecksum(text: string): string | undefined {
  try {
    const list: unknown = JSON.parse(text)
    const checksum = typeof list === 'object' && list !== null && 'package' in list ? list.package : undefined
    return typeof checksum === 'string' ? checksum : undefined
  } catch {
    // A list that is no JSON states nothing; the missing statement is what gets reported.
    return undefined
  }
}

async function readPackageFolder(
  tree: SourceTree,
  folder: string,
): Promise<{ readonly name: string; readonly version: string; readonly declared: DeclaredPackage } | undefined> {
  const path = joinPath(folder, 'Cargo.toml')
  const text = await readText(tree, path)
  const parsed = text === undefined ? undefined : parseManifest(text, path)
  if (parsed?.ok !== true) return undefined
  const [workspace] = findWorkspaces(new Map([[folder, parsed.manifest]]))
  const [member] = workspace?.members ?? []
  if (member === undefined) return undefined
  const hasBuildScript = (await tree.stat(joinPath(folder, 'build.rs'))) !== undefined
  return { name: member.name, version: member.version, declared: declaredOfMember(member, hasBuildScript) }
}

/** Material that tells what third-party packages declare, beside vendored copies. */
export interface Caches {
  /** A cargo home: `registry/src/REGISTRY/NAME-VERSION/Cargo.toml`. */
  readonly cargoHome: SourceTree | undefined
  /** A registry index as files, in cargo's layout. */
  readonly index: SourceTree | undefined
}

/** Looks up what registry packages declare, from what is at hand (spec/cargo.md §2.6). Packages it knows nothing of are left out. */
export async function lookUpDeclared(
  packages: readonly LockPackage[],
  caches: Caches,
): Promise<ReadonlyMap<LockPackage, DeclaredPackage>> {
  const found = new Map<LockPackage, DeclaredPackage>()
  const { cargoHome, index } = caches
  const unpacked =
    cargoHome === undefined ? [] : (await cargoHome.list('registry/src')).filter((entry) => entry.kind === 'folder')
  for (const package_ of packages) {
    if (package_.source?.kind !== 'registry' && package_.source?.kind !== 'sparse') continue
    for (const folder of unpacked) {
      if (cargoHome === undefined) break
      const read = await readPackageFolder(cargoHome, `${folder.path}/${package_.name}-${package_.version}`)
      if (read !== undefined) found.set(package_, read.declared)
    }
    if (index === undefined || found.has(package_)) continue
    const text = await readText(index, indexPath(package_.name))
    const row =
      text === undefined
        ? undefined
        : parseIndexFile(text).rows.find(
            (candidate) => candidate.name === package_.name && sameVersion(candidate.version, package_.version),
          )
    if (row !== undefined) found.set(package_, row.declared)
  }
  return found
}

/** An index names no two versions that differ in build metadata alone. */
function sameVersion(a: string, b: string): boolean {
  return a === b || a.split('+')[0] === b.split('+')[0]
}

/** Path of a crate's file in an index (spec/cargo.md §3.3): lower case, by length. */
export function indexPath(name: string): string {
  const lower = name.toLowerCase()
  if (lower.length <= 2) return `${lower.length}/${lower}`
  if (lower.length === 3) return `3/${lower.slice(0, 1)}/${lower}`
  return `${lower.slice(0, 2)}/${lower.slice(2, 4)}/${lower}`
}

async function readText(tree: SourceTree, path: string): Promise<string | undefined> {
  const file = await tree.read(path)
  if (!file.ok) return undefined
  const decoded = decodeUtf8(file.bytes)
  return decoded.ok ? decoded.text : undefined
}
