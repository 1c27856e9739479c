import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Answer, Question } from '../../../src/evidence/desk/desk.js'
import { DEFAULT_LIMIT_BYTES } from '../../../src/evidence/desk/held.js'
import { DEFAULT_LIMIT_BYTES as HTTP_LIMIT } from '../../../src/evidence/http/http-client.js'
import { blobPath } from '../../../src/evidence/store/layout.js'
import { openStore } from '../../../src/evidence/store/open-store.js'
import { scratchFolder } from '../store/support/bundle.js'
import { sha256 } from '../store/support/records.js'
import { file, HandClock, offline, online, source, status } from './support/source.js'

const scratch = scratchFolder()
afterAll(scratch.remove)
let folder = ''
let count = 0
beforeEach(() => {
  folder = join(scratch.folder, `store-${++count}`)
})

const store = () => openStore(folder)
const text = (answer: Answer): string => (answer.kind === 'ok' ? Buffer.from(answer.bytes).toString() : answer.kind)
const codes = (answer: Answer): readonly string[] => ('signs' in answer ? answer.signs.map(({ code }) => code) : [])

describe('what does not change', () => {
  it('is asked once for all runs', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/a.crate', file('bytes of a'))
    const question: Question = { url: `${origin}/a.crate`, keep: 'for-ever' }
    const clock = new HandClock()
    const cold = online({ store: store(), clock })
    const first = await cold.desk.ask(question)
    expect(first).toEqual({
      kind: 'ok',
      bytes: first.kind === 'ok' ? first.bytes : undefined,
      sha256: sha256(Buffer.from('bytes of a')),
      at: '2026-11-01T10:00:00Z',
      url: `${origin}/a.crate`,
      from: 'network',
      signs: [],
    })
    expect(text(first)).toBe('bytes of a')
    clock.advance(24 * 365)
    const warm = online({ store: store(), clock })
    const again = await warm.desk.ask(question)
    expect({ ...again, bytes: undefined }).toEqual({ ...first, bytes: undefined, from: 'store' })
    expect(text(again)).toBe('bytes of a')
    expect(seen).toEqual(['/a.crate'])
    expect([cold.clients(), warm.clients()]).toEqual([1, 0])
  })

  it('is asked once by many at once, and once in a run without a store', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/a', file('a'))
    const { desk } = online()
    const answers = await Promise.all(Array.from({ length: 50 }, () => desk.ask({ url: `${origin}/a`, keep: 'run' })))
    expect(new Set(answers.map(text))).toEqual(new Set(['a']))
    expect(text(await desk.ask({ url: `${origin}/a#fragment`, keep: 'run' }))).toBe('a')
    expect(seen).toEqual(['/a'])
  })

  it('in another form is another question', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/a', (request, response) => void response.end(request.headers.accept))
    const { desk } = online({ store: store() })
    expect(text(await desk.ask({ url: `${origin}/a`, keep: 'for-ever', accept: 'text/plain' }))).toBe('text/plain')
    expect(text(await desk.ask({ url: `${origin}/a`, keep: 'for-ever' }))).toBe('*/*')
    expect(seen).toEqual(['/a', '/a'])
  })
})

