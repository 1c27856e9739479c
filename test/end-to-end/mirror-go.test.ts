import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeModule, proxyFiles } from '../ecosystems/go/verify/support.js'
import { assay, type Ran, withScratch } from '../support/assay.js'
import { makeLog } from '../support/checksum-log.js'
import { mirrorDocument } from '../support/mirror-document.js'

const C = makeModule('example.org/c', 'v1.1.0', { files: { 'a.go': 'package c\n\nfunc Three() int { return 3 }\n' } })
const OLD = makeModule('example.org/c', 'v1.0.0', { files: { 'a.go': 'package c\n' } })
const B = makeModule('example.org/b', 'v0.0.0-20240102030405-abcdefabcdef', {
  mod: 'module example.org/b\n\ngo 1.17\n\nrequire example.org/c v1.0.0\n',
  files: { 'a.go': 'package b\n\nimport "example.org/c"\n\nfunc Four() int { return c.Three() + 1 }\n' },
})
const MODULES = [C, OLD, B]
const DATABASE = 'sum.assay.example'
const LOG = makeLog(DATABASE, MODULES)
const ENTRY = { name: 'B/@v', path: '/example.org/b/@v/' }

let server: Server
let url = ''
let asked: string[] = []
const files = proxyFiles(MODULES)
for (const [path, body] of LOG.files) files.set(`/sumdb/${DATABASE}${path}`, body)
const instead = new Map<string, string | Uint8Array | number>()

function serve(of: ReadonlyMap<string, string | Uint8Array>, changed: ReadonlyMap<string, string | Uint8Array | number>): Server {
  return createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const body = changed.get(path) ?? of.get(path) ?? 404
    if (typeof body === 'number') response.writeHead(body).end()
    else response.end(body)
  })
}

async function listen(one: Server): Promise<string> {
  await new Promise<void>((ready) => one.listen(0, '127.0.0.1', ready))
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`
}

beforeAll(async () => {
  server = serve(files, instead)
  url = await listen(server)
})
afterAll(() => new Promise((closed) => server.close(closed)))
beforeEach(() => instead.clear())

/** B needs the old C, of which only the go.mod counts. */
const SUM = `${B.sum}${C.sum}${OLD.sum.split('\n')[1]}\n`

function project(folder: string, sum = SUM): string {
  const root = join(folder, 'project')
  mkdirSync(root, { recursive: true })
  writeFileSync(
    join(root, 'go.mod'),
    `module example.com/app\n\ngo 1.16\n\nrequire example.org/b ${B.version}\n\nrequire example.org/c v1.1.0 // indirect\n`,
  )
  writeFileSync(join(root, 'go.sum'), sum)
  writeFileSync(join(root, 'main.go'), 'package main\n\nimport "example.org/b"\n\nfunc main() { println(b.Four()) }\n')
  writeFileSync(join(root, 'assay.toml'), 'version = 1\n[verify]\nretries = 0\n')
  return root
}

function online(folder: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  asked = []
  return assay(args, {
    env: {
      ...{ ASSAY_OFFLINE: '', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1', HOME: folder },
      ...{ GOPROXY: url, GOSUMDB: LOG.key, ...more },
    },
  })
}

const goVersion = spawnSync('go', ['version'])
const hasGo = goVersion.status === 0

function go(folder: string, root: string, store: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  return spawnSync('go', args, {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder, GOPATH: join(folder, 'gopath'), GOCACHE: join(folder, 'gocache') },
      ...{ GOPROXY: `${pathToFileURL(store).href}/go/cache/download`, GONOPROXY: 'none', GOTOOLCHAIN: 'local', GOSUMDB: LOG.key },
      ...{ GOFLAGS: '-mod=readonly -modcacherw', CGO_ENABLED: '0', ...more },
    },
  })
}

