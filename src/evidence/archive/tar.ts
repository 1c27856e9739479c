import type { ByteSource } from './bytes.js'
import { PieceReader, pieces } from './bytes.js'
import type { ArchiveEntry, EntryKind } from './entry.js'
import type { ArchiveLimits } from './limits.js'
import { ArchiveError, DEFAULT_LIMITS } from './limits.js'
import { MemberGuard } from './member-guard.js'
import { requireMemberPath } from './member-path.js'
import type { PaxRecords } from './pax.js'
import { readPax } from './pax.js'
import type { TarHeader } from './tar-header.js'
import { BLOCK, isZeroBlock, readTarHeader } from './tar-header.js'
import { utf8 } from './text.js'

/** Room for the two names a pax header may hold, and for what else makers put there. */
const MAX_EXTENSION_BYTES = 1 << 20

/** Links, devices, folders, fifos. */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6'])

/** What headers before a member's own say about it. */
interface Extension {
  pax?: PaxRecords
  longName?: string
  longLink?: string
}

/**
 * The members of a tar in order: POSIX ustar and pax, GNU long names, v7. Only one member's content is held. Where
 * readers are known to disagree (two names or sizes for one member, content of what has none, data after the end mark,
 * sparse files) the archive is refused; a missing end mark is not, several makers leave it out. Throws `ArchiveError`.
 */
export async function* readTar(source: ByteSource, limits: ArchiveLimits = DEFAULT_LIMITS): AsyncGenerator<ArchiveEntry> {
  const reader = new PieceReader(pieces(source))
  try {
    yield* new TarReader(reader, limits).entries()
  } finally {
    await reader.close()
  }
}

class TarReader {
  readonly #guard: MemberGuard
  #headers = 0
  #total = 0

  constructor(
    readonly reader: PieceReader,
    readonly limits: ArchiveLimits,
  ) {
    this.#guard = new MemberGuard(limits)
  }

