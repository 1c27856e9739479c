import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Ajv from 'ajv'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { releaseSbomFacts } from '../../src/audit/release-sboms.js'
import { showRoots } from '../../src/audit/show-roots.js'
import { tellOfKeptRoot } from '../../src/audit/trust/fetched-root.js'
import { loadTrustedRoots, rootFacts } from '../../src/audit/trust/roots.js'
import { trustDocument } from '../../src/audit/trust-documents.js'
import { updateRoots } from '../../src/audit/update-roots.js'
import { openDesk } from '../../src/evidence/desk/open-desk.js'
import { openPack } from '../../src/evidence/pack/read-pack.js'
import { savePack } from '../../src/evidence/pack/save-pack.js'
import { tufFolder, writeRootRecord } from '../../src/evidence/tuf/stored-root.js'
import { ENDPOINTS } from '../../src/model/endpoints.js'
import { PLAIN } from '../../src/model/style.js'
import type { TrustReport } from '../../src/model/trust-report.js'
import { NO_TRUST_SETTINGS } from '../../src/model/trust-settings.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { MemoryTree } from '../support/memory-tree.js'
import { SigstoreInstance } from '../trust/support/sigstore-instance.js'
import { TufRepository } from '../trust/support/tuf-repository.js'

const NOW = '2026-11-28T12:00:00Z'
const schema: object = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/trust-roots.schema.json'), 'utf8'))
const isValid = new Ajv.default({ strict: true, strictRequired: false }).compile(schema)

/** Both forms of the document, checked. */
function shown(report: TrustReport): string {
  const json: unknown = JSON.parse([...trustDocument('json', report, PLAIN)].join(''))
  expect(isValid(json), JSON.stringify(isValid.errors)).toBe(true)
  return [...trustDocument('text', report, PLAIN)].join('')
}

let first: string
let second: string
let folder: string
let repository: TufRepository
let mirror: string

beforeAll(async () => {
  first = JSON.stringify((await SigstoreInstance.start()).rootJson())
  second = JSON.stringify((await SigstoreInstance.start()).rootJson())
})
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-tuf-'))
  repository = new TufRepository(first)
  mirror = await repository.start()
  writeFileSync(join(folder, 'root.json'), repository.root)
})
afterEach(async () => {
  await repository.stop()
  rmSync(folder, { recursive: true, force: true })
})

const update = (options: Partial<Parameters<typeof updateRoots>[0]> = {}): Promise<TrustReport> =>
  updateRoots({
    ...{ mirror, root: join(folder, 'root.json'), target: 'trusted_root.json', timestamp: NOW },
    environment: { ASSAY_CACHE: join(folder, 'cache') },
    now: options.timestamp ?? NOW,
    ...options,
  })
const reasons = ({ exitCode, problems }: TrustReport): string => [exitCode, ...problems.map(({ reason }) => reason)].join(' ')
const shaOf = ({ roots }: TrustReport): string | undefined => roots[0]?.sha256

