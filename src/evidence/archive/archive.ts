import type { ByteSource } from './bytes.js'
import type { ArchiveEntry } from './entry.js'
import type { ArchiveFormat } from './format.js'
import type { ArchiveLimits } from './limits.js'
import { DEFAULT_LIMITS } from './limits.js'
import { MemberGuard } from './member-guard.js'
import { requireMemberPath } from './member-path.js'
import { readTar } from './tar.js'
import { utf8 } from './text.js'
import type { Members } from './unpack.js'
import { unpack } from './unpack.js'
import type { RandomAccess } from './zip.js'
import { inMemory, readZip } from './zip.js'

export interface ReadOptions {
  readonly limits?: ArchiveLimits | undefined
  readonly members?: Members | undefined
}

/**
 * The members of an archive in the order it lists them, one at a time; only that one's content is held. Names are
 * checked to stay inside the root, and no member lies behind a link. Throws `ArchiveError`, also after some members.
 */
export async function* readArchive(
  bytes: Uint8Array,
  format: ArchiveFormat,
  { limits = DEFAULT_LIMITS, members = 'all' }: ReadOptions = {},
): AsyncGenerator<ArchiveEntry> {
  if (format.container === 'zip') yield* zipEntries(inMemory(bytes), limits)
  else yield* readPackedTar(bytes, format, { limits, members })
}

/** The same for a tar that arrives piece by piece. */
export function readPackedTar(
  source: ByteSource,
  format: ArchiveFormat & { readonly container: 'tar' },
  { limits = DEFAULT_LIMITS, members = 'all' }: ReadOptions = {},
): AsyncGenerator<ArchiveEntry> {
  return readTar(unpack(source, format.packing, limits, members), limits)
}

const TYPE_BITS = 0o170000
const LINK = 0o120000
const FOLDER = 0o040000
const REGULAR = 0o100000

/** The entries of a zip as archive members; Unix modes are believed where the maker wrote them. */
function* zipEntries(file: RandomAccess, limits: ArchiveLimits): Generator<ArchiveEntry> {
  const guard = new MemberGuard(limits)
  for (const entry of readZip(file, limits)) {
    const type = entry.mode & TYPE_BITS
    const path = requireMemberPath(entry.name, limits)
    const kind = entry.directory
      ? 'folder'
      : type === LINK
        ? 'symlink'
        : type === 0 || type === REGULAR || type === FOLDER
          ? 'file'
          : 'other'
    const again = guard.add(path, kind)
    const bytes = kind === 'folder' || kind === 'other' ? new Uint8Array(0) : entry.content()
    yield {
      name: entry.name,
      path,
      kind,
      type: type.toString(8),
      mode: entry.mode & 0o7777,
      size: bytes.length,
      ...(kind === 'symlink' ? { linkTarget: utf8(bytes) } : {}),
      again,
      bytes,
    }
  }
}
