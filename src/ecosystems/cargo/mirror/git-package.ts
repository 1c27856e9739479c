import { createHash } from 'node:crypto'
import { linkLeavesRoot } from '../../../evidence/archive/member-path.js'
import { folderOf } from '../../../model/tree.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { TomlTable, TomlValue } from '../../../syntax/toml.js'
import { isTable, parseToml } from '../../../syntax/toml.js'
import type { CommitFile } from '../../commit-record.js'
import type { MirrorFile } from '../../mirror.js'
import { CHECKSUM_FILE } from '../verify/checksum-file.js'

export type GitPackage =
  /** Paths are relative to the folder of the package. */
  { readonly ok: true; readonly files: readonly MirrorFile[] } | { readonly ok: false; readonly why: string }

/**
 * A package of a repository as a directory source holds it (spec/cargo.md §3.8): its folder at the commit and a list of
 * checksums. One that needs its workspace cannot stand alone, and is not rewritten here: what is stored is what the commit has.
 */
export function gitPackage(files: readonly CommitFile[], name: string, version: string): GitPackage {
  const found = files.find((file) => isManifestOf(file, name))
  const manifest = found === undefined ? undefined : tomlOf(found)
  if (found === undefined || manifest === undefined) return { ok: false, why: `the commit has no manifest of ${name}` }
  const stands = standsAlone(manifest)
  if (stands !== undefined) return { ok: false, why: `${stands}; cargo vendor can write it anew` }
  const { package: own } = manifest
  if (!isTable(own) || own['version'] !== version)
    return { ok: false, why: `its manifest at the commit is not that of version ${version}` }
  const folder = folderOf(found.path)
  const prefix = folder === '.' ? '' : `${folder}/`
  const stored: MirrorFile[] = []
  const sums: [string, string][] = []
  for (const { path, kind, bytes } of files) {
    if (!path.startsWith(prefix)) continue
    const relative = path.slice(prefix.length)
    if (relative === CHECKSUM_FILE) continue
    if (kind === 'submodule') return { ok: false, why: `its submodule ${relative} is in another repository` }
    if (kind === 'link') {
      const target = Buffer.from(bytes).toString('utf8')
      if (linkLeavesRoot(relative, target)) return { ok: false, why: `${relative} is a link that leads out of the package` }
      stored.push({ path: relative, target })
      continue
    }
    stored.push({ path: relative, bytes })
    sums.push([relative, createHash('sha256').update(bytes).digest('hex')])
  }
  const list = JSON.stringify({ files: Object.fromEntries(sums), package: null })
  return { ok: true, files: [...stored, { path: CHECKSUM_FILE, bytes: Buffer.from(list) }] }
}

function isManifestOf(file: CommitFile, name: string): boolean {
  if (file.kind !== 'file' || (file.path !== 'Cargo.toml' && !file.path.endsWith('/Cargo.toml'))) return false
  const own = tomlOf(file)?.['package']
  return isTable(own) && own['name'] === name
}

function tomlOf({ bytes }: CommitFile): TomlTable | undefined {
  const decoded = decodeUtf8(bytes)
  const parsed = decoded.ok ? parseToml(decoded.text, 'Cargo.toml') : undefined
  return parsed?.ok === true ? parsed.document.value : undefined
}

const TABLES = ['dependencies', 'build-dependencies'] as const

function standsAlone(manifest: TomlTable): string | undefined {
  const { workspace: _, ...rest } = manifest
  if (inherits(rest)) return 'its manifest takes values from a workspace'
  const targets = manifest['target']
  const tables = [manifest, ...(isTable(targets) ? Object.values(targets).filter(isTable) : [])]
  for (const table of tables)
    for (const key of TABLES) {
      const needed = table[key]
      const byPath = isTable(needed)
        ? Object.entries(needed).find(([, one]) => isTable(one) && one['path'] !== undefined)
        : undefined
      if (byPath !== undefined) return `it needs ${byPath[0]} from a folder of its repository`
    }
  return undefined
}

function inherits(value: TomlValue): boolean {
  if (Array.isArray(value)) return value.some(inherits)
  return isTable(value) && (value['workspace'] === true || Object.values(value).some(inherits))
}
