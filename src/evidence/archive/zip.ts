import { crc32 } from './crc32.js'
import { inflateBounded } from './inflate.js'
import type { ArchiveLimits } from './limits.js'
import { ArchiveError, DEFAULT_LIMITS } from './limits.js'
import { utf8 } from './text.js'

/** Bytes that can be read at any place: a file or a buffer. */
export interface RandomAccess {
  readonly size: number
  /** Exactly `length` bytes from `offset`; the caller stays inside `size`. */
  read(offset: number, length: number): Uint8Array
}

export function inMemory(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }
}

export interface ZipEntry {
  /** As stored, decoded as UTF-8; a name that is not UTF-8 refuses the archive. */
  readonly name: string
  /** A directory entry ends in `/` and has no content. */
  readonly directory: boolean
  readonly size: number
  /** Unix mode from the external attributes, 0 where the maker was no Unix. */
  readonly mode: number
  /** The content, unpacked and checked against size and CRC when called. */
  readonly content: () => Uint8Array
}

const END_OF_DIRECTORY = 0x06054b50
const END_OF_DIRECTORY_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const CENTRAL_HEADER = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const DESCRIPTOR = 0x08074b50
const STORED = 0
const DEFLATED = 8
const ENCRYPTED = 0x0001
const DATA_DESCRIPTOR = 0x0008

/**
 * The entries of a zip in the order of its central directory (APPNOTE.TXT 6.3). Stricter than unpackers are, because
 * two readers that see different files in one archive are the attack: every local header must agree with the central
 * one, no data overlaps, no bytes lie between, no name comes twice, nothing but stored and deflated data, no encryption.
 * Throws `ArchiveError`.
 */
export function readZip(file: RandomAccess, limits: ArchiveLimits = DEFAULT_LIMITS): readonly ZipEntry[] {
  if (file.size > limits.maxPackedBytes)
    throw new ArchiveError('too-large', `the archive has ${file.size} bytes, the limit is ${limits.maxPackedBytes}`)
  const directory = findDirectory(file)
  if (directory.entries > limits.maxEntries)
    throw new ArchiveError('too-many-entries', `${directory.entries} entries, the limit is ${limits.maxEntries}`)
  const bytes = view(file.read(directory.offset, directory.size))
  const entries: ZipEntry[] = []
  const names = new Set<string>()
  const spans: Span[] = []
  let total = 0
  let at = 0
  for (let i = 0; i < directory.entries; i++) {
    const header = centralHeader(bytes, at, limits)
    at = header.next
    if (names.has(header.name)) throw new ArchiveError('duplicate-name', `${header.name} is there twice`)
    names.add(header.name)
    total += header.size
    if (header.size > limits.maxEntryBytes)
      throw new ArchiveError('too-large', `${header.name} has ${header.size} bytes, the limit is ${limits.maxEntryBytes}`)
    if (total > limits.maxTotalBytes) throw new ArchiveError('too-large', `more than ${limits.maxTotalBytes} bytes in all`)
    const data = localData(file, header, directory.offset)
    spans.push({ start: header.localOffset, ...data.span, name: header.name })
    entries.push({
      name: header.name,
      directory: header.name.endsWith('/'),
      size: header.size,
      mode: header.mode,
      content: () => unpack(file, header, data.start),
    })
  }
  if (at !== directory.size) throw new ArchiveError('inconsistent', 'the central directory holds more than its entries')
  if (total > 1 << 20 && total > file.size * limits.maxRatio)
    throw new ArchiveError('ratio', `it unpacks to more than ${limits.maxRatio} times its size`)
  requireSeamless(file, spans, directory.offset)
  return entries
}

interface Directory {
  readonly offset: number
  readonly size: number
  readonly entries: number
}

/** Finds the end record from the back; its comment must reach exactly to the end, so that no second record can hide in it. */
function findDirectory(file: RandomAccess): Directory {
  const tailLength = Math.min(file.size, 22 + 0xffff)
  const tailStart = file.size - tailLength
  const tail = view(file.read(tailStart, tailLength))
  for (let at = tailLength - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END_OF_DIRECTORY) continue
    if (at + 22 + tail.getUint16(at + 20, true) !== tailLength) continue
    if (tail.getUint16(at + 4, true) !== 0 || tail.getUint16(at + 6, true) !== 0)
      throw new ArchiveError('unsupported', 'it is split over several disks')
    const end = tailStart + at
    const plain = {
      entries: tail.getUint16(at + 10, true),
      size: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    }
    const directory = directory64(file, end, plain) ?? { ...plain, end }
    if (directory.offset + directory.size !== directory.end)
      throw new ArchiveError('inconsistent', 'the central directory does not end where its end record begins')
    return directory
  }
  throw new ArchiveError('not-an-archive', 'no end record of a zip')
}

