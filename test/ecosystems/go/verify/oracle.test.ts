import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { CommitFile } from '../../../../src/ecosystems/commit-record.js'
import type { Repositories } from '../../../../src/ecosystems/go/verify/direct-tag.js'
import { scratchFolder } from '../../../evidence/store/support/bundle.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { hasShared, readSharedJson, sharedPath } from '../../../support/shared.js'
import { verifyTree } from './support.js'

const scratch = scratchFolder()
const has = (command: string): boolean => spawnSync(command, ['version'], { stdio: 'ignore' }).status === 0
const GO = has('go')
const GIT = has('git')

/** The real go command with a cache of its own, and nothing of the user's. */
function goCommand(folder: string, args: readonly string[], environment: Readonly<Record<string, string>>): string {
  const home = join(scratch.folder, 'home')
  mkdirSync(home, { recursive: true })
  mkdirSync(folder, { recursive: true })
  return execFileSync('go', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      GOPATH: join(scratch.folder, 'gopath'),
      GOMODCACHE: join(scratch.folder, 'modcache'),
      GOCACHE: join(scratch.folder, 'gocache'),
      GOFLAGS: '-mod=mod -modcacherw',
      GOENV: 'off',
      GOTOOLCHAIN: 'local',
      GONOSUMDB: '*',
      ...environment,
    },
  })
}
afterAll(scratch.remove)

interface Downloaded {
  readonly Path: string
  readonly Version: string
  readonly Sum: string
  readonly GoModSum: string
}

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, body] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), body)
  }
}

describe.skipIf(!GO || !hasShared('vectors/go/hashes.json'))('the go command as a judge (skipped without it)', () => {
  const proxy = pathToFileURL(sharedPath('vectors/go/proxy')).href
  const { modules } = hasShared('vectors/go/hashes.json')
    ? readSharedJson<{ modules: readonly { path: string; version: string }[] }>('vectors/go/hashes.json')
    : { modules: [] }

  it('the hashes of every module of the vectors are those that go mod download states', async () => {
    const names = modules.map(({ path, version }) => `${path}@${version}`)
    const folder = join(scratch.folder, 'download')
    writeAll(folder, { 'go.mod': 'module example.com/p\n\ngo 1.19\n' })
    const said = goCommand(folder, ['mod', 'download', '-json', ...names], { GOPROXY: proxy })
    const downloaded = JSON.parse(`[${said.trim().replaceAll(/\}\s*\{/g, '},{')}]`) as readonly Downloaded[]
    expect(downloaded).toHaveLength(35)
    const files = downloaded.flatMap(({ Path, Version, Sum, GoModSum }, i): [string, string][] => [
      [`p${i}/go.mod`, `module example.com/p${i}\n\ngo 1.19\n\nrequire ${Path} ${Version}\n`],
      [`p${i}/go.sum`, `${Path} ${Version} ${Sum}\n${Path} ${Version}/go.mod ${GoModSum}\n`],
    ])
    const environment = { GOPROXY: proxy, GOSUMDB: 'off' }
    const { evidence } = await verifyTree(new MemoryTree(Object.fromEntries(files)), { environment, depth: { bytes: true } })
    const bytes = evidence.filter(({ check }) => check === 'go/zip-bytes' || check === 'go/mod-bytes')
    expect(bytes.filter(({ verdict }) => verdict === 'match')).toHaveLength(70)
    expect(bytes).toHaveLength(70)
  })

  it('latest versions, retractions and deprecations are those of go list -m -u -retracted', async () => {
    const folder = join(scratch.folder, 'retracted')
    const paths = [
      'example.net/gone v1.0.5',
      'example.net/oldapi v1.0.0',
      'example.org/a v1.0.0',
      'example.com/tiny v1.0.0',
      'example.com/legacy v2.0.0+incompatible',
    ]
    const mod = `module example.com/p\n\ngo 1.19\n\nrequire (\n${paths.map((line) => `\t${line}\n`).join('')})\n`
    writeAll(folder, { 'go.mod': mod })
    const names = paths.map((line) => line.split(' ')[0] ?? '')
    const said = goCommand(folder, ['list', '-m', '-u', '-retracted', '-json', ...names], { GOPROXY: proxy })
    const listed = JSON.parse(`[${said.trim().replaceAll(/\}\s*\{/g, '},{')}]`) as readonly {
      Path: string
      Version: string
      Update?: { Version: string }
      Retracted?: readonly string[]
      Deprecated?: string
    }[]
    const verification = await verifyTree(new MemoryTree({ 'go.mod': mod, 'go.sum': '' }), {
      environment: { GOPROXY: proxy, GOSUMDB: 'off' },
    })
    const firstLine = (text: string): string => text.split('\n')[0]?.trim() ?? ''
    for (const { Path, Version, Update, Retracted, Deprecated } of listed) {
      const about = (kind: string) =>
        verification.facts.find((f) => f.kind === kind && f.component?.startsWith(`go:${Path}@`) === true)?.data
      // The go command names an update only where there is one that is not retracted.
      const best = about('go/retracted')?.['better'] ?? about('go/latest')?.['version']
      expect(best, Path).toBe(Update?.Version ?? Version)
      expect(about('go/retracted')?.['rationale'], Path).toBe(Retracted?.map(firstLine).join('; '))
      expect(about('go/deprecated')?.['message'], Path).toBe(Deprecated === undefined ? undefined : firstLine(Deprecated))
    }
    expect(listed).toHaveLength(paths.length)
  })
})

