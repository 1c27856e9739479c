import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChecksumDatabase } from '../../../src/trust/go-checksum-database/client.js'
import { describeLookupFailure } from '../../../src/trust/go-checksum-database/messages.js'
import type { DatabaseLookup } from '../../../src/trust/go-checksum-database/outcome.js'
import { leafHash, verifyConsistency } from '../../../src/trust/merkle.js'
import type { NoteVerifier } from '../../../src/trust/note.js'
import { parseVerifierKey } from '../../../src/trust/note.js'
import { MemoryOutside } from '../support/database-outside.js'
import type { LoggedModule } from '../support/signed-log.js'
import { loggedModule, makeNoteKey, serveLog, signHead } from '../support/signed-log.js'

const key = makeNoteKey('sum.example')
const verifier = verifierOf(key.verifierKey)
const modules = Array.from({ length: 300 }, (_, at) => loggedModule(`example.com/m${at}`, `v1.0.${at}`))
const server = serveLog(key, modules)

function verifierOf(text: string): NoteVerifier {
  const parsed = parseVerifierKey(text)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.verifier
}

function outsideOf(files: ReadonlyMap<string, Uint8Array>, head?: string): MemoryOutside {
  return new MemoryOutside((path) => files.get(path), head === undefined ? undefined : Buffer.from(head))
}

function module(at: number): LoggedModule {
  return modules[at] ?? loggedModule('none', 'v0.0.0')
}

function lookup(outside: MemoryOutside, at: number): Promise<DatabaseLookup> {
  return new ChecksumDatabase(verifier, outside).lookup(module(at).path, module(at).version)
}

function short(outcome: DatabaseLookup): string {
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind
}

describe('a look-up', () => {
  it('gives the lines of the record, proved', async () => {
    const outside = outsideOf(server)
    const outcome = await lookup(outside, 5)
    expect(outcome).toMatchObject({ kind: 'verified', id: 5n, lines: module(5).record.trimEnd().split('\n') })
    expect(outcome.kind === 'verified' && outcome.zipHash).toMatch(/^h1:/)
    expect(outside.asked).toEqual(['lookup/example.com/m5@v1.0.5', 'tile/8/0/001.p/44', 'tile/8/1/000.p/1', 'tile/8/0/000'])
    expect([...outside.cache.keys()].sort()).toEqual([...outside.asked].sort())
    expect(Buffer.from(outside.head ?? '').toString()).toBe(signHead(key, modules))
  })

  it('asks for each tile once, however many look-ups run at once', async () => {
    const outside = outsideOf(server)
    const database = new ChecksumDatabase(verifier, outside)
    const outcomes = await Promise.all(modules.map((each) => database.lookup(each.path, each.version)))
    expect(outcomes.every(({ kind }) => kind === 'verified')).toBe(true)
    expect(outside.asked.filter((path) => path.startsWith('tile/')).sort()).toEqual([
      'tile/8/0/000',
      'tile/8/0/001.p/44',
      'tile/8/1/000.p/1',
    ])
  })

  it('needs no server when all is cached', async () => {
    const outside = outsideOf(server)
    await lookup(outside, 5)
    const asked = outside.asked.length
    outside.down = true
    expect(short(await lookup(outside, 5))).toBe('verified')
    expect(outside.asked).toHaveLength(asked)
  })

  it('a damaged cache is replaced, not believed and not blamed on the database', async () => {
    const outside = outsideOf(server)
    await lookup(outside, 5)
    for (const path of outside.cache.keys()) outside.cache.set(path, Buffer.from('rubbish'))
    expect(short(await lookup(outside, 5))).toBe('verified')
    expect(outside.cache.get('tile/8/0/000')).toEqual(server.get('tile/8/0/000'))
  })

  it('takes the full tile where the partial one is gone', async () => {
    const head = signHead(key, modules.slice(0, 200))
    const older = new Map(serveLog(key, modules, head))
    for (const path of [...older.keys()]) if (path.startsWith('tile/8/0/000.p/')) older.delete(path)
    older.set('tile/8/0/000', server.get('tile/8/0/000') ?? Buffer.of())
    const outside = outsideOf(older)
    expect(short(await lookup(outside, 5))).toBe('verified')
    expect(outside.asked).toEqual(['lookup/example.com/m5@v1.0.5', 'tile/8/0/000.p/200', 'tile/8/0/000'])
  })

  it('an unknown version is absent', async () => {
    expect(await new ChecksumDatabase(verifier, outsideOf(server)).lookup('example.com/none', 'v1.0.0')).toEqual({
      kind: 'absent',
      why: '404 Not Found',
    })
  })

  it('a server that is down proves nothing', async () => {
    const outside = outsideOf(server)
    outside.down = true
    expect(await lookup(outside, 5)).toEqual({
      kind: 'unavailable',
      path: 'lookup/example.com/m5@v1.0.5',
      why: 'connection refused',
    })
  })

  const unsayable = ['', '/', 'a//b', '../etc', 'a/../b', 'a b', 'a?b', 'a#b', 'a%2fb', 'é', 'a!b', 'a.', 'https://x']
  for (const path of unsayable) {
    it(`never asks for ${JSON.stringify(path)}`, async () => {
      const outside = outsideOf(server)
      expect(short(await new ChecksumDatabase(verifier, outside).lookup(path, 'v1.0.0'))).toBe('module-malformed')
      expect(outside.asked).toEqual([])
    })
  }
  for (const version of ['', 'latest', 'v1/../x', 'v1.0.0/go.mod', 'v1 0', 'v1?x']) {
    it(`never asks for version ${JSON.stringify(version)}`, async () => {
      const outside = outsideOf(server)
      expect(short(await new ChecksumDatabase(verifier, outside).lookup('example.com/m1', version))).toBe('module-malformed')
      expect(outside.asked).toEqual([])
    })
  }
})

