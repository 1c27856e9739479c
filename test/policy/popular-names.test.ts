import { describe, expect, it } from 'vitest'
import { POPULAR_NAMES } from '../../src/policy/popular-names.js'
import { TYPOSQUAT_SUSPECT } from '../../src/policy/rules/typosquat.js'
import { component } from '../support/graphs.js'
import { appWith, hear } from './support/rule-cases.js'

const suspects = (...names: string[]) =>
  hear([TYPOSQUAT_SUSPECT], {
    rule: TYPOSQUAT_SUSPECT.id,
    name: '',
    graph: appWith(names.map((name) => component(name))),
  }).said.map((said) => said.message)

describe('the built-in list', () => {
  it('is sorted, without repetition, of names that cargo accepts and that are long enough to be judged', () => {
    expect([...POPULAR_NAMES].sort()).toEqual(POPULAR_NAMES)
    expect(new Set(POPULAR_NAMES).size).toBe(POPULAR_NAMES.length)
    for (const name of POPULAR_NAMES) expect(name).toMatch(/^[a-z][a-z0-9_-]{4,}$/)
  })

  it('does not suspect its own names of each other', () => {
    for (const name of POPULAR_NAMES) expect(suspects(name)).toEqual([])
  })
})

describe('a suspicious name', () => {
  it.each([
    // One letter too many, too few, swapped, replaced; separators changed, added, left out.
    ['tokioo', 'tokio'],
    ['toki0', 'tokio'],
    ['toiko', 'tokio'],
    ['rregex', 'regex'],
    ['once-cell', 'once_cell'],
    ['oncecell', 'once_cell'],
    ['async_trait', 'async-trait'],
    ['proc-macro-2', 'proc-macro2'],
    ['env-logger', 'env_logger'],
    ['thiserrror', 'thiserror'],
  ])('%s is close to %s', (name, popular) => {
    expect(suspects(name)).toEqual([`${name} is close to ${popular}`])
    expect(suspects(name, popular)).toEqual([])
  })

  it.each(['tokio-stream', 'serde_with', 'regex-automata', 'rayon-core', 'hyper-util', 'anyhoo2', 'toki', 'syn'])(
    '%s is not',
    (name) => {
      expect(suspects(name)).toEqual([])
    },
  )
})
