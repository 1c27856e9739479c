import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { compareVersions } from '../../../../src/ecosystems/go/version.js'
import { FolderTree } from '../../../../src/evidence/folder-tree.js'
import { openStore } from '../../../../src/evidence/store/open-store.js'
import { http } from '../../../evidence/http/support/servers.js'
import { scratchFolder } from '../../../evidence/store/support/bundle.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { describeShared, listShared, readSharedBytes, readSharedJson, sharedPath } from '../../../support/shared.js'
import { askedFor } from '../cases.js'
import { serveFolder, testDesk, verifyTree } from './support.js'

const PROXY = 'vectors/go/proxy'
const BYTES = { depth: { bytes: true } }

const scratch = scratchFolder()
afterAll(scratch.remove)

interface Module {
  readonly path: string
  readonly version: string
  readonly zipH1: string
  readonly goModH1: string
  readonly goModInZip: boolean
  readonly zipFileSha256: string
}

/** A project for each module, since one would select one version of each path. */
function projectsFor(modules: readonly Module[], wrong?: 'zip' | 'mod'): MemoryTree {
  const other = 'h1:x+O9jMUqEZ8AtscT8ZQq+FyBOYlvdwr7MP6wXTzHGJg='
  return new MemoryTree(
    Object.fromEntries(
      modules.flatMap(({ path, version, zipH1, goModH1 }, i): [string, string][] => {
        const hashes = [wrong === 'zip' ? other : zipH1, wrong === 'mod' ? other : goModH1]
        return [
          [`p${i}/go.mod`, `module example.com/p${i}\n\ngo 1.20\n\nrequire ${path} ${version}\n`],
          [`p${i}/go.sum`, `${path} ${version} ${hashes[0]}\n${path} ${version}/go.mod ${hashes[1]}\n`],
        ]
      }),
    ),
  )
}

describeShared('vectors/go/hashes.json', 'the shared modules, fetched and hashed', () => {
  const { modules } = readSharedJson<{ modules: readonly Module[] }>('vectors/go/hashes.json')

  for (const transport of ['http', 'file']) {
    it(`35 modules over ${transport}: zip and go.mod as go.sum has them, and one the other's`, async () => {
      const loopback = transport === 'http' ? await serveFolder(sharedPath(PROXY)) : undefined
      const environment = { GOPROXY: loopback?.origin ?? pathToFileURL(sharedPath(PROXY)).href, GOSUMDB: 'off' }
      const verification = await verifyTree(projectsFor(modules), { environment, ...BYTES })
      for (const { path, version, zipH1, goModH1, zipFileSha256 } of modules) {
        const module = `${path}@${version}`
        expect(verification.one(module, 'go/zip-bytes'), module).toMatchObject({
          ...{ verdict: 'match', expected: zipH1, observed: zipH1, stored: zipFileSha256 },
        })
        expect(verification.one(module, 'go/mod-bytes'), module).toMatchObject({ verdict: 'match', observed: goModH1 })
        expect(verification.one(module, 'go/mod-in-zip').verdict, module).toBe('match')
        expect(verification.one(module, 'go/info').verdict, module).toBe('match')
        expect(verification.one(module, 'go/sumdb')).toMatchObject({ verdict: 'not-checkable', why: 'GOSUMDB=off' })
      }
      expect(modules).toHaveLength(35)
      if (loopback !== undefined) expect(new Set(loopback.seen.map(({ url }) => url)).size).toBe(loopback.seen.length)
    })
  }

  it.each(['zip', 'mod'] as const)('a wrong %s hash in go.sum is a mismatch, and only that', async (wrong) => {
    const environment = { GOPROXY: pathToFileURL(sharedPath(PROXY)).href, GOSUMDB: 'off' }
    const few = modules.filter(({ path }) => path !== 'example.com/tiny').slice(0, 8)
    const verification = await verifyTree(projectsFor(few, wrong), { environment, ...BYTES })
    for (const { path, version } of few) {
      const module = `${path}@${version}`
      expect(verification.one(module, 'go/zip-bytes').verdict, module).toBe(wrong === 'zip' ? 'mismatch' : 'match')
      expect(verification.one(module, 'go/mod-bytes').verdict, module).toBe(wrong === 'mod' ? 'mismatch' : 'match')
    }
  })
})

