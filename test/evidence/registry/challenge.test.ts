import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChallenges } from '../../../src/evidence/registry/challenge.js'
import { PATIENCE } from '../../support/patience.js'

function parsed(...values: readonly string[]): unknown {
  return parseChallenges(values).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
}

describe('WWW-Authenticate', () => {
  it.each<[string, unknown]>([
    ['', []],
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    // docker-registry 2.8.2.
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:acme/app:pull,push repository:b:pull"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.example/token',
            service: 'registry.example',
            scope: 'repository:acme/app:pull,push repository:b:pull',
          },
        ],
      ],
    ],
    ['bEaReR scope="a" , REALM = "b"', [['bearer', { scope: 'a', realm: 'b' }]]],
    [
      'Basic realm="a, Bearer realm=b", Bearer realm="c",service=d',
      [
        ['basic', { realm: 'a, Bearer realm=b' }],
        ['bearer', { realm: 'c', service: 'd' }],
      ],
    ],
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate YII+/x==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate abc=, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['Basic realm="with \\"quotes\\" and \\\\"', [['basic', { realm: 'with "quotes" and \\' }]]],
    ['Basic realm="not closed', [['basic', {}]]],
    ['Basic realm="x" nonsense, charset="UTF-8"', [['basic', { charset: 'UTF-8' }]]],
    ['realm="x"', []],
    [',, ,Basic ,, realm=x,', [['basic', { realm: 'x' }]]],
    ['Basic realm=first, realm=second', [['basic', { realm: 'first' }]]],
    ['Basic __proto__="x"', [['basic', JSON.parse('{"__proto__":"x"}')]]],
    ['Basic realm="a\u0000b"', [['basic', { realm: 'a\u0000b' }]]],
  ])('%s', (value, expected) => expect(parsed(value)).toEqual(expected))

  it('of several headers are one list', () => {
    expect(parsed('Basic realm="x"', 'Bearer realm="y"')).toEqual([
      ['basic', { realm: 'x' }],
      ['bearer', { realm: 'y' }],
    ])
  })

  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/)
  const challenge = fc.record({
    scheme: token,
    parameters: fc.uniqueArray(fc.tuple(token, fc.string({ minLength: 1 })), {
      maxLength: 4,
      selector: ([name]) => name.toLowerCase(),
    }),
  })

  it('that is well-formed gives what it was made of', () => {
    const spaces = fc.constantFrom('', ' ', '\t ')
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 5 }), spaces, spaces, fc.boolean(), (challenges, before, around, join) => {
        const texts = challenges.map(({ scheme, parameters }) => {
          const written = parameters.map(([name, value]) => {
            const isToken = /^[A-Za-z0-9]+$/.test(value)
            const shown = isToken ? value : `"${value.replace(/["\\]/g, (character) => `\\${character}`)}"`
            return `${name}${around}=${around}${shown}`
          })
          return `${scheme} ${written.join(`${before},${before}`)}`
        })
        const expected = challenges.map(({ scheme, parameters }) => [
          scheme.toLowerCase(),
          Object.fromEntries(parameters.map(([name, value]) => [name.toLowerCase(), value])),
        ])
        expect(parsed(...(join ? [texts.join(', ')] : texts))).toEqual(expected)
      }),
    )
  })

  it('of any text never throws, and stays within bounds', () => {
    const pieces = fc.array(fc.constantFrom('Bearer', 'realm', '=', '"', ',', ' ', '\\', 'x', '/', '\t', 'é'), { maxLength: 60 })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((all) => all.join('')),
        ),
        (text) => {
          for (const { scheme, parameters } of parseChallenges([text, text])) {
            expect(scheme).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/)
            expect(parameters.size).toBeLessThanOrEqual(32)
          }
        },
      ),
    )
    expect(parseChallenges(Array.from({ length: 50 }, () => 'a,'.repeat(2000)))).toHaveLength(16)
    expect(parseChallenges([`Basic realm="${'x'.repeat(20_000)}"`])).toEqual([])
    expect(parseChallenges([`Basic ${Array.from({ length: 100 }, (_, at) => `p${at}=x`).join(',')}`])[0]?.parameters.size).toBe(
      32,
    )
    const started = performance.now()
    for (const part of ['a=', '"', 'a ', ',', 'a="\\', '/"']) parseChallenges([part.repeat(16_000 / part.length)])
    expect(performance.now() - started).toBeLessThan(100 * PATIENCE)
  })
})