describe('what changes', () => {
  it('is asked again conditionally when it is too old, and counts anew when it is confirmed', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/index', file('one', '"1"'))
    const clock = new HandClock()
    const ask = () => online({ store: store(), clock }).desk.ask({ url: `${origin}/index`, keep: 'day' })
    await ask()
    clock.advance(23)
    expect(await ask()).toMatchObject({ from: 'store', at: '2026-11-01T10:00:00Z' })
    expect(seen).toEqual(['/index'])
    clock.advance(1)
    const confirmed = await ask()
    expect(confirmed).toMatchObject({ from: 'store', at: '2026-11-02T10:00:00Z' })
    expect(text(confirmed)).toBe('one')
    clock.advance(23)
    expect(await ask()).toMatchObject({ from: 'store', at: '2026-11-02T10:00:00Z' })
    expect(seen).toEqual(['/index', '/index if "1"'])
    clock.advance(1)
    paths.set('/index', file('two', '"2"'))
    const changed = await ask()
    expect(changed).toMatchObject({ from: 'network', at: '2026-11-03T10:00:00Z', signs: [] })
    expect(text(changed)).toBe('two')
    expect(text(await ask())).toBe('two')
    expect(seen).toEqual(['/index', '/index if "1"', '/index if "1"'])
  })

  it('is asked by its date where it has no ETag', async () => {
    const { origin, paths, seen } = await source()
    const modified = 'Wed, 21 Oct 2026 07:28:00 GMT'
    paths.set('/list', (request, response) => {
      const known = request.headers['if-modified-since'] === modified
      response.writeHead(known ? 304 : 200, { 'last-modified': modified }).end(known ? undefined : 'list')
    })
    const clock = new HandClock()
    const ask = () => online({ store: store(), clock }).desk.ask({ url: `${origin}/list`, keep: 'hour' })
    await ask()
    clock.advance(1)
    expect(text(await ask())).toBe('list')
    expect(seen).toEqual(['/list', `/list if ${modified}`])
  })

  it('for a run is asked in every run, once', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x', file('x', '"1"'))
    for (let run = 0; run < 2; run += 1) {
      const { desk } = online({ store: store() })
      for (let i = 0; i < 3; i += 1) expect(text(await desk.ask({ url: `${origin}/x`, keep: 'run' }))).toBe('x')
    }
    expect(seen).toEqual(['/x', '/x if "1"'])
  })

  it('is asked whole, not conditionally, when the bytes that are held are damaged', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x', file('x', '"1"'))
    await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    writeFileSync(blobPath(folder, sha256(Buffer.from('x'))), 'y')
    const answer = await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    expect([text(answer), answer.kind === 'ok' && answer.from]).toEqual(['x', 'network'])
    expect(seen).toEqual(['/x', '/x'])
  })

  it('keeps the signs that were seen with it, in every run', async () => {
    const { origin, paths } = await source()
    paths.set('/x', file('one', '"1"'))
    const clock = new HandClock()
    const ask = () => online({ store: store(), clock }).desk.ask({ url: `${origin}/x`, keep: 'day' })
    await ask()
    clock.advance(24)
    paths.set('/x', (_, response) => void response.writeHead(200, { etag: '"1"' }).end('other bytes under the tag'))
    expect(codes(await ask())).toEqual(['etag-reused'])
    expect(codes(await ask())).toEqual(['etag-reused'])
    clock.advance(24)
    paths.set('/x', file('', '"1"', { age: '100', 'cache-control': 'max-age=10' }))
    expect(codes(await ask())).toEqual(['etag-reused', 'stale'])
    clock.advance(24)
    paths.set('/x', file('', '"1"'))
    expect(codes(await ask())).toEqual(['etag-reused'])
  })

  it('is not believed when it claims to come from the future', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x', file('x', '"1"'))
    await online({ store: store(), clock: new HandClock(Date.UTC(2036, 0, 1)) }).desk.ask({
      url: `${origin}/x`,
      keep: 'for-ever',
    })
    await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    expect(seen).toEqual(['/x', '/x if "1"'])
  })
})

describe('what does not exist', () => {
  it('is an answer, and counts for a short time', async () => {
    const { origin, paths, seen } = await source()
    const clock = new HandClock()
    const ask = () => online({ store: store(), clock }).desk.ask({ url: `${origin}/new`, keep: 'for-ever' })
    expect(await ask()).toEqual({ kind: 'absent', status: 404, at: '2026-11-01T10:00:00Z', from: 'network', signs: [] })
    clock.advance(0.5)
    expect(await ask()).toEqual({ kind: 'absent', status: 404, at: '2026-11-01T10:00:00Z', from: 'store', signs: [] })
    expect(seen).toHaveLength(1)
    clock.advance(0.5)
    paths.set('/new', file('published'))
    expect(text(await ask())).toBe('published')
  })
})

