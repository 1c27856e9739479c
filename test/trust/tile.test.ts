import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { subtreesOfRange } from '../../src/trust/merkle.js'
import { parseTilePath, partialTiles, tileInTree, tilePath, tileRunOf } from '../../src/trust/tile.js'

const anyTile = fc.record({
  level: fc.integer({ min: 0, max: 7 }),
  index: fc.bigInt({ min: 0n, max: 2n ** 55n }),
  width: fc.integer({ min: 1, max: 256 }),
})

describe('tile paths', () => {
  const paths = [
    { tile: { level: 0, index: 0n, width: 256 }, path: 'tile/8/0/000' },
    { tile: { level: 1, index: 0n, width: 1 }, path: 'tile/8/1/000.p/1' },
    { tile: { level: 0, index: 1_234_067n, width: 256 }, path: 'tile/8/0/x001/x234/067' },
    { tile: { level: 2, index: 1000n, width: 44 }, path: 'tile/8/2/x001/000.p/44' },
  ]
  for (const { tile, path } of paths) {
    it(path, () => {
      expect(tilePath(tile)).toBe(path)
      expect(parseTilePath(path)).toEqual(tile)
    })
  }

  const invalid = [
    'tile/8/0/000.p/256',
    'tile/8/0/000.p/0',
    'tile/8/0/000.p/01',
    'tile/8/0/x000/000',
    'tile/8/0/001/000',
    'tile/8/0/00',
    'tile/8/0/0000',
    'tile/8/00/000',
    'tile/8/8/000',
    'tile/7/0/000',
    'tile/8/0/000/',
    'tile/8/0/../000',
    '/tile/8/0/000',
    'tile/8/data/000',
    '',
  ]
  for (const path of invalid) it(`refuses ${path}`, () => expect(parseTilePath(path)).toBeUndefined())

  it('round trip, and only what formatting gives back is a path', () => {
    fc.assert(
      fc.property(anyTile, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile)
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        const tile = parseTilePath(text)
        return tile === undefined || tilePath(tile) === text
      }),
    )
  })
})

describe('tiles of a tree', () => {
  it('the subtrees of a tree lie in its partial tiles, and fill them', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 60n }), (size) => {
        const filled = new Map<string, number>()
        for (const subtree of subtreesOfRange(0n, size)) {
          const run = tileRunOf(subtree)
          const key = `${run.level}/${run.index}`
          expect(run.start).toBe(filled.get(key) ?? 0)
          filled.set(key, run.start + run.length)
        }
        expect(filled).toEqual(new Map(partialTiles(size).map((tile) => [`${tile.level}/${tile.index}`, tile.width])))
      }),
    )
  })

  it('width of a tile in a tree of 300', () => {
    expect(tileInTree(0, 0n, 300n)).toEqual({ level: 0, index: 0n, width: 256 })
    expect(tileInTree(0, 1n, 300n)).toEqual({ level: 0, index: 1n, width: 44 })
    expect(tileInTree(0, 2n, 300n)).toBeUndefined()
    expect(tileInTree(1, 0n, 300n)).toEqual({ level: 1, index: 0n, width: 1 })
    expect(tileInTree(2, 0n, 300n)).toBeUndefined()
  })
})
