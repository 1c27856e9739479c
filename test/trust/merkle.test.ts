import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HashReader, Subtree } from '../../src/trust/merkle.js'
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  rootOfFirst,
  subtreesOfRange,
  verifyConsistency,
  verifyInclusion,
} from '../../src/trust/merkle.js'
import { describeShared, readSharedJson } from '../support/shared.js'
import { rootByDefinition } from './support/signed-log.js'

const base64 = (hash: Uint8Array): string => Buffer.from(hash).toString('base64')
const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64')

function readerOver(leaves: readonly Uint8Array[]): HashReader {
  return {
    hash: ({ level, index }: Subtree) =>
      rootByDefinition(leaves.slice(Number(index) * 2 ** level, (Number(index) + 1) * 2 ** level)),
  }
}

const leaves = Array.from({ length: 70 }, (_, at) => leafHash(Buffer.from(`record ${at}`)))
const reader = readerOver(leaves)
const root = (size: number): Uint8Array => rootByDefinition(leaves.slice(0, size))

describe('tree hash', () => {
  it('hash of the empty tree is SHA-256 of nothing', () => {
    expect(Buffer.from(emptyRoot()).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(rootOfFirst(0n, reader)).toEqual(emptyRoot())
  })

  it('agrees with the definition for every size', () => {
    for (let size = 0; size <= leaves.length; size += 1) expect(rootOfFirst(BigInt(size), reader)).toEqual(root(size))
  })

  it('subtrees cover a range without gap, and sizes beyond 2^32 do not wrap', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 62n }), (size) => {
        let at = 0n
        for (const { level, index } of subtreesOfRange(0n, size)) {
          expect(index << BigInt(level)).toBe(at)
          at += 1n << BigInt(level)
        }
        return at === size
      }),
    )
  })
})

describe('inclusion', () => {
  it('every leaf of every tree proves itself, and nothing else', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(BigInt(index), BigInt(size), reader)
        const leaf = leaves[index] ?? emptyRoot()
        const holds = (l: Uint8Array, i: number, s: number, p: readonly Uint8Array[], r: Uint8Array): boolean =>
          verifyInclusion(l, BigInt(i), BigInt(s), p, r)
        expect(holds(leaf, index, size, proof, root(size))).toBe(true)
        expect(holds(leaf, index, size, [...proof, emptyRoot()], root(size))).toBe(false)
        if (proof.length > 0) expect(holds(leaf, index, size, proof.slice(1), root(size))).toBe(false)
        if (size > 1) expect(holds(leaf, (index + 1) % size, size, proof, root(size))).toBe(false)
        expect(holds(emptyRoot(), index, size, proof, root(size))).toBe(false)
        expect(holds(leaf, index, size, proof, root(size + 1))).toBe(false)
      }
    }
  })

  it('damage any bit of a proof, leaf or root and it fails', () => {
    const proof = inclusionProof(37n, 70n, reader)
    fc.assert(
      fc.property(fc.nat(proof.length + 1), fc.nat(31), fc.integer({ min: 0, max: 7 }), (which, at, bit) => {
        const all = [leaves[37] ?? emptyRoot(), root(70), ...proof].map((hash, index) =>
          index === which ? Uint8Array.from(hash, (byte, i) => (i === at ? byte ^ (1 << bit) : byte)) : hash,
        )
        const [leaf, whole, ...rest] = all
        return leaf !== undefined && whole !== undefined && !verifyInclusion(leaf, 37n, 70n, rest, whole)
      }),
    )
  })

  const impossible = [
    { name: 'index is the size', index: 1n, size: 1n },
    { name: 'negative index', index: -1n, size: 1n },
    { name: 'empty tree', index: 0n, size: 0n },
    { name: 'size of 2^64', index: 0n, size: 2n ** 64n },
  ]
  for (const { name, index, size } of impossible) {
    it(`refuses: ${name}`, () => expect(verifyInclusion(emptyRoot(), index, size, [], emptyRoot())).toBe(false))
  }

  it('refuses a proof hash of another length', () => {
    const [first, ...rest] = inclusionProof(3n, 10n, reader)
    expect(verifyInclusion(leaves[3] ?? emptyRoot(), 3n, 10n, [first?.subarray(1) ?? emptyRoot(), ...rest], root(10))).toBe(false)
  })
})

