import { describe, expect, it, onTestFinished } from 'vitest'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import { createHttpClient } from '../../../../src/evidence/http/client.js'
import { file, HandClock, offline, online, type Serve, source, status } from '../../../evidence/desk/support/source.js'
import { describeShared, hasShared, readSharedJson } from '../../../support/shared.js'
import { entry } from '../support.js'
import { findings, lists, only, project, run } from './support.js'

describe('the package list', () => {
  const at = 'https://github.com/me/lib'
  const ask = async (content: readonly object[], url = at, more: object = {}) => {
    const { sources } = await lists(content)
    return run(project({ lib: entry('lib', { url }) }), { ...online(), sources: { ...sources, ...more } })
  }

  it.each([
    ['the same in another spelling', [{ name: 'LIB', url: 'git://github.com/Me/lib.git', method: 'git' }], 'match', undefined],
    [
      'through an alias',
      [
        { name: 'lib', alias: 'lib2' },
        { name: 'lib2', url: at, method: 'git' },
      ],
      'match',
      'through the alias lib',
    ],
    ['deleted', [{ name: 'lib', url: at, method: 'git', tags: ['deleted'] }], 'match', 'the list has it as deleted'],
    ['another owner', [{ name: 'lib', url: 'https://github.com/you/lib', method: 'git' }], 'mismatch', undefined],
    ['not in it', [], 'not-checkable', 'no list has the name: it is required by its URL'],
    ['an alias of nothing', [{ name: 'lib', alias: 'gone' }], 'not-checkable', 'the name leads nowhere: lib -> gone'],
  ] as const)('has it: %s', async (_, content, verdict, why) => {
    const found = await ask(content)
    expect(only(found, 'nimble/list')).toMatchObject({ verdict })
    expect(only(found, 'nimble/list').why).toBe(why)
    const said = findings(found, ['nimble', 'integrity']).filter((text) => !text.startsWith('nimble/listed-alias'))
    expect(said.map((text) => text.split(':')[0])).toEqual(verdict === 'mismatch' ? ['nimble/registry-url'] : [])
  })

  it('of two that disagree is told by the rules that reading has', async () => {
    const second = await lists([{ name: 'lib', url: 'https://github.com/you/lib', method: 'git' }])
    const registries = ['nim:official', `nim:${second.origin}/packages.json`]
    const found = await ask([{ name: 'lib', url: at, method: 'git' }], at, { registries })
    expect(only(found, 'nimble/list')).toMatchObject({ verdict: 'match', why: 'another list has https://github.com/you/lib' })
    // Once where the manifest asks for it, once where the lock has it.
    expect(new Set(findings(found, ['nimble']))).toEqual(
      new Set([`nimble/list-conflict: lib is ${at} or https://github.com/you/lib`]),
    )
    const none = await ask([], at, { registries: ['crates.io'] })
    expect(only(none, 'nimble/list')).toMatchObject({
      verdict: 'not-checkable',
      why: expect.stringContaining('sources.registries'),
    })
  })

  it.each<readonly [string, Serve | undefined, RegExp]>([
    ['404', undefined, /status 404/],
    ['403', status(403), /refuses this/],
    ['500', status(500), /failed to answer/],
    ['the page of a login', file('<html>'), /no list of packages/],
    ['another JSON', file('{"a": 1}'), /no list of packages/],
    ['an answer that never comes', () => undefined, /did not answer in time/],
  ])('that cannot be had: %s', async (_, serve, why) => {
    const { origin, paths } = await source()
    if (serve !== undefined) paths.set('/packages.json', serve)
    const http = () =>
      createHttpClient({
        retry: { attempts: 1 },
        timeouts: { connectMs: 300, headersMs: 200, bodyMs: 200 },
        giveUp: { urls: 99 },
      })
    const desk = openDesk({ offline: false, http, clock: new HandClock() })
    onTestFinished(() => desk.close())
    const sources = { mirrors: [{ url: `${origin}/packages.json`, of: 'nim:official' }] }
    const found = await run(project({ lib: entry('lib') }), { desk, sources })
    expect(only(found, 'nimble/list')).toMatchObject({ verdict: 'unavailable', why: expect.stringMatching(why) })
    expect(findings(found, ['nimble', 'integrity'])).toEqual([])
  })

  it('is asked for at its next place', async () => {
    const { origin, paths, seen } = await source()
    paths.set('/2', file(JSON.stringify([{ name: 'lib', url: at, method: 'git' }])))
    const sources = { mirrors: [1, 2, 3].map((i) => ({ url: `${origin}/${i}`, of: 'nim:official' })) }
    const found = await run(project({ lib: entry('lib', { url: at }) }), { ...online(), sources })
    expect(only(found, 'nimble/list')).toMatchObject({ verdict: 'match', authority: { kind: 'registry', name: `${origin}/2` } })
    expect(seen).toEqual(['/1', '/2'])
  })
})