describe('what is no answer', () => {
  it('is never stored', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/refused', status(403, 'not for you'))
    paths.set('/broken', status(500))
    const ask = async () => {
      const { desk } = online({ store: store() })
      return [await desk.ask({ url: `${origin}/refused`, keep: 'day' }), await desk.ask({ url: `${origin}/broken`, keep: 'day' })]
    }
    const [refused, broken] = await ask()
    const host = new URL(origin).host
    expect(refused).toEqual({
      kind: 'refused',
      status: 403,
      why: `${host} refuses this without a credential (status 403: not for you)`,
    })
    expect(broken).toMatchObject({ kind: 'unavailable', failure: 'server-error' })
    expect(store().statistics()).toMatchObject({ answers: 0, blobs: 0 })
    await ask()
    expect(seen).toEqual(['/refused', '/broken', '/refused', '/broken'])
  })

  it('is the same for everybody who asks in a run', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/broken', status(500))
    const { desk } = online()
    const first = await desk.ask({ url: `${origin}/broken`, keep: 'day' })
    paths.set('/broken', file('mended'))
    expect(await desk.ask({ url: `${origin}/broken`, keep: 'day' })).toEqual(first)
    expect(seen).toHaveLength(1)
  })

  it('a text that is no URL is not asked', async () => {
    const { desk, clients } = online()
    expect(await desk.ask({ url: 'no url', keep: 'day' })).toEqual({
      kind: 'unavailable',
      failure: 'bad-url',
      why: 'the text given is not a URL that can be asked (it is no URL)',
      help: 'Correct the URL.',
    })
    expect(clients()).toBe(0)
  })

  it('an old answer stands in only where it is allowed, and is marked', async () => {
    const { origin, paths, stop } = await source()
    paths.set('/x', file('x'))
    const clock = new HandClock()
    const question: Question = { url: `${origin}/x`, keep: 'hour' }
    const absent: Question = { url: `${origin}/y`, keep: 'hour' }
    const { desk: before } = online({ store: store(), clock })
    await Promise.all([before.ask(question), before.ask(absent)])
    clock.advance(2)
    await stop()
    const { desk } = online({ store: store(), clock })
    const strict = await desk.ask(question)
    expect(strict).toMatchObject({ kind: 'unavailable', failure: 'connection-refused' })
    const lax = await desk.ask({ ...question, staleIfUnavailable: true })
    expect([text(lax), codes(lax)]).toEqual(['x', ['not-confirmed']])
    expect(lax).toMatchObject({ from: 'store', at: '2026-11-01T10:00:00Z' })
    expect(codes(await desk.ask({ ...absent, staleIfUnavailable: true }))).toEqual(['not-confirmed'])
    expect(await desk.ask(question)).toEqual(strict)
  })
})

describe('expected bytes', () => {
  const right = sha256(Buffer.from('right'))
  const wrong = sha256(Buffer.from('wrong'))

  it('that do not come are a mismatch, which is not stored; the bytes stay as proof', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x', file('wrong'))
    const question: Question = { url: `${origin}/x`, keep: 'for-ever', expectSha256: right }
    const { desk } = online({ store: store() })
    const url = `${origin}/x`
    const at = '2026-11-01T10:00:00Z'
    expect(await desk.ask(question)).toEqual({
      kind: 'mismatch',
      expected: right,
      observed: wrong,
      size: 5,
      at,
      url,
      from: 'network',
    })
    expect(Buffer.from(desk.used().blob(wrong, 5) ?? []).toString()).toBe('wrong')
    expect(store().statistics().answers).toBe(0)
    paths.set('/x', file('right'))
    expect(text(await online({ store: store() }).desk.ask(question))).toBe('right')
    expect(text(await online({ store: store() }).desk.ask(question))).toBe('right')
    expect(seen).toHaveLength(2)
  })

  it('are asked for again when the store holds others: it may hold the page of a captive portal', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x', file('wrong', '"1"'))
    await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    paths.set('/x', file('right', '"1"'))
    const { desk } = online({ store: store() })
    const question: Question = { url: `${origin}/x`, keep: 'for-ever', expectSha256: right }
    const answers = await Promise.all(Array.from({ length: 5 }, () => desk.ask(question)))
    expect(answers.map(text)).toEqual(Array(5).fill('right'))
    // Whole, since the question is whether the bytes are others.
    expect(seen).toEqual(['/x', '/x'])
    expect(text(await online({ store: store() }).desk.ask(question))).toBe('right')
    expect(seen).toHaveLength(2)
  })

  it('are a mismatch when the source says so once more, or cannot say', async () => {
    const { origin, paths, seen, stop } = await source()
    paths.set('/x', file('wrong'))
    await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    const question: Question = { url: `${origin}/x`, keep: 'for-ever', expectSha256: right }
    const { desk } = online({ store: store() })
    expect(await desk.ask(question)).toMatchObject({ kind: 'mismatch', observed: wrong })
    expect(await desk.ask(question)).toMatchObject({ kind: 'mismatch', observed: wrong })
    expect(text(await desk.ask({ ...question, expectSha256: wrong }))).toBe('wrong')
    expect(seen).toHaveLength(2)
    await stop()
    expect(await online({ store: store() }).desk.ask(question)).toMatchObject({
      kind: 'mismatch',
      observed: wrong,
      from: 'store',
    })
  })

  it('of a kind that the asker alone can check: what it cannot use is neither stored nor kept', async () => {
    const { origin, paths, seen } = await source()
    const isJson = (bytes: Uint8Array) => Buffer.from(bytes).toString().startsWith('{')
    const question: Question = { url: `${origin}/x`, keep: 'for-ever', accepts: isJson }
    paths.set('/x', file('<html>log in</html>'))
    expect(text(await online({ store: store() }).desk.ask(question))).toBe('<html>log in</html>')
    expect(store().statistics().answers).toBe(0)
    await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    expect(store().statistics().answers).toBe(1)
    paths.set('/x', file('{"a":1}'))
    expect(text(await online({ store: store() }).desk.ask(question))).toBe('{"a":1}')
    expect(text(await online({ store: store() }).desk.ask({ ...question, accepts: async (b) => isJson(b) }))).toBe('{"a":1}')
    expect(seen).toHaveLength(3)
  })
})