describe('assay trust update', () => {
  it('fetches the root, keeps it, and says what vouches for it and until when', async () => {
    repository.publish(first, { expires: { timestamp: '2026-12-05T00:00:00Z', snapshot: '2027-01-01T00:00:00Z' } })
    const report = await update({ output: join(folder, 'out', 'root.json') })
    expect(reasons(report)).toBe('0')
    const [root] = report.roots
    expect(root).toMatchObject({
      from: 'tuf',
      confirmed: NOW,
      ageDays: 0,
      tuf: { mirror, target: 'trusted_root.json', expires: '2026-12-05T00:00:00Z' },
    })
    expect(root?.tuf?.versions).toEqual({ root: 1, timestamp: 1, snapshot: 1, targets: 1 })
    expect(root?.parts.map(({ kind }) => kind)).toEqual([
      'log',
      'certificate-log',
      'certificate-authority',
      'timestamp-authority',
    ])
    expect(readFileSync(join(folder, 'out', 'root.json'), 'utf8')).toBe(first)
    expect(readFileSync(root?.file ?? '', 'utf8')).toBe(first)
    expect(repository.requests).toEqual([
      ...['/2.root.json', '/timestamp.json', '/snapshot.json', '/targets.json', '/targets/trusted_root.json'],
    ])
    expect(shown(report)).toContain(`vouched for until 2026-12-05T00:00:00Z`)
    const loaded = await loadTrustedRoots([root?.file ?? ''])
    expect(loaded.roots[0]?.sha256).toBe(root?.sha256)
  })

  it('asks for no more than what is new the next time, and needs no initial root', async () => {
    const before = await update()
    repository.requests.length = 0
    const again = await update({ root: undefined, timestamp: '2026-11-29T12:00:00Z' })
    expect(repository.requests).toEqual(['/2.root.json', '/timestamp.json'])
    expect(again.roots[0]).toMatchObject({ sha256: shaOf(before), confirmed: '2026-11-29T12:00:00Z' })
    repository.publish(second, { version: 2 })
    const newer = await update({ root: undefined })
    expect(shaOf(newer)).not.toBe(shaOf(before))
    expect(newer.roots[0]?.tuf?.versions).toEqual({ root: 1, timestamp: 2, snapshot: 2, targets: 2 })
  })

  it('follows the repository to new keys, and to no others', async () => {
    await update()
    repository.rotate()
    repository.publish(second, { version: 2 })
    expect((await update()).roots[0]?.tuf?.versions.root).toBe(2)
    const foreign = new TufRepository(first, { version: 3 })
    foreign.rotate()
    const other = await foreign.start()
    try {
      // The same mirror by its folder, another one by its keys.
      writeFileSync(join(folder, 'other.json'), repository.root)
      expect(reasons(await update({ mirror: other, root: join(folder, 'other.json') }))).toBe('1 trust/root-not-valid')
    } finally {
      await foreign.stop()
    }
  })

  it('says that a mirror gives no answer, and leaves what is kept', async () => {
    const before = await update()
    await repository.stop()
    const report = await update()
    expect(reasons(report)).toBe('3 trust/root-unreachable')
    expect(report.problems[0]?.fix).not.toBe('')
    shown(report)
    expect(readFileSync(before.roots[0]?.file ?? '', 'utf8')).toBe(first)
  }, 30_000)

  it.each(['timestamp', 'snapshot', 'targets'] as const)('refuses a %s that has expired', async (role) => {
    repository.publish(first, { expires: { [role]: '2026-01-01T00:00:00Z' } })
    const report = await update()
    expect(reasons(report)).toBe('1 trust/root-expired')
    expect(report.problems[0]?.why).toMatch(/is expired/)
    expect(shown(report)).toContain('trust/root-expired')
  })

  it('refuses a last root that has expired, and not the first', async () => {
    repository.rotate('2026-01-01T00:00:00Z')
    repository.publish(first)
    expect(reasons(await update())).toBe('1 trust/root-expired')
    repository.rotate()
    repository.publish(first)
    expect(reasons(await update())).toBe('0')
  })

  it('refuses a state older than the one seen before', async () => {
    repository.publish(second, { version: 5 })
    const before = await update()
    repository.publish(first, { version: 4 })
    const report = await update()
    expect(reasons(report)).toBe('1 trust/root-rolled-back')
    expect(readFileSync(before.roots[0]?.file ?? '', 'utf8')).toBe(second)
  })

  it.each([
    ['the target', '/targets/trusted_root.json'],
    ['the list of targets', '/targets.json'],
    ['the snapshot', '/snapshot.json'],
    ['the timestamp', '/timestamp.json'],
  ])('refuses %s when a byte of it was changed', async (_what, path) => {
    repository.tamper(path, (text) => text.replace(/[a-f]/, (letter) => (letter === 'a' ? 'b' : 'a')))
    const report = await update()
    expect(reasons(report)).toBe('1 trust/root-not-valid')
    expect(existsSync(tufFolder(join(folder, 'cache'), mirror))).toBe(false)
    // A failure leaves nothing in the way of the right root.
    repository.publish(first)
    expect(reasons(await update())).toBe('0')
  })

  it('refuses a target that is longer than it should be, before all of it came', async () => {
    repository.tamper('/targets/trusted_root.json', (text) => text + ' '.repeat(1_000_000))
    expect(reasons(await update())).toBe('1 trust/root-not-valid')
  })

  it('refuses what is vouched for and no trusted root, and a target that is not there', async () => {
    repository.publish('{"mediaType":"text/plain"}')
    expect(reasons(await update())).toBe('1 trust/root-malformed')
    repository.publish(first, { name: 'tenant.trusted_root.json' })
    expect(reasons(await update())).toBe('1 trust/root-target-missing')
    expect(reasons(await update({ target: 'tenant.trusted_root.json' }))).toBe('0')
  })

  it('does not begin without an initial root, nor with another than before', async () => {
    await expect(update({ root: undefined })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/nothing says whose signatures/),
    })
    await update()
    writeFileSync(join(folder, 'other.json'), new TufRepository(first).root)
    await expect(update({ root: join(folder, 'other.json') })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/another initial root/),
    })
    await expect(update({ root: join(folder, 'none.json') })).rejects.toMatchObject({ code: 'input-unreadable' })
  })

  it('takes an initial root that is none for one that vouches for nothing', async () => {
    writeFileSync(join(folder, 'broken.json'), '{"signed":{}}')
    expect(reasons(await update({ root: join(folder, 'broken.json') }))).toBe('1 trust/root-not-valid')
  })

  it.each(['ftp://mirror.example', 'mirror', 'https://user:secret@mirror.example', 'https://mirror.example/?x=1'])(
    'refuses %s',
    async (url) => {
      const refused = await update({ mirror: url }).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(refused).toMatchObject({ code: 'usage' })
      expect(String(refused)).not.toContain('secret')
    },
  )

  it('works with a repository as @tufjs/repo-mock makes it', async () => {
    const { repository: mock, root } = TufRepository.ofMock(first)
    const url = await mock.start()
    try {
      writeFileSync(join(folder, 'mock.json'), root)
      expect(reasons(await update({ mirror: url, root: join(folder, 'mock.json') }))).toBe('0')
    } finally {
      await mock.stop()
    }
  })
})