describe('assay mirror fetch for Go', () => {
  it('stores what go.sum names in the form of a proxy', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      const ran = await online(folder, ['mirror', 'fetch', project(folder), '-o', store, '--no-store'])
      expect(ran.stderr).toBe('')
      expect(ran.code).toBe(0)
      const at = (path: string): Buffer => readFileSync(join(store, 'go', 'cache', 'download', 'example.org', ...path.split('/')))
      expect(at(`b/@v/${B.version}.zip`).equals(B.zip)).toBe(true)
      expect(at('c/@v/v1.0.0.mod').toString()).toBe(OLD.mod)
      expect(at('c/@v/list').toString()).toBe('v1.1.0\n')
      // Nothing of what nobody vouches for: the time is that of the pseudo-version.
      expect(JSON.parse(at(`b/@v/${B.version}.info`).toString())).toEqual({ Version: B.version, Time: '2024-01-02T03:04:05Z' })
      expect(existsSync(join(store, 'go', 'cache', 'download', 'example.org', 'c', '@v', 'v1.0.0.zip'))).toBe(false)
      const database = join(store, 'go', 'cache', 'download', 'sumdb', DATABASE)
      expect(existsSync(join(database, 'supported'))).toBe(true)
      const heads = ['c@v1.1.0', 'c@v1.0.0', `b@${B.version}`].map((key) =>
        readFileSync(join(database, 'lookup', 'example.org', key), 'utf8')
          .split('\n\n')
          .slice(1)
          .join('\n\n'),
      )
      expect(new Set(heads).size).toBe(1)
      expect(heads[0]).toContain('\n3\n')
    }))

  it.skipIf(!hasGo)(
    'go builds from it, and its checksum database proves a project without go.sum',
    () =>
      withScratch(async (folder) => {
        const store = join(folder, 'store')
        const root = project(folder)
        expect((await online(folder, ['mirror', 'fetch', root, '-o', store])).code).toBe(0)
        asked = []
        const built = go(folder, root, store, ['run', '.'])
        expect(built.stderr).toMatch(/^4$/m)
        expect(built.status).toBe(0)
        const fresh = go(join(folder, 'other'), root, store, ['mod', 'download', 'all'], { GOFLAGS: '-mod=mod -modcacherw' })
        expect([fresh.status, fresh.stderr]).toEqual([0, ''])
        writeFileSync(join(root, 'go.sum'), '')
        const proved = go(join(folder, 'third'), root, store, ['run', '.'], { GOFLAGS: '-mod=mod -modcacherw' })
        expect(proved.stderr).toMatch(/^4$/m)
        expect(readFileSync(join(root, 'go.sum'), 'utf8').split('\n').sort()).toEqual(SUM.split('\n').sort())
        expect(asked).toEqual([])
      }),
    120_000,
  )

  it('another zip than go.sum states is refused, and not written', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      instead.set(
        '/example.org/c/@v/v1.1.0.zip',
        makeModule('example.org/c', 'v1.1.0', { files: { 'a.go': 'package evil\n' } }).zip,
      )
      const ran = await online(folder, ['mirror', 'fetch', project(folder), '-o', store, '--no-store'])
      expect(ran.code).toBe(1)
      expect(ran.stderr).toContain('example.org/c@v1.1.0: refused')
      expect(ran.stderr).toContain(C.zipHash)
      const folderOfC = join(store, 'go', 'cache', 'download', 'example.org', 'c', '@v')
      expect(existsSync(join(folderOfC, 'v1.1.0.zip'))).toBe(false)
      expect(existsSync(join(folderOfC, 'v1.1.0.mod'))).toBe(false)
    }))

  it('a log that lies is refused, and no part of it is written', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      instead.set(`/sumdb/${DATABASE}/tile/8/0/000.p/3`, Buffer.alloc(96))
      const ran = await online(folder, ['mirror', 'fetch', project(folder), '-o', store, '--no-store'])
      expect(ran.code).toBe(1)
      expect(ran.stderr).toContain(`checksum database ${DATABASE}: refused`)
      expect(existsSync(join(store, 'go', 'cache', 'download', 'sumdb'))).toBe(false)
      expect(existsSync(join(store, 'go', 'cache', 'download', 'example.org', 'c', '@v', 'v1.1.0.zip'))).toBe(true)
    }))

  it('is taken up again: only what is missing or damaged is asked for', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      const root = project(folder)
      const fetch = (): Promise<Ran> => online(folder, ['mirror', 'fetch', root, '-o', store, '--no-store'])
      const zip = `${ENTRY.path}${B.version}.zip`
      instead.set(zip, 503)
      expect((await fetch()).code).toBe(3)
      instead.clear()
      const second = await fetch()
      expect(second.stderr).toBe('')
      expect(asked).toEqual([`${ENTRY.path}${B.version}.mod`, zip])
      writeFileSync(join(store, 'go', 'cache', 'download', 'example.org', 'c', '@v', 'v1.1.0.zip'), B.zip)
      writeFileSync(join(store, 'go', 'cache', 'download', 'sumdb', DATABASE, 'tile', '8', '0', '000.p', '3'), Buffer.alloc(96))
      const repaired = await fetch()
      expect(repaired.code).toBe(0)
      expect(asked.filter((path) => !path.startsWith('/sumdb/'))).toEqual(['/example.org/c/@v/v1.1.0.zip'])
      expect((await fetch()).code).toBe(0)
      expect(asked).toEqual([])
    }))

  it('without a database there is no part of it, and the guide says so', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      const ran = await online(folder, ['mirror', 'fetch', project(folder), '-o', store, '--no-store'], { GOSUMDB: 'off' })
      expect(ran.code).toBe(0)
      expect(ran.stdout).toContain('GOSUMDB=off')
      expect(existsSync(join(store, 'go', 'cache', 'download', 'sumdb'))).toBe(false)
    }))
})