describeShared('vectors/go/zips', 'module zips of the vectors, served by a proxy', () => {
  interface ZipCase {
    readonly id: string
    readonly file: string
    readonly module: string
    readonly version: string
    readonly verdict: 'ok' | 'refuse'
    readonly h1?: string
  }
  const { cases } = readSharedJson<{ cases: readonly ZipCase[] }>('vectors/go/zips/expected.json')

  it.each(cases.map((one) => [one.id, one] as const))('%s', async (_, { file, module, version, verdict, h1 }) => {
    const loopback = await http((request, response) => {
      if (request.url?.endsWith('.zip') === true) response.writeHead(200).end(readSharedBytes('vectors/go/zips', file))
      else response.writeHead(404).end()
    })
    const sum = h1 === undefined ? '' : `${module} ${version} ${h1}\n`
    const tree = new MemoryTree({ 'go.mod': `module example.com/p\n\ngo 1.20\n\nrequire ${module} ${version}\n`, 'go.sum': sum })
    const verification = await verifyTree(tree, { environment: { GOPROXY: loopback.origin, GOSUMDB: 'off' }, ...BYTES })
    const evidence = verification.one(`${module}@${version}`, 'go/zip-bytes')
    expect(evidence.verdict).toBe(verdict === 'ok' ? 'match' : 'mismatch')
    if (verdict === 'refuse') expect(evidence.why).toMatch(/^it is no module zip that the go command takes: ./)
    expect(verification.fact('go/zip-odd-entry').map(({ what }) => what)).toEqual(
      file === 'quirk-symlink.zip' ? ['link'] : file === 'ok-dir-entries.zip' ? ['folder'] : [],
    )
  })

  it('covers every case', () => expect(cases).toHaveLength(28))
})