describe('limits', () => {
  it('hold for what is stored too, and a higher one asks again', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x', file('0123456789'))
    const question: Question = { url: `${origin}/x`, keep: 'for-ever', limitBytes: 5 }
    const { desk } = online({ store: store() })
    expect(await desk.ask(question)).toMatchObject({ kind: 'unavailable', failure: 'too-large' })
    expect(text(await desk.ask({ ...question, limitBytes: 10 }))).toBe('0123456789')
    expect(await desk.ask(question)).toMatchObject({ kind: 'unavailable', failure: 'too-large' })
    expect(await offline({ store: store() }).ask(question)).toMatchObject({ kind: 'unavailable', failure: 'too-large' })
    expect(seen).toHaveLength(2)
  })

  it('are those of the HTTP client unless others are given', () => {
    expect(DEFAULT_LIMIT_BYTES).toBe(HTTP_LIMIT)
  })

  it('of memory hold without a store: what is not held is asked again and cannot be packed', { timeout: 60_000 }, async () => {
    const { origin, paths, seen } = await source()
    const size = 30 * 1024 * 1024
    for (const name of ['a', 'b', 'c']) paths.set(`/${name}`, file(Buffer.alloc(size, name)))
    const { desk } = online()
    for (const name of ['a', 'b', 'c', 'a', 'b', 'c']) {
      const answer = await desk.ask({ url: `${origin}/${name}`, keep: 'for-ever' })
      expect(answer.kind === 'ok' && answer.bytes.length).toBe(size)
    }
    expect(seen).toEqual(['/a', '/b', '/c', '/c'])
    expect(desk.used().answers.map(({ key }) => key.url)).toEqual([`${origin}/a`, `${origin}/b`])
    expect(desk.used().notKept).toEqual([{ url: `${origin}/c`, why: 'no store can be written, and memory is bounded' }])
  })
})

