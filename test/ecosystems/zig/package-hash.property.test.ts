import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPackageHash, parsePackageHash } from '../../../src/ecosystems/zig/package-hash.js'

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,31}$/)
const version = fc
  .tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.constantFrom('', '-dev', '-1.b-c', '+build.5', '-rc.1+a-b'))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`)
const parts = fc.record({
  name,
  version,
  id: fc.nat(0xffff_ffff),
  size: fc.nat(0xffff_ffff),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})

describe('package hashes', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const text = formatPackageHash(given)
        expect(text.length).toBeLessThanOrEqual(110)
        const { digest, ...rest } = given
        expect(parsePackageHash(text)).toEqual({
          ok: true,
          hash: { form: 'new', text, ...rest, digestPrefix: Buffer.from(digest).toString('hex').slice(0, 50) },
        })
      }),
    )
  })

  it('take no text whose tail was cut, padded or moved', () => {
    fc.assert(
      fc.property(parts, fc.constantFrom('=', '+', '/', ' ', 'é'), (given, alien) => {
        const text = formatPackageHash(given)
        expect(parsePackageHash(text.slice(0, -1)).ok).toBe(false)
        expect(parsePackageHash(`${text.slice(0, -1)}${alien}`)).toMatchObject({ ok: false, rejection: 'alphabet' })
        expect(parsePackageHash(` ${text}`).ok).toBe(false)
      }),
    )
  })

  it('never throw, and what is read is written the same way', () => {
    const near = fc
      .tuple(fc.string(), fc.constantFrom('-', '', '1220', '--'), fc.stringMatching(/^[\w-]{40,70}$/))
      .map((all) => all.join(''))
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' }), fc.stringMatching(/^1220[0-9a-fA-F]{60,66}$/)), (text) => {
        const result = parsePackageHash(text)
        if (!result.ok) {
          expect(result.why).not.toBe('')
          return
        }
        const { hash } = result
        if (hash.form === 'legacy') expect(text).toBe(`1220${hash.digest}`)
        else expect(formatPackageHash({ ...hash, digest: Buffer.from(hash.digestPrefix, 'hex') })).toBe(text)
      }),
      { numRuns: 500 },
    )
  })
})
