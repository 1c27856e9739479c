import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provenance } from '../audit/support/attestations.js'
import { assay, type Ran, withScratch } from '../support/assay.js'
import { type CrateRegistry, makeCrate, serveCrates } from '../support/crate-registry.js'
import { SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

const widget = makeCrate('widget', '1.0.0', 'pub fn it() {}\n')

let registry: CrateRegistry
let instance: SigstoreInstance
let stranger: SigstoreInstance

beforeAll(async () => {
  registry = await serveCrates([widget])
  instance = await SigstoreInstance.start()
  stranger = await SigstoreInstance.start()
})
afterAll(() => registry.close())

const IDENTITY = `
[[trust.identities]]
match = "pkg:cargo/widget"
issuer = "https://token.actions.githubusercontent.com"
source-repository = "https://github.com/acme/widget"
refs = ["refs/tags/v{version}"]
triggers = ["push", "release"]
`

/** A project that locks one crate of our registry and wants provenance of it from a folder. */
function project(folder: string, bundle: object | undefined, trust = IDENTITY): string {
  const root = join(folder, 'project')
  const lock = `[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "widget",\n]\n\n[[package]]\nname = "widget"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${widget.checksum}"\n`
  const files: Readonly<Record<string, string>> = {
    'Cargo.lock': `version = 4\n\n${lock}`,
    'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\nlicense = "MIT"\n\n[dependencies]\nwidget = "1"\n',
    '.cargo/config.toml': `[source.crates-io]\nreplace-with = "ours"\n\n[source.ours]\nregistry = "sparse+${registry.url}/"\n`,
    // The public registry stands behind ours, and is out of reach here: that is told and fails nothing.
    'assay.toml': `version = 1
[verify]
retries = 0
on-unavailable = "ignore"
[rules]
"cargo/config-in-repo" = "off"
"source/ip-literal" = "off"
"source/insecure-transport" = "off"
[trust]
roots = ["trust/root.json"]
attestations = ["trust/attestations"]
require = [{ match = "pkg:cargo/widget", kind = "provenance", level = 2 }]
${trust}`,
    'trust/root.json': JSON.stringify(instance.rootJson()),
    'trust/attestations/README': 'attestations by digest\n',
    ...(bundle === undefined ? {} : { [`trust/attestations/sha256-${widget.checksum}.jsonl`]: `${JSON.stringify(bundle)}\n` }),
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

interface Report {
  readonly findings: readonly {
    readonly rule: string
    readonly severity: string
    readonly state: string
    readonly message: string
  }[]
  readonly signatures: readonly {
    readonly ecosystem: string
    readonly components: Readonly<Record<string, number>>
    readonly unmet: number
  }[]
  readonly attestations: readonly { readonly outcome: string; readonly signer?: string }[]
}

const good = (): Promise<object> => instance.signStatement(provenance({ sha256: widget.checksum }))

async function audited(bundle: object | undefined, trust?: string): Promise<Ran & { report: Report; trust: string[] }> {
  return withScratch(async (folder) => {
    const ran = await run(folder, ['audit', project(folder, bundle, trust), '--json'])
    const report: Report = JSON.parse(ran.stdout)
    const about = report.findings.filter(({ rule }) => rule.startsWith('trust/'))
    return { ...ran, report, trust: about.map(({ rule, severity, state }) => `${rule} ${severity} ${state}`) }
  })
}

describe('signatures of components, by the built program', () => {
  it('passes with provenance of the builder that is named', async () => {
    const { code, report, trust, stderr } = await audited(await good())
    expect([stderr, trust, report.findings.filter(({ severity }) => severity === 'error')]).toEqual(['', [], []])
    expect(report.signatures).toMatchObject([{ ecosystem: 'cargo', components: { verified: 1, 'not-looked-for': 0 }, unmet: 0 }])
    expect(report.attestations).toMatchObject([{ outcome: 'accepted', signer: WORKFLOW, level: 2 }])
    expect(code).toBe(0)
  })

  it.each<readonly [string, () => Promise<object | undefined>, number, readonly string[]]>([
    ['nothing is there', async () => undefined, 1, ['trust/attestation-missing error fail']],
    [
      'somebody else signed',
      () =>
        instance.signStatement(provenance({ sha256: widget.checksum }), {
          san: 'mallory@example.org',
          claims: { 8: 'https://accounts.google.com' },
        }),
      1,
      ['trust/attestation-missing error fail', 'trust/identity-not-allowed error fail'],
    ],
    [
      'it is about something else',
      () => instance.signStatement(provenance({ sha256: 'ab'.repeat(32) })),
      1,
      ['trust/attestation-missing error fail', 'trust/subject-mismatch error fail'],
    ],
    [
      'it was altered',
      async () => JSON.parse(JSON.stringify(await good()).replace(/"payload":"(.)/, '"payload":"f')),
      1,
      ['trust/attestation-invalid error fail', 'trust/attestation-missing error fail'],
    ],
    [
      'it is of an instance whose root is not at hand',
      () => stranger.signStatement(provenance({ sha256: widget.checksum })),
      1,
      ['trust/attestation-invalid error fail', 'trust/attestation-missing error fail'],
    ],
    [
      'it is an envelope alone',
      async () => {
        const { dsseEnvelope } = (await good()) as { dsseEnvelope: object }
        return dsseEnvelope
      },
      1,
      ['trust/attestation-missing error fail', 'trust/log-inclusion-missing warn fail'],
    ],
  ])('fails where %s', async (_title, bundle, exit, says) => {
    const { code, trust } = await audited(await bundle())
    expect([code, [...trust].sort()]).toEqual([exit, says])
  })

  it('ends with 3 where the folder cannot say', () =>
    withScratch(async (folder) => {
      const root = project(folder, undefined)
      writeFileSync(join(root, 'trust', 'attestations', 'index.json'), '{"sha256:')
      const config = join(root, 'assay.toml')
      const strict = readFileSync(config, 'utf8').replace('"ignore"', '"fail"')
      writeFileSync(config, `${strict}\n`)
      const { code, stdout } = await run(folder, ['audit', root, '--json'])
      const report: Report = JSON.parse(stdout)
      expect(report.findings.filter(({ rule }) => rule.startsWith('trust/'))).toMatchObject([
        { rule: 'trust/attestation-unknown', severity: 'error', state: 'unverified' },
      ])
      expect([code, report.findings.filter(({ severity, state }) => severity === 'error' && state === 'fail')]).toEqual([3, []])
    }))

  it('judges what is in a folder although nobody is asked', () =>
    withScratch(async (folder) => {
      const root = project(folder, undefined)
      const without = await run(folder, ['audit', root, '--offline', '--json'])
      const report: Report = JSON.parse(without.stdout)
      expect(report.findings.map(({ rule }) => rule)).toContain('trust/attestation-missing')
      expect(without.code).toBe(1)
      const signed = await run(folder, ['audit', project(folder, await good()), '--offline'])
      expect(signed.stdout).toContain('signatures  cargo       1 of 1 verified')
      expect(signed.code).toBe(0)
    }))

  it('refuses a configuration in which anybody may sign, with its place', () =>
    withScratch(async (folder) => {
      const { code, stderr } = await run(folder, [
        'audit',
        project(
          folder,
          undefined,
          '\n[[trust.identities]]\nmatch = "pkg:cargo/widget"\nissuer = "https://accounts.google.com"\n',
        ),
      ])
      expect(code).toBe(2)
      expect(stderr).toMatch(/assay\.toml:14:\d+: an issuer alone lets everybody sign/)
    }))

  it('says so in words, in the SBOM, and for one component', () =>
    withScratch(async (folder) => {
      const root = project(folder, await good())
      expect((await run(folder, ['verify', root])).stdout).toContain(
        'signatures  cargo       1 of 1 verified (1 of 1 required are there)',
      )
      const pack = join(folder, 'evidence.tar')
      await run(folder, ['evidence', 'export', root, '-o', pack])
      const { stdout: explained } = await run(folder, ['explain', 'widget', root, '--evidence', pack])
      expect(explained).toMatch(/Signatures\n {2}verified: signed by https:\/\/github.com\/Acme\/widget/)
      const bom = (await run(folder, ['sbom', root, '--verify', '--format', 'cyclonedx-1.6-json'])).stdout
      expect(bom).toContain(
        `"technique":"attestation","confidence":1,"value":"trust/attestation agrees with ${WORKFLOW}, provenance of build level 2, bundle sha256:`,
      )
      expect(bom).toContain('{"name":"assay:verification:trust:attestation","value":"verified"}')
      expect(bom).toMatch(/"assay:coverage:signed:cargo",\s+"value": "1 of 1"/)
    }))

  it('is replayed from a pack, byte for byte, also where the folder is gone', () =>
    withScratch(async (folder) => {
      const root = project(folder, await good())
      const pack = join(folder, 'evidence.tar')
      await run(folder, ['evidence', 'export', root, '-o', pack])
      const replay = ['audit', root, '--offline', '--evidence', pack, '--json']
      const first = await run(folder, replay)
      expect(JSON.parse(first.stdout).signatures).toMatchObject([{ components: { verified: 1 } }])
      rmSync(join(root, 'trust', 'attestations'), { recursive: true })
      expect((await run(folder, replay)).stdout).toBe(first.stdout)
      expect(first.code).toBe(0)
    }))
})