/** Puts a root where `assay trust update` would have kept that of the public instance. */
async function keepPublicRoot(expires: string, bytes = first): Promise<string> {
  const { roots } = await update()
  const [root] = roots
  if (root?.tuf === undefined) throw new Error('not fetched')
  const cache = join(folder, 'cache')
  const own = tufFolder(cache, ENDPOINTS.sigstore.tuf)
  const { cpSync, writeFileSync: write } = await import('node:fs')
  cpSync(tufFolder(cache, mirror), own, { recursive: true })
  write(join(own, 'targets', 'trusted_root.json'), bytes)
  await writeRootRecord(own, {
    ...{ mirror: ENDPOINTS.sigstore.tuf, target: 'trusted_root.json', sha256: root.sha256, size: first.length },
    ...{ fetchedAt: NOW, expires, versions: root.tuf.versions },
  })
  return root.sha256
}

describe('which roots are used', () => {
  const online = (now: string, fallback = false): Parameters<typeof loadTrustedRoots>[1] => ({
    environment: { ASSAY_CACHE: join(folder, 'cache') },
    now,
    fallback,
  })

  it('is the fetched one while it is vouched for', async () => {
    const sha256 = await keepPublicRoot('2026-12-05T00:00:00Z')
    const loaded = await loadTrustedRoots([], online('2026-12-04T23:59:59Z'))
    expect(loaded).toMatchObject({ embedded: false, used: [{ from: 'tuf', confirmed: NOW, expires: '2026-12-05T00:00:00Z' }] })
    expect(loaded.roots[0]?.sha256).toBe(sha256)
    // A file that is named goes before it.
    writeFileSync(join(folder, 'second.json'), second)
    expect((await loadTrustedRoots([join(folder, 'second.json')], online(NOW))).used[0]?.from).toBe('file')
    expect((await loadTrustedRoots([])).embedded).toBe(true)
  })

  it('is none after, unless the policy allows the embedded one', async () => {
    await keepPublicRoot('2026-12-05T00:00:00Z')
    await expect(loadTrustedRoots([], online('2026-12-05T00:00:00Z'))).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/^trust\/root-expired: .* fetched on 2026-11-28 expired on 2026-12-05$/),
      help: expect.stringMatching(/assay trust update/),
    })
    const loaded = await loadTrustedRoots([], online('2026-12-05T00:00:00Z', true))
    expect(loaded).toMatchObject({ embedded: true, fallback: expect.stringMatching(/^trust\/root-expired: /) })
  })

  it('is none where none was fetched, or the kept one was changed', async () => {
    await expect(loadTrustedRoots([], online(NOW))).rejects.toMatchObject({
      message: expect.stringMatching(/no trusted root was fetched/),
    })
    await keepPublicRoot('2026-12-05T00:00:00Z', second)
    await expect(loadTrustedRoots([], online(NOW))).rejects.toMatchObject({
      message: expect.stringMatching(/not those that were fetched/),
    })
  })

  it('is the same in a replay, whatever the machine has', async () => {
    const sha256 = await keepPublicRoot('2026-12-05T00:00:00Z')
    const clock = { now: () => Date.parse(NOW) }
    const desk = openDesk({ offline: false, clock, http: () => Promise.reject(new Error('nobody is asked')) })
    const live = await loadTrustedRoots([], {
      environment: { ASSAY_CACHE: join(folder, 'cache') },
      now: NOW,
      fallback: false,
      desk,
    })
    await savePack(join(folder, 'pack'), desk.used())
    const opened = openPack(join(folder, 'pack'))
    if (!opened.ok) throw new Error(opened.problem.why)
    const replay = openDesk({ offline: true, clock, pack: opened.pack })
    const options = { environment: {}, now: '2030-01-01T00:00:00Z', fallback: false, desk: replay }
    const told = await loadTrustedRoots([], options)
    expect(told.roots[0]?.sha256).toBe(sha256)
    expect(rootFacts(told, false)).toEqual(rootFacts(live, false))
    opened.pack.close()
    const nothing = openDesk({ offline: true, clock })
    await expect(loadTrustedRoots([], { ...options, desk: nothing })).rejects.toMatchObject({
      message: expect.stringMatching(/^trust\/root-expired: offline/),
    })
    expect((await loadTrustedRoots([], { ...options, fallback: true, desk: nothing })).embedded).toBe(true)
  })

  it('is that of the machine where nobody is asked and nothing is replayed', async () => {
    const clock = { now: () => Date.parse(NOW) }
    const environment = { ASSAY_CACHE: join(folder, 'cache') }
    const load = async (now: string): Promise<unknown> => {
      const desk = openDesk({ offline: true, clock })
      await tellOfKeptRoot(desk, { environment, now })
      return rootFacts(await loadTrustedRoots([], { environment: {}, now, fallback: true, desk }), false)[0]?.data
    }
    expect(await load(NOW)).toMatchObject({ from: 'embedded', fallback: expect.stringMatching(/no trusted root was fetched/) })
    const sha256 = await keepPublicRoot('2026-12-05T00:00:00Z')
    expect(await load(NOW)).toMatchObject({ from: 'tuf', sha256 })
    expect(await load('2026-12-05T00:00:00Z')).toMatchObject({ from: 'embedded', fallback: expect.stringMatching(/expired on/) })
  })

  it('is told to those who judge published SBOMs, too', async () => {
    await keepPublicRoot('2026-12-05T00:00:00Z')
    const desk = openDesk({ offline: true, clock: { now: () => Date.parse(NOW) } })
    await tellOfKeptRoot(desk, { environment: { ASSAY_CACHE: join(folder, 'cache') }, now: NOW })
    const settings = {
      release: { ...DEFAULT_CONFIG.settings.release, sboms: ['bom.json'] },
      trust: {
        ...NO_TRUST_SETTINGS,
        onlineRoots: true,
        identities: [{ match: 'release:sbom', issuer: 'https://issuer.example', san: 'somebody' }],
      },
    }
    const tree = new MemoryTree({ 'bom.json': '{}' })
    expect(await releaseSbomFacts(tree, settings, desk)).toMatchObject([{ data: { file: 'bom.json', state: 'missing' } }])
    const nothing = openDesk({ offline: true, clock: { now: () => Date.parse(NOW) } })
    await expect(releaseSbomFacts(tree, settings, nothing)).rejects.toMatchObject({ code: 'configuration' })
  })

  it('is told to be missing in a replay as in the run', async () => {
    const clock = { now: () => Date.parse(NOW) }
    const desk = openDesk({ offline: false, clock, http: () => Promise.reject(new Error('nobody is asked')) })
    const live = await loadTrustedRoots([], { environment: {}, now: NOW, fallback: true, desk })
    expect(rootFacts(live, false)[0]?.data).toMatchObject({ from: 'embedded', allowed: false, fallback: expect.any(String) })
    await savePack(join(folder, 'pack'), desk.used())
    const opened = openPack(join(folder, 'pack'))
    if (!opened.ok) throw new Error(opened.problem.why)
    const replay = openDesk({ offline: true, clock, pack: opened.pack })
    const told = await loadTrustedRoots([], { environment: {}, now: NOW, fallback: true, desk: replay })
    expect(rootFacts(told, false)).toEqual(rootFacts(live, false))
    opened.pack.close()
  })
})