describe('consistency', () => {
  it('every tree begins with each smaller one, and with nothing else', () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let first = 1; first <= size; first += 1) {
        const proof = consistencyProof(BigInt(first), BigInt(size), reader)
        const holds = (p: readonly Uint8Array[], a: Uint8Array, b: Uint8Array): boolean =>
          verifyConsistency(BigInt(first), a, BigInt(size), b, p)
        expect(holds(proof, root(first), root(size))).toBe(true)
        expect(holds(proof, root(first + 1), root(size))).toBe(false)
        expect(holds(proof, root(first), root(size + 1))).toBe(false)
        expect(holds([...proof, emptyRoot()], root(first), root(size))).toBe(false)
        if (proof.length > 0) expect(holds(proof.slice(0, -1), root(first), root(size))).toBe(false)
      }
    }
  })

  it('a tree with another record in the old part never passes', () => {
    const forked = leaves.map((hash, at) => (at === 3 ? leafHash(Buffer.from('forged')) : hash))
    const proof = consistencyProof(10n, 60n, readerOver(forked))
    expect(verifyConsistency(10n, root(10), 60n, rootByDefinition(forked.slice(0, 60)), proof)).toBe(false)
  })

  it('refuses a proof from nothing and a shrinking tree', () => {
    expect(verifyConsistency(0n, emptyRoot(), 5n, root(5), [])).toBe(false)
    expect(verifyConsistency(5n, root(5), 4n, root(4), [])).toBe(false)
  })
})

interface Proofs {
  readonly size: number
  readonly rootHash: string
  readonly inclusion: readonly { readonly id: number; readonly leaf: string; readonly proofLeafToRoot: readonly string[] }[]
  readonly consistency: readonly { readonly from: number; readonly to: number; readonly proof: readonly string[] }[]
}

describeShared('vectors/go/sumdb', 'proofs of the checksum-database vectors', () => {
  const expected = readSharedJson<{
    emptyTreeHash: string
    good: Proofs & { leafHashes: readonly string[]; rootsBySize: readonly { size: number; rootHash: string }[] }
    big: Proofs
  }>('vectors/go/sumdb/expected.json')
  const good = expected.good
  const goodLeaves = good.leafHashes.map(bytes)
  const goodReader = readerOver(goodLeaves)

  it('empty tree', () => expect(base64(emptyRoot())).toBe(expected.emptyTreeHash))
  for (const { size, rootHash } of good.rootsBySize) {
    it(`root of ${size}`, () => expect(base64(rootOfFirst(BigInt(size), goodReader))).toBe(rootHash))
  }
  for (const { id, leaf, proofLeafToRoot } of good.inclusion) {
    it(`inclusion of ${id} in 10, made and verified`, () => {
      expect(inclusionProof(BigInt(id), 10n, goodReader).map(base64)).toEqual(proofLeafToRoot)
      expect(verifyInclusion(bytes(leaf), BigInt(id), 10n, proofLeafToRoot.map(bytes), bytes(good.rootHash))).toBe(true)
    })
  }
  for (const { from, to, proof } of good.consistency) {
    it(`consistency of ${from} with ${to}, made and verified`, () => {
      expect(consistencyProof(BigInt(from), BigInt(to), goodReader).map(base64)).toEqual(proof)
      const small = bytes(good.rootsBySize.find(({ size }) => size === from)?.rootHash ?? '')
      expect(verifyConsistency(BigInt(from), small, BigInt(to), bytes(good.rootHash), proof.map(bytes))).toBe(true)
    })
  }
  for (const { id, leaf, proofLeafToRoot } of expected.big.inclusion) {
    it(`inclusion of ${id} in 300, verified`, () => {
      expect(verifyInclusion(bytes(leaf), BigInt(id), 300n, proofLeafToRoot.map(bytes), bytes(expected.big.rootHash))).toBe(true)
    })
  }
})
