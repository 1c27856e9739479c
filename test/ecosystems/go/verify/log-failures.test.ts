import { describe, expect, it } from 'vitest'
import type { VerdictKind } from '../../../../src/model/evidence.js'
import { loggedModule, makeNoteKey, serveLog, signHead } from '../../../trust/support/signed-log.js'
import {
  cutOff,
  FAST,
  makeModule,
  projectOf,
  type Special,
  serveFiles,
  silence,
  status,
  testDesk,
  type Verification,
  verifyTree,
} from './support.js'

const PATH = 'example.com/m'
const MODULE = makeModule(PATH, 'v1.0.0')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('a checksum database that fails or lies', () => {
  const key = makeNoteKey('sum.example')
  const record = `${PATH} v1.0.0 ${MODULE.zipHash}\n${PATH} v1.0.0/go.mod ${MODULE.modHash}\n`
  const logged = [
    { path: PATH, version: 'v1.0.0', record },
    ...[1, 2, 3].map((i) => loggedModule(`example.com/other${i}`, 'v1.0.0')),
  ]
  const lookupAt = `/lookup/${PATH}@v1.0.0`
  const tileAt = '/tile/8/0/000.p/4'

  async function verifyLog(
    changes: Readonly<Record<string, Uint8Array | string | undefined>>,
    special?: Special,
  ): Promise<Verification> {
    const files = new Map<string, string | Uint8Array>([...serveLog(key, logged)].map(([path, body]) => [`/${path}`, body]))
    for (const [path, body] of Object.entries(changes)) {
      if (body === undefined) files.delete(path)
      else files.set(path, body)
    }
    const loopback = await serveFiles(files, special)
    const environment = { GOPROXY: 'off', GOSUMDB: `${key.verifierKey} ${loopback.origin}` }
    return verifyTree(projectOf([MODULE]), { desk: testDesk({ http: FAST }), environment })
  }
  const log = (verification: Verification): readonly string[] =>
    verification.verdicts(PATH).filter((line) => line.startsWith('go/sumdb ') || line.startsWith('go/log'))
  const honest = serveLog(key, logged).get(lookupAt.slice(1)) ?? new Uint8Array()
  const tile = serveLog(key, logged).get(tileAt.slice(1)) ?? new Uint8Array()
  const forger = makeNoteKey('sum.example')
  const forged = `0\n${record}\n${signHead(forger, logged)}`
  const flip = (_: string, before: string, one: string): string => before + (one === 'A' ? 'B' : 'A')
  const broken = Buffer.from(honest)
    .toString()
    .replace(/(— sum\.example \S{20})(.)/, flip)

  it('honest: both lines of go.sum are those of the log', async () => {
    const verification = await verifyLog({})
    expect(verification.one(PATH, 'go/sumdb')).toMatchObject({
      ...{ verdict: 'match', expected: MODULE.zipHash, observed: MODULE.zipHash, why: 'record 0' },
      authority: { kind: 'log', name: 'sum.example' },
    })
    expect(verification.one(PATH, 'go/sumdb-mod').verdict).toBe('match')
  })

  it('another hash in go.sum', async () => {
    const other = makeModule(PATH, 'v1.0.0', { files: { 'a.go': 'package evil\n' } })
    const loopback = await serveFiles(new Map([...serveLog(key, logged)].map(([path, body]) => [`/${path}`, body])))
    const environment = { GOPROXY: 'off', GOSUMDB: `${key.verifierKey} ${loopback.origin}` }
    const verification = await verifyTree(projectOf([other]), { environment })
    expect(verification.one(PATH, 'go/sumdb')).toMatchObject({
      ...{ verdict: 'mismatch', expected: other.zipHash, observed: MODULE.zipHash },
    })
    expect(verification.one(PATH, 'go/sumdb-mod').verdict).toBe('match')
  })

  it.each([
    ['a tile a byte too short', { [tileAt]: tile.subarray(1) }, 'inconsistent-tile'],
    ['a tile a hash too long', { [tileAt]: Buffer.concat([tile, Buffer.alloc(32)]) }, 'inconsistent-tile'],
    ['an empty tile', { [tileAt]: '' }, 'inconsistent-tile'],
    ['a page in place of a tile', { [tileAt]: '<html>' }, 'inconsistent-tile'],
    ['a head signed by another key of that name', { [lookupAt]: forged }, 'note-unverified'],
    ['a damaged signature', { [lookupAt]: broken }, 'note-bad-signature'],
    ['another record', { [lookupAt]: Buffer.from(honest).toString().replace('v1.0.0 h1:', 'v1.0.0 h1:A') }, 'bad-inclusion'],
    [
      'a genuine record of another module',
      {
        [lookupAt]: `1${Buffer.from(serveLog(key, logged).get('lookup/example.com/other1@v1.0.0') ?? [])
          .toString()
          .slice(1)}`,
      },
      'no-line-for-module',
    ],
    ['a record number beyond the log', { [lookupAt]: `9${Buffer.from(honest).toString().slice(1)}` }, 'bad-inclusion'],
  ])('%s: refused as %3$s', async (_, changes, diagnosis) => {
    expect(log(await verifyLog(changes))).toEqual([`go/log mismatch ${diagnosis}`, 'go/sumdb unavailable'])
  })

  it.each<[string, Readonly<Record<string, string | undefined>>, Special | undefined, VerdictKind]>([
    ['not logged', { [lookupAt]: undefined }, undefined, 'absent'],
    ['gone', {}, status('v1.0.0', 410), 'absent'],
    ['forbidden', {}, status('v1.0.0', 403), 'unavailable'],
    ['busy', {}, status('v1.0.0', 429, { 'retry-after': '3600' }), 'unavailable'],
    ['broken', {}, status('v1.0.0', 500), 'unavailable'],
    ['silent', {}, silence('v1.0.0'), 'unavailable'],
    ['cut off', {}, cutOff('v1.0.0'), 'unavailable'],
    ['a captive portal', { [lookupAt]: '<html>log in</html>' }, undefined, 'unavailable'],
    ['nothing', { [lookupAt]: '' }, undefined, 'unavailable'],
    ['no tile', { [tileAt]: undefined }, undefined, 'unavailable'],
    ['a tile that is refused', {}, status('.p/4', 403), 'unavailable'],
    ['a tile far too long', { [tileAt]: 'x'.repeat(100_000) }, undefined, 'unavailable'],
  ])('%s: no offence', async (_, changes, special, verdict) => {
    expect(log(await verifyLog(changes, special))).toEqual([`go/sumdb ${verdict}`])
  })

  it('a stored head that is damaged is our trouble, and is said', async () => {
    const desk = testDesk()
    const [, hash] = key.verifierKey.split('+')
    await desk.remember(`go-checksum-database sum.example+${hash} head`, text('damaged'))
    const loopback = await serveFiles(new Map([...serveLog(key, logged)].map(([path, body]) => [`/${path}`, body])))
    const environment = { GOPROXY: 'off', GOSUMDB: `${key.verifierKey} ${loopback.origin}` }
    const verification = await verifyTree(projectOf([MODULE]), { desk, environment })
    expect(log(verification)).toEqual(['go/sumdb unavailable'])
    expect(verification.one(PATH, 'go/sumdb').why).toContain('the stored tree head is damaged')
  })

  it('a bad tile is not kept: the next run asks again and is told the truth', async () => {
    let lies = true
    const desk = (): ReturnType<typeof testDesk> => testDesk({ http: FAST })
    const files = new Map<string, string | Uint8Array>([...serveLog(key, logged)].map(([path, body]) => [`/${path}`, body]))
    const loopback = await serveFiles(files, (path, _request, response) => {
      if (!lies || path !== tileAt) return false
      response.writeHead(200).end(Buffer.alloc(128))
      return true
    })
    const environment = { GOPROXY: 'off', GOSUMDB: `${key.verifierKey} ${loopback.origin}` }
    expect(log(await verifyTree(projectOf([MODULE]), { desk: desk(), environment }))).toContain(
      'go/log mismatch inconsistent-tile',
    )
    lies = false
    expect(log(await verifyTree(projectOf([MODULE]), { desk: desk(), environment }))).toEqual(['go/sumdb match'])
  })

  it.each([
    ['200: the proxy speaks for it', 200, '', 'match'],
    ['404: the database itself', 404, '', 'match'],
    ['500: nobody is asked past a proxy that fails', 500, '', 'unavailable'],
    ['500 and a bar: on to the next', 500, '|', 'match'],
  ])('through a proxy, supported answers %s', async (_, code, mark, verdict) => {
    const files = new Map([...serveLog(key, logged)].map(([path, body]) => [`/sumdb/sum.example/${path}`, body]))
    const speaking = await serveFiles(files, (path, _request, response) => {
      if (!path.endsWith('/supported')) return false
      response.writeHead(200).end()
      return true
    })
    const first = await serveFiles(files, status('/supported', code))
    const environment = { GOPROXY: `${first.origin}${mark === '' ? ',' : mark}${speaking.origin}`, GOSUMDB: key.verifierKey }
    const verification = await verifyTree(projectOf([MODULE]), { desk: testDesk({ http: FAST }), environment })
    expect(verification.one(PATH, 'go/sumdb').verdict).toBe(verdict)
    const isAsked = (server: { readonly seen: readonly { url: string }[] }): boolean =>
      server.seen.some(({ url }) => url.includes('/lookup/'))
    expect([isAsked(first), isAsked(speaking)]).toEqual([code === 200, code !== 200 && verdict === 'match'])
  })
})
