import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MIRROR_FORMAT, MIRROR_MANIFEST, openMirrorStore } from '../../src/evidence/mirror-store.js'
import { withScratch } from '../support/assay.js'

const BYTES = new TextEncoder().encode('content\n')

describe('a folder for a store', () => {
  it('writes whole files, and says which were there already', () =>
    withScratch(async (folder) => {
      const store = await openMirrorStore(join(folder, 'a', 'b'))
      const first = await store.put('x/y.txt', BYTES)
      expect(first).toMatchObject({ path: 'x/y.txt', size: 8, kept: false })
      expect(await store.put('x/y.txt', BYTES)).toMatchObject({ kept: true, sha256: first.sha256 })
      expect(readdirSync(join(folder, 'a', 'b', 'x'))).toEqual(['y.txt'])
      expect(store.link('x/l', 'y.txt')).toMatchObject({ kept: false, target: 'y.txt' })
      expect(store.link('x/l', 'y.txt')).toMatchObject({ kept: true })
      expect(await store.held('x/l')).toBeUndefined()
      expect(await store.held('x/none')).toBeUndefined()
    }))

  it.each(['../x', 'a/../../x', '/x', 'a//x', './x', '', 'a/', 'x\0y', `${'a'.repeat(256)}`])('no path leaves it: %j', (path) =>
    withScratch(async (folder) => {
      const store = await openMirrorStore(join(folder, 'store'))
      await expect(store.put(path, BYTES)).rejects.toThrow(/no path of a store/)
      await expect(store.held(path)).rejects.toThrow(/no path of a store/)
      expect(readdirSync(folder)).toEqual(['store'])
      expect(readdirSync(join(folder, 'store'))).toEqual([])
    }),
  )

  it('whatever is asked for, nothing is written beside it', async () => {
    const segment = fc.constantFrom('..', '.', '', 'a', '/', '\\', 'C:', 'b')
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 5 }), (parts) =>
        withScratch(async (folder) => {
          const store = await openMirrorStore(join(folder, 'store'))
          await store.put(parts.join('/'), BYTES).catch(() => undefined)
          expect(readdirSync(folder)).toEqual(['store'])
        }),
      ),
      { numRuns: 60 },
    )
  })

  it('links lead nowhere else, and none is followed', () =>
    withScratch(async (folder) => {
      const outside = join(folder, 'outside')
      mkdirSync(outside)
      writeFileSync(join(outside, 'secret'), 'secret')
      const store = await openMirrorStore(join(folder, 'store'))
      for (const target of ['../../outside', '/etc/passwd', '..', 'a\0b'])
        expect(() => store.link('d/l', target)).toThrow(/no path/)
      symlinkSync(outside, join(folder, 'store', 'out'))
      await expect(store.put('out/x', BYTES)).rejects.toThrow(/is no folder/)
      expect(await store.held('out/secret')).toBeUndefined()
      // A link in the place of a file is replaced, and what it led to stays.
      symlinkSync(join(outside, 'secret'), join(folder, 'store', 'file'))
      await store.put('file', BYTES)
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
      expect(readFileSync(join(folder, 'store', 'file'), 'utf8')).toBe('content\n')
      expect(existsSync(join(outside, 'x'))).toBe(false)
    }))

  it('a folder can be held to its files; links are removed, not followed', () =>
    withScratch(async (folder) => {
      writeFileSync(join(folder, 'secret'), 'secret')
      const store = await openMirrorStore(join(folder, 'store'))
      for (const path of ['p/a', 'p/b/c', 'p/d/e', 'q/f']) await store.put(path, BYTES)
      symlinkSync(folder, join(folder, 'store', 'p', 'out'))
      store.keepOnly('p', new Set(['p/a', 'p/b/c']))
      expect(readdirSync(join(folder, 'store', 'p')).sort()).toEqual(['a', 'b'])
      expect(readdirSync(join(folder, 'store')).sort()).toEqual(['p', 'q'])
      expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret')
    }))

  it.each([
    ['a folder with other things', 'other.txt', 'x'],
    ['a list that is none of ours', MIRROR_MANIFEST, '{"format":"other"}'],
    ['a damaged list', MIRROR_MANIFEST, '{'],
  ])('is not %s', (_, name, text) =>
    withScratch(async (folder) => {
      writeFileSync(join(folder, name), text)
      await expect(openMirrorStore(folder)).rejects.toThrow(/holds other things/)
      writeFileSync(join(folder, MIRROR_MANIFEST), JSON.stringify({ format: MIRROR_FORMAT }))
      await expect(openMirrorStore(folder)).resolves.toBeDefined()
    }),
  )
})