describe.skipIf(!GO || !GIT)('modules straight from git, the go command as a judge (skipped without it)', () => {
  const repository = join(scratch.folder, 'repository')
  const address = 'https://github.com/assay-oracle/multi'
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: repository,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        HOME: scratch.folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_DATE: '2023-01-02T03:04:05Z',
        GIT_COMMITTER_DATE: '2023-01-02T03:04:05Z',
      },
    }).trim()
  const root = 'github.com/assay-oracle/multi'
  const FILES = {
    LICENSE: 'the licence of the root\n',
    'go.mod': `module ${root}\n\ngo 1.19\n`,
    'a.go': 'package multi\n',
    'crlf.txt': 'one\r\ntwo\r\n',
    'vendor/modules.txt': '# example.com/x v1.0.0\nexample.com/x\n',
    'vendor/example.com/x/x.go': 'package x\n',
    'pkg/vendor/vendor.go': 'package vendor\n',
    'pkg/vendor/example.com/y/y.go': 'package y\n',
    'internal/deep/vendor/z.go': 'package z\n',
    'empty.txt': '',
    'sub/go.mod': `module ${root}/sub\n\ngo 1.19\n`,
    'sub/s.go': 'package sub\n',
    'sub/nested/go.mod': `module ${root}/sub/nested\n`,
    'sub/nested/n.go': 'package nested\n',
    'own/go.mod': `module ${root}/own\n`,
    'own/LICENSE': 'a licence of its own\n',
    'v2/go.mod': `module ${root}/v2\n\ngo 1.19\n`,
    'v2/two.go': 'package multi\n',
    '.github/workflows/x.yml': 'on: push\n',
    'testdata/GO.MOD.txt': 'no go.mod\n',
  }
  const MODULES: readonly (readonly [string, string])[] = [
    [root, 'v1.0.0'],
    [`${root}/sub`, 'v0.3.0'],
    [`${root}/own`, 'v1.1.0'],
    [`${root}/v2`, 'v2.0.0'],
  ]

  it('the zip that a tag gives has the hash that go mod download computes', async () => {
    mkdirSync(repository, { recursive: true })
    git('init', '-q', '-b', 'main')
    git('config', 'user.email', 'nobody@example.com')
    git('config', 'user.name', 'nobody')
    git('config', 'core.autocrlf', 'false')
    writeAll(repository, FILES)
    execFileSync('ln', ['-s', 'a.go', join(repository, 'link.go')])
    git('add', '-A')
    git('commit', '-q', '-m', 'one')
    for (const tag of ['v1.0.0', 'sub/v0.3.0', 'own/v1.1.0', 'v2.0.0']) git('tag', tag)
    const folder = join(scratch.folder, 'direct')
    writeAll(folder, { 'go.mod': 'module example.com/p\n\ngo 1.19\n' })
    const said = goCommand(folder, ['mod', 'download', '-json', ...MODULES.map(([path, version]) => `${path}@${version}`)], {
      GOPROXY: 'direct',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: `url.${pathToFileURL(repository).href}.insteadOf`,
      GIT_CONFIG_VALUE_0: address,
      GIT_CONFIG_KEY_1: 'protocol.file.allow',
      GIT_CONFIG_VALUE_1: 'always',
    })
    const downloaded = JSON.parse(`[${said.trim().replaceAll(/\}\s*\{/g, '},{')}]`) as readonly Downloaded[]
    const opened: string[] = []
    const repositories: Repositories = {
      refs: async () => {
        const tags = git('tag').split('\n')
        const named = tags.map((name) => [name, { commit: git('rev-parse', `refs/tags/${name}^{commit}`) }] as const)
        return { kind: 'ok', value: { branches: new Map(), tags: new Map(named) } }
      },
      files: async (url, commit) => {
        opened.push(`${url} ${git('describe', '--tags', '--exact-match', commit)}`)
        const rows = git('ls-tree', '-r', '-z', commit)
          .split('\0')
          .filter((row) => row !== '')
        const files = rows.map((row): CommitFile => {
          const [, mode, id = '', path = ''] = /^(\d+) blob ([0-9a-f]+)\t(.+)$/s.exec(row) ?? []
          const bytes = execFileSync('git', ['cat-file', 'blob', id], { cwd: repository })
          return { kind: mode === '120000' ? 'link' : 'file', path, bytes }
        })
        return { kind: 'ok', value: files }
      },
    }
    const sum = downloaded.map(
      ({ Path, Version, Sum, GoModSum }) => `${Path} ${Version} ${Sum}\n${Path} ${Version}/go.mod ${GoModSum}\n`,
    )
    const mod = `module example.com/p\n\ngo 1.19\n\n${MODULES.map(([path, version]) => `require ${path} ${version}\n`).join('')}`
    const tree = new MemoryTree({ 'go.mod': mod, 'go.sum': sum.join('') })
    const environment = { GOPROXY: 'off', GOSUMDB: 'off' }
    const verification = await verifyTree(tree, { environment, depth: { source: true }, repositories })
    for (const { Path, Sum } of downloaded)
      expect(verification.one(Path, 'go/direct-tag'), Path).toMatchObject({
        verdict: 'match',
        observed: Sum,
        authority: { kind: 'git', name: address },
      })
    expect(opened).toHaveLength(MODULES.length)
    // A tag that was moved.
    writeFileSync(join(repository, 'a.go'), 'package multi // evil\n')
    git('commit', '-q', '-a', '-m', 'two')
    git('tag', '-f', 'v1.0.0')
    const moved = await verifyTree(tree, { environment, depth: { source: true }, repositories })
    expect(moved.one(root, 'go/direct-tag').verdict).toBe('mismatch')
    expect(moved.one(`${root}/own`, 'go/direct-tag').verdict).toBe('match')
  })
})
