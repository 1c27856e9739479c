import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { examine } from '../../src/audit/doctor.js'
import type { AskedQuestion, DoctorReport, SourceReport } from '../../src/model/doctor.js'
import { AUTHORITY, certificate } from '../evidence/http/support/certificates.js'
import { either, http, https, type Loopback } from '../evidence/http/support/servers.js'
import { MemoryTree } from '../support/memory-tree.js'

const ROW = (checksum: string): string =>
  JSON.stringify({ name: 'lazy_static', vers: '1.5.0', deps: [], cksum: checksum, features: {}, yanked: false })
const CHECKSUM = 'bbd2bcb4c963f2ddae06a2efc7e9f3591312473c50c6685e1f298068316e66fe'
const NOW = '2026-01-01T00:00:00Z'

interface Visit {
  readonly config?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly policy?: string
  readonly offline?: boolean
  readonly timestamp?: string
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A visit to a project in memory, in surroundings of its own. */
function visit({ config = '', environment = {}, files, policy, offline = false, timestamp = NOW }: Visit): Promise<DoctorReport> {
  const folder = scratch()
  writeFileSync(join(folder, 'authority.pem'), AUTHORITY.cert)
  writeFileSync(join(folder, 'assay.toml'), policy ?? 'version = 1\n[verify]\ntimeout = "1s"\n')
  return examine({
    input: { tree: new MemoryTree(files ?? { 'Cargo.lock': 'version = 4\n', '.cargo/config.toml': config }) },
    config: join(folder, 'assay.toml'),
    discover: { exclude: [], include: [] },
    offline,
    // Whatever is not on this machine is out of reach.
    environment: { HTTPS_PROXY: 'http://127.0.0.1:9', SSL_CERT_FILE: join(folder, 'authority.pem'), ...environment },
    timestamp,
  })
}

const replacing = (url: string): string => `[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+${url}/"\n`

function sourceOf(report: DoctorReport, index = 0): SourceReport {
  const source = report.ecosystems[0]?.sources[index]
  if (source === undefined) throw new RangeError('no such source')
  return source
}

const question = (source: SourceReport, index = 0): AskedQuestion | undefined => source.questions[index]
const codes = (source: SourceReport): readonly string[] => source.problems.map(({ code }) => code)

/** A registry as it should be, but for what is said. */
function registry(wish: { readonly checksum?: string; readonly config?: string } = {}): (path: string) => string | undefined {
  return (path) => {
    if (path.endsWith('/config.json')) return wish.config ?? '{"dl":"https://dl.example/crates"}'
    return path.endsWith('/la/zy/lazy_static') ? ROW(wish.checksum ?? CHECKSUM) : undefined
  }
}

const serve = (answer: (path: string) => string | undefined): Promise<Loopback> =>
  http((request, response) => {
    const body = answer(request.url ?? '')
    if (body === undefined) response.writeHead(404).end()
    else response.end(body)
  })

describe('a source that works', () => {
  it('is asked three times, and gives what everybody gives', async () => {
    const server = await serve(registry())
    const report = await visit({ config: replacing(server.origin) })
    const source = sourceOf(report)
    expect(report.exitCode).toBe(0)
    expect(source).toMatchObject({ state: 'fine', problems: [] })
    expect(question(source)).toMatchObject({ outcome: 'answered', status: 200, asks: 3, remark: 'archives come from dl.example' })
    expect(question(source)?.latencyMs).toHaveLength(3)
    expect(question(source, 1)).toMatchObject({ outcome: 'answered', answer: { value: CHECKSUM, agreement: 'same' } })
    expect(server.seen.map(({ url }) => url)).toEqual([
      ...Array.from({ length: 3 }, () => '/config.json'),
      ...Array.from({ length: 3 }, () => '/la/zy/lazy_static'),
    ])
  })

  it('tells protocol and certificate', async () => {
    const server = await either((path, response) => {
      const body = registry()(path)
      response.writeHead(body === undefined ? 404 : 200, body === undefined ? {} : { 'content-length': String(body.length) })
      response.end(body ?? '')
    })
    const report = await visit({ config: replacing(`https://localhost:${server.port}`), timestamp: new Date().toISOString() })
    const source = sourceOf(report)
    expect(source.protocol).toBe('h2')
    expect(source.certificate).toMatchObject({ subject: 'localhost', issuer: 'Test Authority' })
    expect(source.certificate?.validTo).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    // The test authority makes certificates for a day.
    expect(codes(source)).toEqual(['certificate-ends-soon'])
    expect(source.state).toBe('advice')
    expect(report.exitCode).toBe(0)
  })

  it('is asked once for all projects that name it', async () => {
    const server = await serve(registry())
    const report = await visit({
      files: { 'a/Cargo.lock': 'version = 4\n', 'b/Cargo.lock': 'version = 4\n', '.cargo/config.toml': replacing(server.origin) },
    })
    expect(report.ecosystems[0]?.sources).toHaveLength(1)
    expect(server.seen).toHaveLength(6)
  })

  it('sends a credential of the URL and shows it nowhere', async () => {
    const asked: (string | undefined)[] = []
    const server = await http((request, response) => {
      asked.push(request.headers.authorization)
      if (request.headers.authorization === undefined) response.writeHead(401).end()
      else response.end(registry()(request.url ?? '') ?? '')
    })
    const url = server.origin.replace('http://', 'http://user:hunter22@')
    const report = await visit({ config: replacing(url) })
    expect(sourceOf(report)).toMatchObject({ state: 'unsafe', url: `${server.origin}/` })
    expect(question(sourceOf(report), 1)).toMatchObject({ outcome: 'answered' })
    expect(asked).toContain(`Basic ${Buffer.from('user:hunter22').toString('base64')}`)
    expect(JSON.stringify(report)).not.toContain('hunter22')
    expect(report.exitCode).toBe(1)
  })
})

/** Each way to fail has its name, and help. */
const FAILURES: readonly (readonly [name: string, answer: Parameters<typeof http>[0], expected: Partial<AskedQuestion>])[] = [
  ['502', (_, response) => response.writeHead(502).end(), { outcome: 'failed', failure: 'bad-gateway', asks: 2 }],
  ['503', (_, response) => response.writeHead(503).end(), { outcome: 'failed', failure: 'overloaded' }],
  ['404', (_, response) => response.writeHead(404).end(), { outcome: 'absent', status: 404 }],
  ['403', (_, response) => response.writeHead(403).end(), { outcome: 'refused', status: 403 }],
  ['a portal', (_, response) => response.end('<html>log in</html>'), { outcome: 'unusable', status: 200 }],
  ['silence', () => undefined, { outcome: 'failed', failure: 'timeout-headers' }],
  ['a cut', (request) => request.socket.destroy(), { outcome: 'failed', failure: 'connection-reset' }],
  [
    'a circle of redirects',
    (_, response) => response.writeHead(302, { location: '/config.json' }).end(),
    { outcome: 'failed', failure: 'too-many-redirects' },
  ],
]

describe('a source that does not work', () => {
  it.each(FAILURES)('%s', async (_, answer, expected) => {
    const server = await http(answer)
    const report = await visit({ config: replacing(server.origin) })
    const source = sourceOf(report)
    expect(question(source)).toMatchObject(expected)
    expect(question(source)?.why).toBeTruthy()
    expect(question(source)?.help).toBeTruthy()
    expect(source.state).toBe('unreachable')
    // What does not answer one question is not asked another.
    expect(source.questions).toHaveLength(1)
    expect(report.exitCode).toBe(3)
  })

  it('an expired certificate is refused, and its dates are told', async () => {
    const until = new Date(Date.UTC(2025, 5, 1))
    const expired = certificate({ hosts: ['localhost'], by: AUTHORITY, from: new Date(Date.UTC(2025, 0, 1)), until })
    const server = await https((_, response) => response.end('{}'), expired)
    const source = sourceOf(await visit({ config: replacing(`https://localhost:${server.port}`) }))
    expect(question(source)).toMatchObject({ outcome: 'failed', failure: 'tls-expired' })
    expect(source.certificate).toEqual({
      subject: 'localhost',
      issuer: 'Test Authority',
      validFrom: '2025-01-01T00:00:00Z',
      validTo: '2025-06-01T00:00:00Z',
    })
    expect(server.seen).toEqual([])
  })

  it('now and then is told', async () => {
    let turn = 0
    const server = await http((request, response) => {
      turn += 1
      if (turn === 2) response.writeHead(502).end()
      else response.end(registry()(request.url ?? '') ?? '')
    })
    const source = sourceOf(await visit({ config: replacing(server.origin) }))
    expect(codes(source)).toEqual(['flaky'])
    expect(question(source)).toMatchObject({ outcome: 'answered', asks: 3 })
    expect(question(source)?.latencyMs).toHaveLength(2)
  })

  it('another answer than everybody gives is unsafe', async () => {
    const server = await serve(registry({ checksum: 'ab'.repeat(32) }))
    const report = await visit({ config: replacing(server.origin) })
    expect(codes(sourceOf(report))).toEqual(['different-answer'])
    expect(question(sourceOf(report), 1)?.answer).toEqual({ value: 'ab'.repeat(32), agreement: 'different' })
    expect(report.exitCode).toBe(1)
  })

  it('a redirect is told', async () => {
    const there = await serve(registry())
    const here = await http((request, response) => response.writeHead(302, { location: `${there.origin}${request.url}` }).end())
    const source = sourceOf(await visit({ config: replacing(here.origin) }))
    expect(source.state).toBe('fine')
    expect(question(source)?.redirectedTo).toBe(`${there.origin}/config.json`)
  })

  it('one place that works stands in for the others, and lists that differ are told', async () => {
    const list = (name: string): string => `[{"name":"${name}","url":"https://h.example/a","method":"git"}]`
    const good = await http((_, response) => response.end(list('a')))
    const bad = await http((_, response) => response.writeHead(502).end())
    const behind = await http((_, response) => response.end(list('b')))
    const settings = scratch()
    mkdirSync(join(settings, 'nimble'))
    const urls = [bad, good, behind].map(({ origin }) => `url = "${origin}/p.json"\n`).join('')
    writeFileSync(join(settings, 'nimble', 'nimble.ini'), `[PackageList]\nname = "Official"\n${urls}`)
    const report = await visit({ files: { 'x.nimble': 'version = "1.0"\n' }, environment: { XDG_CONFIG_HOME: settings } })
    const sources = report.ecosystems[0]?.sources ?? []
    expect(sources.map(({ state }) => state)).toEqual(['advice', 'advice', 'advice'])
    expect(sources.map(codes)).toEqual([['place-down'], ['lists-differ'], ['lists-differ']])
    expect(report.exitCode).toBe(0)
  })

  it('proxies of a list are held against each other and against what is known', async () => {
    const honest = await http((_, response) => response.end('module golang.org/x/text\n'))
    const liar = await http((_, response) => response.end('module golang.org/x/text\n\nrequire evil.example v1.0.0\n'))
    const own = await http((_, response) => response.writeHead(404).end())
    const report = await visit({
      files: { 'go.mod': 'module example.com/m\n' },
      environment: { GOPROXY: `${honest.origin}|${liar.origin}|${own.origin}`, GOSUMDB: 'off' },
    })
    const sources = report.ecosystems[0]?.sources ?? []
    expect(sources.map(({ state }) => state)).toEqual(['fine', 'unsafe', 'advice', 'unsafe'])
    expect(sources.map(codes)).toEqual([[], ['different-answer'], [], ['checks-off']])
    expect(question(sourceOf(report, 2))).toMatchObject({ outcome: 'absent', why: expect.stringContaining('it works') })
  })
})

describe('a checksum database', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const key = Buffer.concat([Buffer.of(1), raw])
  const id = createHash('sha256').update('log.example\n').update(key).digest().subarray(0, 4)
  const setting = (url: string): string => `log.example+${id.toString('hex')}+${key.toString('base64')} ${url}`
  const head = (signed: string): string => {
    const signature = Buffer.concat([id, sign(null, Buffer.from(signed), privateKey)]).toString('base64')
    return `go.sum database tree\n7\n${Buffer.alloc(32).toString('base64')}\n\n— log.example ${signature}\n`
  }
  const TEXT = `go.sum database tree\n7\n${Buffer.alloc(32).toString('base64')}\n`
  const ask = async (body: string): Promise<SourceReport> => {
    const server = await http((request, response) => response.end(request.url === '/latest' ? body : ''))
    const environment = { GOPROXY: 'off', GOSUMDB: setting(server.origin) }
    return sourceOf(await visit({ files: { 'go.mod': 'module example.com/m\n' }, environment }), 1)
  }

  it('signs its head with the key of GOSUMDB', async () => {
    const source = await ask(head(TEXT))
    expect(source).toMatchObject({ state: 'fine', role: 'checksum-database' })
    expect(question(source)).toMatchObject({ what: 'signed head of the log', remark: 'signed log of 7 records' })
  })

  it('is unsafe with another signature', async () => {
    const source = await ask(head('something else\n'))
    expect(source.state).toBe('unsafe')
    expect(codes(source)).toEqual(['bad-signature'])
  })
})

