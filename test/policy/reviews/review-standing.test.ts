import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import { ReviewBook } from '../../../src/policy/reviews/review-standing.js'
import { component } from '../../support/graphs.js'
import { PATIENCE } from '../../support/patience.js'
import { reviewsOf } from './support.js'

const DEPLOY = ['safe-to-deploy']

/** Audits in short: `1.0.0 deploy`, `1.0.0 -> 1.0.1 run`, `!<1.0.5 run`. */
function audits(...lines: readonly string[]): string {
  return lines
    .map((line) => {
      const at = line.lastIndexOf(' ')
      const what = line.slice(0, at)
      const criterion = line.slice(at + 1)
      const criteria = criterion === 'deploy' || criterion === 'run' ? `safe-to-${criterion}` : criterion
      const kind = what.startsWith('!') ? 'violation' : what.includes('->') ? 'delta' : 'version'
      return `[[audits.one]]\nwho = "Ada"\ncriteria = "${criteria}"\n${kind} = "${what.replace('!', '')}"\n`
    })
    .join('')
}

function lacking(text: string, version: string, wanted: readonly string[] = DEPLOY): readonly string[] {
  return new ReviewBook(reviewsOf({ 'audits.toml': `[audits]\n${text}` })).standing(component('one', version), wanted).lacking
}

describe('what reviews say of a version', () => {
  it.each([
    ['that it was read whole', ['1.0.0 deploy'], true],
    ['nothing, of another version', ['1.0.1 deploy'], false],
    ['less than is wanted', ['1.0.0 run'], false],
    ['what changed since one that was read whole', ['0.9.0 deploy', '0.9.0 -> 1.0.0 deploy'], true],
    ['a chain of four', ['0.7.0 deploy', '0.9.0 -> 1.0.0 deploy', '0.8.0 -> 0.9.0 deploy', '0.7.0 -> 0.8.0 deploy'], true],
    ['a chain backwards', ['2.0.0 deploy', '2.0.0 -> 1.0.0 deploy'], true],
    ['a chain that begins nowhere', ['0.9.0 -> 1.0.0 deploy'], false],
    ['a chain read the wrong way', ['2.0.0 deploy', '1.0.0 -> 2.0.0 deploy'], false],
    ['a chain with a weak link', ['0.8.0 deploy', '0.8.0 -> 0.9.0 run', '0.9.0 -> 1.0.0 deploy'], false],
    [
      'a weak chain and a strong one',
      ['0.8.0 deploy', '0.8.0 -> 1.0.0 run', '0.8.0 -> 0.9.0 deploy', '0.9.0 -> 1.0.0 deploy'],
      true,
    ],
    ['a circle', ['0.9.0 -> 1.0.0 deploy', '1.0.0 -> 0.9.0 deploy'], false],
    ['a circle with a way in', ['0.8.0 deploy', '0.8.0 -> 0.9.0 deploy', '0.9.0 -> 1.0.0 deploy', '1.0.0 -> 0.9.0 deploy'], true],
    ['a difference to itself', ['1.0.0 -> 1.0.0 deploy'], false],
    ['a link that is rejected', ['0.8.0 deploy', '0.8.0 -> 0.9.0 deploy', '0.9.0 -> 1.0.0 deploy', '!=0.9.0 deploy'], false],
    ['a link that is rejected for what it implies', ['0.9.0 deploy', '0.9.0 -> 1.0.0 deploy', '!=0.9.0 run'], false],
    ['that it is rejected', ['1.0.0 deploy', '!<=1.0.0 run'], false],
    ['a commit of the same number', ['1.0.0@git:0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9 deploy'], false],
    ['the same number with build metadata', ['1.0.0+5 deploy'], false],
  ])('%s', (_, lines, isMet) => {
    expect(lacking(audits(...lines), '1.0.0')).toEqual(isMet ? [] : DEPLOY)
  })

  it('counts what criteria imply, in circles too', () => {
    const criteria = '[criteria.a]\nimplies = ["b", "safe-to-run"]\n[criteria.b]\nimplies = "c"\n[criteria.c]\nimplies = "a"\n'
    expect(lacking(criteria + audits('1.0.0 b'), '1.0.0', ['a', 'c', 'safe-to-run', 'safe-to-deploy'])).toEqual([
      'safe-to-deploy',
    ])
  })

  it('takes each of the criteria by a chain of its own', () => {
    const text = `[criteria.x]\n${audits('0.8.0 x', '0.8.0 -> 1.0.0 x', '0.9.0 deploy', '0.9.0 -> 1.0.0 deploy')}`
    expect(lacking(text, '1.0.0', ['x', 'safe-to-deploy'])).toEqual([])
  })

  it.each([
    ['2.0.0', '1.5.0'],
    ['1.0.0', '0.9.0'],
    ['0.1.0', '0.9.0'],
  ])('of %s: the nearest that is reviewed is %s', (version, nearest) => {
    const book = new ReviewBook(reviewsOf({ 'a.toml': audits('1.5.0 deploy', '0.9.0 deploy', '1.0.0 run', '3.0.0 deploy') }))
    expect(book.standing(component('one', version), DEPLOY).nearest).toBe(nearest)
  })

  it('cargo-vet speaks of crates.io and of commits, and of no other registry', () => {
    const commit = '0a5c2f9de6a7b1e1d4a4b1b5b4c7f6a3d2e1f0a9'
    const book = new ReviewBook(
      reviewsOf({ 'a.toml': audits('1.0.0 deploy', '!<0.5.0 run', `1.0.0 -> 1.1.0@git:${commit} deploy`) }),
    )
    const isMet = (source: Component['source'], version = '1.0.0'): boolean =>
      book.standing(component('one', version, { source }), DEPLOY).lacking.length === 0
    const registry = (url: string): Component['source'] => ({ kind: 'registry', protocol: 'cargo-sparse', url })
    expect(isMet(registry('sparse+https://index.crates.io/'))).toBe(true)
    expect(isMet(registry('sparse+https://crates.corp.example/'))).toBe(false)
    expect(isMet({ kind: 'git', url: 'https://git.example/one', commit })).toBe(false)
    expect(isMet({ kind: 'git', url: 'https://git.example/one', commit }, '1.1.0')).toBe(true)
    expect(isMet({ kind: 'git', url: 'https://git.example/one' }, '1.1.0')).toBe(false)
    const rejected = (source: Component['source']): number => book.rejectionsOf(component('one', '0.4.0', { source })).length
    expect(rejected(registry('sparse+https://index.crates.io/'))).toBe(1)
    expect(rejected({ kind: 'git', url: 'https://git.example/one', commit })).toBe(1)
    expect(rejected(registry('sparse+https://crates.corp.example/'))).toBe(0)
  })

  it('a publisher counts in the window, where it is known who published', () => {
    const trusted = '[[trusted.one]]\ncriteria = "safe-to-deploy"\nuser-id = 7\nstart = "2022-01-01"\nend = "2023-01-01"\n'
    const published = (when: string, user: string): string => `[[publisher.one]]\nversion = "1.0.0"\nwhen = "${when}"\n${user}\n`
    const standing = (lock: string) =>
      new ReviewBook(reviewsOf({ 'audits.toml': trusted, 'imports.lock': lock })).standing(component('one'), DEPLOY)
    expect(standing(published('2022-01-01', 'user-id = 7')).lacking).toEqual([])
    expect(standing(published('2022-12-31', 'user-id = 7')).lacking).toEqual([])
    expect(standing(published('2021-12-31', 'user-id = 7')).lacking).toEqual(DEPLOY)
    expect(standing(published('2023-01-01', 'user-id = 7')).lacking).toEqual(DEPLOY)
    expect(standing(published('2022-06-01', 'user-id = 8')).lacking).toEqual(DEPLOY)
    expect(standing(published('2022-06-01', 'trusted-publisher = "7"')).lacking).toEqual(DEPLOY)
    expect(standing('')).toMatchObject({ lacking: DEPLOY, openPublishers: 1 })
    expect(standing(published('2022-06-01', 'user-id = 8')).openPublishers).toBe(0)
  })
})

