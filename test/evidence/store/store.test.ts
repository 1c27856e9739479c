import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keyText, nameOf } from '../../../src/evidence/store/answer-key.js'
import { blobPath, recordPath } from '../../../src/evidence/store/layout.js'
import { openStore } from '../../../src/evidence/store/open-store.js'
import type { Store, StoreNotice } from '../../../src/evidence/store/store.js'
import { bundle, scratchFolder } from './support/bundle.js'
import { AT, absentRecord, okRecord, putWhole, sha256 } from './support/records.js'

const URL = 'https://example.com/a'
const BYTES = Buffer.from('the bytes of a')
const DAY = 24 * 3600 * 1000

const scratch = scratchFolder()
afterAll(scratch.remove)

let folder = ''
let notices: StoreNotice[] = []
let store: Store
let count = 0
const fresh = (): Store => openStore(folder, { tell: (notice) => notices.push(notice) })

beforeEach(() => {
  folder = join(scratch.folder, `store-${++count}`)
  notices = []
  store = fresh()
})

const answerPath = (url: string): string => recordPath(folder, 'answers', nameOf(keyText({ url, accept: '*/*' })))
const filesIn = (path: string): string[] =>
  existsSync(path) ? readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((e) => (e.isFile() ? [e.name] : [])) : []

describe('a store', () => {
  it('creates nothing before something is stored', () => {
    expect(store.answer({ url: URL, accept: '*/*' })).toBeUndefined()
    expect(store.blob(sha256(BYTES), BYTES.length)).toEqual({ kind: 'missing' })
    expect(store.statistics()).toEqual({ answers: 0, facts: 0, blobs: 0, bytes: 0, foreign: 0, damaged: 0, temporary: 0 })
    expect(existsSync(folder)).toBe(false)
  })

  it('gives back what was stored, also to another process', async () => {
    const record = await putWhole(store, URL, BYTES, { validators: { etag: '"1"' }, signs: [{ code: 'stale', why: 'old' }] })
    const absent = absentRecord('https://example.com/b')
    await store.putAnswer(absent)
    await store.putFact({ name: 'git-tree x', sha256: record.sha256, size: BYTES.length, at: AT })
    const other = fresh()
    expect(other.answer(record.key)).toEqual(record)
    expect(other.answer(absent.key)).toEqual(absent)
    expect(other.answer({ url: URL, accept: 'text/plain' })).toBeUndefined()
    expect(other.fact('git-tree x')).toEqual({ name: 'git-tree x', sha256: record.sha256, size: BYTES.length, at: AT })
    expect(other.fact('git-tree y')).toBeUndefined()
    expect(other.blob(record.sha256, BYTES.length)).toEqual({ kind: 'ok', bytes: new Uint8Array(BYTES) })
    expect(notices).toEqual([])
  })

  it('replaces an answer by a newer one and leaves nothing half-written', async () => {
    await putWhole(store, URL, BYTES)
    const record = await putWhole(store, URL, Buffer.from('others'))
    expect(store.answer(record.key)).toEqual(record)
    expect(filesIn(folder).filter((name) => name.startsWith('.'))).toEqual([])
    expect(store.statistics()).toMatchObject({ answers: 1, blobs: 2, temporary: 0 })
  })

  it('is marked as a cache, and not for the eyes of others', async () => {
    await putWhole(store, URL, BYTES)
    expect(readFileSync(join(folder, 'CACHEDIR.TAG'), 'utf8')).toMatch(/^Signature: 8a477f597d28d172789f06886806bc55\n/)
    if (process.platform === 'win32') return
    expect(statSync(folder).mode & 0o077).toBe(0)
    expect(statSync(answerPath(URL)).mode & 0o077).toBe(0)
  })

  it('goes on when its folder is deleted meanwhile', async () => {
    await putWhole(store, URL, BYTES)
    rmSync(folder, { recursive: true })
    const record = await putWhole(store, URL, BYTES)
    expect(store.answer(record.key)).toEqual(record)
    expect(notices).toEqual([])
  })

  it('stores many at once', async () => {
    const urls = Array.from({ length: 300 }, (_, i) => `https://example.com/${i}`)
    await Promise.all(urls.map((url) => putWhole(store, url, Buffer.from(url))))
    expect(store.statistics()).toMatchObject({ answers: 300, blobs: 300, temporary: 0 })
  })
})

