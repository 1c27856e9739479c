import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/formats/index.js'
import { validateDocument } from '../../src/formats/validate.js'
import { GraphView } from '../../src/model/graph-view.js'
import { component, edge, graphOf } from '../support/graphs.js'
import { write } from './support/documents.js'
import { SMALL_INPUT } from './support/rich.js'

describe('the list of formats', () => {
  it('names each once, under names that begin no other', () => {
    const names = FORMATS.flatMap((format) => [format.name, ...format.aliases])
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z0-9.-]+$/)
    expect(FORMATS[0]?.name).toBe('cyclonedx-1.6-json')
  })

  it.each(FORMATS.map((format) => format.name))(
    '%s loads the writer of its name, which has a media type and a schema',
    async (name) => {
      const writer = await FORMATS.find((format) => format.name === name)?.load()
      expect(writer).toMatchObject({
        name,
        mediaType: expect.stringMatching(/^application\//),
        fileName: expect.stringMatching(/\.json$/),
      })
      expect(await validateDocument('{}', name)).not.toEqual([])
    },
  )

  it('throws for a format without a schema', async () => {
    await expect(validateDocument('{}', 'nothing')).rejects.toBeInstanceOf(RangeError)
  })
})

describe('size', () => {
  const COUNT = 20_000
  const root = component('demo', '1.0.0', {
    firstParty: true,
    source: { kind: 'path', path: '.', outside: false },
    purl: undefined,
  })
  const all = Array.from({ length: COUNT }, (_, i) => component(`crate-${i}`))
  const edges = all.flatMap((to, i) =>
    [i === 0 ? root : all[Math.floor((i - 1) / 2)], all[(i * 7) % COUNT]].flatMap((from) =>
      from === undefined || from === to ? [] : [edge(from, to)],
    ),
  )
  const graph = new GraphView(graphOf([root, ...all], edges))

  it.each(['cyclonedx-1.6-json', 'spdx-2.3-json'])('%s: writing grows with the graph, not with its square', async (name) => {
    const part = all.slice(0, COUNT / 8)
    const kept = new Set([root.id, ...part.map((one) => one.id)])
    const small = new GraphView(
      graphOf(
        [root, ...part],
        edges.filter((one) => kept.has(one.from) && kept.has(one.to)),
      ),
    )
    const time = async (view: GraphView): Promise<number> => {
      const started = performance.now()
      await write(name, { ...SMALL_INPUT, graph: view })
      return performance.now() - started
    }
    await time(small)
    const [few, many] = [await time(small), await time(graph)]
    // Eight times the components: sixty-four times the time would be a square.
    expect(many / few).toBeLessThan(24)
  })
})