describe('nobody is asked', () => {
  it('offline, and what is unsafe is told nevertheless', async () => {
    const server = await serve(registry())
    const report = await visit({ config: `${replacing(server.origin)}[http]\ncheck-revoke = false\n`, offline: true })
    expect(server.seen).toEqual([])
    expect(sourceOf(report)).toMatchObject({ state: 'explained', unasked: 'offline', questions: [] })
    expect(report).toMatchObject({ exitCode: 1, offline: true })
  })

  it('over plain http', async () => {
    const report = await visit({ config: replacing('http://r.example') })
    expect(sourceOf(report)).toMatchObject({ state: 'unsafe', questions: [] })
    expect(sourceOf(report).unasked).toContain('plain http')
  })

  it('beyond the hosts of the policy', async () => {
    const server = await serve(registry())
    const policy = 'version = 1\n[sources]\nhosts = ["r.example"]\n'
    const report = await visit({ config: replacing(server.origin), policy })
    expect(sourceOf(report).unasked).toContain('sources.hosts')
    expect(server.seen).toEqual([])
  })
})

describe('everything around', () => {
  it('proxies without their password, authorities, switches that take checks away', async () => {
    const { surroundings, exitCode } = await visit({
      offline: true,
      environment: {
        HTTPS_PROXY: 'http://user:hunter22@p.example:3128',
        NODE_EXTRA_CA_CERTS: '/nowhere/at/all',
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
        GIT_SSL_NO_VERIFY: '1',
      },
    })
    expect(surroundings).toMatchObject({ httpsProxy: 'http://p.example:3128', extraAuthorities: 1 })
    expect(surroundings.problems.map(({ code, weight }) => `${weight} ${code}`)).toEqual([
      'advice authorities-unreadable',
      'unsafe checks-off',
      'unsafe checks-off',
    ])
    expect(JSON.stringify(surroundings)).not.toContain('hunter22')
    expect(exitCode).toBe(1)
  })

  it('the trust root that comes along, and when it is old', async () => {
    const [root] = (await visit({ offline: true })).trustRoots
    expect(root?.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(root?.newestFrom).toMatch(/^\d{4}-/)
    expect(root?.problems).toEqual([])
    const [old] = (await visit({ offline: true, timestamp: '2030-01-01T00:00:00Z' })).trustRoots
    expect(old?.problems.map(({ code }) => code)).toEqual(['trust-root-old'])
  })

  it('that a root which was to be fetched is not there, and what is used instead where that is allowed', async () => {
    const { trustRoots, exitCode } = await visit({ policy: 'version = 1\n[trust]\nonline-roots = true\n', offline: true })
    expect(trustRoots.map(({ sha256, problems }) => [sha256, problems.map(({ code, weight }) => `${weight} ${code}`)])).toEqual([
      [undefined, ['unsafe trust-root-expired']],
    ])
    expect(exitCode).toBe(1)
    const allowed = await visit({ policy: 'version = 1\n[trust]\nonline-roots = true\nroot-fallback = true\n', offline: true })
    expect(allowed.trustRoots[0]?.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(allowed.trustRoots[0]?.problems.map(({ code, weight }) => `${weight} ${code}`)).toEqual(['advice trust-root-expired'])
  })

  it('a configuration that cannot be read ends with 4, a tree without projects too', async () => {
    expect((await visit({ config: '[a\n', offline: true })).exitCode).toBe(4)
    await expect(visit({ files: { 'README.md': '' } })).rejects.toMatchObject({ code: 'nothing-found' })
  })
})
