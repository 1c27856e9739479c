import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeBody, isLabelledArchive } from '../../../src/evidence/http/decode.js'
import { parseHttpDate } from '../../../src/evidence/http/retry.js'
import { testClient } from './support/clients.js'
import { http, raw } from './support/servers.js'

const TEXT = Buffer.from('serde 1.0.228\n'.repeat(5000))

const ENCODINGS: readonly (readonly [string, (bytes: Uint8Array) => Buffer])[] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
]

describe('packed bodies', () => {
  it.each(ENCODINGS)('%s is unpacked to the byte, small and large, and never beyond the limit', async (name, pack) => {
    for (const bytes of [
      Buffer.alloc(0),
      TEXT,
      Buffer.concat(Array.from({ length: 20 }, (_, i) => createHash('sha512').update(`${i}`).digest())),
      large(),
    ]) {
      const packed = pack(bytes)
      const exact = await decodeBody(packed, name, Math.max(1, bytes.length))
      expect(exact.ok && Buffer.compare(exact.bytes, bytes)).toBe(0)
      if (bytes.length < 2) continue
      expect(await decodeBody(packed, name, bytes.length - 1)).toMatchObject({ ok: false, failure: 'too-large' })
      expect(await decodeBody(packed.subarray(0, packed.length - 9), name, bytes.length)).toMatchObject({
        ok: false,
        failure: 'bad-encoding',
      })
    }
  })

  it('unpacks what was packed twice, last first, and refuses a third time', async () => {
    expect(await decodeBody(brotliCompressSync(gzipSync(TEXT)), 'gzip, br', 1 << 20)).toEqual({ ok: true, bytes: TEXT })
    expect(await decodeBody(TEXT, 'gzip, gzip, gzip', 1 << 20)).toMatchObject({ ok: false, failure: 'bad-encoding' })
  })

  it('unpacks zstd, within the limit', async () => {
    const zstd = zstdOf('hello hello hello hello\n')
    expect(await decodeBody(zstd, 'zstd', 24)).toEqual({ ok: true, bytes: Buffer.from('hello hello hello hello\n') })
    expect(await decodeBody(zstd, 'zstd', 23)).toMatchObject({ ok: false, failure: 'too-large' })
    expect(await decodeBody(zstd.subarray(0, 12), 'zstd', 24)).toMatchObject({ ok: false, failure: 'bad-encoding' })
  })

  it('never throws on any bytes, and never gives more than the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'br, gzip'),
        fc.nat(200),
        async (bytes, name, limit) => {
          const decoded = await decodeBody(bytes, name, limit + 1)
          return !decoded.ok || decoded.bytes.length <= limit + 1
        },
      ),
    )
  })

  it('keeps an archive that its server only labels as gzip, and unwraps one that it wrapped', async () => {
    const archive = gzipSync('a tar')
    expect(isLabelledArchive('/x/y-1.0.0.tar.gz', 'x-gzip', archive)).toBe(true)
    expect(isLabelledArchive('/x/y-1.0.0.crate', 'gzip', gzipSync(archive))).toBe(false)
    expect(isLabelledArchive('/x/list', 'gzip', archive)).toBe(false)
    expect(isLabelledArchive('/x/y.tgz', 'br', archive)).toBe(false)
    const server = await http((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(archive))
    const outcome = await testClient().get(`${server.origin}/y.tar.gz`)
    expect(outcome.kind === 'ok' && Buffer.compare(outcome.bytes, archive)).toBe(0)
  })

  it('asks for no packing of archives, and for packing of text', async () => {
    const server = await http((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}')))
    const client = testClient()
    await client.get(server.origin)
    expect(await client.getJson(server.origin)).toMatchObject({ kind: 'ok', json: { a: 1 } })
    expect(server.seen.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity', 'gzip, br'])
    expect(server.seen.map(({ headers }) => headers.accept)).toEqual(['*/*', 'application/json'])
    expect(server.seen[0]?.headers['user-agent']).toMatch(/^assay\/\d+\.\d+\.\d+ \(/)
    expect(client.counters()).toMatchObject({ bytes: 14, packedBytes: 2 * gzipSync('{"a":1}').length })
  })
})

describe('limits', () => {
  it.each([
    ['declared', true],
    ['undeclared', false],
  ])('a body of just the limit passes, one more does not (%s)', async (_, declared) => {
    const server = await http((request, response) => {
      const body = 'x'.repeat(Number(request.url?.slice(1)))
      if (declared) response.setHeader('content-length', body.length)
      response.write(body.slice(0, 10))
      response.end(body.slice(10))
    })
    const client = testClient()
    expect(await client.get(`${server.origin}/1000`, { limitBytes: 1000 })).toMatchObject({ kind: 'ok', packedBytes: 1000 })
    expect(await client.get(`${server.origin}/1001`, { limitBytes: 1000 })).toMatchObject({
      kind: 'unavailable',
      failure: 'too-large',
      attempts: 1,
    })
  })

  it('tells a body whose end is only that of the connection', async () => {
    const server = await raw((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall or half?'))
    expect(await testClient().getText(server.origin)).toMatchObject({
      kind: 'ok',
      text: 'all or half?',
      signs: [{ code: 'unframed' }],
    })
  })

  it('reads no endless page of an error', async () => {
    const server = await http((_, response) => {
      response.writeHead(404, { 'content-type': 'text/plain' })
      const timer = setInterval(() => response.write('no '.repeat(2000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    expect(await testClient().get(server.origin)).toMatchObject({
      kind: 'absent',
      status: 404,
      said: expect.stringMatching(/^no no .{100,200}…$/),
    })
  })

  it('shows no control characters of a server', async () => {
    const server = await http((_, response) =>
      response.writeHead(404, { 'content-type': 'text/plain' }).end('::error::\u001b[31mno\r\nmore\u202e'),
    )
    expect(await testClient().get(server.origin)).toMatchObject({ said: '\\::error::\\u{1b}[31mno more\\u{202e}' })
  })
})

describe('asking again', () => {
  const MODIFIED = 'Thu, 01 Jan 2026 00:00:00 GMT'

  it('sends the ETag, else the date, never both, and takes 304 for an answer', async () => {
    const server = await http((_, response) => response.writeHead(304, { etag: '"b"' }).end())
    const client = testClient()
    expect(await client.get(server.origin, { known: { validators: { etag: '"a"', lastModified: MODIFIED } } })).toMatchObject({
      kind: 'not-modified',
      validators: { etag: '"b"', lastModified: MODIFIED },
    })
    await client.get(server.origin, { known: { validators: { lastModified: MODIFIED } } })
    const plain = { known: { validators: { etag: 'no etag\r\nx: y' } } }
    expect(await client.get(server.origin, plain)).toMatchObject({ kind: 'unavailable', failure: 'unexpected-status' })
    expect(server.seen.map(({ headers }) => [headers['if-none-match'], headers['if-modified-since']])).toEqual([
      ['"a"', undefined],
      [undefined, MODIFIED],
      [undefined, undefined],
    ])
    expect(client.counters().notModified).toBe(2)
  })

  it('tells an ETag that stayed while the bytes changed', async () => {
    const server = await http((_, response) => response.writeHead(200, { etag: '"same"' }).end('new'))
    const known = { validators: { etag: '"same"' }, sha256: createHash('sha256').update('old').digest('hex') }
    const client = testClient()
    expect(await client.get(server.origin, { known, unconditional: true })).toMatchObject({
      kind: 'ok',
      signs: [{ code: 'etag-reused' }],
    })
    expect(server.seen[0]?.headers['if-none-match']).toBeUndefined()
    const same = { ...known, sha256: createHash('sha256').update('new').digest('hex') }
    expect(await client.get(server.origin, { known: same, unconditional: true })).toMatchObject({ kind: 'ok', signs: [] })
  })

  it.each([
    ['a date before the one known', { 'last-modified': 'Wed, 31 Dec 2025 00:00:00 GMT' }, ['older-than-known']],
    ['an age beyond what is allowed', { age: '90000', 'cache-control': 'public, max-age=600' }, ['stale']],
    ['an age within', { age: '90', 'cache-control': 'public, max-age=600' }, []],
    ['an age within for shared caches', { age: '900', 'cache-control': 'max-age=600, s-maxage=1000' }, []],
    ['a warning', { warning: '110 cache "Response is stale"' }, ['stale']],
    ['a later date', { 'last-modified': 'Fri, 02 Jan 2026 00:00:00 GMT' }, []],
  ])('reads the signs of a stale answer: %s', async (_, headers, codes) => {
    const server = await http((_request, response) => response.writeHead(200, headers).end('x'))
    const outcome = await testClient().get(server.origin, { known: { validators: { lastModified: MODIFIED } } })
    expect(outcome.kind === 'ok' && outcome.signs.map(({ code }) => code)).toEqual(codes)
  })

  it('believes dates of HTTP only', () => {
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(784111777000)
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(784111777000)
    for (const text of ['', '2026', '2026-01-01', 'yesterday', undefined]) expect(parseHttpDate(text)).toBeUndefined()
  })
})

describe('files', () => {
  it('reads regular files within the limit, where the policy allows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-file-url-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'a b.json')
    writeFileSync(path, '{"a":[1]}')
    const url = pathToFileURL(path).href
    const client = testClient({ policy: { file: true } })
    expect(await client.getJson(url)).toMatchObject({ kind: 'ok', status: 0, json: { a: [1] }, url })
    expect(await client.get(url, { limitBytes: 8 })).toMatchObject({
      kind: 'unavailable',
      failure: 'too-large',
      host: 'this file',
    })
    expect(await client.get(url, { expectSha256: 'f'.repeat(64) })).toMatchObject({ kind: 'mismatch' })
    expect(await client.get(pathToFileURL(join(folder, 'none')).href)).toMatchObject({ kind: 'absent', status: 0 })
    expect(await client.get(pathToFileURL(folder).href)).toMatchObject({ kind: 'unavailable', failure: 'file-unreadable' })
    expect(await client.get('file://host/share/x')).toMatchObject({ kind: 'unavailable', failure: 'bad-url' })
    expect(await client.get(`${url}%00`)).toMatchObject({ kind: 'unavailable', failure: 'bad-url' })
    expect(await testClient().get(url)).toMatchObject({ kind: 'unavailable', failure: 'scheme-not-allowed' })
    expect(client.counters()).toMatchObject({ requests: 7, ended: 7, exchanges: 0 })
  })

  it.skipIf(process.platform === 'win32')('does not wait for a pipe, nor read a device', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-file-url-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const client = testClient({ policy: { file: true } })
    for (const path of [join(folder, 'pipe'), '/dev/zero'])
      expect(await client.get(pathToFileURL(path).href)).toMatchObject({ kind: 'unavailable', failure: 'file-unreadable' })
  })
})

function large(): Buffer {
  return Buffer.concat(Array.from({ length: 20_000 }, (_, i) => createHash('sha512').update(`${i}`).digest()))
}

/** One raw block without a checksum (RFC 8878 §3.1.1): enough to be a frame. */
function zstdOf(text: string): Buffer {
  const body = Buffer.from(text)
  const block = (body.length << 3) | 1
  return Buffer.concat([
    Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, body.length, block & 0xff, (block >> 8) & 0xff, block >> 16),
    body,
  ])
}