describe('reviews of every ecosystem', () => {
  const SUM = 'h1:ScX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ='
  const OTHER = 'h1:AAX5w1eTa3QqT8oi6+ziP7dTV1S2+ALU0bI+0zXKWiQ='
  const review = (component: string, rest = ''): string =>
    `version = 1\n[[review]]\ncomponent = "${component}"\ncriteria = "safe-to-deploy"\nwho = "Ada"\ndate = 2026-03-01\n${rest}\n`
  const at = { file: 'go.sum', line: 1, column: 1 }
  const go = (value?: string): Component =>
    component('golang.org/x/text', 'v0.14.0', {
      ecosystem: 'go',
      source: { kind: 'registry', protocol: 'go-proxy', url: 'https://proxy.golang.org' },
      claims: value === undefined ? [] : [{ digest: { of: 'tree', scheme: 'go-h1', value }, statedBy: 'lock', location: at }],
    })
  const standing = (text: string, one: Component) => new ReviewBook(reviewsOf({ 'r.toml': text })).standing(one, DEPLOY)

  it('count for the bytes that they name, and for no others', () => {
    const bound = review('pkg:golang/golang.org/x/text@v0.14.0', `digest = "${SUM}"`)
    expect(standing(bound, go(SUM)).lacking).toEqual([])
    expect(standing(bound, go(OTHER))).toMatchObject({
      lacking: DEPLOY,
      refused: [{ why: 'it is of other bytes: go-h1 h1:ScX5w1eTa3QqT8oi6…, and here is go-h1 h1:AAX5w1eTa3QqT8oi6…' }],
    })
    expect(standing(bound, go())).toMatchObject({
      lacking: DEPLOY,
      refused: [{ why: 'it is of go-h1 h1:ScX5w1eTa3QqT8oi6…, and no lockfile states a digest of that kind' }],
    })
    expect(standing(review('pkg:golang/golang.org/x/text@v0.14.0'), go(OTHER)).lacking).toEqual([])
  })

  it('that do not count for these bytes are no way round either', () => {
    const text = `${review('pkg:golang/golang.org/x/text@v0.14.0', `digest = "${SUM}"`)}
[[review]]
component = "pkg:golang/golang.org/x/text"
from = "v0.14.0"
to = "v0.15.0"
criteria = "safe-to-deploy"
who = "Ada"
date = 2026-03-01
[[review]]
component = "pkg:golang/golang.org/x/text"
from = "v0.15.0"
to = "v0.14.0"
criteria = "safe-to-deploy"
who = "Ada"
date = 2026-03-01
`
    expect(standing(text, go(OTHER)).lacking).toEqual(DEPLOY)
    expect(standing(text, go(SUM)).lacking).toEqual([])
  })

  it('of a commit are of no other', () => {
    const commit = '3f1c0e7a9b5d4c2f8e6a7b9c0d1e2f3a4b5c6d7e'
    const berths = (of: string): Component =>
      component('berths', '1.4.0', {
        ecosystem: 'nimble',
        source: { kind: 'git', url: 'https://git.example/berths', commit: of },
      })
    const bound = review('pkg:nim/berths@1.4.0', `digest = "git:${commit}"`)
    expect(standing(bound, berths(commit)).lacking).toEqual([])
    expect(standing(bound, berths(commit.replace('3', '4'))).lacking).toEqual(DEPLOY)
    expect(standing(review('pkg:nim/berths@1.4.0'), berths(commit)).lacking).toEqual([])
  })

  it('may be of bytes that have no version', () => {
    const value = 'N-V-__8AAAAAcAA47fmf1GRiRlQE_v6orFvQNy4JY8eITCue'
    const charts = (hash: string): Component => ({
      ...component('charts', '', {
        ecosystem: 'zig',
        source: { kind: 'archive', url: 'https://files.example/charts.tar.xz' },
        claims: [{ digest: { of: 'tree', scheme: 'zig', value: hash }, statedBy: 'manifest', location: at }],
      }),
      version: undefined,
    })
    const bound = review('pkg:zig/charts', `digest = "${value}"`)
    expect(standing(bound, charts(value)).lacking).toEqual([])
    expect(standing(bound, charts(value.replace('c', 'd'))).lacking).toEqual(DEPLOY)
    const book = new ReviewBook(reviewsOf({ 'r.toml': review('pkg:zig/charts', 'violation = true') }))
    expect(book.rejectionsOf(charts(value))).toHaveLength(1)
  })
})

