import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextLink } from '../../src/trust/next-link.js'
import { PATIENCE } from '../support/patience.js'

describe('a Link header', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['</a?n=1>; rel="next"', '/a?n=1'],
    ['</a>;rel=next', '/a'],
    ['</a>; REL="Next"', '/a'],
    ['</a>; rel="first", </b>; rel="next"', '/b'],
    ['</a,b>; title="x, <y>; rel=next"; rel="prev", </c>; rel="prev next"', '/c'],
    ['</a>; title="\\"x\\", "; rel="next"', '/a'],
    ['</a>; rel="nextone"', undefined],
    ['</a; rel="next"', undefined],
    ['/a; rel="next"', undefined],
  ])('%s leads to %s', (link, next) => expect(nextLink(link)).toBe(next))

  it('leads to the first of its links that is the next page, whatever stands around it', () => {
    const quoted = fc.string().map((text) => `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`)
    const parameter = fc.oneof(
      fc.tuple(fc.constantFrom('title', 'type', 'x'), quoted).map((pair) => pair.join('=')),
      fc.constantFrom('rel="prev"', 'rel=first', 'rel=""'),
    )
    const link = fc.record({
      target: fc.webUrl({ withQueryParameters: true }),
      parameters: fc.array(parameter, { maxLength: 3 }),
      isNext: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(link, { maxLength: 5 }), (links) => {
        const header = links.map(({ target, parameters, isNext }) =>
          [`<${target}>`, ...parameters, ...(isNext ? ['rel="next"'] : [])].join('; '),
        )
        expect(nextLink(header.join(', '))).toBe(links.find(({ isNext }) => isNext)?.target)
      }),
    )
  })

  it('of any text is read in linear time', () => {
    fc.assert(fc.property(fc.string(), (text) => void nextLink(text)))
    for (const text of ['<', '<>;', '<>,', '<>;"\\', ',;='].map((part) => part.repeat(200_000))) {
      const started = performance.now()
      nextLink(text)
      expect(performance.now() - started).toBeLessThan(100 * PATIENCE)
    }
  })
})
