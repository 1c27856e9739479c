import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Ajv from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../../src/model/doctor.js'
import { assay, copyExample, PROJECT, type Ran, withScratch } from '../support/assay.js'

const ROW = JSON.stringify({
  name: 'lazy_static',
  vers: '1.5.0',
  deps: [],
  cksum: 'bbd2bcb4c963f2ddae06a2efc7e9f3591312473c50c6685e1f298068316e66fe',
  features: {},
  yanked: false,
})

let server: Server
let url = ''
let answers: 'well' | 'not' = 'well'

beforeAll(async () => {
  server = createServer((request, response) => {
    if (answers === 'not') response.writeHead(502).end()
    else if (request.url === '/config.json') response.end(JSON.stringify({ dl: `${url}/dl` }))
    else if (request.url === '/la/zy/lazy_static') response.end(`${ROW}\n`)
    else response.writeHead(404).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((closed) => server.close(closed)))

function project(folder: string, more = ''): string {
  const root = join(folder, 'project')
  mkdirSync(join(root, '.cargo'), { recursive: true })
  writeFileSync(join(root, 'Cargo.lock'), 'version = 4\n')
  writeFileSync(
    join(root, '.cargo', 'config.toml'),
    `[source.crates-io]\nreplace-with = "ours"\n\n[source.ours]\nregistry = "sparse+${url}/"\n${more}`,
  )
  return root
}

function online(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  // Whatever is not on this machine is out of reach, on every machine.
  return assay(['doctor', ...args], {
    env: { ASSAY_OFFLINE: '', HTTPS_PROXY: 'http://127.0.0.1:9', HOME: folder, SOURCE_DATE_EPOCH: '1767225600', ...env },
  })
}

const schema: object = JSON.parse(readFileSync(join(PROJECT, 'schemas', 'doctor.schema.json'), 'utf8'))
const validate = new Ajv.default({ strict: true }).compile(schema)

function reportOf(ran: Ran): DoctorReport {
  const report: DoctorReport = JSON.parse(ran.stdout)
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
  expect(report.exitCode).toBe(ran.code)
  return report
}

describe('assay doctor', () => {
  it('0: everything configured answers as it should', () =>
    withScratch(async (folder) => {
      answers = 'well'
      const ran = await online(folder, [project(folder), '--json'])
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      const [source] = reportOf(ran).ecosystems[0]?.sources ?? []
      expect(source).toMatchObject({ state: 'fine', url: `${url}/`, repeat: [`curl -sS ${url}/config.json`] })
      expect(source?.questions.map(({ asks, outcome }) => `${asks} ${outcome}`)).toEqual(['3 answered', '3 answered'])
    }))

  it('1: a check is off', () =>
    withScratch(async (folder) => {
      answers = 'well'
      const ran = await online(folder, [project(folder, '[http]\ncheck-revoke = false\n')])
      expect(ran.code).toBe(1)
      expect(ran.stdout).toContain('✗ UNSAFE     setting http.check-revoke')
      expect(ran.stdout).toMatch(/\nSomething is unsafe: .*\n$/)
    }))

  it('3: a source does not answer', () =>
    withScratch(async (folder) => {
      answers = 'not'
      const ran = await online(folder, [project(folder), '--json'])
      expect(ran.code).toBe(3)
      expect(reportOf(ran).ecosystems[0]?.sources[0]?.questions[0]).toMatchObject({ failure: 'bad-gateway', status: 502 })
    }))

  it('4: nothing is configured, or it cannot be read', () =>
    withScratch(async (folder) => {
      const empty = await online(folder, [folder])
      expect(empty).toMatchObject({ code: 4, stdout: '' })
      expect(empty.stderr).toContain('no project')
      expect((await online(folder, [project(folder, '[a\n')])).code).toBe(4)
    }))

  it('2: wrong usage', () =>
    withScratch(async (folder) => {
      expect((await online(folder, [project(folder), '--bytes'])).code).toBe(2)
    }))

  it(
    'no secret in any output',
    () =>
      withScratch(async (folder) => {
        answers = 'well'
        const secrets = {
          HTTPS_PROXY: 'http://u:s3cret-proxy@127.0.0.1:9',
          GOPROXY: 'https://u:s3cret-goproxy@127.0.0.1:1|https://p.example/?token=s3cret-token',
          GOSUMDB: 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8 https://u:s3cret-sumdb@127.0.0.1:1',
          CARGO_REGISTRIES_OURS_INDEX: 'sparse+https://u:s3cret-index@127.0.0.1:1/',
          CARGO_REGISTRIES_OURS_TOKEN: 's3cret-cargo',
        }
        const root = project(
          folder,
          `[registry]\ntoken = "s3cret-file"\n[registries.x]\nindex = "git+https://u:s3cret-git@127.0.0.1:1/x"\n[http]\nproxy = "u:s3cret-http@p.example:1"\n`,
        )
        writeFileSync(join(root, 'go.mod'), 'module example.com/m\n')
        writeFileSync(join(root, 'Makefile'), 'GOPROXY=https://u:s3cret-make@p.example,direct\n')
        writeFileSync(join(root, 'x.nimble'), 'version = "1"\nrequires "https://u:s3cret-nim@127.0.0.1:1/x"\n')
        writeFileSync(
          join(root, 'build.zig.zon'),
          '.{ .name = .x, .version = "1.0.0", .paths = .{""}, .dependencies = .{ .a = .{ .url = "https://u:s3cret-zig@127.0.0.1:1/a.tar.gz" } } }',
        )
        mkdirSync(join(folder, '.config', 'nimble'), { recursive: true })
        writeFileSync(
          join(folder, '.config', 'nimble', 'nimble.ini'),
          'httpProxy = "http://u:s3cret-ini@p.example:1"\n[PackageList]\nname = "o"\nurl = "https://u:s3cret-list@127.0.0.1:1/p.json"\n',
        )
        for (const args of [[root], [root, '--json'], [root, '--offline'], ['-v', root]]) {
          const ran = await online(folder, args, secrets)
          expect(ran.code).toBe(1)
          expect(ran.stdout.length).toBeGreaterThan(1000)
          expect(ran.stdout + ran.stderr).not.toMatch(/s3cret/)
        }
      }),
    60_000,
  )

  it('explains the example offline, and opens no socket', () =>
    withScratch(async (folder) => {
      const root = copyExample('polyglot', folder)
      const forbid = join(folder, 'forbid.cjs')
      writeFileSync(forbid, "require('node:net').Socket.prototype.connect = () => { throw new Error('a socket') }\n")
      const ran = await assay(['doctor', root, '--offline', '--json'], { node: ['--require', forbid] })
      expect(ran).toMatchObject({ code: 1, stderr: '' })
      const report = reportOf(ran)
      expect(report.ecosystems.map(({ ecosystem }) => ecosystem)).toEqual(['cargo', 'go', 'zig', 'nimble'])
      expect(report.ecosystems.flatMap(({ sources }) => sources.flatMap(({ questions }) => questions))).toEqual([])
    }))

  it('shows examples with --help', async () => {
    const { code, stdout } = await assay(['doctor', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('assay doctor --offline')
  })
})