describe('what is damaged', () => {
  it.each([
    ['other bytes', (path: string) => writeFileSync(path, 'the bytes of b')],
    ['fewer bytes', (path: string) => writeFileSync(path, 'the')],
    ['more bytes', (path: string) => writeFileSync(path, 'the bytes of a and more')],
    ['none', (path: string) => writeFileSync(path, '')],
  ])('%s: a blob is not used, moved aside, told, and stored again', async (_, damage) => {
    const { sha256: name } = await putWhole(store, URL, BYTES)
    damage(blobPath(folder, name))
    expect(store.blob(name, BYTES.length)).toEqual({ kind: 'damaged' })
    expect(store.blob(name, BYTES.length)).toEqual({ kind: 'missing' })
    expect(notices.map(({ code }) => code)).toEqual(['store-damaged'])
    expect(notices[0]?.message).toContain(name)
    expect(filesIn(join(folder, 'damaged'))).toHaveLength(1)
    expect(store.statistics()).toMatchObject({ blobs: 0, damaged: 1 })
    await store.putBlob(name, BYTES)
    expect(store.blob(name, BYTES.length).kind).toBe('ok')
  })

  it('a blob that is put again is made good without being read first', async () => {
    const { sha256: name } = await putWhole(store, URL, BYTES)
    writeFileSync(blobPath(folder, name), 'the bytes of b')
    await store.putBlob(name, BYTES)
    expect(store.blob(name, BYTES.length).kind).toBe('ok')
  })

  it('a record with any byte changed, or cut off anywhere, is no record', async () => {
    const record = await putWhole(store, URL, BYTES)
    const path = answerPath(URL)
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at += 1) {
      const other = Buffer.from(whole)
      other[at] = (other[at] ?? 0) ^ 0x04
      writeFileSync(path, other)
      expect(store.answer(record.key), `byte ${at}`).toBeUndefined()
      writeFileSync(path, whole.subarray(0, at))
      expect(store.answer(record.key), `cut at ${at}`).toBeUndefined()
    }
    writeFileSync(path, whole)
    expect(store.answer(record.key)).toEqual(record)
  })

  it('a record under the name of another is no record', async () => {
    await putWhole(store, URL, BYTES)
    const path = answerPath('https://example.com/b')
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, readFileSync(answerPath(URL)))
    expect(store.answer({ url: 'https://example.com/b', accept: '*/*' })).toBeUndefined()
  })

  it('garbage of any kind under any name never throws', async () => {
    const record = await putWhole(store, URL, BYTES)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        async (garbage) => {
          writeFileSync(answerPath(URL), garbage)
          writeFileSync(blobPath(folder, record.sha256), garbage)
          expect(store.answer(record.key)).toBeUndefined()
          expect(store.blob(record.sha256, BYTES.length).kind).not.toBe('ok')
        },
      ),
      { numRuns: 50 },
    )
  })

  it('a folder or a named pipe in the place of a file is not there', async () => {
    const record = await putWhole(store, URL, BYTES)
    rmSync(answerPath(URL))
    mkdirSync(answerPath(URL))
    rmSync(blobPath(folder, record.sha256))
    if (process.platform === 'win32') mkdirSync(blobPath(folder, record.sha256))
    else spawnSync('mkfifo', [blobPath(folder, record.sha256)])
    expect(store.answer(record.key)).toBeUndefined()
    expect(store.blob(record.sha256, BYTES.length)).toEqual({ kind: 'missing' })
  })
})

describe('records of another version', () => {
  it('are not read, not replaced, not removed', async () => {
    const record = okRecord(URL, BYTES)
    const path = answerPath(URL)
    mkdirSync(dirname(path), { recursive: true })
    const foreign = '{"format":2,"new":"things"}\n'
    writeFileSync(path, foreign)
    utimesSync(path, 1, 1)
    expect(store.answer(record.key)).toBeUndefined()
    expect(await store.putAnswer(record)).toBe(false)
    expect(store.statistics()).toMatchObject({ answers: 0, foreign: 1 })
    store.prune({ now: Date.now() + 1000 * DAY, maxAgeMs: 0, maxBytes: 0 })
    expect(readFileSync(path, 'utf8')).toBe(foreign)
    expect(notices).toEqual([])
  })

  it('keep blobs from being taken for useless', async () => {
    const bytes = Buffer.from('needed by a record that cannot be read')
    await store.putBlob(sha256(bytes), bytes)
    const path = answerPath(URL)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '{"format":2}')
    expect(store.prune({ now: Date.now() + 10 * DAY }).blobs).toBe(0)
    expect(store.prune({ now: Date.now() + 10 * DAY, maxAgeMs: 5 * DAY }).blobs).toBe(1)
  })
})

