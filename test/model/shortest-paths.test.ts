import { describe, expect, it } from 'vitest'
import { GraphView } from '../../src/model/graph-view.js'
import { shortestPaths } from '../../src/model/shortest-paths.js'
import { component, edge, graphOf } from '../support/graphs.js'

const root = component('root', '1.0.0', { firstParty: true })
const [a, b, c, target, island] = ['a', 'b', 'c', 'target', 'island'].map((name) => component(name))
if (a === undefined || b === undefined || c === undefined || target === undefined || island === undefined)
  throw new Error('five components')

describe('shortestPaths', () => {
  it('finds every shortest path and no longer one, through cycles', () => {
    const view = new GraphView(
      graphOf(
        [root, a, b, c, target, island],
        [
          edge(root, a),
          edge(root, b),
          edge(a, target),
          edge(b, target),
          edge(b, c),
          edge(c, target),
          edge(target, root),
          edge(target, a),
        ],
      ),
    )
    expect(shortestPaths(view, target.id, 10)).toEqual({
      paths: [
        [root.id, a.id, target.id],
        [root.id, b.id, target.id],
      ],
      total: 2,
    })
    expect(shortestPaths(view, root.id, 10)).toEqual({ paths: [[root.id]], total: 1 })
    expect(shortestPaths(view, island.id, 10)).toEqual({ paths: [], total: 0 })
  })

  it('counts what it does not list: 2^40 paths through a ladder', () => {
    const components = [root]
    const edges = []
    let ends = [root]
    for (let level = 0; level < 40; level++) {
      const pair = [component(`l${level}`), component(`r${level}`)]
      for (const from of ends) for (const to of pair) edges.push(edge(from, to))
      components.push(...pair)
      ends = pair
    }
    components.push(target)
    for (const from of ends) edges.push(edge(from, target))
    const { paths, total } = shortestPaths(new GraphView(graphOf(components, edges)), target.id, 5)
    expect(total).toBe(2 ** 40)
    expect(paths).toHaveLength(5)
    expect(paths.every((path) => path.length === 42)).toBe(true)
  })

  it('walks a chain of 50,000 without running out of stack', () => {
    const chain = [root, ...Array.from({ length: 50_000 }, (_, i) => component(`c${i}`))]
    const edges = chain.slice(1).map((to, i) => edge(chain[i] ?? root, to))
    const last = chain.at(-1) ?? root
    expect(shortestPaths(new GraphView(graphOf(chain, edges)), last.id, 3).paths[0]).toHaveLength(50_001)
  })
})
