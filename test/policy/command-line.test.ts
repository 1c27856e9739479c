import { describe, expect, it } from 'vitest'
import { AssayError } from '../../src/model/error.js'
import type { Rule } from '../../src/model/rule.js'
import { applyCommandLine } from '../../src/policy/command-line.js'
import type { ValidConfig } from '../../src/policy/config.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { Severities } from '../../src/policy/severities.js'
import { speaking } from './support/gate-cases.js'

const BAD: Rule = speaking('test/bad', 'off', {
  severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
  options: { max: { type: 'number', default: 1, about: '' } },
})
const RULES = [BAD, speaking('test/other', 'note')]
const at = (severity: 'error' | 'off', max?: number) =>
  new Map([['test/bad', { severity, options: new Map(max === undefined ? [] : [['max', max] as const]) }]])

function apply(config: Partial<ValidConfig>, rules: readonly string[], rest: { profile?: string; raiseOnly?: boolean } = {}) {
  return applyCommandLine({ ...DEFAULT_CONFIG, ...config }, RULES, { rules, raiseOnly: false, ...rest })
}

/** What a person is told. */
function refusal(act: () => unknown): { readonly code: string; readonly message: string; readonly help: string } | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (!(error instanceof AssayError)) throw error
    return { code: error.code, message: error.message, help: error.help }
  }
}

describe('--rule', () => {
  it('changes nothing when it is not there', () => {
    expect(apply({}, [])).toEqual(DEFAULT_CONFIG)
  })

  it('stands above the file and above overrides, and leaves options as they are', () => {
    const config = apply({ rules: at('off', 5), overrides: [{ paths: ['a/**'], rules: at('off', 7) }] }, ['test/bad=error'])
    const severities = new Severities(config)
    expect([severities.of(BAD, undefined), severities.of(BAD, 'a/x')]).toEqual(['error', 'error'])
    expect([severities.option(BAD, 'max', undefined), severities.option(BAD, 'max', 'a/x')]).toEqual([5, 7])
  })

  it('may be there several times; the last of one rule wins', () => {
    const severities = new Severities(apply({}, ['test/bad=error', 'test/other=off', 'test/bad=note']))
    expect(RULES.map((rule) => severities.of(rule, undefined))).toEqual(['note', 'off'])
  })

  it.each([
    ['test/bad', '--rule test/bad states no severity', 'Write it as --rule integrity/unpinned=error.'],
    ['test/bda=error', '--rule test/bda=error: there is no rule test/bda', 'Did you mean test/bad?'],
    ['x=error', '--rule x=error: there is no rule x', 'Write it as --rule integrity/unpinned=error.'],
    ['=error', '--rule =error: there is no rule ', 'Write it as --rule integrity/unpinned=error.'],
    ['test/bad=fatal', '--rule test/bad=fatal: no such severity', 'The severities are error, warn, note and off.'],
    ['test/bad=', '--rule test/bad=: no such severity', 'The severities are error, warn, note and off.'],
    [
      'constructor=error',
      '--rule constructor=error: there is no rule constructor',
      'Write it as --rule integrity/unpinned=error.',
    ],
  ])('%s is refused', (pair, message, help) => {
    expect(refusal(() => apply({}, [pair]))).toEqual({ code: 'usage', message, help })
  })
})

describe('--profile', () => {
  it('takes the place of the profile of the file', () => {
    expect(apply({ profile: 'strict' }, [], { profile: 'relaxed' })).toEqual({ ...DEFAULT_CONFIG, profile: 'relaxed' })
  })

  it('is one of four', () => {
    expect(refusal(() => apply({}, [], { profile: 'lax' }))).toEqual({
      code: 'usage',
      message: 'there is no profile lax',
      help: 'The profiles are relaxed, recommended, strict, audit.',
    })
  })
})

describe('in CI', () => {
  const weaken = (pair: string) => ({
    code: 'usage',
    message: `--rule ${pair} lowers a severity, and CI is set`,
    help: 'Change assay.toml in a reviewed commit, or pass --allow-weaken.',
  })

  it.each<readonly [string, Partial<ValidConfig>, string, boolean]>([
    ['up', {}, 'test/bad=error', true],
    ['as it is', {}, 'test/bad=warn', true],
    ['down', {}, 'test/bad=note', false],
    ['off', {}, 'test/bad=off', false],
    ['down from what the file states', { rules: at('error') }, 'test/bad=warn', false],
    ['up from what the file states', { rules: at('off') }, 'test/bad=note', true],
    ['down from what one place has', { overrides: [{ paths: ['a/**'], rules: at('error') }] }, 'test/bad=warn', false],
    [
      'down from the profile of one place',
      { overrides: [{ paths: ['a/**'], profile: 'strict', rules: new Map() }] },
      'test/bad=warn',
      false,
    ],
    ['down from the profile that is asked for', { profile: 'relaxed' }, 'test/bad=note', true],
  ])('a severity goes %s', (_name, config, pair, allowed) => {
    expect(refusal(() => apply(config, [pair], { raiseOnly: true }))).toEqual(allowed ? undefined : weaken(pair))
    expect(refusal(() => apply(config, [pair]))).toBeUndefined()
  })

  it('judges by the profile of the command line', () => {
    expect(refusal(() => apply({}, ['test/bad=warn'], { raiseOnly: true, profile: 'strict' }))).toEqual(weaken('test/bad=warn'))
  })
})
