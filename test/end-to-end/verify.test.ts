import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assay, type Ran, withScratch } from '../support/assay.js'

const LOCKED = 'a13c5e67459f56a132843439b6e4d48e87876123a35255f367ec71544415871f'
const PUBLISHED = '7253ab4de971e72fb7be983802300c30b5a7f0c2e56fab8abfc6a214307c0094'

/** What the registry says of serde, the one crate it has. */
const ROW = JSON.stringify({ name: 'serde', vers: '1.0.203', deps: [], cksum: PUBLISHED, features: {}, yanked: false })

let server: Server
let url = ''
let asked: string[] = []
let answers: 'well' | 'not' = 'well'

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (answers === 'not') response.writeHead(502).end()
    else if (request.url === '/config.json') response.end(JSON.stringify({ dl: `${url}/dl`, api: null }))
    else if (request.url === '/se/rd/serde') response.end(`${ROW}\n`)
    else response.writeHead(404).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((closed) => server.close(closed)))

/** The lockfile of the article that started this project, with this checksum, and a configuration that asks our registry. */
function project(folder: string, checksum: string): string {
  const root = join(folder, 'project')
  mkdirSync(join(root, '.cargo'), { recursive: true })
  writeFileSync(
    join(root, 'Cargo.lock'),
    `version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "serde",\n]\n\n[[package]]\nname = "serde"\nversion = "1.0.203"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${checksum}"\n`,
  )
  writeFileSync(join(root, 'Cargo.toml'), '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n')
  writeFileSync(
    join(root, '.cargo', 'config.toml'),
    `[source.crates-io]\nreplace-with = "ours"\n\n[source.ours]\nregistry = "sparse+${url}/"\n`,
  )
  writeFileSync(join(root, 'assay.toml'), 'version = 1\n\n[verify]\nretries = 0\n')
  return root
}

interface Report {
  readonly exitCode: number
  readonly findings: readonly {
    readonly rule: string
    readonly message: string
    readonly location?: { file: string; line: number }
  }[]
}

const CHECKSUM_LINE = 14

function online(folder: string, args: readonly string[]): Promise<Ran> {
  asked = []
  return assay(args, {
    env: {
      ASSAY_OFFLINE: '',
      ASSAY_CACHE: join(folder, 'cache'),
      // Whatever is not on this machine is out of reach, on every machine.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1',
      HOME: folder,
      SOURCE_DATE_EPOCH: '1767225600',
    },
  })
}

describe('a lockfile against its registry', () => {
  it('one flipped checksum: both values, the line, exit code 1', () =>
    withScratch(async (folder) => {
      const { code, stdout } = await online(folder, ['audit', project(folder, LOCKED), '--json'])
      const found = (JSON.parse(stdout) as Report).findings.filter(({ rule }) => rule === 'integrity/lock-checksum-mismatch')
      expect(found).toHaveLength(1)
      expect(found[0]?.message).toContain(LOCKED)
      expect(found[0]?.message).toContain(PUBLISHED)
      expect(found[0]?.location).toMatchObject({ file: 'Cargo.lock', line: CHECKSUM_LINE })
      expect(code).toBe(1)
    }))

  it('the right checksum passes that rule, and is asked for once in two runs', () =>
    withScratch(async (folder) => {
      const root = project(folder, PUBLISHED)
      const first = await online(folder, ['audit', root, '--json'])
      const rules = (JSON.parse(first.stdout) as Report).findings.map(({ rule }) => rule)
      expect(rules).not.toContain('integrity/lock-checksum-mismatch')
      expect(asked).toContain('/se/rd/serde')
      const second = await online(folder, ['audit', root, '--json'])
      expect(second.stdout).toBe(first.stdout)
      expect(asked.filter((path) => path === '/se/rd/serde')).toEqual([])
    }))

  it('opens no socket offline, and says that nothing was verified', () =>
    withScratch(async (folder) => {
      const ran = await online(folder, ['audit', project(folder, LOCKED), '--offline'])
      expect(asked).toEqual([])
      expect(ran.stdout).toMatch(/verified/)
      expect(ran.stdout).not.toContain('lock-checksum-mismatch')
    }))

  it('an outage is not green', () =>
    withScratch(async (folder) => {
      answers = 'not'
      try {
        const root = project(folder, PUBLISHED)
        writeFileSync(
          join(root, 'assay.toml'),
          'version = 1\n[verify]\non-unavailable = "fail"\nretries = 0\n[rules]\n"cargo/config-in-repo" = "off"\n"source/ip-literal" = "off"\n',
        )
        const { code, stdout } = await online(folder, ['audit', root, '--json'])
        expect((JSON.parse(stdout) as Report).exitCode).toBe(3)
        expect(code).toBe(3)
      } finally {
        answers = 'well'
      }
    }))
})

describe('assay verify', () => {
  it('says what is contradicted, with both values, and ends with 1', () =>
    withScratch(async (folder) => {
      const text = await online(folder, ['verify', project(folder, LOCKED)])
      expect(text.stdout).toMatch(new RegExp(`mismatch: \\d+\\n[\\s\\S]*expected ${LOCKED}\\n +observed ${PUBLISHED}`))
      expect(text.code).toBe(1)
      const json = JSON.parse((await online(folder, ['verify', project(folder, LOCKED), '--json'])).stdout) as {
        evidence: readonly { verdict: string; check: string }[]
      }
      expect(json.evidence.filter(({ verdict }) => verdict === 'mismatch').map(({ check }) => check)).toContain(
        'cargo/index-checksum',
      )
    }))

  it('ends with 3 when somebody does not answer, and refuses to ask offline', () =>
    withScratch(async (folder) => {
      expect((await online(folder, ['verify', project(folder, PUBLISHED)])).code).toBe(3)
      const offline = await online(folder, ['verify', project(folder, PUBLISHED), '--offline'])
      expect(offline.code).toBe(2)
      expect(offline.stderr).toContain('--evidence')
    }))
})

describe('an evidence pack', () => {
  it('replays an audit without a network, byte for byte, and is refused when it was touched', () =>
    withScratch(async (folder) => {
      const root = project(folder, LOCKED)
      const pack = join(folder, 'evidence.tar')
      const written = await online(folder, ['evidence', 'export', root, '-o', pack])
      // The public registry stands behind ours, and is out of reach here.
      expect(written.code).toBe(3)
      const replay = await online(folder, ['audit', root, '--offline', '--evidence', pack, '--json'])
      expect(asked).toEqual([])
      expect((JSON.parse(replay.stdout) as Report).findings.map(({ rule }) => rule)).toContain('integrity/lock-checksum-mismatch')
      expect(replay.code).toBe(1)
      const again = await assay(['audit', root, '--offline', '--evidence', pack, '--json'], {
        env: { SOURCE_DATE_EPOCH: '1767225600', TZ: 'Asia/Tokyo' },
      })
      expect(again.stdout).toBe(replay.stdout)
      const digest = written.stdout.trim()
      expect((await online(folder, ['audit', root, '--evidence', pack, '--evidence-digest', digest])).code).toBe(1)
      expect((await online(folder, ['audit', root, '--evidence', pack, '--evidence-digest', 'f'.repeat(64)])).code).toBe(4)
      const bytes = readFileSync(pack)
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      writeFileSync(pack, bytes)
      const touched = await online(folder, ['audit', root, '--evidence', pack])
      expect(touched.code).toBe(4)
      expect(touched.stderr).toContain('refused')
    }))
})