describe('stored head', () => {
  const headOf = (size: number): string => signHead(key, modules.slice(0, size))

  it('moves forward and never back', async () => {
    const outside = outsideOf(server, headOf(7))
    const database = new ChecksumDatabase(verifier, outside)
    await database.lookup(module(5).path, module(5).version)
    expect(Buffer.from(outside.head ?? '').toString()).toBe(headOf(300))
    const older = new Map([...server, ['lookup/example.com/m6@v1.0.6', Buffer.from(`6\n${module(6).record}\n${headOf(20)}`)]])
    outside.server = (path) => older.get(path)
    expect(short(await database.lookup(module(6).path, module(6).version))).toBe('verified')
    expect(Buffer.from(outside.head ?? '').toString()).toBe(headOf(300))
  })

  it('is merged again when another process stored one meanwhile', async () => {
    const outside = outsideOf(server, headOf(7))
    let raced = false
    outside.beforeReplace = () => {
      if (!raced) outside.head = Buffer.from(headOf(150))
      raced = true
    }
    expect(short(await lookup(outside, 5))).toBe('verified')
    expect(Buffer.from(outside.head ?? '').toString()).toBe(headOf(300))
  })

  it('gives up, bounded, when it never stays', async () => {
    const outside = outsideOf(server, headOf(7))
    let swap = 8
    outside.beforeReplace = () => {
      outside.head = Buffer.from(headOf(swap))
      swap += 1
    }
    expect(await lookup(outside, 5)).toEqual({
      kind: 'unavailable',
      path: 'latest',
      why: 'other processes keep changing the stored tree head',
    })
    expect(swap).toBeLessThan(20)
  })

  it('that another key signed is refused', async () => {
    const stranger = makeNoteKey('sum.example')
    expect(short(await lookup(outsideOf(server, signHead(stranger, modules.slice(0, 7))), 5))).toBe('stored-head-invalid')
  })
})

describe('a fork', () => {
  const forkedModules = modules.map((each, at) => (at === 4 ? loggedModule(each.path, each.version, 'evil') : each))

  for (const [from, to] of [
    [7, 300],
    [256, 300],
    [300, 300],
    [300, 200],
    [257, 7],
  ] as const) {
    it(`from ${from} to ${to} is proved, kept and ends all trust`, async () => {
      const stored = signHead(key, modules.slice(0, from))
      const files = new Map([...server, ...serveLog(key, forkedModules.slice(0, to))])
      // The smaller tree's own side must be complete for the comparison: serve whichever tree is larger.
      for (const [path, bytes] of serveLog(key, to > from ? forkedModules.slice(0, to) : modules.slice(0, from))) {
        if (path.startsWith('tile/')) files.set(path, bytes)
      }
      const outside = outsideOf(files, stored)
      const database = new ChecksumDatabase(verifier, outside)
      const outcome = await database.lookup(module(5).path, module(5).version)
      expect(outcome.kind).toBe('fork')
      if (outcome.kind !== 'fork') return
      expect(outside.alarms).toEqual([outcome.proof])
      expect(Buffer.from(outside.head ?? '').toString()).toBe(stored)
      expect(outside.cache.size).toBe(0)
      const [small, large] =
        from < to ? [outcome.proof.stored, outcome.proof.presented] : [outcome.proof.presented, outcome.proof.stored]
      const { computedRoot, consistency } = outcome.proof
      expect(verifyConsistency(small.size, computedRoot, large.size, large.root, consistency)).toBe(true)
      expect(computedRoot).not.toEqual(small.root)
      const asked = outside.asked.length
      expect((await database.lookup(module(9).path, module(9).version)).kind).toBe('fork')
      expect(outside.asked).toHaveLength(asked)
      expect(outside.alarms).toHaveLength(1)
    })
  }
})

