import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hub1Of, parseHub1, verifyHub1 } from '../../../../src/ecosystems/nimble/verify/hub1.js'
import { describeShared, hasShared, readSharedJson } from '../../../support/shared.js'

interface Vectors {
  readonly valid: readonly { note: string; contentHex: string; saltHex: string; digestHex: string; hex: string; base32: string }[]
  readonly acceptAlso: readonly { text: string; canonical: string; note: string }[]
  readonly reject: readonly { text: string; error: string; detail?: string }[]
  readonly verify: readonly { hex: string; contentHex: string; saltHex: string | null; result: string }[]
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

describeShared('vectors/nimble/hub1.json', 'HUB1 identifiers', () => {
  const { valid, acceptAlso, reject, verify } = hasShared('vectors/nimble/hub1.json')
    ? readSharedJson<Vectors>('vectors/nimble/hub1.json')
    : { valid: [], acceptAlso: [], reject: [], verify: [] }

  it('are all there', () => expect([valid, acceptAlso, reject, verify].map(({ length }) => length)).toEqual([7, 2, 17, 4]))

  it.each(valid)('$note', ({ contentHex, saltHex, digestHex, hex, base32 }) => {
    const made = hub1Of(bytes(contentHex), bytes(saltHex))
    expect([made.hex, made.base32]).toEqual([hex, base32])
    expect(hex.endsWith(digestHex)).toBe(true)
    for (const text of [hex, base32]) expect(parseHub1(text)).toEqual({ ok: true, identifier: made })
  })

  it.each(acceptAlso)('$note', ({ text, canonical }) => {
    const read = parseHub1(text)
    expect(read.ok && read.identifier.hex).toBe(canonical)
  })

  it.each(reject)('$text: $error', ({ text, error }) => expect(parseHub1(text)).toEqual({ ok: false, problem: error }))

  it.each(verify)('content $contentHex with salt $saltHex: $result', ({ hex, contentHex, saltHex, result }) => {
    const read = parseHub1(hex)
    if (!read.ok) expect.fail(read.problem)
    const salt = saltHex === null ? undefined : bytes(saltHex)
    expect(verifyHub1(read.identifier, bytes(contentHex), salt)).toBe(result.split(':')[0])
  })
})

describe('HUB1 texts', () => {
  it('go there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (content, salt) => {
        const made = hub1Of(content, salt)
        expect([made.hex.length, made.base32.length]).toEqual([74, 60])
        for (const text of [made.hex, made.base32, made.hex.toUpperCase(), made.base32.toUpperCase()])
          expect(parseHub1(text)).toEqual({ ok: true, identifier: made })
        expect(verifyHub1(made, content, salt)).toBe('match')
        expect(verifyHub1(made, Buffer.concat([content, Buffer.of(0)]), salt)).toBe('mismatch')
      }),
    )
  })

  it('of any other kind are refused and never throw', () => {
    const near = fc.tuple(fc.nat(73), fc.string({ maxLength: 2, unit: 'binary' })).map(([at, text]) => {
      const { hex } = hub1Of(new Uint8Array(0), new Uint8Array(0))
      return hex.slice(0, at) + text + hex.slice(at + 1)
    })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        const read = parseHub1(text)
        // What is read is one text in its own form.
        if (read.ok) expect([read.identifier.hex, read.identifier.base32]).toContain(text.toLowerCase())
      }),
    )
  })
})
