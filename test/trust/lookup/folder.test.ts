import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FolderTree } from '../../../src/evidence/folder-tree.js'
import type { Digest } from '../../../src/model/digest.js'
import { folderSource } from '../../../src/trust/lookup/folder.js'
import type { LookupAnswer, LookupSubject } from '../../../src/trust/lookup/source.js'
import { withScratch } from '../../support/assay.js'
import { MemoryTree } from '../../support/memory-tree.js'

const HEX = '0123456789abcdef'.repeat(4)
const SUBJECT: LookupSubject = { name: 'a', anchors: [{ of: 'artifact', algorithm: 'sha256', value: HEX }] }

const ask = (files: Record<string, string | Uint8Array>, subject = SUBJECT): Promise<LookupAnswer> =>
  folderSource(new MemoryTree(files), 'f').ask(subject)

function told(answer: LookupAnswer): string {
  if (answer.kind === 'none') return 'none'
  if (answer.kind !== 'found') return `${answer.kind}: ${answer.why}`
  return `found ${answer.bundles.map(({ from }) => from).join(' ')}${answer.incomplete === undefined ? '' : `; ${answer.incomplete}`}`
}

describe('a folder of attestations by digest', () => {
  it.each([
    `sha256/${HEX}.jsonl`,
    `sha256-${HEX}.jsonl`,
    `sha256:${HEX}.jsonl`,
    `sha256/${HEX}.sigstore.json`,
    `sha256-${HEX}.json`,
    `sha256:${HEX}.sigstore.json`,
  ])('%s is found', async (file) => {
    expect(told(await ask({ [file]: '{}' }))).toBe(`found ${file}`)
  })

  it('gives each content once, and those that the index names', async () => {
    const files = {
      [`sha256/${HEX}.jsonl`]: 'one',
      [`sha256-${HEX}.jsonl`]: 'one',
      [`sha256-${HEX}.json`]: 'two',
      'more/three.json': 'three',
      'index.json': JSON.stringify({ [`sha256:${HEX}`]: ['more/three.json'], 'sha256:00': 'other.json' }),
    }
    expect(told(await ask(files))).toBe(`found sha256/${HEX}.jsonl sha256-${HEX}.json more/three.json`)
  })

  it('without one has none; without a digest that counts it is not asked', async () => {
    expect(told(await ask({}))).toBe('none')
    expect(told(await ask({ 'index.json': '{}' }))).toBe('none')
    const anchors: Digest[] = [
      { of: 'artifact', algorithm: 'sha1', value: 'a'.repeat(40) },
      { of: 'artifact', algorithm: 'sha256', value: `../../${'a'.repeat(58)}` },
      { of: 'artifact', algorithm: 'sha256', value: HEX.toUpperCase() },
      { of: 'artifact', algorithm: 'sha512', value: HEX },
      { of: 'tree', scheme: 'nimble-sha1', value: 'a'.repeat(40) },
      { of: 'tree', scheme: 'go-h1', value: 'h1:../../etc/passwd' },
    ]
    expect(told(await ask({}, { name: 'a', anchors }))).toBe('not-applicable: no digest is known by which a folder is asked')
  })

  it('knows trees of Go and commits by what statements call them', async () => {
    const h1 = 'h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48='
    const anchors: Digest[] = [
      { of: 'tree', scheme: 'go-h1', value: h1 },
      { of: 'git-object', algorithm: 'sha1', value: 'c'.repeat(40) },
    ]
    const files = {
      'dirHash1/2a1bb6127fb481c60f67692e22285fb306f3c6ffe62075e0ccf674d7c3adcb8f.jsonl': 'one',
      [`gitCommit-${'c'.repeat(40)}.json`]: 'two',
    }
    expect(told(await ask(files, { name: 'a', anchors }))).toBe(`found ${Object.keys(files).join(' ')}`)
  })

  it.each([
    ['{"sha256:x": ["../secret"]}', 'does not map to paths'],
    ['{"sha256:x": ["/etc/passwd"]}', 'does not map to paths'],
    ['{"sha256:x": ["a\\\\b"]}', 'does not map to paths'],
    ['{"sha256:x": ["a//b"]}', 'does not map to paths'],
    ['{"sha256:x": [1]}', 'does not map to paths'],
    ['{"sha256:x": {"a": 1}}', 'does not map to paths'],
    ['[]', 'it is no JSON object'],
    ['{"a": [], "a": []}', 'stands twice'],
    ['\ufeff{}', 'not valid JSON'],
    ['{', 'not valid JSON'],
  ])('with the index %s: unknown', async (index, why) => {
    const answer = await ask({ 'index.json': index })
    expect(answer.kind).toBe('unknown')
    expect(told(answer)).toContain(why)
  })

  it('says what its index names and is not there, and keeps what is', async () => {
    const index = JSON.stringify({ [`sha256:${HEX}`]: ['gone.json'] })
    expect(told(await ask({ 'index.json': index }))).toBe('unknown: gone.json is no file inside the folder')
    expect(told(await ask({ 'index.json': index, [`sha256-${HEX}.json`]: 'x' }))).toBe(
      `found sha256-${HEX}.json; gone.json is no file inside the folder`,
    )
    const many = JSON.stringify({ [`sha256:${HEX}`]: Array.from({ length: 500 }, (_, at) => `f${at}.json`) })
    const files = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}.json`, String(at)]))
    const answer = await ask({ ...files, 'index.json': many })
    expect(answer.kind === 'found' && answer.bundles.length).toBe(100)
    expect(told(answer)).toContain('more than 100 files')
  })

  it('of any index is an answer, and never a path that leads out', () => {
    const path = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('..', '../x', '/x', 'a/../../b', './a', 'C:\\x'))
    return fc.assert(
      fc.asyncProperty(fc.array(path, { maxLength: 4 }), async (paths) => {
        const seen: string[] = []
        class Watched extends MemoryTree {
          override async stat(asked: string): ReturnType<MemoryTree['stat']> {
            seen.push(asked)
            return super.stat(asked)
          }
        }
        const index = JSON.stringify({ [`sha256:${HEX}`]: paths })
        expect(told(await folderSource(new Watched({ 'index.json': index }), 'f').ask(SUBJECT))).not.toBe('')
        expect(seen.every((each) => !each.startsWith('/') && !each.split('/').includes('..'))).toBe(true)
      }),
    )
  })

  it.skipIf(process.platform === 'win32')('on disk: links stay inside, pipes and folders are no files', () =>
    withScratch(async (folder) => {
      const inside = join(folder, 'inside')
      const put = (name: string, content: string): void => {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), content)
      }
      put('secret.json', 'secret')
      put('inside/real.json', 'real')
      symlinkSync(join(folder, 'secret.json'), join(inside, `sha256-${HEX}.json`))
      const source = () => folderSource(new FolderTree(inside), 'f').ask(SUBJECT)
      expect(told(await source())).toBe(`unknown: sha256-${HEX}.json is no file inside the folder`)
      symlinkSync('real.json', join(inside, `sha256-${HEX}.jsonl`))
      mkdirSync(join(inside, `sha256:${HEX}.json`))
      execFileSync('mkfifo', [join(inside, `sha256-${HEX}.sigstore.json`)])
      const answer = await source()
      expect(told(answer)).toContain(`found sha256-${HEX}.jsonl; `)
      expect(answer.kind === 'found' && answer.bundles.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['real'])
    }),
  )
})