describe('credentials', () => {
  const everything = (): string =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`)
      .join('\n')

  it('in a URL are sent and never written down', async () => {
    const { origin, paths } = await source()
    paths.set('/x', (request, response) => {
      response.writeHead(request.headers.authorization === undefined ? 401 : 200).end('for user')
    })
    const url = `${origin.replace('//', '//user:hunter2secret@')}/x`
    const { desk } = online({ store: store() })
    const answer = await desk.ask({ url, keep: 'for-ever' })
    expect(text(answer)).toBe('for user')
    expect(JSON.stringify([answer, desk.used().answers])).not.toContain('hunter2secret')
    expect(everything()).toContain('for user')
    expect(everything()).not.toContain('hunter2secret')
    expect(text(await offline({ store: store() }).ask({ url: `${origin}/x`, keep: 'for-ever' }))).toBe('for user')
  })

  it('in a query are told apart, and the answers not kept', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x?token=aaaaaaaa', file('for a'))
    paths.set('/x?token=bbbbbbbb', file('for b'))
    const { desk } = online({ store: store() })
    for (const [token, body] of [
      ['aaaaaaaa', 'for a'],
      ['bbbbbbbb', 'for b'],
      ['aaaaaaaa', 'for a'],
    ] as const)
      expect(text(await desk.ask({ url: `${origin}/x?token=${token}`, keep: 'for-ever' }))).toBe(body)
    expect(seen).toHaveLength(2)
    expect(store().statistics()).toMatchObject({ answers: 0, blobs: 0 })
    const { answers, notKept } = desk.used()
    expect(answers).toEqual([])
    expect(notKept.map(({ url }) => url)).toEqual(Array(2).fill(`${origin}/x?token=secret`))
  })
})

describe('a run that is offline', () => {
  it('answers from the store what counts, and says what it does not have', async () => {
    const { origin, paths, seen } = await source()
    for (const name of ['ever', 'day', 'damaged']) paths.set(`/${name}`, file(name))
    const clock = new HandClock()
    const { desk: before } = online({ store: store(), clock })
    await before.ask({ url: `${origin}/ever`, keep: 'for-ever' })
    await before.ask({ url: `${origin}/day`, keep: 'day' })
    await before.ask({ url: `${origin}/damaged`, keep: 'for-ever' })
    writeFileSync(blobPath(folder, sha256(Buffer.from('damaged'))), 'DAMAGED')
    const count = seen.length
    clock.advance(48)
    const desk = offline({ store: store(), clock })
    const host = new URL(origin).host
    expect(desk.offline).toBe(true)
    expect(text(await desk.ask({ url: `${origin}/ever`, keep: 'for-ever' }))).toBe('ever')
    expect(await desk.ask({ url: `${origin}/day`, keep: 'day' })).toEqual({
      kind: 'unavailable',
      failure: 'offline-and-not-stored',
      why: `${host} was not asked: the run is offline, and the stored answer of 2026-11-01T10:00:00Z is too old to count`,
      help: 'Run once online, or replay an evidence pack that holds the answer.',
    })
    const stale = await desk.ask({ url: `${origin}/day`, keep: 'day', staleIfUnavailable: true })
    expect([text(stale), codes(stale)]).toEqual(['day', ['not-confirmed']])
    expect(await desk.ask({ url: `${origin}/never`, keep: 'day' })).toMatchObject({
      failure: 'offline-and-not-stored',
      why: `${host} was not asked: the run is offline, and no answer is stored`,
    })
    expect(await desk.ask({ url: `${origin}/damaged`, keep: 'day' })).toMatchObject({
      failure: 'store-damaged',
      why: `${host} answered before, but what was stored of it is damaged, and the run is offline`,
    })
    expect(seen).toHaveLength(count)
    await desk.close()
  })

  it('holds a stored answer against the expectation', async () => {
    const { origin, paths } = await source()
    paths.set('/x', file('x'))
    await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    const expected = sha256(Buffer.from('y'))
    const answer = await offline({ store: store() }).ask({ url: `${origin}/x`, keep: 'for-ever', expectSha256: expected })
    expect(answer).toMatchObject({ kind: 'mismatch', expected, from: 'store' })
  })
})

describe('remembered facts', () => {
  it('are recalled in this run and in later ones, with the time they were first remembered', async () => {
    const clock = new HandClock()
    const { desk, clients } = online({ store: store(), clock })
    const bytes = Buffer.from('tree')
    const at = '2026-11-01T10:00:00Z'
    expect(await desk.recall('git-tree x')).toBeUndefined()
    expect(await desk.remember('git-tree x', bytes)).toEqual({ bytes, sha256: sha256(bytes), at })
    clock.advance(1)
    const later = offline({ store: store(), clock })
    const recalled = await later.recall('git-tree x')
    expect({ ...recalled, bytes: Buffer.from(recalled?.bytes ?? []).toString() }).toEqual({
      bytes: 'tree',
      sha256: sha256(bytes),
      at,
    })
    expect(await later.remember('git-tree x', bytes)).toMatchObject({ at })
    expect(later.used().facts).toEqual([{ name: 'git-tree x', sha256: sha256(bytes), size: 4, at }])
    expect(await later.remember('git-tree x', Buffer.from('other'))).toMatchObject({ at: '2026-11-01T11:00:00Z' })
    expect(clients()).toBe(0)
  })

  it('replace a certain other one, or are told what stands there', async () => {
    const [first, second, late] = [Buffer.from('1'), Buffer.from('2'), Buffer.from('3')]
    const desks = [offline({ store: store() }), offline({ store: store() })] as const
    expect(await desks[0].replace('head', undefined, first)).toBe(true)
    expect(await desks[1].recall('head')).toMatchObject({ sha256: sha256(first) })
    expect(await desks[1].replace('head', sha256(first), second)).toBe(true)
    // The first still believes that its own stands.
    expect(await desks[0].recall('head')).toMatchObject({ sha256: sha256(first) })
    expect(await desks[0].replace('head', sha256(first), late)).toBe(false)
    expect(await desks[0].recall('head')).toMatchObject({ sha256: sha256(second) })
    expect(await desks[0].replace('head', sha256(second), late)).toBe(true)
    expect(await offline({ store: store() }).recall('head')).toMatchObject({ sha256: sha256(late) })
  })

  it('replace one whose bytes are lost', async () => {
    await offline({ store: store() }).remember('head', Buffer.from('lost'))
    rmSync(blobPath(folder, sha256(Buffer.from('lost'))))
    const desk = offline({ store: store() })
    expect(await desk.recall('head')).toBeUndefined()
    expect(await desk.replace('head', undefined, Buffer.from('new'))).toBe(true)
    expect(await offline({ store: store() }).recall('head')).toMatchObject({ sha256: sha256(Buffer.from('new')) })
  })

  it('are replaced in a run without a store, and in a replay by its pack alone', async () => {
    const desk = offline()
    expect(await desk.replace('head', undefined, Buffer.from('1'))).toBe(true)
    expect(await desk.replace('head', undefined, Buffer.from('2'))).toBe(false)
    expect(await desk.replace('head', sha256(Buffer.from('1')), Buffer.from('2'))).toBe(true)
    expect(await desk.recall('head')).toMatchObject({ sha256: sha256(Buffer.from('2')) })
  })

  it('have names of any length', async () => {
    const name = `git-tree https://example.com/${'a'.repeat(100_000)}`
    await offline({ store: store() }).remember(name, Buffer.from('a'))
    const desk = offline({ store: store() })
    expect(await desk.recall(name)).toMatchObject({ sha256: sha256(Buffer.from('a')) })
    expect(await desk.recall(`${name}b`)).toBeUndefined()
    expect(desk.used().facts[0]?.name).toMatch(/^sha256 [0-9a-f]{64}$/)
  })

  it('are recalled in a run without a store', async () => {
    const desk = offline()
    await desk.remember('a', Buffer.from('b'))
    expect(await desk.recall('a')).toMatchObject({ sha256: sha256(Buffer.from('b')) })
    expect(await desk.recall('toString')).toBeUndefined()
  })
})

