import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unpackSnappy } from '../../../src/trust/lookup/snappy.js'
import { packSnappy } from './support/pack-snappy.js'

const LIMIT = 1 << 20
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const unpacked = (packed: Uint8Array, limit = LIMIT): string => {
  const result = unpackSnappy(packed, limit)
  return result.ok ? Buffer.from(result.bytes).toString('latin1') : `refused: ${result.why}`
}

describe('a Snappy block', () => {
  it.each([
    // spec/trust.md §3.2
    ['02 04 7b 7d', '{}'],
    ['0c 08 61 62 63 15 03', 'abcabcabcabc'],
    // By hand from the format: nothing; one literal with its length in a byte of its own; copies of two and four bytes.
    ['00', ''],
    [`3d f0 3c ${'61'.repeat(61)}`, 'a'.repeat(61)],
    ['06 08 61 62 63 0a 03 00', 'abcabc'],
    ['06 08 61 62 63 0b 03 00 00 00', 'abcabc'],
    ['05 00 61 0e 01 00', 'aaaaa'],
  ])('%s', (packed, expected) => {
    expect(unpacked(hex(packed))).toBe(expected)
  })

  it.each([
    ['', 'its length cannot be read'],
    ['80', 'its length cannot be read'],
    ['ff ff ff ff ff', 'its length cannot be read'],
    ['ff ff ff ff 1f 00 61', 'its length cannot be read'],
    ['ff ff ff ff 0f 00 61', 'it declares 4294967295 bytes, at most 1048576 are accepted'],
    ['80 80 40 00 61', 'it declares more bytes than it can hold'],
    ['01', 'it declares more bytes than it can hold'],
    ['02 00 61', 'it holds fewer bytes than it declares'],
    ['01 04 61 62', 'it holds more bytes than it declares'],
    ['02 08 61 62', 'it ends in the middle of an element'],
    ['02 f0', 'it ends in the middle of an element'],
    ['02 fc ff ff ff ff 61', 'it ends in the middle of an element'],
    ['05 00 61 01', 'it ends in the middle of an element'],
    ['05 00 61 02 01', 'it ends in the middle of an element'],
    ['05 00 61 03 01 00 00', 'it ends in the middle of an element'],
    ['05 00 61 01 00', 'a copy begins before the first byte'],
    ['05 00 61 01 02', 'a copy begins before the first byte'],
    ['05 01 01 00 61', 'a copy begins before the first byte'],
    ['05 00 61 0f ff ff ff ff', 'a copy begins before the first byte'],
    ['04 00 61 01 01', 'it holds more bytes than it declares'],
    ['00 00 61', 'it holds more bytes than it declares'],
  ])('%s is refused', (packed, why) => {
    expect(unpacked(hex(packed))).toBe(`refused: ${why}`)
  })

  it('is compared with the limit before anything is allocated', () => {
    const bomb = Buffer.concat([hex('80 80 80 40'), Buffer.alloc(8 << 20, hex('fe 01 00'))])
    const before = process.memoryUsage().arrayBuffers
    expect(unpacked(bomb)).toBe('refused: it declares 134217728 bytes, at most 1048576 are accepted')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
  })

  it('of the highest ratio is unpacked in linear time', () => {
    const size = 16 * 1024 * 1024
    const packed = packSnappy(Buffer.alloc(size, 'a'))
    expect(packed.length).toBeLessThan(size / 20)
    const start = performance.now()
    expect(unpackSnappy(packed, size)).toMatchObject({ ok: true })
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('gives back what was packed', () => {
    const repetitive = fc.array(fc.constantFrom(...'abc'), { maxLength: 300 }).map((letters) => Buffer.from(letters.join('')))
    const any = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(repetitive, any), (bytes) => {
        const result = unpackSnappy(packSnappy(bytes), LIMIT)
        expect(result.ok && Buffer.from(result.bytes).equals(bytes)).toBe(true)
      }),
    )
  })

  it('of any bytes ends in an answer, never longer than it declares or than the limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(4000), (packed, limit) => {
        const result = unpackSnappy(packed, limit)
        if (result.ok) expect(result.bytes.length).toBeLessThanOrEqual(limit)
        else expect(result.why).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })
})
