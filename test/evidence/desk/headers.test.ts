import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readPack } from '../../../src/evidence/pack/read-pack.js'
import { readRecord, recordMembers } from '../../../src/evidence/store/answer-record.js'
import { fieldsOf } from '../../../src/evidence/store/fields.js'
import type { KeptHeaders } from '../../../src/evidence/store/kept-headers.js'
import { openStore } from '../../../src/evidence/store/open-store.js'
import { packOf } from '../pack/support/used.js'
import { scratchFolder } from '../store/support/bundle.js'
import { okRecord } from '../store/support/records.js'
import { file, HandClock, offline, online, source, status } from './support/source.js'

const scratch = scratchFolder()
afterAll(scratch.remove)

const HEADERS = {
  'content-type': 'application/vnd.oci.image.index.v1+json',
  'docker-content-digest': 'sha256:x',
  link: '</next>; rel="next"',
  'x-other': 'not kept',
}
const KEPT: KeptHeaders = new Map([
  ['content-type', HEADERS['content-type']],
  ['docker-content-digest', HEADERS['docker-content-digest']],
  ['link', HEADERS.link],
])

describe('headers of an answer', () => {
  it('come to whoever asks for them, from the network, the store, a confirmation and a pack', async () => {
    const { origin, paths, seen } = await source()
    const store = openStore(join(scratch.folder, 'kept'))
    paths.set('/x', file('x', '"1"', HEADERS))
    const question = { url: `${origin}/x`, keep: 'hour', headers: true } as const
    const clock = new HandClock()
    const ask = async (): Promise<unknown> => {
      const answer = await online({ store, clock }).desk.ask(question)
      return answer.kind === 'ok' ? [answer.from, answer.headers] : answer
    }
    expect(await ask()).toEqual(['network', KEPT])
    expect(await ask()).toEqual(['store', KEPT])
    clock.advance(2)
    expect(await ask()).toEqual(['store', KEPT])
    expect(seen).toEqual(['/x', '/x if "1"'])
    const run = online({ store, clock })
    await run.desk.ask(question)
    const read = readPack(packOf(run.desk.used()))
    if (!read.ok) throw new Error(read.problem.why)
    expect(await offline({ pack: read.pack }).ask(question)).toMatchObject({ from: 'pack', headers: KEPT })
  })

  it('are not kept where nobody asks for them, and an answer without them is asked for anew', async () => {
    const { origin, paths, seen } = await source()
    const store = openStore(join(scratch.folder, 'anew'))
    paths.set('/x', file('x', '"1"', HEADERS))
    const without = await online({ store }).desk.ask({ url: `${origin}/x`, keep: 'hour' })
    expect(without.kind === 'ok' && without.headers).toBeUndefined()
    expect(await online({ store }).desk.ask({ url: `${origin}/x`, keep: 'hour', headers: true })).toMatchObject({
      from: 'network',
      headers: KEPT,
    })
    // Not conditionally: what is held lacks them.
    expect(seen).toEqual(['/x', '/x'])
  })

  it('are in a record as they were, or it is none', () => {
    const record = { ...okRecord('https://example.com/1', Buffer.from('x')), headers: KEPT }
    const members = JSON.parse(JSON.stringify(recordMembers(record))) as Record<string, unknown>
    const read = (headers: unknown): unknown => readRecord(fieldsOf({ ...members, headers }) ?? new Map())
    expect(read(members['headers'])).toEqual(record)
    expect(read({})).toEqual({ ...record, headers: new Map() })
    for (const headers of [
      null,
      [],
      'x',
      { 'x-other': '1' },
      { link: 1 },
      { link: 'x'.repeat(40_000) },
      { link: 'a', 'content-type': 'b' },
    ])
      expect([headers, read(headers)]).toEqual([headers, undefined])
  })
})

describe('what is named by its digest', () => {
  it('is kept for ever once it is there, and asked for again while it is not', async () => {
    const { origin, paths, seen } = await source()
    const store = openStore(join(scratch.folder, 'digest'))
    const clock = new HandClock()
    const ask = async (): Promise<string> =>
      (await online({ store, clock }).desk.ask({ url: `${origin}/x`, keep: 'digest' })).kind
    paths.set('/x', status(404))
    expect([await ask(), await ask()]).toEqual(['absent', 'absent'])
    paths.set('/x', file('x'))
    expect(await ask()).toBe('ok')
    clock.advance(24 * 365)
    expect(await ask()).toBe('ok')
    expect(seen).toHaveLength(3)
  })
})
