import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { scratchFolder } from '../../../evidence/store/support/bundle.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { describeShared, hasShared, readSharedBytes, readSharedJson, sharedPath } from '../../../support/shared.js'
import { serveFolder, testDesk, type Verification, verifyTree } from './support.js'

interface Scenario {
  readonly server: string
  readonly stored: string | null
  readonly lookup: string
  readonly result: string
  readonly proof?: readonly string[]
}
interface Expected {
  readonly verifierKey: string
  readonly good: { readonly lookup: readonly { module: string; version: string; id: number; lines: readonly string[] }[] }
  readonly big: { readonly tilesNeeded: readonly { forLookupOfId: number; tiles: readonly string[] }[] }
  readonly scenarios: readonly Scenario[]
}

const FOLDER = 'vectors/go/sumdb'
const HEAD = 'go-checksum-database sum.assay.example+17be25ab head'

const scratch = scratchFolder()
afterAll(scratch.remove)

describeShared(FOLDER, 'logs of the vectors, through desk and network', () => {
  const expected = readSharedJson<Expected>(FOLDER, 'expected.json')
  const { modules } = readSharedJson<{ modules: readonly { path: string; version: string; zipH1: string; goModH1: string }[] }>(
    'vectors/go/hashes.json',
  )
  const counted = { refused: new Set<string>(), scenarios: 0 }
  let served = 0

  beforeAll(() => {
    served = 0
  })
  afterAll(() => {
    process.stdout.write(
      `sumdb vectors: ${counted.scenarios} runs of scenarios, ${counted.refused.size} logs refused, ${served} requests\n`,
    )
  })

  /** A project for each look-up, since one would select one version of a module; with go.sum where the honest hashes are known. */
  function projectsFor(lookups: readonly string[]): MemoryTree {
    const files = lookups.flatMap((key, i): [string, string][] => {
      const known = modules.find(({ path, version }) => `${path}@${version}` === key)
      const line = key.replace('@', ' ')
      const sum = known === undefined ? '' : `${line} ${known.zipH1}\n${line}/go.mod ${known.goModH1}\n`
      return [
        [`p${i}/go.mod`, `module example.com/p${i}\n\ngo 1.20\n\nrequire ${line}\n`],
        [`p${i}/go.sum`, sum],
      ]
    })
    return new MemoryTree(Object.fromEntries(files))
  }

  async function verifyAt(url: string, lookups: readonly string[], desk: Desk): Promise<Verification> {
    const environment = { GOPROXY: 'off', GOSUMDB: `${expected.verifierKey} ${url}` }
    return verifyTree(projectsFor(lookups), { desk, environment })
  }

  async function head(desk: Desk): Promise<string | undefined> {
    const kept = await desk.recall(HEAD)
    return kept === undefined ? undefined : Buffer.from(kept.bytes).toString()
  }

  /** What each result of a scenario means to whoever reads the evidence. */
  function expectResult(result: string, verification: Verification, module: string): void {
    const hasClaim = modules.some(({ path, version }) => `${path}@${version}` === module)
    const log = verification.verdicts(module).filter((line) => /^go\/(?:sumdb|log)/.test(line))
    const each = (verdict: string): string[] =>
      hasClaim ? [`go/sumdb ${verdict}`, `go/sumdb-mod ${verdict}`] : [`go/sumdb ${verdict}`]
    switch (result) {
      case 'ok':
        expect(log).toEqual(each(hasClaim ? 'match' : 'not-checkable'))
        break
      case 'ok-but-wrong':
        // First use of a forked log: the log proves another hash than go.sum has.
        expect(log).toContain('go/sumdb mismatch')
        break
      case 'tiles-unavailable':
        expect(log).toEqual(each('unavailable'))
        break
      default:
        expect(log).toEqual([`go/log mismatch ${result}`, ...each('unavailable')])
    }
  }

  for (const transport of ['http', 'file']) {
    for (const { server, stored, lookup, result, proof } of expected.scenarios) {
      it(`${transport}: ${server} from ${stored ?? 'no head'}: ${lookup} is ${result}`, async () => {
        const folder = sharedPath(FOLDER, server)
        const loopback = transport === 'http' ? await serveFolder(folder) : undefined
        const desk = testDesk()
        const before = stored === null ? undefined : readFileSync(sharedPath(FOLDER, stored))
        if (before !== undefined) await desk.remember(HEAD, before)
        const keys = lookup === 'all ten' ? expected.good.lookup.map(({ module, version }) => `${module}@${version}`) : [lookup]
        const verification = await verifyAt(loopback?.origin ?? pathToFileURL(folder).href, keys, desk)
        for (const key of keys) expectResult(result, verification, key)
        counted.scenarios += 1
        served += loopback?.seen.length ?? 0
        if (['fork', 'bad-inclusion', 'inconsistent-tile', 'no-line-for-module'].includes(result)) counted.refused.add(server)
        const latest = readFileSync(sharedPath(FOLDER, server, 'latest'), 'utf8')
        if (result === 'ok' || result === 'ok-but-wrong') expect(await head(desk)).toBe(latest)
        if (result === 'fork' || result === 'tiles-unavailable') expect(await head(desk)).toBe(before?.toString())
        if (result !== 'fork') return
        const evidence = verification.one(lookup, 'go/log')
        const kept = await desk.recall('go-checksum-database sum.assay.example+17be25ab fork')
        expect(evidence.stored).toBe(kept?.sha256)
        const document = JSON.parse(Buffer.from(kept?.bytes ?? []).toString()) as Record<string, unknown>
        expect(document).toMatchObject({ database: 'sum.assay.example', stored: before?.toString(), presented: latest })
        if (proof !== undefined) expect(document['consistency']).toEqual(proof)
      })
    }
  }

  it('refuses all seven tampered or forked logs', () => {
    expect([...counted.refused].sort()).toEqual(
      ['bad-lines-in-note', 'bad-record', 'bad-substitute', 'bad-tile', 'forged-child-tile', 'forked', 'forked-same-size'].sort(),
    )
    expect(counted.scenarios).toBe(30)
  })

  for (const { forLookupOfId, tiles } of expected.big.tilesNeeded) {
    it(`asks for just the tiles of record ${forLookupOfId}, through a proxy that speaks for the database`, async () => {
      const module = forLookupOfId === 0 ? 'example.com/gen/m000@v1.0.0' : 'example.com/gen/m299@v1.5.2'
      const prefix = '/sumdb/sum.assay.example/'
      const { http } = await import('../../../evidence/http/support/servers.js')
      const loopback = await http((request, response) => {
        const url = decodeURIComponent(request.url ?? '')
        const file = sharedPath(FOLDER, 'big', url.slice(prefix.length))
        if (url.startsWith(prefix) && existsSync(file)) response.writeHead(200).end(readFileSync(file))
        else response.writeHead(404).end()
      })
      const verification = await verifyTree(projectsFor([module]), {
        environment: { GOPROXY: loopback.origin, GOSUMDB: expected.verifierKey },
      })
      expect(verification.one(module, 'go/sumdb')).toMatchObject({
        verdict: 'not-checkable',
        observed: expect.stringMatching(/^h1:/),
      })
      const asked = loopback.seen.map(({ url }) => url).filter((url) => url.startsWith(prefix))
      expect(asked[0]).toBe(`${prefix}supported`)
      expect(
        asked
          .filter((url) => url.includes('/tile/'))
          .map((url) => url.slice(prefix.length))
          .sort(),
      ).toEqual([...tiles].sort())
    })
  }

  it('a second run needs no network for what the first has proved, and offline neither', async () => {
    const store = openStore(scratch.folder)
    const keys = expected.good.lookup.map(({ module, version }) => `${module}@${version}`)
    const loopback = await serveFolder(sharedPath(FOLDER, 'good'))
    const first = await verifyAt(loopback.origin, keys, testDesk({ store }))
    const asked = loopback.seen.length
    const second = await verifyAt(loopback.origin, keys, testDesk({ store, now: Date.UTC(2027, 0, 1) }))
    expect(loopback.seen.length).toBe(asked)
    const offline = await verifyAt(loopback.origin, keys, testDesk({ store, offline: true, now: Date.UTC(2027, 0, 1) }))
    const log = ({ evidence }: Verification) => evidence.filter(({ check }) => check.startsWith('go/sumdb'))
    expect(log(second)).toEqual(log(first))
    expect(log(offline)).toEqual(log(first))
    expect(log(first).every(({ verdict }) => verdict === 'match')).toBe(true)
    expect(log(first)).toHaveLength(20)
  })

  it('a fork once proved is remembered, whatever the server shows later', async () => {
    const store = openStore(`${scratch.folder}/forked`)
    const desk = testDesk({ store })
    await desk.remember(HEAD, readSharedBytes(FOLDER, 'heads/good-10'))
    const tiny = ['example.com/tiny@v1.0.0']
    const evil = await serveFolder(sharedPath(FOLDER, 'forked'))
    expectResult('fork', await verifyAt(evil.origin, tiny, desk), 'example.com/tiny@v1.0.0')
    const honest = await serveFolder(sharedPath(FOLDER, 'good-grown'))
    const later = await verifyAt(honest.origin, tiny, testDesk({ store }))
    expectResult('fork', later, 'example.com/tiny@v1.0.0')
    expect(honest.seen).toEqual([])
    expect(later.one('example.com/tiny@v1.0.0', 'go/log').why).toContain('sum.assay.example shows two histories')
  })

  it('a log that answers differently to two clients is caught by the one that has seen both', async () => {
    const store = openStore(`${scratch.folder}/two`)
    const keys = ['example.com/tiny@v1.0.0', 'example.com/legacy@v2.0.0+incompatible']
    const honest = await serveFolder(sharedPath(FOLDER, 'good'))
    const evil = await serveFolder(sharedPath(FOLDER, 'forked'))
    const alone = await verifyAt(evil.origin, keys, testDesk())
    expectResult('ok', alone, 'example.com/tiny@v1.0.0')
    expectResult('ok-but-wrong', alone, 'example.com/legacy@v2.0.0+incompatible')
    expectResult('ok', await verifyAt(honest.origin, ['example.com/tiny@v1.0.0'], testDesk({ store })), 'example.com/tiny@v1.0.0')
    const caught = await verifyAt(evil.origin, keys, testDesk({ store }))
    // Also of what was proved by tiles of the honest log: a log with two histories is not believed in anything.
    for (const key of keys) expectResult('fork', caught, key)
  })

  it('has the vectors', () => expect(hasShared(FOLDER)).toBe(true))
})
