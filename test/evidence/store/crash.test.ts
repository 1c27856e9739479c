import { type ChildProcess, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordPath } from '../../../src/evidence/store/layout.js'
import { openStore } from '../../../src/evidence/store/open-store.js'
import { bundle, scratchFolder } from './support/bundle.js'
import { sha256 } from './support/records.js'

const WRITER = join(import.meta.dirname, 'support', 'crash-writer.mjs')
const QUESTIONS = 24

const scratch = scratchFolder()
afterAll(scratch.remove)
let module = ''
beforeAll(async () => {
  module = await bundle('src/evidence/store/open-store.ts', scratch.folder)
})

interface Writer {
  readonly process: ChildProcess
  readonly said: () => string
}

async function writer(folder: string, seed: number): Promise<Writer> {
  const child = spawn(process.execPath, [WRITER, module, folder, String(seed)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data) => (said += String(data)))
  await once(child.stdout, 'data')
  return { process: child, said: () => said }
}

async function kill({ process: child }: Writer): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** What the store answers now: each answer must be whole, and to its own question. */
function check(folder: string): { readonly answered: number; readonly notices: readonly string[] } {
  const notices: string[] = []
  const store = openStore(folder, { tell: ({ message }) => notices.push(message) })
  let answered = 0
  for (let i = 0; i < QUESTIONS; i += 1) {
    const record = store.answer({ url: `https://example.com/${i}`, accept: '*/*' })
    const fact = store.fact(`fact ${i}`)
    for (const named of [record, fact]) {
      if (named === undefined || !('sha256' in named)) continue
      const blob = store.blob(named.sha256, named.size)
      if (blob.kind !== 'ok') throw new Error(`${i}: a record without its bytes (${blob.kind})`)
      const bytes = Buffer.from(blob.bytes)
      const end = bytes.indexOf(10)
      const head = /^(\d+) (\d+)$/.exec(bytes.subarray(0, end).toString('latin1'))
      const filling = Buffer.from(sha256(bytes.subarray(0, end + 1)), 'hex')
      if (Number(head?.[1]) !== i || !bytes.subarray(end + 1).equals(Buffer.alloc(bytes.length - end - 1, filling)))
        throw new Error(`${i}: the answer to another question`)
      if (record === named && record.kind === 'ok' && record.validators.etag !== `"${head?.[2]}"`)
        throw new Error(`${i}: the validators of another answer`)
      answered += 1
    }
  }
  return { answered, notices }
}

describe('a fact that several processes replace at once', () => {
  const COUNTER = join(import.meta.dirname, 'support', 'crash-counter.mjs')

  it("loses no replacement, and an abandoned lock stands in nobody's way", { timeout: 120_000 }, async () => {
    const folder = join(scratch.folder, 'counted')
    const store = openStore(folder)
    const record = { name: 'count', sha256: sha256(Buffer.from('0')), size: 1, at: '2026-11-01T10:00:00Z' }
    expect(await store.replaceFact(undefined, record)).toEqual(record)
    expect(await store.replaceFact(undefined, { ...record, sha256: sha256(Buffer.from('1')) })).toEqual(record)
    const path = recordPath(folder, 'facts', hash('sha256', 'count'))
    // As a process leaves it that was killed in the middle.
    writeFileSync(join(dirname(path), `.tmp-lock-${basename(path)}`), '')
    const counters = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, [COUNTER, module, folder, '40'], { stdio: ['ignore', 'inherit', 'inherit'] })
      return once(child, 'exit')
    })
    expect((await Promise.all(counters)).map(([code]) => code)).toEqual([0, 0, 0, 0])
    expect(store.fact('count')?.size).toBe(161)
    expect(store.statistics()).toMatchObject({ facts: 1, temporary: 0 })
  })
})

describe('a store whose writers are ended at any moment', () => {
  it('never gives a wrong answer: two at once, 50 times', { timeout: 120_000 }, async () => {
    const folder = join(scratch.folder, 'killed')
    let killed = 0
    let checks = 0
    for (let round = 0; round < 25; round += 1) {
      const writers = await Promise.all([writer(folder, round * 2), writer(folder, round * 2 + 1)])
      await wait(((round * 37) % 60) + Math.random() * 10)
      for (const each of writers) {
        // The other one is still writing while this reads.
        await kill(each)
        killed += 1
        expect(check(folder).notices).toEqual([])
        checks += 1
      }
      expect(writers.map(({ said }) => said())).toEqual(['', ''])
    }
    expect([killed, checks]).toEqual([50, 50])
    const { answered } = check(folder)
    expect(answered).toBe(2 * QUESTIONS)
    const store = openStore(folder)
    const before = store.statistics()
    expect(before).toMatchObject({ answers: QUESTIONS, facts: QUESTIONS, damaged: 0, foreign: 0 })
    // They were ended while they wrote, not between.
    expect(before.temporary).toBeGreaterThan(0)
    const report = store.prune({ now: Date.now() + 2 * 24 * 3600 * 1000 })
    expect(report.leftovers).toBe(before.temporary)
    expect(store.statistics().temporary).toBe(0)
    expect(check(folder).answered).toBe(2 * QUESTIONS)
  })

  it('nor while another one prunes: at worst it has nothing', async () => {
    const folder = join(scratch.folder, 'pruned')
    const writers = await Promise.all([writer(folder, 1), writer(folder, 2)])
    const store = openStore(folder)
    const end = Date.now() + 1500
    let pruned = 0
    while (Date.now() < end) {
      // As if two hours had passed, so that even blobs just written count as old.
      pruned += store.prune({ now: Date.now() + 2 * 3600 * 1000, maxBytes: 300_000 }).blobs
      for (let i = 0; i < QUESTIONS; i += 1) {
        const record = store.answer({ url: `https://example.com/${i}`, accept: '*/*' })
        if (record?.kind !== 'ok') continue
        const blob = store.blob(record.sha256, record.size)
        if (blob.kind !== 'ok') expect(blob.kind).toBe('missing')
        else expect(Buffer.from(blob.bytes).toString('latin1')).toMatch(new RegExp(`^${i} `))
      }
      await wait(5)
    }
    await Promise.all(writers.map(kill))
    expect(writers.map(({ said }) => said())).toEqual(['', ''])
    expect(pruned).toBeGreaterThan(0)
  })
})
