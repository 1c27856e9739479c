import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPack } from '../../../src/evidence/pack/read-pack.js'
import { askSources } from '../../../src/trust/lookup/ask-sources.js'
import { folderSource } from '../../../src/trust/lookup/folder.js'
import { foundBundle } from '../../../src/trust/lookup/found-bundle.js'
import { recordedSource } from '../../../src/trust/lookup/recorded-source.js'
import type { LookupAnswer, LookupSource, LookupSubject } from '../../../src/trust/lookup/source.js'
import { templateSource } from '../../../src/trust/lookup/template-source.js'
import type { ParsedTemplate } from '../../../src/trust/lookup/url-template.js'
import { parseUrlTemplate } from '../../../src/trust/lookup/url-template.js'
import { file, HandClock, offline, online, source as server, status } from '../../evidence/desk/support/source.js'
import { packOf } from '../../evidence/pack/support/used.js'
import { MemoryTree } from '../../support/memory-tree.js'

const SUBJECT: LookupSubject = {
  name: 'a',
  version: '1',
  anchors: [{ of: 'artifact', algorithm: 'sha256', value: 'ab'.repeat(32) }],
}
const bundle = (text: string) => foundBundle(text, Buffer.from(text.replace(/ .*/, '')))

function fixed(name: string, answer: LookupAnswer): LookupSource {
  return { name, ask: async () => answer }
}

function found(source: string, texts: readonly string[], incomplete?: string): LookupSource {
  return fixed(source, { kind: 'found', source, bundles: texts.map(bundle), incomplete })
}

describe('all sources', () => {
  it('are asked in their order, and none is left out because another has something', async () => {
    const asked: string[] = []
    const watched = (name: string, answer: LookupAnswer): LookupSource => ({
      name,
      ask: async () => {
        asked.push(name)
        return answer
      },
    })
    const sources = [
      watched('one', { kind: 'found', source: 'one', bundles: [bundle('x')] }),
      watched('two', { kind: 'none', source: 'two' }),
      watched('three', { kind: 'unknown', source: 'three', why: 'offline' }),
      watched('four', { kind: 'not-applicable', source: 'four', why: 'no digest' }),
      watched('five', { kind: 'found', source: 'five', bundles: [bundle('y')], incomplete: 'page 2' }),
    ]
    const { answers, bundles, unknown } = await askSources(sources, SUBJECT)
    expect(asked).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect(answers.map(({ source, kind }) => `${source} ${kind}`)).toEqual([
      'one found',
      'two none',
      'three unknown',
      'four not-applicable',
      'five found',
    ])
    expect(bundles.map(({ from }) => from)).toEqual(['x', 'y'])
    expect(unknown).toEqual([
      { source: 'three', why: 'offline' },
      { source: 'five', why: 'page 2' },
    ])
  })

  it('give each content once, by its digest', async () => {
    const { bundles } = await askSources([found('a', ['x 1', 'y']), found('b', ['x 2', 'z'])], SUBJECT)
    expect(bundles.map(({ from }) => from)).toEqual(['x 1', 'y', 'z'])
    expect(bundles[0]?.sha256).toBe(createHash('sha256').update('x').digest('hex'))
  })

  it('are bounded in number, bytes and time, and what is over is unknown', async () => {
    const limits = { bundles: 3, bytes: 5, milliseconds: 1000 }
    const many = await askSources([found('a', ['1', '2', '3', '4'])], SUBJECT, limits)
    expect([many.bundles.length, many.unknown[0]?.why]).toEqual([3, 'more than 3 bundles or 5 bytes of them are not read'])
    const large = await askSources([found('a', ['1234', '56']), found('b', ['7'])], SUBJECT, limits)
    expect([large.bundles.map(({ from }) => from), large.unknown.map(({ source }) => source)]).toEqual([['1234', '7'], ['a']])
    const slow: LookupSource = { name: 'slow', ask: () => new Promise(() => undefined) }
    const late = await askSources([slow, slow], SUBJECT, { ...limits, milliseconds: 20 })
    expect(late.answers.map(({ kind }) => kind)).toEqual(['unknown', 'unknown'])
  })
})

function template(text: string): ParsedTemplate {
  const read = parseUrlTemplate(text)
  if (!read.ok) throw new Error(read.why)
  return read.template
}

