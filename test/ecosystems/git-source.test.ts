import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packFiles, packReach, packRefs, unpackFiles, unpackReach, unpackRefs } from '../../src/ecosystems/commit-record.js'
import type { GitAsker } from '../../src/ecosystems/git-source.js'
import { GitSource } from '../../src/ecosystems/git-source.js'
import type { CommitEntry } from '../../src/evidence/git/commit-files.js'
import { offline, online } from '../evidence/desk/support/source.js'

const ID = 'a'.repeat(40)
const text = (value: string): Uint8Array => Buffer.from(value)

describe('what is kept of a commit', () => {
  const files = fc.array(
    fc.record({
      kind: fc.constantFrom('file' as const, 'link' as const, 'submodule' as const),
      path: fc.string({ unit: 'grapheme', minLength: 1 }),
      bytes: fc.uint8Array(),
    }),
  )

  it('comes back as it was', () => {
    fc.assert(
      fc.property(files, (all) => {
        const packed = packFiles(all, 1 << 20)
        if (packed === undefined) expect.fail('too large')
        const back = unpackFiles(packed)?.map((file) => ({ ...file, bytes: [...file.bytes] }))
        expect(back).toEqual(all.map((file) => ({ ...file, bytes: [...file.bytes] })))
      }),
    )
  })

  it('is nothing where it would be too large', () => {
    expect(packFiles([{ kind: 'file', path: 'a', bytes: new Uint8Array(100) }], 100)).toBeUndefined()
    expect(packFiles([{ kind: 'file', path: 'a', bytes: new Uint8Array(100) }], 200)).toBeDefined()
  })

  it('is not read out of anything else', () => {
    const sound = packFiles([{ kind: 'file', path: 'a', bytes: text('b') }], 1000) ?? new Uint8Array(0)
    for (const bytes of [text(''), text('assay-commit 2\n'), sound.subarray(0, -1), text('assay-commit 1\nfile 1 9\nab')])
      expect(unpackFiles(bytes)).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, marked) => {
        const read = unpackFiles(marked ? Buffer.concat([text('assay-commit 1\n'), bytes]) : bytes)
        expect(read === undefined || Array.isArray(read)).toBe(true)
      }),
    )
  })

  it('of refs and reach comes back as it was, and out of nothing else', () => {
    const name = fc.stringMatching(/^[a-z0-9/._-]{1,20}$/)
    const id = fc.stringMatching(/^[0-9a-f]{40}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, id)), fc.array(fc.tuple(name, id)), id, (branches, tags, commit) => {
        const refs = {
          head: { commit, branch: undefined },
          branches: new Map(branches),
          tags: new Map(tags.map(([tag, to]) => [tag, { commit: to }])),
        }
        expect(unpackRefs(packRefs(refs))).toEqual(refs)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        expect(unpackRefs(text(`assay-refs 1\n${any} `))).toBeUndefined()
      }),
    )
    for (const reach of ['reachable', 'not-reachable', 'unknown'] as const)
      expect(unpackReach(packReach({ reach }))).toEqual({ reach })
    expect(unpackReach(text('assay-reach 1 perhaps\n'))).toBeUndefined()
  })
})

const named = (path: string): { path: string; rawPath: Uint8Array } => ({ path, rawPath: text(path) })

/** A remote that has one commit of these entries. */
function remote(entries: readonly CommitEntry[]): { readonly asker: () => Promise<GitAsker>; readonly asked: string[] } {
  const asked: string[] = []
  const ok = { kind: 'ok', url: 'https://example.org/r', redirects: 0 } as const
  async function* files(): AsyncGenerator<CommitEntry> {
    yield* entries
  }
  const asker: GitAsker = {
    async refs() {
      asked.push('refs')
      return { ...ok, objectFormat: 'sha1', branches: new Map([['main', ID]]), tags: new Map(), others: 0, malformed: 0 }
    },
    async fetchCommit() {
      asked.push('commit')
      return { ...ok, fetched: { files } }
    },
    async reachable() {
      asked.push('reach')
      return { ...ok, reach: 'reachable', tip: true }
    },
  }
  return { asker: async () => asker, asked }
}

const file = (path: string, body: string): CommitEntry => ({
  ...{ kind: 'file', ...named(path), mode: '100644', executable: false, id: ID },
  bytes: text(body),
})

describe('questions to repositories', () => {
  const URL = 'https://example.org/r'

  it('go out once in a run; the files of a commit once for all', async () => {
    const { desk } = online()
    const { asker, asked } = remote([file('a', 'b')])
    const source = new GitSource(desk)
    expect(source.canAsk).toBe(false)
    expect(await source.files(URL, ID)).toMatchObject({ kind: 'no-answer', verdict: 'not-checkable' })
    source.askThrough(asker)
    expect(source.canAsk).toBe(true)
    for (let i = 0; i < 3; i++) {
      expect(await source.files(URL, ID)).toMatchObject({ kind: 'ok', value: [{ path: 'a', kind: 'file' }] })
      expect(await source.refs(URL)).toMatchObject({ kind: 'ok' })
      expect(await source.reach(URL, ID)).toMatchObject({ kind: 'ok', value: { reach: 'reachable' } })
    }
    expect(asked).toEqual(['commit', 'refs', 'reach'])
    expect(
      desk
        .used()
        .facts.map(({ name }) => name)
        .sort(),
    ).toEqual([`git-files ${URL} ${ID}`, `git-reach ${URL} ${ID}`, `git-refs ${URL}`])
  })

  it.each<readonly [string, CommitEntry, string]>([
    ['bytes of another id', { kind: 'unreadable', ...named('x'), failure: 'hash-mismatch', why: 'w' }, 'mismatch'],
    ['a file beyond the limit', { kind: 'unreadable', ...named('x'), failure: 'too-large', why: 'w' }, 'not-checkable'],
    ['an object that is not there', { kind: 'unreadable', ...named('x'), failure: 'absent', why: 'w' }, 'unavailable'],
    ['a name that is no UTF-8', { ...file('x\uFFFD', ''), rawPath: Buffer.from([0x78, 0xff]) }, 'not-checkable'],
  ])('with %s', async (_, entry, verdict) => {
    const source = new GitSource(online().desk)
    source.askThrough(remote([file('a', 'b'), entry]).asker)
    const outcome = await source.files(URL, ID)
    expect(outcome.kind === 'no-answer' ? outcome.verdict : outcome.kind).toBe(verdict)
  })

  it('that nobody can be asked', async () => {
    const broken = new GitSource(online().desk)
    broken.askThrough(() => Promise.reject(new Error('no folder')))
    expect(await broken.refs(URL)).toEqual({
      kind: 'no-answer',
      verdict: 'unavailable',
      why: 'git cannot be used here: no folder',
    })
    const away = new GitSource(offline())
    away.askThrough(() => expect.fail('somebody was asked'))
    expect(await away.reach(URL, ID)).toMatchObject({ kind: 'no-answer', verdict: 'unavailable' })
  })
})