/**
 * The directory as the zip64 record says, where there is one. Some makers write both records although the plain one
 * suffices; readers choose either, so they must agree. A field of all ones says that only the other has the number.
 */
function directory64(file: RandomAccess, end: number, plain: Directory): (Directory & { readonly end: number }) | undefined {
  const locator = end < 20 ? undefined : view(file.read(end - 20, 20))
  if (locator?.getUint32(0, true) !== LOCATOR_64) {
    if (plain.entries !== 0xffff && plain.size !== 0xffffffff && plain.offset !== 0xffffffff) return undefined
    throw new ArchiveError('inconsistent', 'the zip64 locator is missing')
  }
  const at = safe(locator.getBigUint64(8, true))
  const record = at + 56 > end ? undefined : view(file.read(at, 56))
  if (record?.getUint32(0, true) !== END_OF_DIRECTORY_64 || at + 12 + safe(record.getBigUint64(4, true)) !== end - 20)
    throw new ArchiveError('inconsistent', 'the zip64 end record is not in front of its locator')
  const wide = {
    entries: safe(record.getBigUint64(32, true)),
    size: safe(record.getBigUint64(40, true)),
    offset: safe(record.getBigUint64(48, true)),
  }
  const agree =
    (plain.entries === 0xffff || plain.entries === wide.entries) &&
    (plain.size === 0xffffffff || plain.size === wide.size) &&
    (plain.offset === 0xffffffff || plain.offset === wide.offset)
  if (!agree) throw new ArchiveError('inconsistent', 'the two end records say different things')
  return { ...wide, end: at }
}

interface CentralHeader {
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly mode: number
  readonly localOffset: number
  readonly next: number
}

function centralHeader(bytes: DataView, at: number, limits: ArchiveLimits): CentralHeader {
  if (at + 46 > bytes.byteLength || bytes.getUint32(at, true) !== CENTRAL_HEADER)
    throw new ArchiveError('inconsistent', 'an entry of the central directory is missing')
  const flags = bytes.getUint16(at + 8, true)
  const method = bytes.getUint16(at + 10, true)
  const nameLength = bytes.getUint16(at + 28, true)
  const extraLength = bytes.getUint16(at + 30, true)
  const next = at + 46 + nameLength + extraLength + bytes.getUint16(at + 32, true)
  if (next > bytes.byteLength) throw new ArchiveError('truncated', 'an entry of the central directory is cut off')
  if (nameLength === 0 || nameLength > limits.maxNameBytes) throw new ArchiveError('bad-name', `a name of ${nameLength} bytes`)
  const nameBytes = new Uint8Array(bytes.buffer, bytes.byteOffset + at + 46, nameLength)
  const name = utf8(nameBytes)
  if ((flags & ENCRYPTED) !== 0) throw new ArchiveError('unsupported', `${name} is encrypted`)
  if (method !== STORED && method !== DEFLATED) throw new ArchiveError('unsupported', `${name} is packed by method ${method}`)
  const wide = wideSizes(bytes, at + 46 + nameLength, extraLength, {
    size: bytes.getUint32(at + 24, true),
    packed: bytes.getUint32(at + 20, true),
    localOffset: bytes.getUint32(at + 42, true),
  })
  // The upper half of the external attributes is the Unix mode when the maker was Unix (3) or macOS (19).
  const maker = bytes.getUint8(at + 5)
  const mode = maker === 3 || maker === 19 ? bytes.getUint32(at + 38, true) >>> 16 : 0
  return { name, nameBytes, flags, method, crc: bytes.getUint32(at + 16, true), mode, next, ...wide }
}

interface Sizes {
  readonly size: number
  readonly packed: number
  readonly localOffset: number
}

/** Replaces the fields that hold all ones by those of the zip64 extra field (header id 1), which lists just these, in order. */
function wideSizes(bytes: DataView, start: number, length: number, narrow: Sizes): Sizes {
  const wanted = (['size', 'packed', 'localOffset'] as const).filter((field) => narrow[field] === 0xffffffff)
  if (wanted.length === 0) return narrow
  for (let at = start; at + 4 <= start + length; at += 4 + bytes.getUint16(at + 2, true)) {
    if (bytes.getUint16(at, true) !== 1) continue
    if (bytes.getUint16(at + 2, true) < wanted.length * 8 || at + 4 + wanted.length * 8 > start + length) break
    const wide = Object.fromEntries(wanted.map((field, i) => [field, safe(bytes.getBigUint64(at + 4 + i * 8, true))]))
    return { ...narrow, ...wide }
  }
  throw new ArchiveError('inconsistent', 'the zip64 sizes of an entry are missing')
}

