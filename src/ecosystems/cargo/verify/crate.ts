import { createHash } from 'node:crypto'
import { readArchive } from '../../../evidence/archive/archive.js'
import type { ArchiveEntry } from '../../../evidence/archive/entry.js'
import type { ArchiveLimits } from '../../../evidence/archive/limits.js'
import { ArchiveError, DEFAULT_LIMITS } from '../../../evidence/archive/limits.js'
import type { ArtifactDigest } from '../../../model/digest.js'
import type { VcsInfo } from './vcs-info.js'
import { readVcsInfo } from './vcs-info.js'

export type CrateProblemCode =
  /** It cannot be read to its end: damaged, cut off, over a limit. */
  | 'unreadable'
  /** A member that would be written outside, or behind a link. */
  | 'escapes'
  /** A member outside `NAME-VERSION/`. */
  | 'prefix'
  /** A link, fifo, device: cargo packages files alone. */
  | 'type'
  | 'duplicate'
  /** Two paths that are one where case does not count. */
  | 'case-collision'
  /** A name that Windows cannot hold. */
  | 'name'
  | 'no-manifest'

export interface CrateProblem {
  readonly code: CrateProblemCode
  readonly path?: string | undefined
  readonly why: string
}

export interface CrateFile {
  readonly size: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** A `.crate`, read. Whoever finds a problem here and installs the crate all the same gets a tree that others do not. */
export interface Crate {
  /** Of the archive itself: what lockfile and index record. */
  readonly checksum: ArtifactDigest
  readonly problems: readonly CrateProblem[]
  /** Regular files by path below the root folder; none when the archive is unreadable or a member escapes. */
  readonly files: ReadonlyMap<string, CrateFile>
  /** The normalised `Cargo.toml`. */
  readonly manifest: Uint8Array | undefined
  /** What the publisher's cargo wrote about the repository: a claim, no proof. */
  readonly vcs: VcsInfo | undefined
}

const MANIFEST = 'Cargo.toml'
const VCS_INFO = '.cargo_vcs_info.json'
const MIB = 1024 * 1024
/** cargo itself unpacks at most 512 MiB, or twenty times the archive (spec/cargo.md §5). */
const MIN_UNPACKED = 512 * MIB
const MAX_TIMES_PACKED = 20
const MAX_ENTRIES = 100_000
/** A hostile crate has a problem a member; nobody reads more than these. */
const MAX_PROBLEMS = 20
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i

/** Reads and judges the archive of one version (spec/cargo.md §5). Nothing is written to disk. Never throws on content. */
export async function readCrate(bytes: Uint8Array, name: string, version: string): Promise<Crate> {
  const checksum: ArtifactDigest = { of: 'artifact', algorithm: 'sha256', value: sha256(bytes) }
  const unpacked = Math.max(MIN_UNPACKED, bytes.length * MAX_TIMES_PACKED)
  const limits: ArchiveLimits = {
    ...DEFAULT_LIMITS,
    maxEntries: MAX_ENTRIES,
    maxEntryBytes: unpacked,
    maxTotalBytes: unpacked,
  }
  const reader = new CrateReader(`${name}-${version}`)
  try {
    // cargo reads the first gzip member alone; what follows would be seen by others.
    for await (const entry of readArchive(bytes, { container: 'tar', packing: 'gzip' }, { limits, members: 'one' }))
      reader.add(entry)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    const problem: CrateProblem = { code: error.code === 'escapes' ? 'escapes' : 'unreadable', why: error.message }
    return { checksum, problems: [...reader.problems, problem], files: new Map(), manifest: undefined, vcs: undefined }
  }
  const { problems, files, manifest, vcs } = reader
  if (manifest === undefined) problems.push({ code: 'no-manifest', why: `it holds no ${MANIFEST} in its root folder` })
  return { checksum, problems, files, manifest, vcs: vcs === undefined ? undefined : readVcsInfo(vcs) }
}

class CrateReader {
  readonly problems: CrateProblem[] = []
  readonly files = new Map<string, CrateFile>()
  manifest: Uint8Array | undefined
  vcs: Uint8Array | undefined
  /** Paths and the folders above them, by their form where case does not count. */
  readonly #folded = new Map<string, string>()

  constructor(readonly root: string) {}

  add(entry: ArchiveEntry): void {
    const { path, kind } = entry
    if (path === this.root && kind === 'folder') return
    if (!path.startsWith(`${this.root}/`)) {
      this.#problem('prefix', path, `it does not lie below ${this.root}/`)
      return
    }
    const relative = path.slice(this.root.length + 1)
    if (kind !== 'file' && kind !== 'folder') this.#problem('type', relative, `it is a ${kind} (type ${entry.type}), no file`)
    this.#judgeName(relative)
    if (entry.again && kind !== 'folder')
      this.#problem('duplicate', relative, 'it is there twice; cargo keeps the last, others the first')
    if (kind !== 'file') return
    if (relative === MANIFEST) this.manifest = new Uint8Array(entry.bytes)
    if (relative === VCS_INFO) this.vcs = new Uint8Array(entry.bytes)
    this.files.set(relative, { size: entry.size, sha256: sha256(entry.bytes) })
  }

  #judgeName(path: string): void {
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const part = end < 0 ? path : path.slice(0, end)
      const folded = part.toUpperCase().toLowerCase()
      const before = this.#folded.get(folded)
      if (before === undefined) this.#folded.set(folded, part)
      else if (before !== part) {
        this.#problem('case-collision', path, `${before} and ${part} are one path where case does not count`)
        break
      }
      if (end < 0) break
    }
    const bad = path.split('/').find((segment) => segment.includes(':') || DEVICE.test(segment.split('.', 1)[0] ?? ''))
    if (bad !== undefined) this.#problem('name', path, `${JSON.stringify(bad)} is no file name on Windows`)
  }

  #problem(code: CrateProblemCode, path: string, why: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ code, path, why })
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