describe('assay trust show', () => {
  const show = (options: Partial<Parameters<typeof showRoots>[0]> = {}): Promise<TrustReport> =>
    showRoots({
      ...{ files: [], online: false, fallback: false, timestamp: NOW },
      environment: { ASSAY_CACHE: join(folder, 'cache') },
      now: options.timestamp ?? NOW,
      ...options,
    })

  it('shows the embedded root, and when it is old', async () => {
    const report = await show()
    expect(report.roots[0]).toMatchObject({ from: 'embedded', confirmed: '2026-11-05', ageDays: 23 })
    expect(report.roots[0]?.parts.length).toBeGreaterThanOrEqual(7)
    expect(reasons(report)).toBe('0')
    expect(shown(report)).toMatch(/embedded root, comes with assay/)
    const old = await show({ timestamp: '2027-06-01T00:00:00Z' })
    expect(reasons(old)).toBe('0 trust/root-old')
    expect(shown(old)).toMatch(/confirmed 2026-11-05, 208 days ago/)
  })

  it('shows what was fetched, and that it cannot be used any more', async () => {
    const sha256 = await keepPublicRoot('2026-12-05T00:00:00Z')
    const report = await show({ online: true })
    expect(report.roots[0]).toMatchObject({ from: 'tuf', sha256, tuf: { expires: '2026-12-05T00:00:00Z' } })
    shown(report)
    expect(reasons(await show({ online: true, timestamp: '2026-12-06T00:00:00Z' }))).toBe('1 trust/root-expired')
    const fallback = await show({ online: true, fallback: true, timestamp: '2026-12-06T00:00:00Z' })
    expect(reasons(fallback)).toBe('0 trust/root-expired')
    expect(fallback.roots[0]?.from).toBe('embedded')
    shown(fallback)
  })

  it('shows files, and what is no root', async () => {
    writeFileSync(join(folder, 'second.json'), second)
    expect((await show({ files: [join(folder, 'second.json')] })).roots[0]).toMatchObject({ from: 'file' })
    writeFileSync(join(folder, 'none.json'), '{}')
    const report = await show({ files: [join(folder, 'none.json')] })
    expect(reasons(report)).toBe('1 trust/root-malformed')
    shown(report)
    expect(reasons(await show({ files: [join(folder, 'absent.json')] }))).toBe('1 trust/root-unreadable')
  })
})
