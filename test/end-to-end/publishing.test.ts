import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provenance } from '../audit/support/attestations.js'
import { assay, type Ran, withScratch } from '../support/assay.js'
import { apiDocument, apiPath, type CrateRegistry, makeCrate, serveCrates } from '../support/crate-registry.js'
import { SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

const before = makeCrate('widget', '1.0.0', 'pub fn it() {}\n')
const now = makeCrate('widget', '1.0.1', 'pub fn it() { /* and more */ }\n')

let registry: CrateRegistry
let instance: SigstoreInstance

beforeAll(async () => {
  const document = apiDocument('widget', [
    { version: '1.0.1', createdAt: '2026-02-01T00:00:00Z', checksum: now.checksum, trusted: null },
    { version: '1.0.0', createdAt: '2026-01-01T00:00:00Z', trusted: { repository: 'acme/widget' } },
  ])
  registry = await serveCrates([before, now], { widget: document })
  instance = await SigstoreInstance.start()
})
afterAll(() => registry.close())

/** A project that locks the crate that was published with a token; of the one before it there is provenance. */
async function project(folder: string): Promise<string> {
  const root = join(folder, 'project')
  const lock = `[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "widget",\n]\n\n[[package]]\nname = "widget"\nversion = "1.0.1"\nsource = "sparse+${registry.url}/"\nchecksum = "${now.checksum}"\n`
  const bundle = await instance.signStatement(provenance({ sha256: before.checksum }))
  const files: Readonly<Record<string, string>> = {
    'Cargo.lock': `version = 4\n\n${lock}`,
    'Cargo.toml':
      '[package]\nname = "app"\nversion = "0.1.0"\nlicense = "MIT"\n\n[dependencies]\nwidget = { version = "1", registry = "ours" }\n',
    '.cargo/config.toml': `[registries.ours]\nindex = "sparse+${registry.url}/"\n`,
    'assay.toml': `version = 1
[rules]
"trust/token-published" = "warn"
"trust/provenance-dropped" = "warn"
[verify]
retries = 0
[trust]
roots = ["trust/root.json"]
attestations = ["trust/attestations"]
[[trust.identities]]
match = "pkg:cargo/widget"
issuer = "https://token.actions.githubusercontent.com"
source-repository = "https://github.com/acme/widget"
refs = ["refs/tags/v{version}"]
`,
    'trust/root.json': JSON.stringify(instance.rootJson()),
    [`trust/attestations/sha256-${before.checksum}.jsonl`]: `${JSON.stringify(bundle)}\n`,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

function run(folder: string, args: readonly string[]): Promise<Ran> {
  return assay(args, {
    env: {
      ASSAY_OFFLINE: '',
      ASSAY_CACHE: join(folder, 'cache'),
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1',
      HOME: folder,
      // Later than any answer, which is judged by the clock.
      SOURCE_DATE_EPOCH: '4102444800',
    },
  })
}

function said({ stdout, stderr }: Ran): string[] {
  expect(stderr).toBe('')
  const { findings }: { findings: { rule: string; severity: string; state: string; message: string }[] } = JSON.parse(stdout)
  return findings
    .filter(({ rule }) => rule === 'trust/token-published' || rule === 'trust/provenance-dropped')
    .map(({ rule, severity, state, message }) => `${rule} ${severity} ${state}: ${message}`)
    .sort()
}

const asks = (): string[] => registry.asked.filter((path) => path.startsWith('/api/'))

describe('a version that came another way than those before it, by the built program', () => {
  it('is told, once for the word of the registry and once for the signatures; a replay tells the same, byte for byte', () =>
    withScratch(async (folder) => {
      const root = await project(folder)
      const { host } = new URL(registry.url)
      const told = [
        `trust/provenance-dropped warn fail: widget@1.0.1: no accepted provenance at folder attestations, where 1.0.0 has it, signed by ${WORKFLOW}`,
        `trust/token-published warn fail: widget@1.0.1: ${host} says that it was published with a token of someone, although 1.0.0, published before it, came from a build of https://github.com/acme/widget`,
      ]
      registry.asked = []
      const online = await run(folder, ['audit', root, '--json'])
      expect([online.stderr, said(online)]).toEqual(['', told])
      expect(asks()).toEqual([apiPath('widget')])
      // What was answered is kept: the next run asks nobody.
      const pack = join(folder, 'evidence.tar')
      expect((await run(folder, ['evidence', 'export', root, '-o', pack])).code).toBe(0)
      expect(asks()).toEqual([apiPath('widget')])
      const elsewhere = join(folder, 'elsewhere')
      mkdirSync(elsewhere)
      const replay = ['audit', root, '--offline', '--evidence', pack, '--json']
      const [first, second] = [await run(folder, replay), await run(elsewhere, replay)]
      expect(said(first)).toEqual(told)
      expect(second.stdout).toBe(first.stdout)
      expect(asks()).toEqual([apiPath('widget')])
    }))

  it('is no accusation where nobody may be asked, or nobody answers', () =>
    withScratch(async (folder) => {
      const root = await project(folder)
      registry.asked = []
      expect(said(await run(folder, ['audit', root, '--offline', '--json']))).toEqual([])
      expect(registry.asked).toEqual([])
      registry.instead.set(apiPath('widget'), 503)
      const silent = said(await run(folder, ['audit', root, '--json']))
      registry.instead.clear()
      expect(silent).toEqual([expect.stringMatching(/^trust\/provenance-dropped/)])
    }))
})
