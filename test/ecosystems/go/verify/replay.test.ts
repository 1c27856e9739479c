import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { formatForkProof, openForkProof } from '../../../../src/ecosystems/go/verify/fork-proof.js'
import type { Pack } from '../../../../src/evidence/pack/pack.js'
import { readPack } from '../../../../src/evidence/pack/read-pack.js'
import { writePack } from '../../../../src/evidence/pack/write-pack.js'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { openTreeHead } from '../../../../src/trust/go-checksum-database/tree-head.js'
import { consistencyProof } from '../../../../src/trust/merkle.js'
import type { NoteVerifier } from '../../../../src/trust/note.js'
import { parseVerifierKey } from '../../../../src/trust/note.js'
import type { Loopback } from '../../../evidence/http/support/servers.js'
import { scratchFolder } from '../../../evidence/store/support/bundle.js'
import { type LoggedModule, loggedModule, makeNoteKey, serveLog, signHead } from '../../../trust/support/signed-log.js'
import { makeModule, projectOf, proxyFiles, serveFiles, testDesk, type Verification, verifyTree } from './support.js'

const key = makeNoteKey('sum.example')
const scratch = scratchFolder()
afterAll(scratch.remove)

const MODULES = Array.from({ length: 12 }, (_, i) => makeModule(`example.com/m${i}`, 'v1.0.0'))
const recordOf = ({ path, version, sum }: (typeof MODULES)[number]): LoggedModule => ({ path, version, record: sum })
const others = (count: number, seed: string): LoggedModule[] =>
  Array.from({ length: count }, (_, i) => loggedModule(`example.com/${seed}${i}`, 'v1.0.0'))

/** A log that grows while it is asked: each look-up is answered under the head of a size of its own. */
async function growingLog(logged: readonly LoggedModule[], sizeFor: (path: string) => number): Promise<Loopback> {
  const grown = new Map(serveLog(key, logged))
  const tiles = new Map([...grown].filter(([path]) => path.startsWith('tile/')))
  return serveFiles(new Map(), (path, _request, response) => {
    const bare = path.slice(1)
    if (bare.startsWith('lookup/')) {
      const size = sizeFor(bare)
      const head = signHead(key, logged.slice(0, size))
      const answer = grown.get(bare)
      const record = answer === undefined ? undefined : Buffer.from(answer).toString().split('\n\n')[0]
      response.writeHead(record === undefined ? 404 : 200).end(record === undefined ? '' : `${record}\n\n${head}`)
      return true
    }
    const body = tiles.get(bare)
    response.writeHead(body === undefined ? 404 : 200).end(body)
    return true
  })
}

/** Every narrower partial tile, also of tiles that are full by now: servers keep them for a while. */
function packOf(bytes: Iterable<Uint8Array>): Pack {
  const read = readPack(Buffer.concat([...bytes]))
  if (!read.ok) throw new Error(read.problem.why)
  return read.pack
}

const isLog = ({ check }: { readonly check: string }): boolean => check.startsWith('go/sumdb') || check === 'go/log'
const logOf = ({ evidence }: Verification) => evidence.filter(isLog)

