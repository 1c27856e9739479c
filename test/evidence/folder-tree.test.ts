import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FolderTree } from '../../src/evidence/folder-tree.js'

let outside: string
let root: string

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'assay-tree-'))
  root = join(outside, 'inside')
  mkdirSync(join(root, 'folder'), { recursive: true })
  writeFileSync(join(outside, 'secret.txt'), 'secret')
  writeFileSync(join(root, 'folder', 'b.txt'), 'bb')
  writeFileSync(join(root, 'folder', 'A.txt'), 'a')
})
afterAll(() => rmSync(outside, { recursive: true, force: true }))

const links = process.platform === 'win32' ? it.skip : it

describe('FolderTree', () => {
  it('lists in code-unit order, with kinds and `/`', async () => {
    const tree = new FolderTree(root)
    expect(await tree.list('.')).toEqual([{ path: 'folder', kind: 'folder' }])
    expect(await tree.list('folder')).toEqual([
      { path: 'folder/A.txt', kind: 'file' },
      { path: 'folder/b.txt', kind: 'file' },
    ])
    expect(await tree.list('absent')).toEqual([])
  })

  it('reads whole files, and says why where it cannot', async () => {
    const tree = new FolderTree(root)
    const read = await tree.read('folder/b.txt')
    expect(read.ok && new TextDecoder().decode(read.bytes)).toBe('bb')
    expect(await tree.read('folder/none')).toMatchObject({ ok: false, failure: 'absent' })
    expect(await tree.read('folder')).toMatchObject({ ok: false, failure: 'not-a-file' })
    expect(await tree.read('folder/b.txt', 1)).toMatchObject({ ok: false, failure: 'too-large' })
  })

  it('never leaves its root by `..`', async () => {
    const tree = new FolderTree(root)
    expect(await tree.read('../secret.txt')).toMatchObject({ ok: false, failure: 'outside' })
    expect(await tree.stat('../secret.txt')).toBeUndefined()
    expect(await tree.list('..')).toEqual([])
  })

  links('never leaves its root by a link, but follows links inside', async () => {
    symlinkSync('../secret.txt', join(root, 'out'))
    symlinkSync('..', join(root, 'up'))
    symlinkSync('folder/b.txt', join(root, 'in'))
    symlinkSync('loop', join(root, 'loop'))
    const tree = new FolderTree(root)
    expect(await tree.read('out')).toMatchObject({ ok: false, failure: 'outside' })
    expect(await tree.read('up/secret.txt')).toMatchObject({ ok: false, failure: 'outside' })
    expect(await tree.list('up')).toEqual([])
    expect(await tree.read('in')).toMatchObject({ ok: true })
    expect(await tree.stat('in')).toMatchObject({ kind: 'file', size: 2 })
    expect(await tree.link('out')).toBe('../secret.txt')
    expect(await tree.link('folder')).toBeUndefined()
    expect(await tree.read('loop')).toMatchObject({ ok: false, failure: 'unreadable' })
  })

  links('says when the system refuses', async () => {
    const path = join(root, 'locked')
    writeFileSync(path, 'x')
    chmodSync(path, 0)
    const read = await new FolderTree(root).read('locked')
    // The superuser may read everything.
    expect(read).toMatchObject(process.getuid?.() === 0 ? { ok: true } : { ok: false, failure: 'unreadable' })
  })
})