describe('a store that cannot be written', () => {
  let module = ''
  beforeAll(async () => {
    const place = join(scratch.folder, 'module')
    mkdirSync(place, { recursive: true })
    module = await bundle('src/evidence/store/open-store.ts', place)
    // So that a child without rights can read it.
    chmodSync(scratch.folder, 0o755)
  })

  it('works without storing and says so once', async () => {
    writeFileSync(folder, 'a file where the folder should be')
    expect(await store.putBlob(sha256(BYTES), BYTES)).toBe(false)
    expect(await store.putAnswer(okRecord(URL, BYTES))).toBe(false)
    expect(store.answer({ url: URL, accept: '*/*' })).toBeUndefined()
    expect(store.prune({ now: Date.now() })).toMatchObject({ blobs: 0 })
    expect(notices).toEqual([
      {
        code: 'store-unwritable',
        message: `${folder} cannot be written (ENOTDIR); this run stores nothing`,
        help: 'Name another folder with ASSAY_CACHE.',
      },
    ])
  })

  /** Runs a program against the store in a process of its own and gives what it printed. */
  function child(program: string, before: string): unknown {
    const file = join(scratch.folder, `child-${count}.mjs`)
    writeFileSync(
      file,
      `import { openStore } from ${JSON.stringify(module)}
       import { hash } from 'node:crypto'
       ${before}
       const notices = []
       const store = openStore(${JSON.stringify(folder)}, { tell: ({ code, message }) => notices.push([code, message]) })
       const key = { url: ${JSON.stringify(URL)}, accept: '*/*' }
       const bytes = Buffer.from('new bytes')
       const put = [await store.putBlob(hash('sha256', bytes), bytes), await store.putBlob(hash('sha256', bytes), bytes)]
       console.log(JSON.stringify({ put, notices, held: store.answer(key)?.sha256 }))`,
    )
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `${program} exec "${process.execPath}" "${file}"`], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  it.skipIf(process.platform === 'win32')('because its folder is read-only: what it holds is read', async () => {
    const { sha256: held } = await putWhole(store, URL, BYTES)
    const all = [folder, ...readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))]
    for (const path of all) chmodSync(path, statSync(path).isDirectory() ? 0o555 : 0o444)
    const drop = 'if (process.getuid() === 0) process.setuid(65534)'
    const message = `${folder} cannot be written (EACCES); this run stores nothing`
    expect(child('', drop)).toEqual({ put: [false, false], notices: [['store-unwritable', message]], held })
    for (const path of all) if (statSync(path).isDirectory()) chmodSync(path, 0o755)
    expect(filesIn(folder).filter((name) => name.startsWith('.tmp'))).toEqual([])
  })

  it.skipIf(process.platform === 'win32')('because there is no room: nothing half-written stays', async () => {
    const { sha256: held } = await putWhole(store, URL, BYTES)
    // A limit of zero bytes for a file meets the same place as a full disk.
    const message = `${folder} cannot be written (EFBIG); this run stores nothing`
    expect(child('ulimit -f 0;', '')).toEqual({ put: [false, false], notices: [['store-unwritable', message]], held })
    expect(filesIn(folder).filter((name) => name.startsWith('.tmp'))).toEqual([])
    expect(store.statistics()).toMatchObject({ answers: 1, blobs: 1 })
  })
})