describe('a pack of a run', () => {
  it('gives the same evidence and facts without a network: bytes, log, vendored, latest', async () => {
    const logged = [...MODULES.map(recordOf), ...others(20, 'x')]
    const files = proxyFiles(MODULES)
    for (const [path, body] of serveLog(key, logged)) files.set(`/sumdb/sum.example/${path}`, body)
    const loopback = await serveFiles(files, (path, _request, response) => {
      if (!path.endsWith('/supported')) return false
      response.writeHead(200).end()
      return true
    })
    const options = {
      environment: { GOPROXY: loopback.origin, GOSUMDB: key.verifierKey },
      depth: { bytes: true },
      supplied: true,
    }
    const desk = testDesk()
    const live = await verifyTree(projectOf(MODULES), { ...options, desk })
    const pack = packOf(writePack(desk.used()))
    const asked = loopback.seen.length
    const replayed = await verifyTree(projectOf(MODULES), {
      ...options,
      desk: testDesk({ pack, offline: true, now: Date.UTC(2030, 0, 1) }),
    })
    expect(loopback.seen.length).toBe(asked)
    expect(replayed.evidence).toEqual(live.evidence)
    expect(replayed.facts).toEqual(live.facts)
    expect(replayed.inventory).toEqual(live.inventory)
    expect(live.evidence.every(({ verdict }) => verdict === 'match')).toBe(true)
  })

  it('of a log that grew meanwhile, by any sizes', async () => {
    const logged = [...MODULES.map(recordOf), ...others(600, 'y')]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 12, max: 612 }), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 0, max: 612 }),
        async (sizes, stored) => {
          const loopback = await growingLog(logged, (path) => sizes[Number(/\d+/.exec(path)?.[0])] ?? 612)
          const options = { environment: { GOPROXY: 'off', GOSUMDB: `${key.verifierKey} ${loopback.origin}` } }
          const desk = testDesk()
          const head = `go-checksum-database sum.example+${key.verifierKey.split('+')[1]} head`
          if (stored > 0) await desk.remember(head, Buffer.from(signHead(key, logged.slice(0, stored))))
          const live = await verifyTree(projectOf(MODULES), { ...options, desk })
          const pack = packOf(writePack(desk.used()))
          const replayed = await verifyTree(projectOf(MODULES), { ...options, desk: testDesk({ pack, offline: true }) })
          loopback.stop()
          expect(replayed.evidence).toEqual(live.evidence)
          expect(logOf(live).every(({ verdict }) => verdict === 'match')).toBe(true)
          // Never backwards: the largest of all that were seen.
          const kept = await desk.recall(head)
          expect(
            Number(
              Buffer.from(kept?.bytes ?? [])
                .toString()
                .split('\n')[1],
            ),
          ).toBe(Math.max(stored, ...sizes))
        },
      ),
      { numRuns: 15 },
    )
  })

  it('of a log that forked in the middle of a run: all the same, in any order of answers', async () => {
    const honest = [...MODULES.map(recordOf), ...others(30, 'z')]
    const evil = honest.map((one, i) => (i === 3 ? loggedModule(one.path, one.version, 'evil') : one))
    const evilFiles = serveLog(key, evil)
    const honestFiles = serveLog(key, honest)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 20 }), { minLength: 12, maxLength: 12 }),
        fc.nat({ max: 11 }),
        async (waits, culprit) => {
          const loopback = await serveFiles(new Map(), (path, _request, response) => {
            const bare = path.slice(1)
            const at = Number(/m(\d+)@/.exec(bare)?.[1] ?? -1)
            const body = (at === culprit ? evilFiles : honestFiles).get(bare)
            setTimeout(() => response.writeHead(body === undefined ? 404 : 200).end(body), waits[at] ?? 0)
            return true
          })
          const options = { environment: { GOPROXY: 'off', GOSUMDB: `${key.verifierKey} ${loopback.origin}` } }
          const desk = testDesk()
          const live = await verifyTree(projectOf(MODULES), { ...options, desk })
          const pack = packOf(writePack(desk.used()))
          const replayed = await verifyTree(projectOf(MODULES), { ...options, desk: testDesk({ pack, offline: true }) })
          loopback.stop()
          expect(replayed.evidence).toEqual(live.evidence)
          for (const { path } of MODULES)
            expect(live.verdicts(path).filter((line) => line.startsWith('go/sumdb ') || line.startsWith('go/log'))).toEqual([
              'go/log mismatch fork',
              'go/sumdb unavailable',
            ])
        },
      ),
      { numRuns: 10 },
    )
  })

  it('what is stored is used by a later run, a second run asks for lists alone', async () => {
    const loopback = await serveFiles(proxyFiles(MODULES))
    const store = openStore(`${scratch.folder}/warm`)
    const options = { environment: { GOPROXY: loopback.origin, GOSUMDB: 'off' }, depth: { bytes: true }, supplied: true }
    const first = await verifyTree(projectOf(MODULES), { ...options, desk: testDesk({ store }) })
    const asked = loopback.seen.length
    const second = await verifyTree(projectOf(MODULES), { ...options, desk: testDesk({ store, now: Date.UTC(2026, 1, 1) }) })
    const again = loopback.seen.slice(asked).map(({ url }) => url)
    expect(again.every((url) => url.endsWith('/list') || url.endsWith('.info'))).toBe(true)
    expect(again).toHaveLength(2 * MODULES.length)
    expect(second.evidence.map(({ check, verdict }) => [check, verdict])).toEqual(
      first.evidence.map(({ check, verdict }) => [check, verdict]),
    )
  })

  it('a stored zip that go.sum contradicts is asked for again before it counts against anybody', async () => {
    const [module = makeModule('example.com/m', 'v1.0.0')] = MODULES
    const store = openStore(`${scratch.folder}/portal`)
    const files = proxyFiles([module])
    const zip = `/${module.path}/@v/v1.0.0.zip`
    files.set(zip, '<html>')
    const loopback = await serveFiles(files)
    const run = () =>
      verifyTree(projectOf([module]), {
        desk: testDesk({ store }),
        environment: { GOPROXY: loopback.origin, GOSUMDB: 'off' },
        depth: { bytes: true },
      })
    expect((await run()).one(module.path, 'go/zip-bytes').verdict).toBe('mismatch')
    files.set(zip, module.zip)
    expect((await run()).one(module.path, 'go/zip-bytes').verdict).toBe('match')
  })

  it('progress is told for each component, and a run that is left early ends', async () => {
    const loopback = await serveFiles(proxyFiles(MODULES))
    const told: string[] = []
    await verifyTree(projectOf(MODULES), {
      environment: { GOPROXY: loopback.origin, GOSUMDB: 'off' },
      onProgress: (done, of) => told.push(`${done}/${of}`),
    })
    expect(told).toEqual(MODULES.map((_, i) => `${i + 1}/${MODULES.length}`))
  })
})

