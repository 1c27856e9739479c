import { describe, expect, it } from 'vitest'
import { sbomModel } from '../../src/formats/sbom-model.js'
import { GraphView } from '../../src/model/graph-view.js'
import { component, edge, graphOf } from '../support/graphs.js'
import { SMALL_INPUT } from './support/rich.js'

const root = component('demo', '1.0.0', {
  firstParty: true,
  source: { kind: 'path', path: '.', outside: false },
  purl: undefined,
})
const leaf = component('leaf')
const model = (graph: Parameters<typeof graphOf>, rest: Partial<typeof SMALL_INPUT> = {}): ReturnType<typeof sbomModel> =>
  sbomModel({ ...SMALL_INPUT, graph: new GraphView(graphOf(...graph)), ...rest })

describe('what is known of the product’s own edges', () => {
  it.each([
    ['everything read', {}, { state: 'complete' }],
    [
      'a file in part',
      { files: [{ path: 'a', state: 'partial' as const }] },
      { state: 'incomplete', why: '1 files could not be read whole' },
    ],
    [
      'a file unreadable',
      { files: [{ path: 'a', state: 'unreadable' as const }] },
      { state: 'incomplete', why: '1 files could not be read whole' },
    ],
    ['a file skipped on purpose', { files: [{ path: 'a', state: 'skipped' as const }] }, { state: 'complete' }],
  ])('%s', (_title, files, expected) => {
    expect(model([[root, leaf], [edge(root, leaf)], files]).subjectKnowledge).toEqual(expected)
  })

  it('is no more than what is known of the component that is the product', () => {
    const vague = { ...root, edges: { state: 'unknown' as const, why: 'no lock' } }
    expect(model([[vague], [], { files: [{ path: 'a', state: 'partial' }] }]).subjectKnowledge).toEqual(vague.edges)
  })

  it('is incomplete where a project names nothing that it is itself', () => {
    expect(model([[leaf], []]).subjectKnowledge).toMatchObject({ state: 'incomplete' })
  })
})

describe('the product', () => {
  it('is the only root where it has the product’s name', () => {
    expect(model([[root, leaf], []]).subject.component?.id).toBe(root.id)
    expect(model([[root, leaf], []]).components.map((one) => one.id)).toEqual([leaf.id])
  })

  it('holds the only root where the configuration names it otherwise', () => {
    const named = model([[root, leaf], []], { info: { subject: { name: 'The Product' }, authors: [] } })
    expect(named.subject.component).toBeUndefined()
    expect(named.roots).toEqual([root.id])
    expect(named.components).toHaveLength(2)
  })
})

describe('components', () => {
  it('come by purl or name, in code units', () => {
    const names = ['b', 'a', 'B', 'ä', 'a-b', 'a_b'].map((name) => component(name))
    expect(model([[root, ...names], []]).components.map((one) => one.name)).toEqual(['B', 'a-b', 'a', 'a_b', 'b', 'ä'])
  })

  it('that no feature or target reaches stay out with their edges, and are counted', () => {
    const off = component('off', '1.0.0', { scopes: ['inactive'] })
    const without = model([[root, off], [edge(root, off)]])
    expect(without.components).toEqual([])
    expect(without.edgesOf(root.id)).toEqual([])
    expect(without.leftOut.map((left) => left.subject)).toEqual(['off@1.0.0'])
    const all = model([[root, off], [edge(root, off)]], { includeInactive: true })
    expect([all.components.length, all.edgesOf(root.id).length, all.leftOut.length]).toEqual([1, 1, 0])
  })

  it('are stood for by replacements only where they are written', () => {
    const on = component('on')
    const off = component('off', '1.0.0', { scopes: ['inactive'] })
    const location = { file: 'Cargo.toml', line: 1, column: 1 }
    const replacement = (to: typeof on, active: boolean): NonNullable<Parameters<typeof graphOf>[2]> => ({
      replacements: [
        {
          kind: 'patch',
          ecosystem: 'cargo',
          project: 'p',
          original: { name: 'x' },
          replacement: { component: to.id },
          active,
          disables: [],
          location,
        },
      ],
    })
    const counts = (to: typeof on, active: boolean): number[] => {
      const made = model([[root, on, off], [], replacement(to, active)])
      return [made.replacementsOf(to.id).length, made.otherReplacements.length]
    }
    expect(counts(on, true)).toEqual([1, 0])
    expect(counts(off, true)[1]).toBe(1)
    expect(counts(on, false)).toEqual([0, 0])
  })
})
