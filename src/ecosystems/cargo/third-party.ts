import type { Location } from '../../model/location.js'
import type { SourceTree } from '../../model/tree.js'
import { baseName, joinPath } from '../../model/tree.js'
import { decodeUtf8 } from '../../syntax/text.js'
import type { DeclaredPackage } from './declared.js'
import { indexPath, readIndexFile } from './index-file.js'
import type { LockPackage } from './lock-model.js'
import type { PackageManifest } from './package-manifest.js'
import { readPackageManifest } from './package-manifest.js'
import { isPublicRegistry, toSource } from './source-string.js'

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

async function readPackageFolder(tree: SourceTree, folder: string): Promise<PackageManifest | undefined> {
  const path = joinPath(folder, 'Cargo.toml')
  const text = await readText(tree, path)
  if (text === undefined) return undefined
  return readPackageManifest(text, folder, path, (await tree.stat(joinPath(folder, 'build.rs'))) !== undefined)
}

/** Material that tells what third-party packages declare, beside vendored copies. */
export interface Caches {
  /** A cargo home: `registry/src/REGISTRY/NAME-VERSION/Cargo.toml`. */
  readonly cargoHome: SourceTree | undefined
  /**
   * A registry index as files, in cargo's layout. With a folder `registries` it holds several: that of the public registry,
   * and below `registries/` those of others, each in a folder of `registryFolder`.
   */
  readonly index: SourceTree | undefined
}

/** An index path begins with a digit or two letters, so that this name is free. */
export const REGISTRIES = 'registries'
/** A tree behind a network answers many questions at once as fast as one. */
const AT_ONCE = 64

/** The folder of one registry's index beside that of the public one. */
export function registryFolder(url: string): string {
  return `${REGISTRIES}/${encodeURIComponent(url)}`
}

/** Looks up what registry packages declare, from what is at hand (spec/cargo.md §2.6). Packages it knows nothing of are left out. */
export async function lookUpDeclared(
  packages: readonly LockPackage[],
  caches: Caches,
): Promise<ReadonlyMap<LockPackage, DeclaredPackage>> {
  const found = new Map<LockPackage, DeclaredPackage>()
  const { cargoHome, index } = caches
  const fromRegistry = packages.filter(({ source }) => source?.kind === 'registry' || source?.kind === 'sparse')
  if (cargoHome !== undefined) await lookIntoHome(fromRegistry, cargoHome, found)
  if (index !== undefined)
    await lookIntoIndex(
      fromRegistry.filter((package_) => !found.has(package_)),
      index,
      found,
    )
  return found
}

async function lookIntoHome(
  packages: readonly LockPackage[],
  cargoHome: SourceTree,
  found: Map<LockPackage, DeclaredPackage>,
): Promise<void> {
  const unpacked = (await cargoHome.list('registry/src')).filter((entry) => entry.kind === 'folder')
  for (const package_ of packages) {
    for (const folder of unpacked) {
      const read = await readPackageFolder(cargoHome, `${folder.path}/${package_.name}-${package_.version}`)
      if (read !== undefined) found.set(package_, read.declared)
    }
  }
}

async function lookIntoIndex(
  packages: readonly LockPackage[],
  index: SourceTree,
  found: Map<LockPackage, DeclaredPackage>,
): Promise<void> {
  const several = (await index.stat(REGISTRIES)) !== undefined
  const byFile = new Map<string, LockPackage[]>()
  for (const package_ of packages) {
    const { name, source } = package_
    // The plain folder of one index speaks for every registry; a tree of several must not be asked in public for private names.
    const url = source === undefined || isPublicRegistry(source.url) || !several ? undefined : registryUrl(package_)
    const path = url === undefined ? indexPath(name) : `${registryFolder(url)}/${indexPath(name)}`
    const key = `${path} ${name}`
    const same = byFile.get(key)
    if (same === undefined) byFile.set(key, [package_])
    else same.push(package_)
  }
  const files = [...byFile]
  let next = 0
  const loop = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      const [key, wanted] = file
      const read = await index.read(key.slice(0, key.indexOf(' ')))
      const [first] = wanted
      if (!read.ok || first === undefined) continue
      const versions = readIndexFile(
        read.bytes,
        first.name,
        wanted.map(({ version }) => version),
      ).found
      for (const package_ of wanted) {
        const [row] = versions.get(package_.version) ?? []
        if (row !== undefined) found.set(package_, row.declared)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, files.length) }, loop))
}

function registryUrl({ source }: LockPackage): string | undefined {
  const model = source === undefined ? undefined : toSource(source)
  return model?.kind === 'registry' ? model.url : undefined
}

async function readText(tree: SourceTree, path: string): Promise<string | undefined> {
  const file = await tree.read(path)
  if (!file.ok) return undefined
  const decoded = decodeUtf8(file.bytes)
  return decoded.ok ? decoded.text : undefined
}