describe('whom nobody asks', () => {
  const deaf = (): Desk =>
    openDesk({
      offline: false,
      http: () => {
        throw new Error('somebody was asked')
      },
      clock: new HandClock(),
    })
  const unasked = { registries: ['crates.io'] }
  const refusing = async (): Promise<never> => expect.fail('git was opened')

  it('public hosts about an internal name', async () => {
    for (const internal of [['nimble:corp*'], ['nimble:secret'], ['nimble:github.com/corp/**']]) {
      const packages = { corp_lib: entry('x', { url: 'https://github.com/corp/secret.git' }) }
      const found = await run(project(packages), { desk: deaf(), git: refusing, sources: { ...unasked, internal } })
      expect(only(found, 'nimble/checksum').why).toMatch(/^its name is internal/)
      expect(only(found, 'nimble/commit').verdict).toBe('not-checkable')
    }
  })

  it('what is no repository, and says so of everything', async () => {
    const packages = {
      nim: entry('nim'),
      old: entry('old', { downloadMethod: 'hg' }),
      here: entry('here', { url: 'file:///srv/here' }),
      open: entry('open', { vcsRevision: '' }),
    }
    const found = await run(project(packages), { desk: deaf(), git: refusing, sources: unasked })
    const why = (name: string) => only(found, 'nimble/checksum', name).why
    expect(why('nim')).toMatch(/^the checksum of the compiler covers the lib folder/)
    expect(why('old')).toBe('hg repositories are not asked')
    expect(why('here')).toBe('it is a folder of the machine that builds, which is not looked at')
    expect(why('open')).toBe('no commit is locked, so that there is nothing to hold it against')
    expect(new Set(found.evidence.map(({ verdict }) => verdict))).toEqual(new Set(['not-checkable']))
  })

  it('without git says what is not checkable', async () => {
    const found = await run(project({ lib: entry('lib') }), { desk: deaf(), sources: unasked })
    expect(only(found, 'nimble/checksum')).toMatchObject({
      verdict: 'not-checkable',
      why: 'git repositories are not asked in this run',
    })
  })
})

describeShared('vectors/nimble/realworld.json', 'packages of public locks', () => {
  const { locks } = hasShared('vectors/nimble/realworld.json')
    ? readSharedJson<{
        locks: { rows: { package: string; url: string; commit: string; version: string; recorded: string }[] }[]
      }>('vectors/nimble/realworld.json')
    : { locks: [] }

  it('are all taken up by an offline run, which says of each that nobody was asked', async () => {
    const rows = locks.flatMap((one) => one.rows)
    expect(rows.length).toBe(19)
    const sums: string[] = []
    for (const { rows: packages } of locks) {
      const entries = packages.map((row) => [
        row.package,
        entry(row.package, { url: row.url, version: row.version, vcsRevision: row.commit, checksums: { sha1: row.recorded } }),
      ])
      const found = await run(project(Object.fromEntries(entries)), { desk: offline() })
      const about = found.evidence.filter(({ check }) => check === 'nimble/checksum')
      expect(new Set(about.map(({ verdict }) => verdict))).toEqual(new Set(['unavailable']))
      sums.push(...about.map(({ expected }) => expected ?? ''))
    }
    expect(sums.sort()).toEqual(rows.map(({ recorded }) => recorded).sort())
  })
})
