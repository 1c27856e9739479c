import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mergeInventories } from '../../../../src/audit/merge.js'
import type { MirrorOutcome } from '../../../../src/ecosystems/mirror.js'
import { claimNimble } from '../../../../src/ecosystems/nimble/claims.js'
import { nimble } from '../../../../src/ecosystems/nimble/index.js'
import { gitEnvironmentScript } from '../../../../src/ecosystems/nimble/mirror/environment.js'
import { planNimble } from '../../../../src/ecosystems/nimble/mirror/plan.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { comesFromElsewhere } from '../../../../src/model/verification.js'
import { type GitServer, serveGit } from '../../../evidence/git/support/git-server.js'
import { Bench, hasBackend, type Repository } from '../../../evidence/git/support/repository.js'
import { claimedFiles } from '../../../support/claimed-files.js'
import { MemoryTree } from '../../../support/memory-tree.js'

const FILES = {
  'lib.nimble': 'version = "1.2.0"\nauthor = "A"\ndescription = "D"\nlicense = "MIT"\nsrcDir = "src"\nrequires "nim >= 1.0"\n',
  'src/lib.nim': 'proc two*(): int = 2\n',
}
/** spec/nimble.md §4: names and contents in the order of the names, without any separator. */
const SUM = Object.entries(FILES)
  .reduce((hash, [name, text]) => hash.update(name).update(text), createHash('sha1'))
  .digest('hex')

