import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatOciReference, parseOciDigest, parseOciReference, referrersTag } from '../../../src/trust/oci/reference.js'
import { PATIENCE } from '../../support/patience.js'

const SHA = `sha256:${'a'.repeat(64)}`
const SHA512 = `sha512:${'b'.repeat(128)}`
const format = (text: string): string => {
  const parsed = parseOciReference(text)
  return parsed.ok ? formatOciReference(parsed.reference) : parsed.why
}

describe('parseOciReference', () => {
  const accepted = [
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20'],
    ['acme/widget', 'docker.io/acme/widget:latest'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['oci://ghcr.io/acme/widget:v1', 'ghcr.io/acme/widget:v1'],
    ['GHCR.io/acme/widget:V1', 'ghcr.io/acme/widget:V1'],
    ['Docker.IO/alpine', 'docker.io/library/alpine:latest'],
    ['localhost/widget', 'localhost/widget:latest'],
    ['localhost:5000/a/b/c:t', 'localhost:5000/a/b/c:t'],
    ['127.0.0.1:5000/a', '127.0.0.1:5000/a:latest'],
    ['[::1]:5000/a:t', '[::1]:5000/a:t'],
    [`ghcr.io/acme/widget@${SHA}`, `ghcr.io/acme/widget@${SHA}`],
    [`ghcr.io/acme/widget:v1@${SHA512}`, `ghcr.io/acme/widget@${SHA512}`],
    ['a/b_c__d.e---f', 'docker.io/a/b_c__d.e---f:latest'],
  ] as const
  for (const [text, expected] of accepted) it(text.slice(0, 60), () => expect(format(text)).toBe(expected))

  it('keeps a tag beside a digest', () => {
    const parsed = parseOciReference(`ghcr.io/a/b:v1@${SHA}`)
    expect(parsed.ok && parsed.reference).toMatchObject({ tag: 'v1', digest: { algorithm: 'sha256' } })
    expect(parseOciReference(`ghcr.io/a/b@${SHA}`)).toMatchObject({ reference: { tag: undefined } })
  })

  const PATH = 'the path of the repository is malformed'
  const DIGEST = 'the digest is not sha256 with 64 or sha512 with 128 lower-case hexadecimal digits'
  const TAG = 'the tag is not 1 to 128 letters, digits, dots, dashes or underscores'
  const refused = [
    ['', PATH],
    ['Alpine', PATH],
    ['a//b', PATH],
    ['/a', PATH],
    ['a/', PATH],
    ['a/../b', PATH],
    ['a/.b', PATH],
    ['a/b.', PATH],
    ['a/b___c', PATH],
    ['a/b..c', PATH],
    ['a/b?x=1', PATH],
    ['a%2fb', PATH],
    ['a\nb', PATH],
    ['user:pass@ghcr.io/a', DIGEST],
    ['https://ghcr.io/a', 'the host is malformed'],
    ['ghcr.io:99999/a', 'the host is malformed'],
    ['ghcr..io/a', 'the host is malformed'],
    ['-x.io/a', 'the host is malformed'],
    ['a:', TAG],
    ['a:.x', TAG],
    [`a:${'x'.repeat(129)}`, TAG],
    [`a@sha256:${'A'.repeat(64)}`, DIGEST],
    [`a@sha256:${'a'.repeat(63)}`, DIGEST],
    [`a@md5:${'a'.repeat(32)}`, DIGEST],
    [`a@${SHA}@${SHA}`, DIGEST],
    ['x'.repeat(2000), 'the reference is longer than 1024 characters'],
    [`a/${'x'.repeat(300)}`, 'the name is longer than 255 characters'],
  ] as const
  for (const [text, why] of refused) it(`refuses ${JSON.stringify(text.slice(0, 50))}`, () => expect(format(text)).toBe(why))

  it('never throws, and what it reads it writes and reads again', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', '0', '.', '/', ':', '-', '_', '@', '[', ']') }))
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseOciReference(given)
        if (parsed.ok) expect(parseOciReference(formatOciReference(parsed.reference))).toMatchObject({ ok: true })
      }),
    )
  })

  it('no text is slow', () => {
    const started = performance.now()
    parseOciReference(`a/${'a-'.repeat(500)}!`)
    parseOciReference(`${'a.'.repeat(500)}/`)
    expect(performance.now() - started).toBeLessThan(100 * PATIENCE)
  })
})

describe('digests', () => {
  it('the fallback tag is cut to 64 characters of the hash', () => {
    const digest = parseOciDigest(SHA512)
    expect(digest && referrersTag(digest)).toBe(`sha512-${'b'.repeat(64)}`)
  })
})
