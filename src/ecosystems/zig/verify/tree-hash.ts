import { createHash } from 'node:crypto'
import type { TreeDigest } from '../../../model/digest.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { ZigManifest } from '../manifest.js'
import { parseZigManifest } from '../manifest.js'
import { formatPackageHash } from '../package-hash.js'

/** Id of a package without manifest. */
const NAKED = { name: 'N', version: 'V', id: 0xffff }
export const MANIFEST = 'build.zig.zon'

/** What a package is made of, content already digested. Folders are none: empty ones do not exist for zig. */
export interface PackageEntry {
  /** Relative to the package root, `/`-separated. */
  readonly path: string
  /** `special` is what zig refuses to unpack: hard link, fifo, device. */
  readonly kind: 'file' | 'link' | 'special'
  /** Bytes of a file; links count nothing. */
  readonly size: number
  /** Over path and content, as zig has it. */
  readonly digest: Uint8Array
  /** Over the content alone; lower-case hex. */
  readonly sha256: string
}

export interface PackageHashes {
  /** `unreadable`: zig would stop there, and without its `paths` only the reading of all files exists. */
  readonly manifest: 'none' | 'unreadable' | ZigManifest
  /** `name-version-…`, written since 0.14; absent when the manifest lacks a name or version. */
  readonly current: TreeDigest | undefined
  /** `1220…` as 0.12 and later compute it. */
  readonly legacy: TreeDigest | undefined
  /** `1220…` as 0.11 did, which knew no `paths` and refused links; absent when there are links. */
  readonly legacyAllFiles: TreeDigest | undefined
  /** Bytes of the files that are hashed. */
  readonly size: number
  /** What is hashed, in hash order. */
  readonly included: readonly PackageEntry[]
  /** Paths that the manifest's `paths` leave out. */
  readonly excluded: readonly string[]
}

/** What a package gives without its single files. */
export type HashSummary = Omit<PackageHashes, 'included'>

/** One entry under one or several paths; the content is not kept. */
export function packageEntries(
  paths: readonly string[],
  kind: PackageEntry['kind'],
  content: Uint8Array | string,
): readonly PackageEntry[] {
  const size = kind === 'file' ? content.length : 0
  const sha256 = createHash('sha256').update(content).digest('hex')
  return paths.map((path) => ({ path, kind, size, digest: entryDigest(path, kind, content), sha256 }))
}

/** The digest of one entry. The two zero bytes behind the path of a file are a relic: separator and executable bit (spec/zig.md §4.1). */
function entryDigest(path: string, kind: PackageEntry['kind'], content: Uint8Array | string): Uint8Array {
  const hash = createHash('sha256').update(path)
  if (kind === 'file') hash.update(Uint8Array.of(0, 0))
  return hash.update(content).digest()
}

/**
 * Both forms of the package hash over a whole, unfiltered package (spec/zig.md §4). `special` entries must lie outside
 * the manifest's `paths`: see `included` to know before.
 */
export function hashPackage(entries: readonly PackageEntry[], manifest: Uint8Array | undefined): PackageHashes {
  const read = manifest === undefined ? 'none' : readManifest(manifest)
  const isIncluded = read === 'none' ? () => true : read === 'unreadable' ? () => false : pathFilter(read.effectivePaths)
  const included = inOrder(entries.filter((entry) => isIncluded(entry.path)))
  const size = included.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0)
  const digest = combined(included)
  return {
    manifest: read,
    current: read === 'unreadable' ? undefined : currentForm(read, size, digest),
    legacy: read === 'unreadable' ? undefined : legacyForm(digest),
    legacyAllFiles: entries.every((entry) => entry.kind === 'file') ? legacyForm(combined(inOrder(entries))) : undefined,
    size,
    included,
    excluded: entries.filter((entry) => !isIncluded(entry.path)).map((entry) => entry.path),
  }
}

/** True for a path that the rules name, or that lies below one they name; whole components only, no globs. */
export function pathFilter(rules: readonly string[]): (path: string) => boolean {
  const named = new Set(rules)
  if (named.has('.')) return () => true
  return (path) => {
    for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
      if (named.has(at)) return true
      if (!at.includes('/')) return false
    }
  }
}

function readManifest(bytes: Uint8Array): ZigManifest | 'unreadable' {
  const decoded = decodeUtf8(bytes)
  return (decoded.ok ? parseZigManifest(decoded.text, MANIFEST).manifest : undefined) ?? 'unreadable'
}

function inOrder(entries: readonly PackageEntry[]): readonly PackageEntry[] {
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry)
}

function combined(entries: readonly PackageEntry[]): Uint8Array {
  const hash = createHash('sha256')
  for (const { digest } of entries) hash.update(digest)
  return hash.digest()
}

function legacyForm(digest: Uint8Array): TreeDigest {
  return { of: 'tree', scheme: 'zig-legacy', value: `1220${Buffer.from(digest).toString('hex')}` }
}

function currentForm(manifest: ZigManifest | 'none', size: number, digest: Uint8Array): TreeDigest | undefined {
  const { name, version } = manifest === 'none' ? NAKED : manifest
  if (name === undefined || version === undefined) return undefined
  const id = manifest === 'none' ? NAKED.id : (manifest.fingerprint?.parts.id ?? 0)
  return { of: 'tree', scheme: 'zig', value: formatPackageHash({ name, version, id, size, digest }) }
}
