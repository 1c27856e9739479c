import { connect, Socket } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { Answer, Desk, Question } from '../../../src/evidence/desk/desk.js'
import type { Pack } from '../../../src/evidence/pack/pack.js'
import { type PackRead, readPack } from '../../../src/evidence/pack/read-pack.js'
import { openStore } from '../../../src/evidence/store/open-store.js'
import { file, HandClock, offline, online, source, status } from '../desk/support/source.js'
import { loadedAtOnce, scratchFolder } from '../store/support/bundle.js'
import { sha256 } from '../store/support/records.js'
import { packOf } from './support/used.js'

const scratch = scratchFolder()
afterAll(scratch.remove)

function whole(read: PackRead): Pack {
  if (!read.ok) throw new Error(read.problem.why)
  return read.pack
}

/** All that a caller sees of an answer, but where it came from. */
function seen(answer: Answer): unknown {
  const { from: _, ...rest } = { from: undefined, ...answer }
  return 'bytes' in rest ? { ...rest, bytes: Buffer.from(rest.bytes).toString('latin1') } : rest
}

async function askAll(desk: Desk, questions: readonly Question[]): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const question of questions) answers.push(seen(await desk.ask(question)))
  return answers
}

describe('a replay', () => {
  it('ends every question as the run did, years later, and leaves the same pack', async () => {
    const { origin, paths, stop } = await source()
    const store = openStore(join(scratch.folder, 'store'))
    const clock = new HandClock()
    paths.set('/old', file('old'))
    paths.set('/stale', file('stale', '"1"'))
    const before = online({ store, clock }).desk
    await askAll(before, [
      { url: `${origin}/old`, keep: 'hour' },
      { url: `${origin}/stale`, keep: 'hour' },
    ])
    clock.advance(5)
    paths.set('/ok', file('ok', '"2"'))
    paths.set('/wrong', file('wrong'))
    paths.set('/large', file('0123456789'))
    paths.set('/refused', status(403, 'not for you'))
    paths.set('/broken', status(503))
    paths.set('/stale', status(500))
    paths.set('/moved', (_, response) => void response.writeHead(302, { location: '/ok' }).end())
    const ask = (path: string, more: Partial<Question> = {}): Question => ({ url: `${origin}${path}`, keep: 'hour', ...more })
    const questions = [
      ask('/ok'),
      ask('/ok', { accept: 'application/json' }),
      ask('/moved', { keep: 'run' }),
      ask('/absent'),
      ask('/refused'),
      ask('/broken'),
      ask('/wrong', { expectSha256: sha256(Buffer.from('right')) }),
      ask('/large', { limitBytes: 4 }),
      ask('/old'),
      ask('/stale'),
      ask('/stale', { staleIfUnavailable: true }),
      ask('/ok'),
    ]
    const run = online({ store, clock }).desk
    const answers = await askAll(run, questions)
    expect(answers.map((answer) => (answer instanceof Object && 'kind' in answer ? answer.kind : ''))).toEqual(
      'ok ok ok absent refused unavailable mismatch unavailable ok unavailable ok ok'.split(' '),
    )
    const fact = await run.remember('git-tree x', Buffer.from('tree'))
    const bytes = packOf(run.used(), { subject: 'example' })
    await stop()
    clock.advance(24 * 1000)
    const replay = offline({ pack: whole(readPack(bytes)), clock })
    expect(await askAll(replay, questions)).toEqual(answers)
    const recalled = await replay.recall('git-tree x')
    expect({ ...recalled, bytes: Buffer.from(recalled?.bytes ?? []) }).toEqual(fact)
    expect(packOf(replay.used(), { subject: 'example' }).equals(bytes)).toBe(true)
    // The other way round, too.
    const turned = offline({ pack: whole(readPack(bytes)), clock })
    expect((await askAll(turned, [...questions].reverse())).reverse()).toEqual(answers)
    expect(await turned.ask(ask('/other'))).toMatchObject({
      kind: 'unavailable',
      failure: 'offline-and-not-stored',
      why: `${new URL(origin).host} was not asked: the run is offline, and the pack holds no answer`,
    })
  })

  it('asks nobody for what the pack holds, even with a network', async () => {
    const { origin, paths, seen: asked } = await source()
    paths.set('/x', file('x'))
    const run = online()
    await run.desk.ask({ url: `${origin}/x`, keep: 'run' })
    const pack = whole(readPack(packOf(run.desk.used())))
    const clock = new HandClock()
    clock.advance(1000)
    const again = online({ pack, clock })
    expect(await again.desk.ask({ url: `${origin}/x`, keep: 'run' })).toMatchObject({
      kind: 'ok',
      from: 'pack',
      at: '2026-11-01T10:00:00Z',
    })
    expect(again.clients()).toBe(0)
    expect(await again.desk.ask({ url: `${origin}/y`, keep: 'run' })).toMatchObject({ kind: 'absent', from: 'network' })
    expect(asked).toEqual(['/x', '/y'])
  })

  it('of any questions in any order gives the same answers', async () => {
    const { origin, paths } = await source()
    for (let i = 0; i < 4; i += 1) paths.set(`/${i}`, file(String(i).repeat(i * 3)))
    paths.set('/4', status(403))
    paths.set('/5', status(500))
    const question = fc.record({
      url: fc.integer({ min: 0, max: 6 }).map((i) => `${origin}/${i}`),
      keep: fc.constantFrom('for-ever', 'day', 'hour', 'run'),
      limitBytes: fc.constantFrom(4, 100),
      expectSha256: fc.constantFrom(undefined, sha256(Buffer.from('1'.repeat(3)))),
      staleIfUnavailable: fc.boolean(),
    } as const)
    await fc.assert(
      fc.asyncProperty(fc.array(question, { maxLength: 12 }), async (questions) => {
        const { desk } = online()
        const answers = await askAll(desk, questions)
        const bytes = packOf(desk.used())
        const replay = offline({ pack: whole(readPack(bytes)) })
        expect(await askAll(replay, questions)).toEqual(answers)
        expect(packOf(replay.used()).equals(bytes)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})

describe('an offline run', () => {
  it('loads nothing of the network', async () => {
    const { files, imports } = await loadedAtOnce('src/evidence/desk/open-desk.ts')
    expect(files).toContain('src/evidence/desk/open-desk.ts')
    expect([...imports].sort()).toEqual(['node:crypto'])
    const more = [await loadedAtOnce('src/evidence/store/open-store.ts'), await loadedAtOnce('src/evidence/pack/read-pack.ts')]
    for (const { imports: names } of more)
      for (const name of names) expect(name).toMatch(/^node:(crypto|fs|fs\/promises|path|buffer)$/)
  })

  it('opens no socket, whatever is asked', async () => {
    const { origin, paths, seen: asked } = await source()
    paths.set('/x', file('x'))
    const { desk } = online()
    await desk.ask({ url: `${origin}/x`, keep: 'day' })
    const pack = whole(readPack(packOf(desk.used())))
    const opened = vi.spyOn(Socket.prototype, 'connect')
    try {
      const replay = offline({ pack, store: openStore(join(scratch.folder, 'offline')) })
      const urls = [
        `${origin}/x`,
        `${origin}/y`,
        'https://example.com/',
        'file:///etc/passwd',
        'ftp://example.com/',
        'nothing',
        '',
      ]
      for (const keep of ['for-ever', 'day', 'hour', 'run'] as const)
        for (const url of urls) await replay.ask({ url, keep, staleIfUnavailable: true, expectSha256: '0'.repeat(64) })
      await replay.remember('a', Buffer.from('a'))
      await replay.close()
      expect(opened).not.toHaveBeenCalled()
      // The guard itself works.
      connect(Number(new URL(origin).port), '127.0.0.1').destroy()
      expect(opened).toHaveBeenCalledTimes(1)
    } finally {
      opened.mockRestore()
    }
    expect(asked).toEqual(['/x'])
  })
})