describe('sabotage', () => {
  it('damage any byte of any answer: never other lines, never a crash', async () => {
    const small = modules.slice(0, 10)
    const files = serveLog(key, small)
    const first = module(0)
    const used = [`lookup/${first.path}@${first.version}`, 'tile/8/0/000.p/10']
    for (const path of used) {
      const whole = files.get(path) ?? Buffer.of()
      for (let at = 0; at < whole.length; at += 1) {
        const damaged = Uint8Array.from(whole, (byte, index) => (index === at ? byte ^ 1 : byte))
        const outside = outsideOf(new Map([...files, [path, damaged]]))
        const outcome = await new ChecksumDatabase(verifier, outside).lookup(first.path, first.version)
        expect(outcome.kind, `${path} byte ${at}`).toBe('refused')
        expect([...outside.cache.keys()], `${path} byte ${at}`).toEqual([])
      }
    }
  })

  it('a forged full tile below honest parents is refused, with its forged record', async () => {
    const evil = loggedModule(module(0).path, module(0).version, 'evil')
    const tile = Buffer.concat([leafHash(Buffer.from(evil.record)), (server.get('tile/8/0/000') ?? Buffer.of()).subarray(32)])
    const forged = new Map([
      ...server,
      ['tile/8/0/000', tile],
      [`lookup/${evil.path}@${evil.version}`, Buffer.from(`0\n${evil.record}\n${signHead(key, modules)}`)],
    ])
    expect(await lookup(outsideOf(forged), 0)).toEqual({
      kind: 'refused',
      reason: 'inconsistent-tile',
      why: 'tile/8/0/000 does not hash to its entry in the tile above it',
    })
    expect(short(await lookup(outsideOf(forged), 299))).toBe('verified')
  })

  it('random answers never verify', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const outcome = await lookup(new MemoryOutside(() => bytes), 5)
        return outcome.kind === 'refused'
      }),
    )
  })

  const head = signHead(key, modules)
  const answers = [
    { name: 'id with a leading zero', body: `05\n${module(5).record}\n${head}`, reason: 'answer-malformed' },
    { name: 'id beyond the tree', body: `300\n${module(5).record}\n${head}`, reason: 'bad-inclusion' },
    { name: 'id of another record', body: `6\n${module(5).record}\n${head}`, reason: 'bad-inclusion' },
    { name: 'genuine record of another version', body: `6\n${module(6).record}\n${head}`, reason: 'no-line-for-module' },
    {
      name: 'wanted lines only in the signed text',
      body: `6\n${module(6).record}\n${signHead(key, modules, module(5).record)}`,
      reason: 'no-line-for-module',
    },
    {
      name: 'head of another key',
      body: `5\n${module(5).record}\n${signHead(makeNoteKey('sum.example'), modules)}`,
      reason: 'note-unverified',
    },
    { name: 'head of size 0', body: `5\n${module(5).record}\n${signHead(key, [])}`, reason: 'bad-inclusion' },
    { name: 'no note', body: `5\n${module(5).record}\n`, reason: 'note-malformed' },
  ]
  for (const { name, body, reason } of answers) {
    it(name, async () => {
      const outside = outsideOf(new Map([...server, ['lookup/example.com/m5@v1.0.5', Buffer.from(body)]]))
      expect(short(await lookup(outside, 5))).toBe(reason)
      expect([...outside.cache.keys()].filter((path) => path.startsWith('lookup/'))).toEqual([])
    })
  }

  it('a log that states one version twice is refused', async () => {
    const twice: LoggedModule = { ...module(0), record: module(0).record + module(0).record.replaceAll('h1:', 'h1:x') }
    expect(short(await lookup(outsideOf(serveLog(key, [twice])), 0))).toBe('record-malformed')
  })
})

describe('messages', () => {
  it('say what happened and what to do', async () => {
    const outside = outsideOf(server)
    outside.down = true
    const down = await lookup(outside, 5)
    expect(down.kind === 'verified' ? undefined : describeLookupFailure('sum.example', down)).toEqual({
      message: 'sum.example gave no answer for lookup/example.com/m5@v1.0.5: connection refused',
      help: 'Nothing is proved either way. Try again, or check GOSUMDB, GOPROXY and the network.',
    })
    expect(
      describeLookupFailure('sum.example', {
        kind: 'refused',
        reason: 'bad-inclusion',
        why: 'record 7 is not in a log of 7 records',
      }),
    ).toEqual({
      message: 'sum.example could not be believed: record 7 is not in a log of 7 records',
      help: 'The server or a proxy on the way altered the answer. Do not use the version; try another network path and report it.',
    })
  })
})