describeShared('vectors/go/goproxy.json', 'GOPROXY as the go command obeys it', () => {
  interface Table {
    readonly answers: readonly { status: number | string; comma: 'use' | 'next' | 'stop'; pipe: 'use' | 'next' | 'stop' }[]
    readonly private: readonly (Readonly<Record<string, string | boolean>> & { module: string; proxy: boolean; sumdb: boolean })[]
  }
  const table = readSharedJson<Table>('vectors/go/goproxy.json')
  const path = 'example.com/tiny'
  const tree = new MemoryTree({ 'go.mod': `module example.com/p\n\ngo 1.20\n\nrequire ${path} v1.0.0\n` })
  const fast = { timeouts: { connectMs: 300, headersMs: 200, bodyMs: 200 }, retry: { attempts: 1 } }

  /** A first proxy that gives the answer of a row; false where this system cannot give it. */
  async function firstProxy(status: number | string): Promise<string | undefined> {
    if (status === 'connection refused') {
      const gone = await http(() => undefined)
      gone.stop()
      return gone.origin
    }
    if (status === 'time-out') return (await http(() => undefined)).origin
    if (status === 'file not found (file://)') return pathToFileURL(`${scratch.folder}/nothing`).href
    if (status === 'permission denied (file://)') {
      // A folder in place of the file: the system refuses to read it, whoever runs the test.
      const { mkdirSync } = await import('node:fs')
      mkdirSync(`${scratch.folder}/refused/example.com/tiny/@v/v1.0.0.info`, { recursive: true })
      return pathToFileURL(`${scratch.folder}/refused`).href
    }
    const answer = await http((request, response) => {
      const file = sharedPath(PROXY, decodeURIComponent(request.url ?? ''))
      if (status !== 200) response.writeHead(Number(status)).end()
      else response.writeHead(200).end(existsSync(file) ? readFileSync(file) : '')
    })
    return answer.origin
  }

  for (const { status, comma, pipe } of table.answers) {
    for (const [mark, expected] of [
      [',', comma],
      ['|', pipe],
    ] as const) {
      it(`${status}, then "${mark}": ${expected}`, async () => {
        const first = await firstProxy(status)
        const second = await serveFolder(sharedPath(PROXY))
        const environment = { GOPROXY: `${first}${mark}${second.origin}`, GOSUMDB: 'off' }
        const verification = await verifyTree(tree, { desk: testDesk({ http: fast }), environment })
        const evidence = verification.one(path, 'go/info')
        const asked = second.seen.some(({ url }) => url.endsWith('/v1.0.0.info'))
        expect(asked).toBe(expected === 'next')
        expect(evidence.verdict).toBe(expected === 'stop' ? 'unavailable' : 'match')
        // Who answered each request is on record.
        if (expected !== 'stop') expect(evidence.authority?.name).toBe(expected === 'use' ? first : second.origin)
      })
    }
  }

  const expectedDatabase = readSharedJson<{ verifierKey: string }>('vectors/go/sumdb/expected.json')
  it.each(table.private.map((row) => [JSON.stringify(row), row] as const))('private: %s', async (_, row) => {
    const { module, proxy, sumdb, direct, note, ...set } = row
    const proxies = await http((_request, response) => response.writeHead(404).end())
    const database = await http((_request, response) => response.writeHead(404).end())
    const environment = {
      GOPROXY: `${proxies.origin},direct`,
      GOSUMDB: `${expectedDatabase.verifierKey} ${database.origin}`,
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [name, String(value)])),
    }
    const project = new MemoryTree({ 'go.mod': `module example.com/p\n\ngo 1.20\n\nrequire ${module} v1.0.0\n` })
    const verification = await verifyTree(project, { environment, ...BYTES, supplied: true })
    expect(proxies.seen.length > 0).toBe(proxy)
    expect(database.seen.length > 0).toBe(sumdb)
    expect(verification.one(module, 'go/sumdb').verdict).toBe(sumdb ? 'absent' : 'not-checkable')
    expect(verification.one(module, 'go/zip-bytes').verdict).toBe(proxy ? 'absent' : 'not-checkable')
    if (direct === true) expect(verification.one(module, 'go/zip-bytes').why).toContain('private')
  })

  it('covers every row', () => {
    expect(table.answers).toHaveLength(16)
    expect(table.private).toHaveLength(6)
  })
})

