import type { Subtree } from './merkle.js'
import { HASH_LENGTH, nodeHash } from './merkle.js'

/** Levels of the tree in one tile of the Go checksum database; 2^8 hashes a full tile. */
export const TILE_HEIGHT = 8
export const FULL_WIDTH = 256

/**
 * A tile: `width` neighbouring hashes of level 8 × `level` of the tree, from number 256 × `index` on. In a tree of N
 * leaves that level has floor(N / 256^level) of them (spec/go.md §9.5).
 */
export interface Tile {
  readonly level: number
  readonly index: bigint
  readonly width: number
}

/** The tile's path below the database, `tile/8/LEVEL/NNN[.p/WIDTH]`. */
export function tilePath(tile: Tile): string {
  return `tile/${TILE_HEIGHT}/${tile.level}/${numberPath(tile.index)}${tile.width < FULL_WIDTH ? `.p/${tile.width}` : ''}`
}

/** Groups of three digits, all but the last with an `x` before: 1234067 is `x001/x234/067`. */
function numberPath(index: bigint): string {
  const digits = index.toString()
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/\d{3}/g) ?? []
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
}

/** A level above 7 would need more leaves than 2^63. */
const PATH = /^tile\/8\/([0-7])\/((?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/

/** Reads a hash tile's path; undefined unless it is just what `tilePath` writes for the tile. */
export function parseTilePath(path: string): Tile | undefined {
  const [, level, number, width] = PATH.exec(path) ?? []
  if (level === undefined || number === undefined) return undefined
  const index = BigInt(number.replaceAll(/[x/]/g, ''))
  const tile = { level: Number(level), index, width: width === undefined ? FULL_WIDTH : Number(width) }
  return tile.width > 0 && tilePath(tile) === path ? tile : undefined
}

/** Where the hash of a complete subtree comes from: a run of entries of one tile, a power of two long. */
export interface TileRun {
  readonly level: number
  readonly index: bigint
  readonly start: number
  readonly length: number
}

export function tileRunOf(subtree: Subtree): TileRun {
  const level = Math.floor(subtree.level / TILE_HEIGHT)
  const length = 2 ** (subtree.level % TILE_HEIGHT)
  const first = subtree.index * BigInt(length)
  return { level, index: first / BigInt(FULL_WIDTH), start: Number(first % BigInt(FULL_WIDTH)), length }
}

/** The tile (level, index) as it stands in a tree of `size` leaves; undefined when the tree has none of its hashes. */
export function tileInTree(level: number, index: bigint, size: bigint): Tile | undefined {
  const entries = (size >> BigInt(TILE_HEIGHT * level)) - index * BigInt(FULL_WIDTH)
  if (entries <= 0n) return undefined
  return { level, index, width: entries < BigInt(FULL_WIDTH) ? Number(entries) : FULL_WIDTH }
}

/**
 * The partial tiles of a tree, one for each non-zero digit of its size in base 256, widest leaves last. Together their
 * hashes give the root; every other tile is full and has its hash as an entry one level up.
 */
export function partialTiles(size: bigint): Tile[] {
  const tiles: Tile[] = []
  for (let level = 0; size >> BigInt(TILE_HEIGHT * level) > 0n; level += 1) {
    const entries = size >> BigInt(TILE_HEIGHT * level)
    const width = Number(entries % BigInt(FULL_WIDTH))
    if (width > 0) tiles.push({ level, index: entries / BigInt(FULL_WIDTH), width })
  }
  return tiles
}

/** Hash number `at` of a tile's bytes. */
export function tileEntry(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at * HASH_LENGTH, (at + 1) * HASH_LENGTH)
}

/** Tree hash over a run of a tile's entries; `length` is a power of two, so every split is in the middle. */
export function tileRunHash(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (length === 1) return tileEntry(bytes, start)
  const half = length / 2
  return nodeHash(tileRunHash(bytes, start, half), tileRunHash(bytes, start + half, half))
}
