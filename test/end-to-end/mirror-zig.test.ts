import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { archiveOf, dependency, makePackage, project } from '../ecosystems/zig/verify/support.js'
import { assay, type Ran, withScratch } from '../support/assay.js'
import { mirrorDocument } from '../support/mirror-document.js'

let server: Server
let url = ''
let asked: string[] = []
const files = new Map<string, Buffer>()

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const body = files.get(request.url ?? '')
    if (body === undefined) response.writeHead(404).end()
    else response.end(body)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((closed) => server.close(closed)))

const INNER = makePackage('inner')
const outer = () =>
  makePackage('outer', {
    dependencies: dependency('inner', `${url}/inner.tar.gz`, INNER.hash),
    files: { 'src/root.zig': 'pub const two = 2;\n', 'notes/todo': 'not hashed\n' },
    paths: ['build.zig.zon', 'src'],
  })

beforeEach(() => {
  files.clear()
  files.set('/inner.tar.gz', archiveOf(INNER))
  files.set('/outer.tar.gz', archiveOf(outer()))
})

function tree(folder: string): string {
  const root = join(folder, 'project')
  mkdirSync(root, { recursive: true })
  for (const [path, text] of Object.entries(project(dependency('outer', `${url}/outer.tar.gz`, outer().hash))))
    writeFileSync(join(root, path), text)
  writeFileSync(join(root, 'assay.toml'), 'version = 1\n[verify]\nretries = 0\n')
  return root
}

function online(folder: string, args: readonly string[]): Promise<Ran> {
  asked = []
  return assay(args, {
    env: { ASSAY_OFFLINE: '', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1', HOME: folder },
  })
}

describe('assay mirror fetch for Zig', () => {
  it('stores packages and what they need, as caches of both kinds have them', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      const ran = await online(folder, ['mirror', 'fetch', tree(folder), '-o', store, '--no-store'])
      expect(ran.stderr).toBe('')
      expect(ran.code).toBe(0)
      const packages = join(store, 'zig', 'p')
      const names = [outer().hash, INNER.hash]
      expect(readdirSync(packages).sort()).toEqual(names.flatMap((name) => [name, `${name}.tar.gz`]).sort())
      expect(readFileSync(join(packages, outer().hash, 'src', 'root.zig'), 'utf8')).toBe('pub const two = 2;\n')
      // What the hash does not cover is not in a cache of zig either.
      expect(existsSync(join(packages, outer().hash, 'notes'))).toBe(false)
      const listed = spawnSync('tar', ['-tzf', join(packages, `${outer().hash}.tar.gz`)], { encoding: 'utf8' })
      expect(listed.stdout.trim().split('\n')).toEqual([`${outer().hash}/build.zig.zon`, `${outer().hash}/src/root.zig`])
    }))

  it('another content than the hash states is refused, and not written', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      const evil = makePackage('inner', { files: { 'src/root.zig': 'evil\n' } })
      files.set('/inner.tar.gz', archiveOf(evil))
      const ran = await online(folder, ['mirror', 'fetch', tree(folder), '-o', store, '--no-store'])
      expect(ran.code).toBe(1)
      expect(ran.stderr).toContain('inner@1.0.0: refused')
      expect(ran.stderr).toContain(evil.hash)
      expect(readdirSync(join(store, 'zig', 'p')).filter((name) => name.startsWith('inner'))).toEqual([])
    }))

  it('what is there is verified again, repaired, and not asked for', () =>
    withScratch(async (folder) => {
      const store = join(folder, 'store')
      const fetch = (): Promise<Ran> => online(folder, ['mirror', 'fetch', tree(folder), '-o', store, '--no-store'])
      expect((await fetch()).code).toBe(0)
      const file = join(store, 'zig', 'p', INNER.hash, 'src', 'root.zig')
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, 'evil\n')
      // zig trusts whatever lies in the folder of a package.
      const added = [join(store, 'zig', 'p', INNER.hash, 'src', 'added.zig'), join(store, 'zig', 'p', INNER.hash, 'new', 'x')]
      mkdirSync(join(store, 'zig', 'p', INNER.hash, 'new'))
      for (const path of added) writeFileSync(path, 'evil\n')
      expect((await fetch()).code).toBe(0)
      expect(readFileSync(file, 'utf8')).toBe(text)
      expect(added.filter(existsSync)).toEqual([])
      expect(asked).toEqual([])
      writeFileSync(join(store, 'zig', 'p', `${outer().hash}.tar.gz`), 'damaged')
      expect((await fetch()).code).toBe(0)
      expect(asked).toContain('/outer.tar.gz')
      expect((await fetch()).code).toBe(0)
      expect(asked).toEqual([])
    }))
})