describe('pruning', () => {
  const now = Date.now()
  const aged = (path: string, days: number): void => utimesSync(path, (now - days * DAY) / 1000, (now - days * DAY) / 1000)
  const put = async (name: string, size: number, days: number): Promise<string> => {
    const url = `https://example.com/${name}`
    const { sha256: blob } = await putWhole(store, url, Buffer.alloc(size, name))
    aged(answerPath(url), days)
    aged(blobPath(folder, blob), days)
    return url
  }
  const held = (url: string): boolean => store.answer({ url, accept: '*/*' }) !== undefined

  it('removes what was not used for too long', async () => {
    const old = await put('old', 100, 40)
    const young = await put('young', 100, 20)
    const report = store.prune({ now, maxAgeMs: 30 * DAY })
    expect(report).toMatchObject({ answers: 1, facts: 0, blobs: 1, leftovers: 0 })
    expect([held(old), held(young)]).toEqual([false, true])
  })

  it('does not take for old what is used every day', async () => {
    const url = await put('old', 100, 40)
    expect(held(url)).toBe(true)
    store.prune({ now, maxAgeMs: 30 * DAY })
    expect(held(url)).toBe(true)
  })

  it('removes the least recently used beyond the bytes allowed', async () => {
    const urls = [await put('a', 10_000, 3), await put('b', 10_000, 2), await put('c', 10_000, 1)]
    store.prune({ now, maxBytes: 25_000 })
    expect(urls.map(held)).toEqual([false, true, true])
    expect(store.statistics().bytes).toBeLessThanOrEqual(25_000)
    store.prune({ now, maxBytes: 0 })
    expect(urls.map(held)).toEqual([false, false, false])
    expect(store.statistics()).toMatchObject({ answers: 0, blobs: 0 })
  })

  it('keeps a blob that another answer names', async () => {
    await put('a', 100, 40)
    const url = 'https://example.com/other'
    const { sha256: blob } = await putWhole(store, url, Buffer.alloc(100, 'a'))
    aged(blobPath(folder, blob), 40)
    expect(store.prune({ now, maxAgeMs: 30 * DAY })).toMatchObject({ answers: 1, blobs: 0 })
    expect(store.blob(blob, 100).kind).toBe('ok')
  })

  it('removes blobs that nothing names, but no young ones: their record may be on its way', async () => {
    const bytes = Buffer.from('alone')
    await store.putBlob(sha256(bytes), bytes)
    expect(store.prune({ now: Date.now() }).blobs).toBe(0)
    expect(store.prune({ now: Date.now() + 2 * 3600 * 1000 }).blobs).toBe(1)
  })

  it('removes half-written files older than a day and damaged ones older than a month', async () => {
    const { sha256: blob } = await putWhole(store, URL, BYTES)
    writeFileSync(blobPath(folder, blob), 'damaged')
    store.blob(blob, BYTES.length)
    const temporary = join(dirname(answerPath(URL)), '.tmp-000000000000000000000000')
    writeFileSync(temporary, 'half')
    expect(store.statistics()).toMatchObject({ temporary: 1, damaged: 1 })
    expect(store.prune({ now: Date.now() + DAY / 2 }).leftovers).toBe(0)
    expect(store.prune({ now: Date.now() + 2 * DAY }).leftovers).toBe(1)
    expect(existsSync(temporary)).toBe(false)
    expect(store.prune({ now: Date.now() + 40 * DAY }).leftovers).toBe(1)
  })

  it('leaves alone what is not the store’s', async () => {
    await putWhole(store, URL, BYTES)
    const others = [join(folder, 'notes.txt'), join(folder, 'blobs', 'notes.txt'), join(dirname(answerPath(URL)), 'notes.json')]
    for (const path of others) writeFileSync(path, 'mine')
    store.prune({ now: Date.now() + 1000 * DAY, maxAgeMs: 0, maxBytes: 0 })
    expect(others.map((path) => existsSync(path))).toEqual([true, true, true])
  })

  it('never goes below what was asked, whatever the store holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ size: fc.nat(3000), days: fc.nat(60) }), { maxLength: 8 }),
        fc.nat(12_000),
        fc.nat(60),
        async (files, maxBytes, maxDays) => {
          folder = join(scratch.folder, `store-${++count}`)
          store = fresh()
          const urls: string[] = []
          for (const [i, { size, days }] of files.entries()) urls.push(await put(`${i}-${'x'.repeat(i)}`, size, days))
          const before = store.statistics().bytes
          const report = store.prune({ now, maxBytes, maxAgeMs: (maxDays + 0.5) * DAY })
          const after = store.statistics()
          expect(after.bytes).toBe(before - report.bytes)
          // Young blobs are never removed, whatever is asked.
          if (files.every(({ days }) => days > 0)) expect(after.bytes).toBeLessThanOrEqual(maxBytes)
          for (const [i, { days }] of files.entries()) if (days > maxDays) expect(held(urls[i] ?? '')).toBe(false)
        },
      ),
      { numRuns: 25 },
    )
  })
})
