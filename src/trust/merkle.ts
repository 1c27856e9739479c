import { createHash } from 'node:crypto'
import { sameBytes } from './base64.js'

/** SHA-256 length in bytes: the size of every hash of these trees. */
export const HASH_LENGTH = 32
/** A tree of 2^63 leaves is beyond what any log can hold; larger numbers come from a liar. */
export const MAX_TREE_SIZE = 2n ** 63n - 1n

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** Hash of the empty tree (RFC 6962 §2.1): SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return createHash('sha256').digest()
}

/** Hash of a leaf (RFC 6962 §2.1): SHA-256(0x00, record). */
export function leafHash(record: Uint8Array): Uint8Array {
  return createHash('sha256').update(LEAF).update(record).digest()
}

/** Hash of an inner node (RFC 6962 §2.1): SHA-256(0x01, left, right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(NODE).update(left).update(right).digest()
}

/** A complete subtree: the leaves `index * 2^level` up to (not including) `(index + 1) * 2^level`. */
export interface Subtree {
  readonly level: number
  readonly index: bigint
}

/** Whoever can tell the hashes of complete subtrees. May throw; what it throws passes through. */
export interface HashReader {
  readonly hash: (subtree: Subtree) => Uint8Array
}

/** The complete subtrees that make up the leaves `from` up to (not including) `to`, left to right. */
export function subtreesOfRange(from: bigint, to: bigint): Subtree[] {
  const subtrees: Subtree[] = []
  for (let at = from; at < to; ) {
    let level = 0
    while ((at >> BigInt(level)) % 2n === 0n && at + (1n << BigInt(level + 1)) <= to) level += 1
    subtrees.push({ level, index: at >> BigInt(level) })
    at += 1n << BigInt(level)
  }
  return subtrees
}

/** Root of the first `size` leaves, from the hashes of their complete subtrees. */
export function rootOfFirst(size: bigint, reader: HashReader): Uint8Array {
  return size === 0n ? emptyRoot() : rangeHash(0n, size, reader)
}

/** Hash of a range that starts where a split of RFC 6962 may start it: folds its subtrees from the right. */
function rangeHash(from: bigint, to: bigint, reader: HashReader): Uint8Array {
  const hashes = subtreesOfRange(from, to).map((subtree) => reader.hash(subtree))
  return hashes.reduceRight((right, left) => nodeHash(left, right))
}

/** The largest power of two smaller than `n`, for n > 1. */
function split(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1)
}

/** The Merkle audit path of a leaf, leaf to root (RFC 6962 §2.1.1). `index` < `size`. */
export function inclusionProof(index: bigint, size: bigint, reader: HashReader): Uint8Array[] {
  const path: Uint8Array[] = []
  let from = 0n
  let to = size
  while (to - from > 1n) {
    const middle = from + split(to - from)
    if (index < middle) {
      path.push(rangeHash(middle, to, reader))
      to = middle
    } else {
      path.push(rangeHash(from, middle, reader))
      from = middle
    }
  }
  return path.reverse()
}

/** The proof that a tree of `size` leaves begins with the tree of its first `first` (RFC 6962 §2.1.2); 0 < `first` <= `size`. */
export function consistencyProof(first: bigint, size: bigint, reader: HashReader): Uint8Array[] {
  const path: Uint8Array[] = []
  let from = 0n
  let to = size
  while (first !== to) {
    const middle = from + split(to - from)
    if (first <= middle) {
      path.push(rangeHash(middle, to, reader))
      to = middle
    } else {
      path.push(rangeHash(from, middle, reader))
      from = middle
    }
  }
  if (from !== 0n) path.push(rangeHash(from, to, reader))
  return path.reverse()
}

/** Checks an audit path (RFC 9162 §2.1.3.2). False for any defect, also for a proof that is too long or too short. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index < 0n || index >= size || size > MAX_TREE_SIZE) return false
  let fn = index
  let sn = size - 1n
  let r = leaf
  for (const p of proof) {
    if (p.length !== HASH_LENGTH || sn === 0n) return false
    if (fn % 2n === 1n || fn === sn) {
      r = nodeHash(p, r)
      while (fn % 2n === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else {
      r = nodeHash(r, p)
    }
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && sameBytes(r, root)
}

/**
 * Checks that the tree (`size`, `root`) begins with the tree (`first`, `firstRoot`) (RFC 9162 §2.1.4.2). False for any
 * defect. A proof from the empty tree proves nothing and is refused.
 */
export function verifyConsistency(
  first: bigint,
  firstRoot: Uint8Array,
  size: bigint,
  root: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (first <= 0n || first > size || size > MAX_TREE_SIZE) return false
  if (proof.some((hash) => hash.length !== HASH_LENGTH)) return false
  if (first === size) return proof.length === 0 && sameBytes(firstRoot, root)
  let fn = first - 1n
  let sn = size - 1n
  while (fn % 2n === 1n) {
    fn >>= 1n
    sn >>= 1n
  }
  // Where `first` is a power of two its root is a node of the larger tree and is left out of the proof.
  const rest = fn === 0n ? proof : proof.slice(1)
  const start = fn === 0n ? firstRoot : proof[0]
  if (start === undefined) return false
  let fr = start
  let sr = start
  for (const c of rest) {
    if (sn === 0n) return false
    if (fn % 2n === 1n || fn === sn) {
      fr = nodeHash(c, fr)
      sr = nodeHash(c, sr)
      while (fn % 2n === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else {
      sr = nodeHash(sr, c)
    }
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && sameBytes(fr, firstRoot) && sameBytes(sr, root)
}