/** Where the packed data of an entry lies, after its local header was held against the central one. */
function localData(
  file: RandomAccess,
  header: CentralHeader,
  directoryOffset: number,
): { readonly start: number; readonly span: Pick<Span, 'end' | 'descriptor'> } {
  if (header.localOffset + 30 > directoryOffset)
    throw new ArchiveError('inconsistent', `the data of ${header.name} is not before the central directory`)
  const local = view(file.read(header.localOffset, 30))
  if (local.getUint32(0, true) !== LOCAL_HEADER)
    throw new ArchiveError('inconsistent', `the local header of ${header.name} is missing`)
  const nameLength = local.getUint16(26, true)
  const start = header.localOffset + 30 + nameLength + local.getUint16(28, true)
  const end = start + header.packed
  if (end > directoryOffset) throw new ArchiveError('truncated', `the data of ${header.name} is cut off`)
  const localName = file.read(header.localOffset + 30, nameLength)
  if (Buffer.compare(localName, header.nameBytes) !== 0)
    throw new ArchiveError('inconsistent', `${header.name} has another name in its local header`)
  if (local.getUint16(8, true) !== header.method)
    throw new ArchiveError('inconsistent', `${header.name} is packed by two methods`)
  const later = (local.getUint16(6, true) & DATA_DESCRIPTOR) !== 0
  const sizes = [local.getUint32(14, true), local.getUint32(18, true), local.getUint32(22, true)]
  const agree =
    sizes[0] === header.crc &&
    (sizes[1] === header.packed || sizes[1] === 0xffffffff) &&
    (sizes[2] === header.size || sizes[2] === 0xffffffff)
  const open = sizes[0] === 0 && sizes.slice(1).every((value) => value === 0 || value === 0xffffffff)
  if (!agree && !(later && open)) throw new ArchiveError('inconsistent', `${header.name} has other sizes in its local header`)
  return { start, span: { end, descriptor: later ? header : undefined } }
}

interface Span {
  readonly start: number
  readonly end: number
  readonly name: string
  /** Set when the sizes follow the data again. */
  readonly descriptor: CentralHeader | undefined
}

/**
 * Entries lie one behind the other up to the central directory. Two over the same bytes are a bomb (each byte counts
 * many times) or a way to show two contents; bytes between them can be an entry that only some readers find.
 */
function requireSeamless(file: RandomAccess, spans: readonly Span[], directoryOffset: number): void {
  const sorted = [...spans].sort((a, b) => a.start - b.start)
  let end = 0
  for (const [i, span] of sorted.entries()) {
    if (end > span.start) throw new ArchiveError('inconsistent', `${sorted[i - 1]?.name} and ${span.name} share bytes`)
    if (end < span.start) throw new ArchiveError('inconsistent', `bytes before ${span.name} belong to no entry`)
    end = span.end + descriptorLength(file, span, (sorted[i + 1]?.start ?? directoryOffset) - span.end)
  }
  if (end !== directoryOffset) throw new ArchiveError('inconsistent', 'bytes before the central directory belong to no entry')
}

/** The length of the data descriptor that fills the gap behind an entry, 0 where there is none; it must say what the directory says. */
function descriptorLength(file: RandomAccess, { end, descriptor }: Span, gap: number): number {
  if (descriptor === undefined) return 0
  const signed = gap === 16 || gap === 24
  const wide = gap === 20 || gap === 24
  if (!signed && !wide && gap !== 12) return 0
  const bytes = view(file.read(end, gap))
  if (signed && bytes.getUint32(0, true) !== DESCRIPTOR) return 0
  const at = signed ? 4 : 0
  const sizes = wide
    ? [bytes.getBigUint64(at + 4, true), bytes.getBigUint64(at + 12, true)]
    : [BigInt(bytes.getUint32(at + 4, true)), BigInt(bytes.getUint32(at + 8, true))]
  const agrees =
    bytes.getUint32(at, true) === descriptor.crc && sizes[0] === BigInt(descriptor.packed) && sizes[1] === BigInt(descriptor.size)
  return agrees ? gap : 0
}

function unpack(file: RandomAccess, header: CentralHeader, start: number): Uint8Array {
  const packed = file.read(start, header.packed)
  if (header.method === STORED && header.packed !== header.size)
    throw new ArchiveError('inconsistent', `${header.name} is stored with two sizes`)
  const content = header.method === STORED ? packed : inflateBounded(packed, header.size, header.name)
  if (content.length !== header.size)
    throw new ArchiveError('corrupt', `${header.name} has ${content.length} bytes, ${header.size} are declared`)
  if (crc32(content) !== header.crc) throw new ArchiveError('corrupt', `the CRC of ${header.name} is wrong`)
  return content
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ArchiveError('inconsistent', 'a size is out of range')
  return Number(value)
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