describe('a URL template as a source', () => {
  it('is asked through the desk, says "none" only for what is answered so, and is replayed from a pack', async () => {
    const { origin, paths, stop } = await server()
    paths.set('/a/1/found.json', file('{"found":1}'))
    paths.set('/a/1/broken.json', status(503))
    paths.set('/a/1/refused.json', status(403))
    paths.set('/a/1/moved.json', (_, response) => void response.writeHead(302, { location: 'http://192.0.2.7/x' }).end())
    const clock = new HandClock()
    const texts = ['found', 'broken', 'refused', 'moved', 'absent'].map((name) => `${origin}/{name}/{version}/${name}.json`)
    const run = online({ clock }).desk
    const sources = texts.map((text) => templateSource(run, template(text)))
    const first = await askSources(sources, SUBJECT)
    expect(first.answers.map(({ kind }) => kind)).toEqual(['found', 'unknown', 'unknown', 'unknown', 'none'])
    expect(first.bundles.map(({ from }) => from)).toEqual([`${origin}/a/1/found.json`])
    const read = readPack(packOf(run.used()))
    if (!read.ok) throw new Error(read.problem.why)
    await stop()
    const replay = offline({ pack: read.pack, clock })
    expect(
      await askSources(
        texts.map((text) => templateSource(replay, template(text))),
        SUBJECT,
      ),
    ).toEqual(first)
    const nothing = offline()
    const unasked = await askSources(
      texts.map((text) => templateSource(nothing, template(text))),
      SUBJECT,
    )
    expect(new Set(unasked.answers.map(({ kind }) => kind))).toEqual(new Set(['unknown']))
  })

  it('with digests is asked once for each, and for none without', async () => {
    const { origin, paths, seen } = await server()
    paths.set(`/sha512/${'cd'.repeat(64)}`, file('{}'))
    const source = templateSource(online().desk, template(`${origin}/{alg}/{digest}`))
    const anchors = [...SUBJECT.anchors, { of: 'artifact', algorithm: 'sha512', value: 'cd'.repeat(64) } as const]
    expect(await source.ask({ ...SUBJECT, anchors })).toMatchObject({ kind: 'found', bundles: [{}] })
    expect(seen).toEqual([`/sha256/${'ab'.repeat(32)}`, `/sha512/${'cd'.repeat(64)}`])
    expect(await source.ask({ ...SUBJECT, anchors: [] })).toMatchObject({ kind: 'not-applicable' })
  })
})

describe('a folder in a run that writes a pack', () => {
  it('is asked in every run; a replay without the folder is told what it was told', async () => {
    const clock = new HandClock()
    const file = `sha256/${'ab'.repeat(32)}.jsonl`
    const open = (files: Record<string, string>, desk = online({ clock }).desk) => ({
      desk,
      source: recordedSource(folderSource(new MemoryTree(files), 'attestations'), {
        desk,
        place: 'local',
        keep: 'hour',
        now: () => clock.now(),
      }),
    })
    const run = open({ [file]: '{"a":1}\n' })
    const first = await run.source.ask(SUBJECT)
    expect(first).toMatchObject({ kind: 'found', source: 'folder attestations', bundles: [{ from: file }] })
    const read = readPack(packOf(run.desk.used()))
    if (!read.ok) throw new Error(read.problem.why)
    expect(await open({}, offline({ pack: read.pack, clock })).source.ask(SUBJECT)).toMatchObject({
      kind: 'found',
      source: 'folder attestations',
      bundles: [{ from: file, sha256: first.kind === 'found' ? first.bundles[0]?.sha256 : '' }],
    })
    // Without a pack, offline too, the folder itself is asked.
    expect(await open({ [file]: '{"b":2}' }, offline()).source.ask(SUBJECT)).toMatchObject({ kind: 'found' })
    expect(await open({}, offline()).source.ask(SUBJECT)).toEqual({ kind: 'none', source: 'folder attestations' })
  })

  it('whatever is recorded under its name is read or asked anew', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.constant('{"at":"2026-11-01T10:00:00Z","kind":"found","bundles":[{"from":"x","sha256":"00"}]}'),
        ),
        async (record) => {
          const desk = offline()
          await desk.remember(JSON.stringify(['attestations', 's', '', `sha256:${'ab'.repeat(32)}`]), Buffer.from(record))
          const source = recordedSource(fixed('s', { kind: 'none', source: 's' }), {
            desk,
            place: 'remote',
            keep: 'hour',
            now: () => 0,
          })
          expect(await source.ask(SUBJECT)).toMatchObject({ kind: 'unknown' })
        },
      ),
    ))
})
