import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mergeInventories } from '../../../../src/audit/merge.js'
import { claimCargo } from '../../../../src/ecosystems/cargo/claims.js'
import { gitPackage } from '../../../../src/ecosystems/cargo/mirror/git-package.js'
import { planCargo } from '../../../../src/ecosystems/cargo/mirror/plan.js'
import { readCargo } from '../../../../src/ecosystems/cargo/read.js'
import { comesFromElsewhere } from '../../../../src/model/verification.js'
import { type GitServer, serveGit } from '../../../evidence/git/support/git-server.js'
import { Bench, hasBackend } from '../../../evidence/git/support/repository.js'
import { claimedFiles } from '../../../support/claimed-files.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { NO_SOURCES, testDesk } from '../verify/support.js'

const FILES = {
  'Cargo.toml': '[package]\nname = "assayfix-git"\nversion = "0.4.0"\nedition = "2021"\n',
  'src/lib.rs': 'pub fn five() -> u32 { 5 }\n',
}

describe.skipIf(!hasBackend)('packages of repositories in a store for Cargo', () => {
  const bench = new Bench()
  let server: GitServer
  let commit = ''
  beforeAll(async () => {
    commit = bench.repository('lib.git').commit(FILES)
    server = await serveGit(bench.served)
  })
  afterAll(async () => {
    await server.close()
    bench.end()
  })

  it.skipIf(spawnSync('cargo', ['--version']).status !== 0)(
    'cargo builds them from a directory source, without the repository',
    async () => {
      const url = `${server.origin}/lib.git`
      const source = `git+${url}?rev=${commit.slice(0, 10)}#${commit}`
      const project = {
        'Cargo.toml': `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nassayfix-git = { git = "${url}", rev = "${commit.slice(0, 10)}" }\n`,
        'Cargo.lock': `version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "assayfix-git",\n]\n\n[[package]]\nname = "assayfix-git"\nversion = "0.4.0"\nsource = "${source}"\n`,
        'src/main.rs': 'fn main() { println!("{}", assayfix_git::five()) }\n',
      }
      const tree = new MemoryTree(project)
      const files = await claimedFiles(tree, claimCargo)
      const options = { caches: new Map(), environment: new Map(), targets: [], features: undefined }
      const graph = mergeInventories([await readCargo({ tree, files, options })])
      const plan = await planCargo({
        ...{ graph, tree, files, desk: testDesk(), environment: new Map(), sources: NO_SOURCES, git: () => bench.remote() },
        components: graph.components.filter(comesFromElsewhere),
      })
      const write = (root: string, path: string, bytes: string | Uint8Array): void => {
        mkdirSync(dirname(join(bench.root, root, path)), { recursive: true })
        writeFileSync(join(bench.root, root, path), bytes)
      }
      expect(plan.items).toHaveLength(1)
      for (const { pinned, fetch } of plan.items) {
        const outcome = await fetch(async () => undefined)
        if (outcome.kind !== 'verified') throw new Error(JSON.stringify(outcome))
        expect(outcome.verified).toBe(`commit ${commit}`)
        for (const file of [...outcome.files, ...plan.finish([pinned]).files])
          if ('bytes' in file) write('store', file.path, file.bytes)
      }
      for (const [path, text] of Object.entries(project)) write('project', path, text)
      const before = server.requests.length
      const built = spawnSync(
        'cargo',
        ['run', '--quiet', '--offline', '--locked', '--config', join(bench.root, 'store', 'cargo', '.cargo', 'config.toml')],
        {
          cwd: join(bench.root, 'project'),
          encoding: 'utf8',
          env: { ...process.env, CARGO_HOME: join(bench.root, 'cargo-home') },
        },
      )
      expect([built.stdout, built.stderr]).toEqual(['5\n', ''])
      expect(server.requests.length).toBe(before)
    },
    60_000,
  )
})

describe('what cannot stand alone', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const manifest = (
    text: string,
    more: readonly { path: string; kind: 'file' | 'link' | 'submodule'; bytes: Uint8Array }[] = [],
  ) => gitPackage([{ path: 'a/Cargo.toml', kind: 'file', bytes: bytes(text) }, ...more], 'a', '1.0.0')

  it.each([
    ['inherited version', '[package]\nname = "a"\nversion.workspace = true\n', /takes values from a workspace/],
    [
      'inherited dependency',
      '[package]\nname = "a"\nversion = "1.0.0"\n[dependencies]\nb = { workspace = true }\n',
      /takes values/,
    ],
    [
      'a folder beside it',
      '[package]\nname = "a"\nversion = "1.0.0"\n[dependencies]\nb = { path = "../b" }\n',
      /needs b from a folder/,
    ],
    [
      'a folder for one target',
      '[package]\nname = "a"\nversion = "1.0.0"\n[target."cfg(unix)".dependencies]\nb = { path = "../b" }\n',
      /needs b/,
    ],
    ['another version', '[package]\nname = "a"\nversion = "1.0.1"\n', /not that of version 1\.0\.0/],
    ['another name', '[package]\nname = "b"\nversion = "1.0.0"\n', /no manifest of a/],
    ['no TOML', '[', /no manifest of a/],
  ])('%s', (_, text, why) => {
    expect(manifest(text)).toMatchObject({ ok: false, why: expect.stringMatching(why) })
  })

  it('links that lead out and submodules are refused; what lies elsewhere in the repository is left out', () => {
    const own = '[package]\nname = "a"\nversion = "1.0.0"\n'
    expect(manifest(own, [{ path: 'a/l', kind: 'link', bytes: bytes('../../x') }])).toMatchObject({ ok: false })
    expect(manifest(own, [{ path: 'a/s', kind: 'submodule', bytes: bytes('1'.repeat(40)) }])).toMatchObject({ ok: false })
    const found = manifest(own, [
      { path: 'b/other', kind: 'file', bytes: bytes('x') },
      { path: 'a/.cargo-checksum.json', kind: 'file', bytes: bytes('{"files":{}}') },
    ])
    expect(found.ok && found.files.map(({ path }) => path)).toEqual(['Cargo.toml', '.cargo-checksum.json'])
  })
})
