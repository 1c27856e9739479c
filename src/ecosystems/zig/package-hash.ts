import { isSemVer } from './semver.js'

/**
 * A package hash, decoded (spec/zig.md §4). It is a digest over the filtered file tree of a package, never over the bytes
 * of an archive.
 *
 * - `legacy`: `1220` and 64 hexadecimal digits, written by zig 0.11 to 0.13.
 * - `new`: `name-version-` and 44 base64url characters, written since 0.14.
 * - `naked`: the new form of a package without manifest, `N-V-…`.
 */
export type PackageHash =
  | { readonly form: 'legacy'; readonly text: string; readonly digest: string }
  | {
      readonly form: 'new' | 'naked'
      readonly text: string
      readonly name: string
      readonly version: string
      /** Low half of the fingerprint; 0 where the package has none, 0xffff for a naked package. */
      readonly id: number
      /** Unpacked bytes; 0xffffffff stands for that or more. */
      readonly size: number
      /** Hexadecimal of the first 25 bytes of the digest. */
      readonly digestPrefix: string
    }

export type HashRejection =
  | 'empty'
  | 'legacy-length'
  | 'legacy-upper-case'
  | 'legacy-not-hex'
  | 'multihash-function'
  | 'multihash-length'
  | 'no-multihash'
  | 'tail'
  | 'alphabet'
  | 'name'
  | 'version'

export type HashResult =
  | { readonly ok: true; readonly hash: PackageHash }
  | { readonly ok: false; readonly rejection: HashRejection; readonly why: string }

const LEGACY_LENGTH = 68
const TAIL_LENGTH = 44
const MAX_PART_LENGTH = 32
const NAKED_ID = 0xffff

const WHY: Readonly<Record<HashRejection, string>> = {
  empty: 'it is empty',
  'legacy-length': `a 1220 hash has ${LEGACY_LENGTH} characters`,
  'legacy-upper-case': 'its hexadecimal digits are upper-case: zig compares text and names folders by it, so it never matches',
  'legacy-not-hex': 'it has characters that are no hexadecimal digits',
  'multihash-function': 'its function is not SHA-256 (0x12)',
  'multihash-length': 'its length byte is not 0x20, the 32 bytes of SHA-256',
  'no-multihash': 'it is neither a 1220 hash nor name-version-digest',
  tail: 'no name, version and digest of 44 characters, with a dash between each',
  alphabet: 'its digest has characters that are not of the base64url alphabet',
  name: 'the name in it is no identifier of at most 32 characters',
  version: 'the version in it is no MAJOR.MINOR.PATCH of at most 32 characters',
}

/** Decodes either form, or says why zig could not use the text. The text is taken as it stands: case matters. */
export function parsePackageHash(text: string): HashResult {
  if (text === '') return reject('empty')
  return /^[0-9a-fA-F]{4}/.test(text) && !text.includes('-') ? parseLegacy(text) : parseNew(text)
}

function parseLegacy(text: string): HashResult {
  const lower = text.toLowerCase()
  if (text.length === 64 && /^[0-9a-f]{64}$/.test(lower)) return reject('no-multihash')
  if (!lower.startsWith('12')) return reject('multihash-function')
  if (!lower.startsWith('1220')) return reject('multihash-length')
  if (text.length !== LEGACY_LENGTH) return reject('legacy-length')
  if (!/^[0-9a-f]+$/.test(lower)) return reject('legacy-not-hex')
  if (text !== lower) return reject('legacy-upper-case')
  return { ok: true, hash: { form: 'legacy', text, digest: text.slice(4) } }
}

/** The tail may hold dashes and underscores, a version dashes: only the last 44 characters and the first dash are sure. */
function parseNew(text: string): HashResult {
  const before = text.slice(0, -TAIL_LENGTH - 1)
  const dash = before.indexOf('-')
  if (text.at(-TAIL_LENGTH - 1) !== '-' || dash < 0) return reject(dash < 0 && !text.includes('-') ? 'no-multihash' : 'tail')
  const tail = text.slice(-TAIL_LENGTH)
  if (!/^[A-Za-z0-9_-]+$/.test(tail)) return reject('alphabet')
  const bytes = Buffer.from(tail, 'base64url')
  const id = bytes.readUInt32LE(0)
  const name = before.slice(0, dash)
  const version = before.slice(dash + 1)
  const naked = name === 'N' && version === 'V' && id === NAKED_ID
  if (!naked && (name.length > MAX_PART_LENGTH || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))) return reject('name')
  if (!naked && (version.length > MAX_PART_LENGTH || !isSemVer(version))) return reject('version')
  return {
    ok: true,
    hash: {
      form: naked ? 'naked' : 'new',
      text,
      name,
      version,
      id,
      size: bytes.readUInt32LE(4),
      digestPrefix: bytes.subarray(8).toString('hex'),
    },
  }
}

function reject(rejection: HashRejection): HashResult {
  return { ok: false, rejection, why: WHY[rejection] }
}

export interface HashParts {
  readonly name: string
  readonly version: string
  readonly id: number
  readonly size: number
  /** At least the first 25 bytes of the digest. */
  readonly digest: Uint8Array
}

/** The new form's text; a size beyond 32 bits stands as the largest one. */
export function formatPackageHash({ name, version, id, size, digest }: HashParts): string {
  const bytes = Buffer.alloc(33)
  bytes.writeUInt32LE(id, 0)
  bytes.writeUInt32LE(Math.min(size, 0xffff_ffff), 4)
  bytes.set(digest.subarray(0, 25), 8)
  return `${name}-${version}-${bytes.toString('base64url')}`
}