describe('many reviews', () => {
  /** A search that knows no graph: what is reached grows until nothing is added. */
  function reachedSlowly(deltas: readonly (readonly [number, number])[], whole: number): ReadonlySet<number> {
    const reached = new Set([whole])
    for (let size = 0; size !== reached.size; ) {
      size = reached.size
      for (const [from, to] of deltas) if (reached.has(from)) reached.add(to)
    }
    return reached
  }

  it('agree with a search without cleverness, whatever the graph', () => {
    const version = fc.nat({ max: 8 })
    fc.assert(
      fc.property(fc.array(fc.tuple(version, version), { maxLength: 20 }), version, (deltas, whole) => {
        const text = audits(`${whole}.0.0 deploy`, ...deltas.map(([from, to]) => `${from}.0.0 -> ${to}.0.0 deploy`))
        const book = new ReviewBook(reviewsOf({ 'a.toml': text }))
        const reached = reachedSlowly(deltas, whole)
        for (let v = 0; v <= 8; v++)
          expect(book.standing(component('one', `${v}.0.0`), DEPLOY).lacking.length === 0).toBe(reached.has(v))
      }),
    )
  })

  it('of one name, in one chain, cost what they are long', () => {
    const chain = (n: number): string =>
      audits('0.0.0 deploy', ...Array.from({ length: n }, (_, i) => `0.0.${i} -> 0.0.${i + 1} deploy`))
    const started = performance.now()
    const book = new ReviewBook(reviewsOf({ 'a.toml': chain(10_000) }))
    for (let i = 0; i <= 10_000; i++) {
      const { lacking, nearest } = book.standing(component('one', `0.0.${i}`), DEPLOY)
      expect([lacking, nearest]).toEqual([[], undefined])
    }
    expect(performance.now() - started).toBeLessThan(2000 * PATIENCE)
  })
})
