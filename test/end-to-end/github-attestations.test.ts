import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provenance } from '../audit/support/attestations.js'
import { assay, type Ran, withScratch } from '../support/assay.js'
import { type CrateRegistry, makeCrate, serveCrates } from '../support/crate-registry.js'
import type { Server } from '../trust/lookup/support/github-api.js'
import { bytes, json, server, status } from '../trust/lookup/support/github-api.js'
import { packSnappy } from '../trust/lookup/support/pack-snappy.js'
import { SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

const TOKEN = 'ghp_neverShownToAnybodyElse'
const widget = makeCrate('widget', '1.0.0', 'pub fn it() {}\n')
const LIST = `/repos/acme/widget/attestations/sha256:${widget.checksum}?per_page=100`

let registry: CrateRegistry
let instance: SigstoreInstance
beforeAll(async () => {
  registry = await serveCrates([widget])
  instance = await SigstoreInstance.start()
})
afterAll(() => registry.close())

/** A project that locks one crate and wants provenance of it, which only GitHub has. */
function project(folder: string): string {
  const root = join(folder, 'project')
  const files: Readonly<Record<string, string>> = {
    'Cargo.lock': `version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "widget",\n]\n\n[[package]]\nname = "widget"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${widget.checksum}"\n`,
    'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\nlicense = "MIT"\n\n[dependencies]\nwidget = "1"\n',
    '.cargo/config.toml': `[source.crates-io]\nreplace-with = "ours"\n\n[source.ours]\nregistry = "sparse+${registry.url}/"\n`,
    'assay.toml': `version = 1
[verify]
retries = 0
on-unavailable = "fail"
[rules]
"cargo/config-in-repo" = "off"
"source/ip-literal" = "off"
"source/insecure-transport" = "off"
[trust]
roots = ["root.json"]
github = ["pkg:cargo/widget"]
require = [{ match = "pkg:cargo/widget", kind = "provenance", level = 2 }]
[[trust.identities]]
match = "pkg:cargo/widget"
issuer = "https://token.actions.githubusercontent.com"
source-repository = "https://github.com/acme/widget"
refs = ["refs/tags/v{version}"]
`,
    'root.json': JSON.stringify(instance.rootJson()),
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

function run(folder: string, api: Server, args: readonly string[]): Promise<Ran> {
  return assay(args, {
    env: {
      ASSAY_OFFLINE: '',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1',
      HOME: folder,
      GITHUB_API_URL: api.origin,
      GITHUB_TOKEN: TOKEN,
      SOURCE_DATE_EPOCH: '4102444800',
    },
  })
}

interface Report {
  readonly findings: readonly { readonly rule: string; readonly severity: string; readonly state: string }[]
  readonly attestations: readonly { readonly outcome: string; readonly signer?: string }[]
}

function read({ stdout }: Ran): Report & { readonly trust: readonly string[] } {
  const report: Report = JSON.parse(stdout)
  const about = report.findings.filter(({ rule }) => rule.startsWith('trust/'))
  return { ...report, trust: about.map(({ rule, severity, state }) => `${rule} ${severity} ${state}`) }
}

describe('attestations of components at GitHub, by the built program', () => {
  it('are found, kept in a pack, and replayed from it when nobody answers; no secret is anywhere', () =>
    withScratch(async (folder) => {
      const [api, storage] = [await server(), await server()]
      const bundle = JSON.stringify(await instance.signStatement(provenance({ sha256: widget.checksum })))
      storage.paths.set('/1?sig=secretOfTheMoment', bytes(packSnappy(Buffer.from(bundle))))
      api.paths.set(LIST, json({ attestations: [{ bundle: null, bundle_url: `${storage.origin}/1?sig=secretOfTheMoment` }] }))
      const root = project(folder)
      const online = read(await run(folder, api, ['audit', root, '--json']))
      expect(online.trust).toEqual([])
      expect(online.attestations).toMatchObject([{ outcome: 'accepted', signer: WORKFLOW, level: 2 }])

      const pack = join(folder, 'evidence.tar')
      const exported = await run(folder, api, ['evidence', 'export', root, '-o', pack])
      expect(exported.stderr).not.toContain('not in the pack: http')
      expect(api.seen.length).toBeGreaterThan(0)
      for (const { headers } of api.seen) expect(headers.authorization).toBe(`Bearer ${TOKEN}`)
      for (const { headers } of storage.seen) expect(headers.authorization).toBeUndefined()
      // Of the second run, the list was at hand.
      expect([api.seen.length, storage.seen.length]).toEqual([1, 1])

      api.paths.set(LIST, status(500))
      const replay = ['audit', root, '--evidence', pack, '--json']
      const first = await run(folder, api, replay)
      expect(read(first).attestations).toEqual(online.attestations)
      expect(read(first).trust).toEqual([])
      expect((await run(folder, api, replay)).stdout).toBe(first.stdout)
      expect(api.seen).toHaveLength(1)
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
      for (const file of files.filter((name) => statSync(name).isFile()))
        expect(readFileSync(file, 'latin1'), file).not.toMatch(/secretOfTheMoment|ghp_/)
    }))

  it('that cannot be asked for are unknown, not missing', () =>
    withScratch(async (folder) => {
      const api = await server()
      api.paths.set(LIST, status(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795910400' }))
      const limited = await run(folder, api, ['audit', project(folder), '--json'])
      expect(read(limited).trust).toEqual(['trust/attestation-unknown error unverified'])
      expect(limited.stdout).toContain('until 2026-11-29T00:00:00Z')
      api.paths.delete(LIST)
      expect(read(await run(folder, api, ['audit', project(folder), '--json'])).trust).toEqual([
        'trust/attestation-missing error fail',
      ])
    }))
})