describe('a kept proof of a fork', () => {
  const parsed = parseVerifierKey(key.verifierKey)
  if (!parsed.ok) throw new Error(parsed.why)
  const verifier: NoteVerifier = parsed.verifier
  const headOf = (logged: readonly LoggedModule[]) => {
    const opened = openTreeHead(new TextEncoder().encode(signHead(key, logged)), verifier)
    if (!opened.ok) throw new Error(opened.why)
    return opened.head
  }
  const honest = others(10, 'h')
  const evil = honest.map((one, i) => (i === 4 ? loggedModule(one.path, one.version, 'evil') : one))
  const proof = {
    database: 'sum.example',
    stored: headOf(honest),
    presented: headOf(evil),
    computedRoot: headOf(honest).root,
    consistency: [],
  }

  it('is read back and holds', () => {
    expect(openForkProof(formatForkProof(proof), verifier)).toEqual(proof)
  })

  it('of a larger tree holds only with its consistency proof', async () => {
    const larger = [...evil, ...others(7, 'more')]
    const { TiledTree } = await import('../../../../src/trust/go-checksum-database/tiled-tree.js')
    const { subtreesOfRange } = await import('../../../../src/trust/merkle.js')
    const files = serveLog(key, larger)
    const { tilePath } = await import('../../../../src/trust/tile.js')
    const head = headOf(larger)
    const tree = new TiledTree(head.size, head.root, async (tile) => {
      const bytes = files.get(tilePath(tile))
      return bytes === undefined ? { ok: false, why: 'none' } : { ok: true, bytes, cached: false }
    })
    expect(await tree.load([...subtreesOfRange(0n, 10n), ...subtreesOfRange(10n, 17n)])).toBeUndefined()
    const consistency = consistencyProof(10n, 17n, tree)
    const large = { ...proof, presented: head, computedRoot: headOf(evil).root, consistency }
    expect(openForkProof(formatForkProof(large), verifier)).toEqual(large)
    expect(openForkProof(formatForkProof({ ...large, consistency: consistency.slice(1) }), verifier)).toBeUndefined()
    expect(openForkProof(formatForkProof({ ...large, computedRoot: headOf(honest).root }), verifier)).toBeUndefined()
  })

  it('proves nothing with one head, with another key, or damaged anywhere', () => {
    expect(openForkProof(formatForkProof({ ...proof, presented: proof.stored }), verifier)).toBeUndefined()
    const other = parseVerifierKey(makeNoteKey('sum.example').verifierKey)
    expect(other.ok && openForkProof(formatForkProof(proof), other.verifier)).toBeUndefined()
    const bytes = formatForkProof(proof)
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(bytes)
        damaged[at] = (damaged[at] ?? 0) ^ change
        const opened = openForkProof(damaged, verifier)
        // Only what proves nothing may have changed: the words about it, white space, the root that equal sizes do not need.
        if (opened !== undefined) expect([opened.stored, opened.presented]).toEqual([proof.stored, proof.presented])
      }),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => openForkProof(any, verifier) === undefined))
  })
})
