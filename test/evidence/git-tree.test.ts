import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGitTree } from '../../src/evidence/git-tree.js'

let folder = ''
const marker = (): string => join(folder, '..', 'ran')

function git(...args: readonly string[]): void {
  execFileSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false', '-C', folder, ...args],
    {
      stdio: 'pipe',
    },
  )
}

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'assay-git-')), 'repository')
  mkdirSync(folder)
  git('init', '-q', '-b', 'main')
  put('Cargo.toml', 'first\n')
  put('sub/go.mod', 'module a\n')
  put('sub/ü name.txt', 'unicode\n')
  put('big.bin', 'x'.repeat(300_000))
  put('empty', '')
  symlinkSync('sub', join(folder, 'folder-link'))
  symlinkSync('../Cargo.toml', join(folder, 'sub', 'file-link'))
  symlinkSync('../../outside', join(folder, 'sub', 'escape'))
  symlinkSync('loop-b', join(folder, 'loop-a'))
  symlinkSync('loop-a', join(folder, 'loop-b'))
  git('add', '.')
  git('commit', '-q', '-m', 'first')
  git('tag', 'v1')
  git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},modules/other`)
  put('Cargo.toml', 'second\n')
  git('add', 'Cargo.toml')
  git('commit', '-q', '-m', 'second')
  put('Cargo.toml', 'not committed\n')
})

afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

const text = async (tree: Awaited<ReturnType<typeof openGitTree>>, path: string): Promise<string> => {
  const read = await tree.read(path)
  return read.ok ? new TextDecoder().decode(read.bytes) : `${read.failure}: ${read.why}`
}

describe('a commit as a tree', () => {
  it('reads the commit that is named, not the working folder', async () => {
    expect(await text(await openGitTree(folder, 'v1'), 'Cargo.toml')).toBe('first\n')
    expect(await text(await openGitTree(folder, 'main'), 'Cargo.toml')).toBe('second\n')
    expect(await text(await openGitTree(folder, 'HEAD~1'), 'Cargo.toml')).toBe('first\n')
  })

  it('lists folders in code-unit order with kinds and sizes', async () => {
    const tree = await openGitTree(folder, 'main')
    expect((await tree.list('.')).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'file Cargo.toml',
      'file big.bin',
      'file empty',
      'link folder-link',
      'link loop-a',
      'link loop-b',
      'folder modules',
      'folder sub',
    ])
    expect(await tree.list('modules')).toMatchObject([{ path: 'modules/other', kind: 'submodule' }])
    expect(await tree.stat('big.bin')).toMatchObject({ kind: 'file', size: 300_000 })
    expect(await tree.list('Cargo.toml')).toEqual([])
  })

  it('opens a folder of a repository as its own root', async () => {
    const tree = await openGitTree(join(folder, 'sub'), 'v1')
    expect(await text(tree, 'go.mod')).toBe('module a\n')
    expect(await text(tree, 'file-link')).toBe('outside: file-link is a link to nothing inside the tree')
  })

  it('follows links inside the tree and no further', async () => {
    const tree = await openGitTree(folder, 'main')
    expect(await text(tree, 'folder-link/go.mod')).toBe('module a\n')
    expect((await tree.list('folder-link')).map((entry) => entry.path)).toContain('folder-link/go.mod')
    expect(await text(tree, 'sub/file-link')).toBe('second\n')
    expect(await text(tree, 'sub/escape')).toMatch(/^outside: /)
    expect(await tree.stat('sub/escape')).toBeUndefined()
    expect(await tree.link('sub/escape')).toBe('../../outside')
    expect(await text(tree, 'loop-a')).toMatch(/^outside: /)
  })

  it('reads many objects at once, empty ones and names beyond ASCII too', async () => {
    const tree = await openGitTree(folder, 'main')
    const all = await Promise.all(['empty', 'big.bin', 'sub/ü name.txt', 'Cargo.toml', 'big.bin'].map((path) => text(tree, path)))
    expect(all.map((one) => one.length)).toEqual([0, 300_000, 8, 7, 300_000])
  })

  it('refuses what is too large, absent or no file', async () => {
    const tree = await openGitTree(folder, 'main')
    expect(await tree.read('big.bin', 1000)).toMatchObject({ ok: false, failure: 'too-large' })
    expect(await tree.read('nothing')).toMatchObject({ ok: false, failure: 'absent' })
    expect(await tree.read('sub')).toMatchObject({ ok: false, failure: 'not-a-file' })
    expect(await tree.read('Cargo.toml/inner')).toMatchObject({ ok: false, failure: 'absent' })
  })

  it.each(['', '-h', '--output=x', 'no-such-branch', 'main branch', 'main:sub'])('refuses the ref %j', async (ref) => {
    await expect(openGitTree(folder, ref)).rejects.toMatchObject({ code: 'input-unreadable' })
  })

  it('refuses a folder that is in no repository', async () => {
    const alone = mkdtempSync(join(tmpdir(), 'assay-no-git-'))
    await expect(openGitTree(alone, 'HEAD')).rejects.toMatchObject({ code: 'input-unreadable' })
    rmSync(alone, { recursive: true })
  })

  it('runs nothing that the repository configures', async () => {
    const run = `touch '${marker()}'`
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'core.sshCommand',
      'core.alternateRefsCommand',
      'credential.helper',
      'diff.external',
    ])
      git('config', key, key === 'credential.helper' ? `!${run}` : run)
    git('config', 'alias.ls-tree', `!${run}`)
    git('config', 'alias.cat-file', `!${run}`)
    put('.git/hooks/post-index-change', `#!/bin/sh\n${run}\n`)
    // A partial clone whose missing objects would be fetched through a program.
    git('config', 'remote.origin.url', `ext::sh -c "${run}"`)
    git('config', 'remote.origin.promisor', 'true')
    git('config', 'extensions.partialClone', 'origin')
    const tree = await openGitTree(folder, 'main')
    expect(await text(tree, 'Cargo.toml')).toBe('second\n')
    expect(existsSync(marker())).toBe(false)
  })

  it('says so when an object is missing, and fetches nothing', async () => {
    const id = execFileSync('git', ['-C', folder, 'rev-parse', 'main:sub/go.mod'], { encoding: 'utf8' }).trim()
    rmSync(join(folder, '.git', 'objects', id.slice(0, 2), id.slice(2)))
    const result = await openGitTree(folder, 'main').then(
      (tree) => text(tree, 'sub/go.mod'),
      (error: unknown) => (error instanceof Error ? error.message : 'no error'),
    )
    expect(result).toMatch(/^unreadable: sub\/go\.mod cannot be read|cannot be listed/)
    expect(existsSync(marker())).toBe(false)
  })
})
