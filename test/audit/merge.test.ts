import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeInventories } from '../../src/audit/merge.js'
import { component, edge, graphOf, inventoryOf } from '../support/graphs.js'

const claim = (value: string, file: string) => ({
  digest: { of: 'artifact', algorithm: 'sha256', value } as const,
  statedBy: 'lock' as const,
  location: { file, line: 3, column: 1 },
})

describe('mergeInventories', () => {
  it('makes one component of one identity and keeps what each project says of it', () => {
    const here = component('serde', '1.0.0', {
      projects: ['cargo:a'],
      scopes: ['inactive'],
      claims: [claim('aa', 'a/Cargo.lock')],
    })
    const there = component('serde', '1.0.0', {
      projects: ['cargo:b'],
      scopes: ['dev'],
      direct: true,
      claims: [claim('bb', 'b/Cargo.lock')],
    })
    const graph = mergeInventories([inventoryOf(graphOf([here], [])), inventoryOf(graphOf([there], []))])
    expect(graph.components).toHaveLength(1)
    expect(graph.components[0]).toMatchObject({ projects: ['cargo:a', 'cargo:b'], scopes: ['dev'], direct: true })
    expect(graph.components[0]?.claims.map((c) => c.digest.value)).toEqual(['aa', 'bb'])
  })

  it('keeps one name and version from two sources apart', () => {
    const official = component('serde')
    const fork = component('serde', '1.0.0', {
      source: { kind: 'git', url: 'https://git.example.com/serde', commit: 'c'.repeat(40) },
    })
    expect(mergeInventories([inventoryOf(graphOf([official, fork], []))]).components).toHaveLength(2)
  })

  it('takes the best knowledge of edges, and only what every project leaves optional stays optional', () => {
    const a = component('a', '1.0.0', { edges: { state: 'unknown', why: 'no manifest' } })
    const b = component('b')
    const one = graphOf([a, b], [edge(a, b, { optional: true })])
    const two = graphOf([{ ...a, edges: { state: 'complete' } }, b], [edge(a, b, { kinds: ['dev'] })])
    const graph = mergeInventories([inventoryOf(one), inventoryOf(two)])
    expect(graph.components[0]?.edges).toEqual({ state: 'complete' })
    expect(graph.edges).toHaveLength(1)
    expect(graph.edges[0]).toMatchObject({ kinds: ['dev', 'runtime'] })
    expect(graph.edges[0]?.optional).toBeUndefined()
  })

  it('gives the same graph whatever the order of reading', () => {
    const names = ['a', 'b', 'c', 'd']
    const components = names.flatMap((name) => [
      component(name),
      component(name, '2.0.0'),
      component(name, '1.0.0', { ecosystem: 'go' }),
    ])
    const [first, ...rest] = components
    if (first === undefined) throw new Error('no components')
    const edges = rest.map((to) => edge(first, to))
    const expected = JSON.stringify(mergeInventories([inventoryOf(graphOf(components, edges, { projects: [] }))]))
    fc.assert(
      fc.property(
        fc.shuffledSubarray(components, { minLength: components.length }),
        fc.shuffledSubarray(edges, { minLength: edges.length }),
        (c, e) => {
          const graph = mergeInventories([inventoryOf(graphOf(c, e, { projects: [] }))])
          return JSON.stringify(graph) === expected
        },
      ),
    )
  })

  it('does work in proportion to its input: 200 projects that share 500 components', () => {
    // Every merged list is walked once: the getter counts how often the claims of any component are looked at.
    let looked = 0
    const inventories = Array.from({ length: 200 }, (_, p) => {
      const components = Array.from({ length: 500 }, (_, i) => {
        const plain = component(`c${i}`, '1.0.0', { projects: [`cargo:${p}`] })
        return Object.defineProperty({ ...plain }, 'claims', {
          enumerable: true,
          get: () => {
            looked += 1
            return plain.claims
          },
        })
      })
      return inventoryOf(graphOf(components, []))
    })
    expect(mergeInventories(inventories).components).toHaveLength(500)
    expect(looked).toBeLessThanOrEqual(200 * 500 * 3)
  })
})