  async *entries(): AsyncGenerator<ArchiveEntry> {
    let extension: Extension = {}
    for (;;) {
      const block = await this.reader.exactly(BLOCK, 'a tar header')
      const ended = block === undefined || isZeroBlock(block)
      if (ended) {
        if (Object.keys(extension).length > 0) throw new ArchiveError('truncated', 'a tar ends after the name of a member')
        if (this.#headers === 0 && block === undefined) throw new ArchiveError('not-an-archive', 'an empty file is no tar')
        if (block !== undefined) await this.#onlyZeros()
        return
      }
      const header = this.#header(block)
      if (await this.#extend(header, extension)) continue
      yield await this.#entry(header, extension)
      extension = {}
    }
  }

  #header(block: Uint8Array): TarHeader {
    this.#headers += 1
    // Each member may have a header of its own for the name, for the link and for the rest.
    if (this.#headers > this.limits.maxEntries * 4) throw new ArchiveError('too-many-entries', 'too many tar headers')
    try {
      return readTarHeader(block)
    } catch (error) {
      if (this.#headers > 1 || !(error instanceof ArchiveError) || error.code !== 'corrupt') throw error
      throw new ArchiveError('not-an-archive', 'it does not begin with a tar header')
    }
  }

  /** True when the header is about the next member, or about all that follow. */
  async #extend(header: TarHeader, extension: Extension): Promise<boolean> {
    switch (header.type) {
      case 'x':
        extension.pax = once(extension.pax, readPax(await this.#extensionData(header)))
        return true
      case 'g': {
        const { path, linkPath, size } = readPax(await this.#extensionData(header))
        if (path !== undefined || linkPath !== undefined || size !== undefined)
          throw new ArchiveError('unsupported', 'a global pax header gives all members one name or size')
        return true
      }
      case 'L':
        extension.longName = once(extension.longName, longText(await this.#extensionData(header)))
        return true
      case 'K':
        extension.longLink = once(extension.longLink, longText(await this.#extensionData(header)))
        return true
      default:
        return false
    }
  }

  async #entry(header: TarHeader, { pax, longName, longLink }: Extension): Promise<ArchiveEntry> {
    const name = oneOf(pax?.path, longName) ?? utf8(header.name)
    const kind = kindOf(header.type, name)
    const path = requireMemberPath(name, this.limits)
    if (pax?.size !== undefined && pax.size !== header.size)
      throw new ArchiveError('inconsistent', `${path} has two sizes, ${header.size} and ${pax.size}`)
    if (header.size > 0 && (kind === 'folder' || WITHOUT_CONTENT.has(header.type)))
      throw new ArchiveError('inconsistent', `${path} has content and a type (${header.type}) that has none`)
    const linkTarget = this.#linkTarget(kind, oneOf(pax?.linkPath, longLink) ?? utf8(header.linkName), path)
    const again = this.#guard.add(path, kind)
    this.#count(header.size, path)
    const bytes = await this.#content(kind, header.size, path)
    const size = kind === 'file' ? header.size : 0
    return { name, path, kind, type: header.type, mode: header.mode, size, linkTarget, again, bytes }
  }

  #linkTarget(kind: EntryKind, target: string, path: string): string | undefined {
    // A hard link names a member, so its target is judged like one.
    if (kind === 'hardlink') requireMemberPath(target, this.limits)
    if (kind !== 'symlink') return kind === 'hardlink' ? target : undefined
    if (target === '' || target.includes('\0') || Buffer.byteLength(target) > this.limits.maxNameBytes)
      throw new ArchiveError('bad-name', `the link ${path} has no usable target`)
    return target
  }

  #count(size: number, path: string): void {
    const { maxEntryBytes, maxTotalBytes } = this.limits
    if (size > maxEntryBytes) throw new ArchiveError('too-large', `${path} has ${size} bytes, the limit is ${maxEntryBytes}`)
    this.#total += size
    if (this.#total > maxTotalBytes) throw new ArchiveError('too-large', `more than ${maxTotalBytes} bytes in all`)
  }

  async #content(kind: EntryKind, size: number, path: string): Promise<Uint8Array> {
    const padding = (BLOCK - (size % BLOCK)) % BLOCK
    if (kind !== 'file') {
      await this.reader.skip(size + padding, path)
      return new Uint8Array(0)
    }
    if (size === 0) return new Uint8Array(0)
    const bytes = await this.reader.exactly(size, path)
    if (bytes === undefined) throw new ArchiveError('truncated', `${path} is cut off`)
    await this.reader.skip(padding, path)
    return bytes
  }

  async #extensionData(header: TarHeader): Promise<Uint8Array> {
    if (header.size > MAX_EXTENSION_BYTES)
      throw new ArchiveError('too-large', `a tar header extension of ${header.size} bytes, the limit is ${MAX_EXTENSION_BYTES}`)
    this.#count(header.size, 'a tar header extension')
    return this.#content('file', header.size, 'a tar header extension')
  }

  /** Whoever reads on behind the end mark would see another archive. */
  async #onlyZeros(): Promise<void> {
    for (;;) {
      const rest = await this.reader.some(1 << 20)
      if (rest === undefined) return
      if (!isZeroBlock(rest)) throw new ArchiveError('inconsistent', 'data follows the end mark of the tar')
    }
  }
}

function kindOf(type: string, name: string): EntryKind {
  switch (type) {
    case '0':
    case '7':
      // Before there was a type for folders, they were files with a slash.
      return name.endsWith('/') ? 'folder' : 'file'
    case '1':
      return 'hardlink'
    case '2':
      return 'symlink'
    case '5':
      return 'folder'
    case 'S':
      throw new ArchiveError('unsupported', `${name} is a sparse file`)
    default:
      return 'other'
  }
}

function once<T>(before: T | undefined, now: T): T {
  if (before !== undefined) throw new ArchiveError('inconsistent', 'one member has two header extensions of one kind')
  return now
}

/** The name that pax or GNU gives; both may, when they agree. */
function oneOf(pax: string | undefined, gnu: string | undefined): string | undefined {
  if (pax !== undefined && gnu !== undefined && pax !== gnu)
    throw new ArchiveError('inconsistent', 'a member has one name from pax and another from GNU')
  return pax ?? gnu
}

/** GNU's long names end in a NUL; one inside would be cut by some readers and kept by others, so it stays to be refused. */
function longText(bytes: Uint8Array): string {
  return utf8(bytes).replace(/\0+$/, '')
}