describe('assay mirror compare for Go', () => {
  it('tells what is missing, lagging and different', () =>
    withScratch(async (folder) => {
      const root = project(folder)
      const changed = new Map<string, string | Uint8Array | number>()
      const second = serve(proxyFiles([OLD, B]), changed)
      const other = await listen(second)
      const compare = async (...more: readonly string[]) => {
        const ran = await online(folder, [
          'mirror',
          'compare',
          `go=${url}`,
          other,
          '--lock',
          root,
          '--no-store',
          '--json',
          ...more,
        ])
        const report = mirrorDocument(ran.stdout) as {
          counts: Record<string, number>
          differences: { kind: string; pinned: { name: string; version: string }; source: string; why: string }[]
        }
        return { ...ran, report, told: report.differences.map(({ kind, pinned }) => `${kind} ${pinned.name} ${pinned.version}`) }
      }
      const first = await compare()
      expect(first.told).toEqual(['lagging example.org/c v1.1.0'])
      expect(first.report.differences[0]?.source).toBe(other)
      expect(first.code).toBe(1)
      expect(first.report.counts).toMatchObject({ same: 5, lagging: 1 })
      for (const [path, body] of proxyFiles([C])) changed.set(path, body)
      expect((await compare()).code).toBe(0)
      const evil = makeModule('example.org/c', 'v1.1.0', { files: { 'a.go': 'package evil\n' } })
      changed.set('/example.org/c/@v/v1.1.0.zip', evil.zip)
      const lying = await compare()
      expect(lying.told).toEqual(['different example.org/c v1.1.0'])
      expect(lying.stdout).toContain(evil.zipHash)
      expect((await compare('--no-bytes')).code).toBe(0)
      changed.set('/example.org/c/@v/v1.1.0.zip', C.zip)
      changed.set('/example.org/c/@v/v1.1.0.info', JSON.stringify({ Version: 'v1.1.0', Time: '2020-01-01T00:00:00Z' }))
      expect((await compare()).told).toEqual(['different example.org/c v1.1.0'])
      changed.set(`${ENTRY.path}${B.version}.mod`, 404)
      changed.set('/example.org/b/@v/list', 404)
      expect((await compare()).told).toContain(`missing example.org/b ${B.version}`)
      await new Promise((closed) => second.close(closed))
    }))
})