describe.skipIf(!hasBackend)('a store of git bundles for Nim', () => {
  const bench = new Bench()
  let repository: Repository
  let server: GitServer
  let commit = ''
  let url = ''

  beforeAll(async () => {
    repository = bench.repository('lib.git')
    const first = repository.commit({ 'lib.nimble': 'version = "1.1.0"\n' })
    commit = repository.commit(FILES, [first])
    server = await serveGit(bench.served)
    url = `${server.origin}/lib.git`
  })
  afterAll(async () => {
    await server.close()
    bench.end()
  })
  let asked = 0
  beforeEach(() => {
    asked = server.requests.length
  })

  async function store(
    locked: { readonly commit?: string; readonly sum?: string },
    there: ReadonlyMap<string, Uint8Array> = new Map(),
  ) {
    const entry = {
      version: '1.2.0',
      vcsRevision: locked.commit ?? commit,
      url,
      downloadMethod: 'git',
      dependencies: [],
      checksums: { sha1: locked.sum ?? SUM },
    }
    const tree = new MemoryTree({
      'app.nimble': 'version = "0.1.0"\nauthor = "A"\ndescription = "D"\nlicense = "MIT"\nrequires "lib >= 1.0"\n',
      'nimble.lock': JSON.stringify({ version: 2, packages: { lib: entry }, tasks: {} }),
    })
    const files = await claimedFiles(tree, claimNimble)
    const inventory = await nimble.read({
      tree,
      files,
      options: { caches: new Map(), environment: new Map(), targets: [], features: undefined },
    })
    const graph = mergeInventories([inventory])
    const desk = openDesk({ offline: true, clock: { now: () => 0 } })
    const plan = await planNimble({
      ...{ graph, tree, files, desk, environment: new Map() },
      components: graph.components.filter((one) => one.ecosystem === 'nimble' && comesFromElsewhere(one) && one.name === 'lib'),
      git: () => bench.remote(),
      sources: { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] },
    })
    const [item] = plan.items
    if (item === undefined || plan.items.length > 1) throw new Error(`${plan.items.length} items`)
    const outcome: MirrorOutcome = await item.fetch(async (path) => there.get(path))
    return { outcome, finish: () => plan.finish([item.pinned]) }
  }

  function bundleIn(outcome: MirrorOutcome): readonly [string, Uint8Array] {
    const [file] = outcome.kind === 'verified' ? outcome.files : []
    if (file === undefined || !('bytes' in file)) throw new Error(JSON.stringify(outcome))
    return [file.path, file.bytes]
  }

  it('holds the locked commit, its files by the checksum of the lock', async () => {
    const { outcome } = await store({})
    expect(outcome).toMatchObject({ kind: 'verified', verified: `commit ${commit}, checksum ${SUM}` })
    expect(server.requests.length).toBeGreaterThan(asked)
  })

  it('what is there is verified in the same way, and nobody is asked', async () => {
    const held = bundleIn((await store({})).outcome)
    const before = server.requests.length
    expect((await store({}, new Map([held]))).outcome).toMatchObject({ kind: 'verified' })
    expect(server.requests.length).toBe(before)
    const damaged = Uint8Array.from(held[1])
    damaged[damaged.length - 30] = (damaged[damaged.length - 30] ?? 0) ^ 1
    expect((await store({}, new Map([[held[0], damaged]]))).outcome).toMatchObject({ kind: 'verified' })
    expect(server.requests.length).toBeGreaterThan(before)
  })

  it('another checksum than that of the lock is refused', async () => {
    const { outcome } = await store({ sum: 'ab'.repeat(20) })
    expect(outcome).toMatchObject({ kind: 'refused', expected: 'ab'.repeat(20), observed: SUM })
  })

  it('a commit that is not there is no answer', async () => {
    expect((await store({ commit: '1'.repeat(40) })).outcome).toMatchObject({ kind: 'unavailable' })
  })

  it('git, and nimble where it is there, take the repository from it', async () => {
    const made = await store({})
    const folder = join(bench.root, 'store')
    const [path, bytes] = bundleIn(made.outcome)
    const { files } = made.finish()
    for (const file of [{ path, bytes }, ...files]) {
      mkdirSync(dirname(join(folder, file.path)), { recursive: true })
      writeFileSync(join(folder, file.path), 'bytes' in file ? file.bytes : '')
    }
    const before = server.requests.length
    const shell = (script: string, cwd: string): Promise<{ readonly stdout: string }> =>
      promisify(execFile)('sh', ['-ec', `ASSAY_STORE='${folder}'; . '${folder}/nim/environment.sh'; ${script}`], {
        cwd,
        env: { PATH: process.env['PATH'], HOME: bench.root, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      })
    await shell(`git clone -q --recursive '${url}' clone && git -C clone checkout -q ${commit}`, bench.root)
    expect(readFileSync(join(bench.root, 'clone', 'src', 'lib.nim'), 'utf8')).toBe(FILES['src/lib.nim'])
    if (spawnSync('nimble', ['--version']).status === 0) {
      const app = join(bench.root, 'app')
      mkdirSync(app)
      mkdirSync(join(bench.root, 'packages'))
      // nimble 0.13 wants a package list even where it looks nothing up.
      writeFileSync(join(bench.root, 'packages', 'packages_official.json'), '[]')
      writeFileSync(
        join(app, 'app.nimble'),
        `version = "0.1.0"\nauthor = "A"\ndescription = "D"\nlicense = "MIT"\nrequires "${url}#${commit}"\n`,
      )
      await shell(`nimble -y --nimbleDir:'${join(bench.root, 'packages')}' install --depsOnly`, app)
      const installed = execFileSync('find', [join(bench.root, 'packages'), '-name', 'lib.nim'], { encoding: 'utf8' })
      expect(installed.trim().split('\n')).toHaveLength(1)
      if (spawnSync('nim', ['--version']).status === 0) {
        writeFileSync(join(app, 'main.nim'), 'import lib\necho two()\n')
        const args = `--hints:off --nimcache:'${join(bench.root, 'nimcache')}' --path:'${dirname(installed.trim())}'`
        expect((await shell(`nim c -r ${args} main.nim`, app)).stdout.trim()).toBe('2')
      }
    }
    expect(server.requests.length).toBe(before)
  }, 120_000)
})

describe('the script for the shell', () => {
  it('quotes whatever a URL holds, and knows it with and without .git', () => {
    const script = gitEnvironmentScript([{ url: "https://example.org/it's.git", path: 'nim/x.bundle' }])
    const { stdout } = spawnSync(
      'sh',
      [
        '-c',
        `ASSAY_STORE=/s\n${script}\nprintf '%s|' "$GIT_CONFIG_COUNT" "$GIT_CONFIG_KEY_0" "$GIT_CONFIG_VALUE_0" "$GIT_CONFIG_VALUE_1"`,
      ],
      { encoding: 'utf8' },
    )
    expect(stdout).toBe("2|url./s/nim/x.bundle.insteadOf|https://example.org/it's.git|https://example.org/it's|")
  })
})
