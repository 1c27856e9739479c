import { describe, expect, it } from 'vitest'
import { verificationCoverage } from '../../src/formats/verification-coverage.js'
import type { Evidence, VerdictKind } from '../../src/model/evidence.js'
import { component, graphOf } from '../support/graphs.js'
import { PATIENCE } from '../support/patience.js'

const one = component('one')
const own = component('own', '1.0.0', { firstParty: true })
const near = component('near', '1.0.0', { source: { kind: 'path', path: '../near', outside: true } })
const seen = (verdict: VerdictKind, of = one): Evidence => ({ subject: of.id, check: 'cargo/x', verdict })
const standing = (evidence: readonly Evidence[]): readonly string[] => {
  const [row] = verificationCoverage(graphOf([one], []), evidence)
  return Object.entries(row?.components ?? {}).flatMap(([name, number]) => (number > 0 ? [`${name} ${number}`] : []))
}

describe('how far components are verified', () => {
  it.each<[string, readonly VerdictKind[], string]>([
    ['nothing was asked', [], 'unasked 1'],
    ['one contradiction outweighs every agreement', ['match', 'mismatch', 'match'], 'mismatch 1'],
    ['an agreement outweighs what is missing', ['unavailable', 'absent', 'match', 'not-checkable'], 'match 1'],
    ['what is gone outweighs who is silent', ['unavailable', 'absent'], 'absent 1'],
    ['who is silent outweighs whom nobody can ask', ['not-checkable', 'unavailable'], 'unavailable 1'],
    ['nobody can be asked', ['not-checkable'], 'not-checkable 1'],
  ])('%s', (_title, verdicts, expected) => {
    expect(standing(verdicts.map((verdict) => seen(verdict)))).toEqual([expected])
  })

  it('counts what comes from elsewhere, and what was asked about all the same', () => {
    const graph = graphOf([one, own, near], [])
    expect(verificationCoverage(graph, []).map((row) => row.total)).toEqual([1])
    const [row] = verificationCoverage(graph, [seen('match'), seen('not-checkable', near)])
    expect(row).toMatchObject({ ecosystem: 'cargo', total: 2, checks: { match: 1, 'not-checkable': 1, mismatch: 0 } })
  })

  it('has a row an ecosystem, in their order, whose components add up', () => {
    const parts = ['zig', 'cargo', 'go'].flatMap((ecosystem) => ['a', 'b'].map((name) => component(name, '1.0.0', { ecosystem })))
    const rows = verificationCoverage(
      graphOf(parts, []),
      parts.slice(1).map((part) => seen('match', part)),
    )
    expect(rows.map((row) => row.ecosystem)).toEqual(['cargo', 'go', 'zig'])
    for (const row of rows) expect(Object.values(row.components).reduce((sum, count) => sum + count, 0)).toBe(row.total)
  })

  it('takes no notice of evidence about what is not in the graph', () => {
    expect(verificationCoverage(graphOf([own], []), [seen('match')])).toEqual([])
  })

  it('stays linear: a hundred thousand components with three checks each', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => component(`c${i}`))
    const evidence = many.flatMap((part) => [seen('match', part), seen('unavailable', part), seen('match', part)])
    const start = performance.now()
    const [row] = verificationCoverage(graphOf(many, []), evidence)
    expect(row?.components.match).toBe(100_000)
    expect(performance.now() - start).toBeLessThan(5_000 * PATIENCE)
  })
})