describe('a desk', () => {
  it('makes one client, only when it has to ask, and closes it', async () => {
    const { origin, paths } = await source()
    for (let i = 0; i < 20; i += 1) paths.set(`/${i}`, file(String(i)))
    const { desk, clients } = online()
    expect(clients()).toBe(0)
    await Promise.all(Array.from({ length: 20 }, (_, i) => desk.ask({ url: `${origin}/${i}`, keep: 'run' })))
    expect(clients()).toBe(1)
    await desk.close()
    expect(await desk.ask({ url: `${origin}/new`, keep: 'run' })).toMatchObject({ kind: 'unavailable', failure: 'cancelled' })
  })

  it('lists what was used, once each, whatever came of it', async () => {
    const { origin, paths } = await source()
    paths.set('/b', file('b'))
    paths.set('/a', status(451))
    const { desk } = online({ store: store() })
    for (const name of ['b', 'b', 'a', 'c']) await desk.ask({ url: `${origin}/${name}`, keep: 'day' })
    expect(desk.used().answers.map(({ kind, key }) => `${kind} ${key.url.slice(origin.length)}`)).toEqual([
      'ok /b',
      'refused /a',
      'absent /c',
    ])
  })

  it('goes on when bytes it held are pruned away', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/x', file('x', '"1"'))
    const { desk } = online({ store: store() })
    await desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    store().prune({ now: Date.now() + 2 * 3600 * 1000, maxBytes: 0 })
    expect(text(await desk.ask({ url: `${origin}/x`, keep: 'for-ever' }))).toBe('x')
    expect(seen).toEqual(['/x', '/x'])
  })

  it('follows redirects and says who answered, without what looks like a secret', async () => {
    const { origin, paths } = await source()
    paths.set('/x', (_, response) => void response.writeHead(302, { location: '/y?signature=abcdef' }).end())
    paths.set('/y?signature=abcdef', file('y'))
    await online({ store: store() }).desk.ask({ url: `${origin}/x`, keep: 'for-ever' })
    const answer = await offline({ store: store() }).ask({ url: `${origin}/x`, keep: 'for-ever' })
    expect(answer).toMatchObject({ kind: 'ok', url: `${origin}/y?signature=secret` })
  })
})
