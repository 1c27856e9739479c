import { readArchive } from '../../../evidence/archive/archive.js'
import { formatByMagic } from '../../../evidence/archive/format.js'
import { ArchiveError, DEFAULT_LIMITS } from '../../../evidence/archive/limits.js'
import { linkLeavesRoot } from '../../../evidence/archive/member-path.js'
import type { CommitFile } from '../../commit-record.js'
import type { PackageHash } from '../package-hash.js'
import { compareHash } from '../verify/compare.js'
import { hashPackage, MANIFEST, packageEntries } from '../verify/tree-hash.js'

/** A file or link of a package, with its content. */
export type UnpackedFile =
  | { readonly path: string; readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly path: string; readonly kind: 'link'; readonly target: string }

/** The files that the hash of a package covers, in its order, if they have that hash. */
export type Unpacked =
  | { readonly ok: true; readonly files: readonly UnpackedFile[] }
  | { readonly ok: false; readonly observed?: string | undefined; readonly why: string }

/** Unpacks an archive as zig does (spec/zig.md §5.3) and holds it against the hash. Never throws on content. */
export async function unpackArchive(bytes: Uint8Array, hash: PackageHash): Promise<Unpacked> {
  const format = formatByMagic(bytes)
  if (format === undefined) return { ok: false, why: 'its bytes are those of no archive' }
  const members: UnpackedFile[] = []
  // All share their first component, and nothing lies beside it: then it is left away.
  let root: string | undefined | false
  try {
    const parts = format.container === 'tar' && format.packing === 'zstd' ? 'all' : 'one'
    for await (const { path, kind, bytes: content, linkTarget } of readArchive(bytes, format, {
      limits: DEFAULT_LIMITS,
      members: parts,
    })) {
      if (path === '.') continue
      const [first = '', ...below] = path.split('/')
      if ((below.length === 0 && kind !== 'folder') || (root !== undefined && root !== first)) root = false
      else root ??= first
      // Valid until the next member alone; the slice of a Buffer would be no copy.
      if (kind === 'file') members.push({ path, kind, bytes: Uint8Array.from(content) })
      else if (kind === 'symlink' && format.container === 'zip')
        members.push({ path, kind: 'file', bytes: Buffer.from(linkTarget ?? '') })
      else if (kind === 'symlink') members.push({ path, kind: 'link', target: linkTarget ?? '' })
    }
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    return { ok: false, why: error.message }
  }
  const skip = typeof root === 'string' ? root.length + 1 : 0
  return covered(
    members.map((member) => ({ ...member, path: member.path.slice(skip) })),
    hash,
  )
}

/** The files of a commit as zig fetches them by git: no submodules. */
export function unpackCommit(files: readonly CommitFile[], hash: PackageHash): Unpacked {
  const members = files.flatMap(({ kind, path, bytes }): readonly UnpackedFile[] => {
    if (kind === 'submodule') return []
    return kind === 'file' ? [{ path, kind, bytes }] : [{ path, kind, target: Buffer.from(bytes).toString('utf8') }]
  })
  return covered(members, hash)
}

function covered(members: readonly UnpackedFile[], hash: PackageHash): Unpacked {
  const entries = members.flatMap((member) =>
    packageEntries([member.path], member.kind, member.kind === 'file' ? member.bytes : member.target).map((entry) => ({
      entry,
      member,
    })),
  )
  const manifest = members.find(({ path, kind }) => path === MANIFEST && kind === 'file')
  const hashes = hashPackage(
    entries.map(({ entry }) => entry),
    manifest?.kind === 'file' ? manifest.bytes : undefined,
  )
  const compared = compareHash(hash, hashes)
  if (compared.verdict === 'mismatch') return { ok: false, observed: compared.observed, why: compared.why }
  const byEntry = new Map(entries.map(({ entry, member }) => [entry, member]))
  const chosen = compared.reading === 'legacy-all-files' ? entries.map(({ entry }) => entry) : hashes.included
  const files = chosen.flatMap((entry) => byEntry.get(entry) ?? [])
  if (new Set(files.map(({ path }) => path)).size !== files.length) return { ok: false, why: 'one path is there twice' }
  const leaving = files.find((file) => file.kind === 'link' && linkLeavesRoot(file.path, file.target))
  if (leaving !== undefined) return { ok: false, why: `${leaving.path} is a link that leads out of the package` }
  return { ok: true, files }
}