describeShared('vectors/go/cases', 'projects of the vectors', () => {
  interface Expected {
    readonly withModDocuments?: {
      readonly buildList: readonly { path: string; version: string }[]
      readonly componentEdges: readonly (readonly [string, string])[]
      readonly modDocumentsRead: readonly string[]
    }
    readonly retraction?: Readonly<Record<string, { readFrom: string; shortMessage: string; bestUnretracted: string }>>
    readonly deprecation?: Readonly<Record<string, { readFrom: string; shortMessage: string }>>
  }
  const expectedOf = (name: string): Expected => readSharedJson<Expected>('vectors/go/cases', name, 'expected.json')
  const caseTree = (name: string): FolderTree => new FolderTree(sharedPath('vectors/go/cases', name))
  const environment = { GOPROXY: pathToFileURL(sharedPath(PROXY)).href, GOSUMDB: 'off' }

  describe.each(listShared('vectors/go/cases').filter((name) => expectedOf(name).withModDocuments !== undefined))(
    '%s',
    (name) => {
      it('the graph is exact with documents from a proxy, none of which is asked for twice or without need', async () => {
        const wanted = expectedOf(name).withModDocuments
        const loopback = await serveFolder(sharedPath(PROXY))
        const { inventory } = await verifyTree(caseTree(name), {
          environment: { GOPROXY: loopback.origin, GOSUMDB: 'off' },
          supplied: true,
        })
        const project = inventory.projects.find(({ id }) => id === 'go:go.work')?.id ?? 'go:go.mod'
        const components = inventory.components.filter(
          (c) => c.projects.includes(project) && !c.firstParty && c.type !== 'toolchain',
        )
        const byText = (a: string, b: string): number => (a < b ? -1 : 1)
        expect(components.map(askedFor).sort(byText)).toEqual(
          (wanted?.buildList ?? []).map(({ path, version }) => `${path}@${version}`).sort(byText),
        )
        expect(inventory.facts.filter(({ kind }) => kind === 'go/incomplete')).toEqual([])
        const documents = loopback.seen.map(({ url }) => decodeURIComponent(url)).filter((url) => url.endsWith('.mod'))
        expect(new Set(documents).size).toBe(documents.length)
      })
    },
  )

  it('10-retracted: what authors say in the latest go.mod', async () => {
    const { retraction, deprecation } = expectedOf('10-retracted')
    const verification = await verifyTree(caseTree('10-retracted'), { environment })
    const [[retracted, words] = ['', undefined]] = Object.entries(retraction ?? {})
    const [[deprecated, message] = ['', undefined]] = Object.entries(deprecation ?? {})
    expect(verification.fact('go/retracted')).toEqual([
      {
        module: retracted,
        rationale: words?.shortMessage,
        by: words?.readFrom.split('@')[1],
        better: words?.bestUnretracted,
      },
    ])
    expect(verification.fact('go/deprecated')).toEqual([
      { module: deprecated, message: message?.shortMessage, by: message?.readFrom.split('@')[1] },
    ])
    const latest = verification.fact('go/latest')
    expect(latest.map(({ module, version }) => `${module} ${version}`).sort()).toEqual([
      'example.net/gone v1.2.0',
      'example.net/oldapi v1.0.1',
    ])
    expect(latest.every(({ behind }) => behind === true)).toBe(true)
    expect(verification.facts.every(({ location }) => location?.file === 'go.sum')).toBe(true)
  })

  it('09-gosum-anomalies: the hash that is not that of the module needs its zip', async () => {
    const { evidence } = await verifyTree(caseTree('09-gosum-anomalies'), { environment, ...BYTES })
    const wrong = evidence.filter(({ check, verdict }) => check === 'go/zip-bytes' && verdict === 'mismatch')
    const names = wrong.map(({ subject }) => subject.slice(0, subject.indexOf('|')))
    expect(names.sort()).toEqual(['go:example.com/tiny@v1.0.0', 'go:example.org/d@v1.1.0'])
  })

  it('05-vendor: every vendored file is one of the module zip', async () => {
    const verification = await verifyTree(caseTree('05-vendor'), { environment, ...BYTES })
    for (const module of ['example.com/tiny', 'example.org/a', 'example.org/b', 'example.net/fork/c'])
      expect(verification.one(module, 'go/vendor'), module).toMatchObject({ verdict: 'match' })
    expect(verification.evidence.filter(({ check }) => check === 'go/vendor')).toHaveLength(4)
  })

  it('06-vendor-drift: the edited file that no consistency check sees', async () => {
    const verification = await verifyTree(caseTree('06-vendor-drift'), { environment, ...BYTES })
    expect(verification.one('example.org/a', 'go/vendor')).toMatchObject({
      ...{ verdict: 'mismatch', why: 'vendor/example.org/a/a.go (modified)' },
    })
    expect(verification.fact('integrity/vendor-drift')).toContainEqual({
      ...{ path: 'vendor/example.org/a/a.go', why: 'its content differs from example.org/a@v1.1.0' },
    })
  })

  it('every module with a list: the latest version is the highest release', async () => {
    const { modules } = readSharedJson<{ modules: readonly Module[] }>('vectors/go/hashes.json')
    const store = openStore(`${scratch.folder}/latest`)
    const verification = await verifyTree(projectsFor(modules), { desk: testDesk({ store }), environment })
    const latest = new Map(verification.fact('go/latest').map(({ module, version }) => [String(module), String(version)]))
    for (const { path, version } of modules) expect(compareVersions(version, latest.get(path) ?? ''), path).toBeLessThanOrEqual(0)
    expect(latest.size).toBe(new Set(modules.map(({ path }) => path)).size)
  })
})
