import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ChecksumDatabase } from '../../../src/trust/go-checksum-database/client.js'
import { lookupPath } from '../../../src/trust/go-checksum-database/module-address.js'
import type { DatabaseLookup } from '../../../src/trust/go-checksum-database/outcome.js'
import { parseVerifierKey } from '../../../src/trust/note.js'
import { describeShared, readSharedJson, sharedPath } from '../../support/shared.js'
import { MemoryOutside } from '../support/database-outside.js'

interface Scenario {
  readonly server: string
  readonly stored: string | null
  readonly lookup: string
  readonly result: string
  readonly rootOfFirst10InNewTree?: string
  readonly proof?: readonly string[]
  readonly oldHead?: string
}

interface Expected {
  readonly verifierKey: string
  readonly good: { readonly lookup: readonly { module: string; version: string; id: number; path: string; lines: string[] }[] }
  readonly big: { readonly tilesNeeded: readonly { forLookupOfId: number; tiles: readonly string[] }[] }
  readonly scenarios: readonly Scenario[]
}

const FOLDER = 'vectors/go/sumdb'

function read(path: string): Uint8Array | undefined {
  const file = sharedPath(FOLDER, path)
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined
}

function short(outcome: DatabaseLookup): string {
  switch (outcome.kind) {
    case 'verified':
      return 'ok'
    case 'unavailable':
      return outcome.path.startsWith('tile/') ? 'tiles-unavailable' : 'unavailable'
    case 'refused':
      return outcome.reason
    default:
      return outcome.kind
  }
}

describeShared(FOLDER, 'checksum-database vectors', () => {
  const expected = readSharedJson<Expected>(FOLDER, 'expected.json')
  const parsed = parseVerifierKey(expected.verifierKey)
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

  function start(server: string, stored: string | null): { outside: MemoryOutside; database: ChecksumDatabase } {
    if (!parsed.ok) throw new Error(parsed.why)
    const outside = new MemoryOutside((path) => read(`${server}/${path}`), stored === null ? undefined : read(stored))
    return { outside, database: new ChecksumDatabase(parsed.verifier, outside) }
  }

  for (const scenario of expected.scenarios) {
    const { server, stored, lookup, result } = scenario
    it(`${server} from ${stored ?? 'no head'}: ${lookup} is ${result}`, async () => {
      const { outside, database } = start(server, stored)
      const asked = lookup === 'all ten' ? expected.good.lookup.map(({ module, version }) => `${module}@${version}`) : [lookup]
      for (const each of asked) {
        const [module = '', version = ''] = each.split('@')
        const outcome = await database.lookup(module, version)
        // 'ok-but-wrong': on first use a forked log cannot be told from an honest one.
        expect(short(outcome)).toBe(result === 'ok-but-wrong' ? 'ok' : result)
        if (outcome.kind === 'fork') {
          expect(outside.alarms).toEqual([outcome.proof])
          if (scenario.oldHead !== undefined) expect(base64(outcome.proof.stored.root)).toBe(scenario.oldHead)
          if (scenario.proof !== undefined) expect(outcome.proof.consistency.map(base64)).toEqual(scenario.proof)
          if (scenario.rootOfFirst10InNewTree !== undefined) {
            expect(base64(outcome.proof.computedRoot)).toBe(scenario.rootOfFirst10InNewTree)
          }
        }
      }
      const latest = read(`${server}/latest`)
      const before = stored === null ? undefined : read(stored)
      if (result === 'ok' || result === 'ok-but-wrong') expect(outside.head).toEqual(latest)
      if (result === 'fork' || result === 'tiles-unavailable') expect(outside.head).toEqual(before)
      if (result !== 'ok' && result !== 'ok-but-wrong')
        expect([...outside.cache.keys()].filter((path) => !path.startsWith('tile/'))).toEqual([])
      if (result === 'inconsistent-tile') expect(outside.cache.size).toBe(0)
    })
  }

  it('counts 15 scenarios over 10 servers', () => {
    expect(expected.scenarios).toHaveLength(15)
    expect(new Set(expected.scenarios.map(({ server }) => server)).size).toBe(10)
  })

  for (const { module, version, id, path, lines } of expected.good.lookup) {
    it(`good: ${module}@${version}`, async () => {
      expect(`/${lookupPath(module, version)}`).toBe(path)
      const { database } = start('good', null)
      expect(await database.lookup(module, version)).toMatchObject({ kind: 'verified', id: BigInt(id), lines })
    })
  }

  it('good from the head of a log that has grown: fine when its tiles are cached', async () => {
    const { outside, database } = start('good', 'good-grown/latest')
    outside.cache.set('tile/8/0/000.p/12', read('good-grown/tile/8/0/000.p/12') ?? Buffer.of())
    expect(short(await database.lookup('example.com/tiny', 'v1.0.0'))).toBe('ok')
    expect(outside.head).toEqual(read('good-grown/latest'))
  })

  for (const { forLookupOfId, tiles } of expected.big.tilesNeeded) {
    it(`big: tiles for the look-up of record ${forLookupOfId}`, async () => {
      const { outside, database } = start('big', null)
      const [module, version] = forLookupOfId === 0 ? ['example.com/gen/m000', 'v1.0.0'] : ['example.com/gen/m299', 'v1.5.2']
      expect(short(await database.lookup(module ?? '', version ?? ''))).toBe('ok')
      expect(outside.asked.filter((path) => path.startsWith('tile/')).sort()).toEqual([...tiles].sort())
    })
  }

  for (const size of ['001', '007', '255', '256', '257', '299']) {
    it(`big from the head of ${size} moves to 300`, async () => {
      const { outside, database } = start('big', `heads/big-${size}`)
      expect(short(await database.lookup('example.com/gen/m256', 'v1.4.3'))).toBe('ok')
      expect(outside.head).toEqual(read('big/latest'))
    })
  }
})