/** A compiler that is not on the path can be named. */
const ZIG = process.env['ASSAY_TEST_ZIG'] ?? 'zig'
const zigVersion = spawnSync(ZIG, ['version'], { encoding: 'utf8' })
const BUILD = 'const std = @import("std");\npub fn build(b: *std.Build) void {\n    _ = b;\n}\n'

/** Before 0.14 names were strings, and hashes those of the multihash form. */
const isOld = /^0\.(?:11|12|13)\./.test(zigVersion.stdout ?? '')

function built(name: string): { readonly hash: string; readonly archive: Buffer } {
  if (!isOld) {
    const made = makePackage(name, { files: { 'build.zig': BUILD } })
    return { hash: made.hash, archive: archiveOf(made) }
  }
  const own = {
    'build.zig': BUILD,
    'build.zig.zon': `.{ .name = "${name}", .version = "1.0.0", .paths = .{""}, .dependencies = .{} }\n`,
  }
  // spec/zig.md §4.1: sorted paths, each hashed with two zero bytes and the content.
  const digests = Object.entries(own).map(([path, body]) => createHash('sha256').update(`${path}\0\0${body}`).digest())
  const hash = `1220${createHash('sha256').update(Buffer.concat(digests)).digest('hex')}`
  return { hash, archive: archiveOf({ ...makePackage(name), files: own }) }
}

describe.skipIf(zigVersion.status !== 0)(`zig ${zigVersion.stdout?.trim() ?? ''} itself`, () => {
  it(
    'builds from the store without a network',
    () =>
      withScratch(async (folder) => {
        const { hash, archive } = built('outer')
        files.set('/outer.tar.gz', archive)
        const root = join(folder, 'project')
        mkdirSync(root)
        const head = isOld ? '.name = "demo"' : '.name = .demo, .fingerprint = 0xd642dfa000000001'
        writeFileSync(
          join(root, 'build.zig.zon'),
          `.{ ${head}, .version = "1.0.0", .paths = .{""}, .dependencies = .{ ${dependency('outer', `${url}/outer.tar.gz`, hash)} } }\n`,
        )
        writeFileSync(
          join(root, 'build.zig'),
          'const std = @import("std");\npub fn build(b: *std.Build) void {\n    _ = b.dependency("outer", .{});\n}\n',
        )
        const store = join(folder, 'store')
        const ran = await online(folder, ['mirror', 'fetch', root, '-o', store, '--no-store'])
        expect([ran.code, ran.stderr]).toEqual([0, ''])
        files.clear()
        asked = []
        const environment = { PATH: process.env['PATH'], HOME: folder, ZIG_LOCAL_CACHE_DIR: join(folder, 'local') }
        // Not by spawnSync: the server that it would ask is in this process.
        const build = (more: Readonly<Record<string, string>>) =>
          promisify(execFile)(ZIG, ['build'], { cwd: root, env: { ...environment, ...more } })
        await build({ ZIG_GLOBAL_CACHE_DIR: join(store, 'zig') })
        expect(asked).toEqual([])
        // Without the store it is asked for.
        await expect(build({ ZIG_GLOBAL_CACHE_DIR: join(folder, 'empty') })).rejects.toThrow()
        expect(asked).toContain('/outer.tar.gz')
      }),
    180_000,
  )
})

describe('assay mirror compare for Zig', () => {
  it('holds URLs of manifests and folders of packages against the hashes', () =>
    withScratch(async (folder) => {
      const root = tree(folder)
      files.set(`/mirror/${outer().hash}.tar.gz`, archiveOf(outer(), 1))
      const compare = async () => {
        const ran = await online(folder, [
          'mirror',
          'compare',
          'zig=origin',
          `zig=${url}/mirror`,
          '--lock',
          root,
          '--no-store',
          '--json',
        ])
        const { differences, counts } = mirrorDocument(ran.stdout) as {
          differences: { kind: string; pinned: { name: string } }[]
          counts: Record<string, number>
        }
        return { code: ran.code, counts, told: differences.map(({ kind, pinned }) => `${kind} ${pinned.name}`) }
      }
      expect(await compare()).toMatchObject({ code: 1, told: ['missing inner'], counts: { same: 3, missing: 1 } })
      files.set(`/mirror/${INNER.hash}.tar.gz`, archiveOf(makePackage('inner', { files: { 'src/root.zig': 'evil\n' } })))
      expect((await compare()).told).toEqual(['different inner'])
      files.set(`/mirror/${INNER.hash}.tar.gz`, archiveOf(INNER))
      expect(await compare()).toMatchObject({ code: 0, told: [] })
    }))
})
