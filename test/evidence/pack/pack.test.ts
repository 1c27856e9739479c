import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Pack } from '../../../src/evidence/pack/pack.js'
import { openPack, type PackRead, readPack } from '../../../src/evidence/pack/read-pack.js'
import { savePack } from '../../../src/evidence/pack/save-pack.js'
import { keyText } from '../../../src/evidence/store/answer-key.js'
import { offline } from '../desk/support/source.js'
import { scratchFolder } from '../store/support/bundle.js'
import { AT, anyRecord, okRecord, sha256 } from '../store/support/records.js'
import { ONE, packOf, SMALL, TWO, usedOf } from './support/used.js'

const scratch = scratchFolder()
afterAll(scratch.remove)

function whole(read: PackRead): Pack {
  if (!read.ok) throw new Error(read.problem.why)
  return read.pack
}

describe('a pack', () => {
  it('gives back every answer, fact and blob, and names itself by its hash', () => {
    const bytes = packOf(SMALL, { subject: 'example', tool: 'assay' })
    const pack = whole(readPack(bytes))
    for (const record of SMALL.answers) expect(pack.answer(record.key)).toEqual(record)
    expect(pack.answer({ url: 'https://example.com/1', accept: 'text/plain' })).toBeUndefined()
    expect(pack.fact('git-tree x')).toEqual(SMALL.facts[0])
    expect(pack.fact('toString')).toBeUndefined()
    expect(Buffer.from(pack.blob(sha256(TWO)) ?? []).equals(TWO)).toBe(true)
    expect(pack.blob('0'.repeat(64))).toBeUndefined()
    expect([...pack.meta]).toEqual([
      ['subject', 'example'],
      ['tool', 'assay'],
    ])
    expect([pack.answers, pack.facts, pack.blobs, pack.digest]).toEqual([6, 1, 3, sha256(bytes)])
  })

  it('is the same for the same answers in any order', () => {
    const bytes = packOf(SMALL, { a: '1', b: '2' })
    const turned = usedOf([...SMALL.answers].reverse(), SMALL.facts, [Buffer.alloc(0), TWO, ONE])
    expect(packOf(turned, { b: '2', a: '1' }).equals(bytes)).toBe(true)
    expect(packOf(SMALL, { a: '1', b: '3' }).equals(bytes)).toBe(false)
  })

  it('of this run has these bytes, on every machine and in every version', () => {
    // Computed by a second program that was written from the text of `layout.ts`; a change here is a new version of the format.
    expect(sha256(packOf(SMALL, { subject: 'example' }))).toBe(GOLDEN)
  })

  it('of nothing is a pack', () => {
    const pack = whole(readPack(packOf(usedOf([], [], []))))
    expect([pack.answers, pack.facts, pack.blobs, pack.meta.size]).toEqual([0, 0, 0, 0])
  })

  it('holds any records', () => {
    fc.assert(
      fc.property(fc.array(anyRecord), fc.array(fc.tuple(fc.string(), fc.uint8Array())), (records, named) => {
        const answers = [...new Map(records.map((record) => [keyText(record.key), withBytes(record)])).values()]
        const facts = [...new Map(named)].map(([name, bytes]) => ({ name, sha256: sha256(bytes), size: bytes.length, at: AT }))
        const blobs = [...answers.map(({ key }) => bytesFor(key.url)), ...named.map(([, bytes]) => bytes)]
        const bytes = packOf(usedOf(answers, facts, blobs))
        const pack = whole(readPack(bytes))
        for (const record of answers) expect(pack.answer(record.key)).toEqual(record)
        for (const fact of facts) {
          expect(pack.fact(fact.name)).toEqual(fact)
          expect(sha256(pack.blob(fact.sha256) ?? Buffer.from('none'))).toBe(fact.sha256)
        }
        const again = usedOf([...answers].reverse(), [...facts].reverse(), blobs)
        expect(packOf(again).equals(bytes)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it.skipIf(spawnSync('tar', ['--version']).status !== 0)('is read by tar', () => {
    const folder = join(scratch.folder, 'tar')
    mkdirSync(folder)
    writeFileSync(join(folder, 'x.pack'), packOf(SMALL))
    expect(spawnSync('tar', ['-xf', 'x.pack'], { cwd: folder, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
    expect(readdirSync(folder).sort()).toEqual(['answers.jsonl', 'blobs', 'facts.jsonl', 'manifest.json', 'x.pack'])
    expect(readFileSync(join(folder, 'blobs', sha256(TWO))).equals(TWO)).toBe(true)
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    const lines = readFileSync(join(folder, 'answers.jsonl'))
    expect(manifest).toMatchObject({
      format: 'assay-evidence-pack-1',
      answers: { count: 6, bytes: lines.length, sha256: sha256(lines) },
      blobs: { count: 3, bytes: ONE.length + TWO.length },
    })
  })
})

describe('a file of a pack', () => {
  it('is written whole and read where it lies', async () => {
    const path = join(scratch.folder, 'out', 'evidence.pack')
    const saved = await savePack(path, SMALL, { subject: 'example' })
    expect(saved).toEqual({ digest: sha256(readFileSync(path)), bytes: readFileSync(path).length })
    const pack = whole(openPack(path))
    expect(pack.digest).toBe(saved.digest)
    expect(Buffer.from(pack.blob(sha256(TWO)) ?? []).equals(TWO)).toBe(true)
    pack.close()
    expect(readdirSync(join(scratch.folder, 'out'))).toEqual(['evidence.pack'])
  })

  it('that changes after it was read gives no wrong answer', async () => {
    const path = join(scratch.folder, 'changing.pack')
    await savePack(path, SMALL)
    const pack = whole(openPack(path))
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('bytes of one')] = 0x42
    writeFileSync(path, bytes)
    expect(pack.blob(sha256(ONE))).toBeUndefined()
    const question = { url: 'https://example.com/1', keep: 'day' } as const
    expect(await offline({ pack }).ask(question)).toMatchObject({ kind: 'unavailable', failure: 'store-damaged' })
    writeFileSync(path, '')
    expect(pack.blob(sha256(TWO))).toBeUndefined()
    pack.close()
  })

  it('is not replaced by half a pack', async () => {
    const path = join(scratch.folder, 'kept.pack')
    await savePack(path, SMALL)
    const before = readFileSync(path)
    const missing = usedOf(SMALL.answers, SMALL.facts, [ONE, Buffer.alloc(0)])
    await expect(savePack(path, missing)).rejects.toMatchObject({ code: 'unavailable' })
    const damaged = { ...SMALL, blob: () => Buffer.from('others') }
    await expect(savePack(path, damaged)).rejects.toMatchObject({ code: 'unavailable' })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(scratch.folder).filter((name) => name.startsWith('.tmp'))).toEqual([])
  })

  it('that cannot be written is an error with a next step', async () => {
    writeFileSync(join(scratch.folder, 'file'), '')
    const path = join(scratch.folder, 'file', 'x.pack')
    await expect(savePack(path, SMALL)).rejects.toMatchObject({
      code: 'output-unwritable',
      help: 'Choose another place with -o.',
    })
    await expect(savePack(scratch.folder, SMALL)).rejects.toMatchObject({ code: 'output-unwritable' })
    expect(existsSync(path)).toBe(false)
  })

  it('that cannot be read is a problem by name', () => {
    expect(openPack(join(scratch.folder, 'none'))).toMatchObject({ ok: false, problem: { code: 'unreadable' } })
    expect(openPack(scratch.folder)).toMatchObject({ ok: false, problem: { code: 'unreadable' } })
  })
})

describe('what does not fit into a pack', () => {
  it.each([
    ['a name', { 'Not a name': 'x' }],
    ['a long text', { name: 'x'.repeat(1001) }],
  ])('%s is refused before anything is written', (_, meta) => {
    expect(() => packOf(SMALL, meta)).toThrowError(expect.objectContaining({ code: 'usage' }))
  })

  it('two lengths of one blob are refused', () => {
    const twice = [okRecord('https://example.com/1', ONE), okRecord('https://example.com/2', ONE, { size: 5 })]
    expect(() => packOf(usedOf(twice, [], [ONE]))).toThrowError(expect.objectContaining({ code: 'usage' }))
  })
})

const GOLDEN = '40f74b938f96bf69678e1e8b398d3b8248dcb2810eff34a00de9425a0d6e459c'

/** Any record, with bytes that exist. */
function withBytes<T extends { readonly kind: string; readonly key: { readonly url: string } }>(record: T): T {
  const bytes = bytesFor(record.key.url)
  return record.kind === 'ok' ? { ...record, sha256: sha256(bytes), size: bytes.length } : record
}

function bytesFor(url: string): Uint8Array {
  return Buffer.from(url.repeat(url.length % 20))
}
