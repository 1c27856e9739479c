import { describe, expect, it } from 'vitest'
import type { Severity } from '../../src/model/finding.js'
import type { OptionValue, Rule } from '../../src/model/rule.js'
import type { Override, Profile, RuleSetting, ValidConfig } from '../../src/policy/config.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { Severities } from '../../src/policy/severities.js'
import { speaking } from './support/gate-cases.js'

const RULE: Rule = speaking('test/bad', 'off', {
  severity: { relaxed: 'off', recommended: 'note', strict: 'error' },
  options: { allow: { type: 'strings', default: ['default'], about: '' } },
})

type Level = Severity | 'off'
const setting = (severity?: Level, allow?: readonly string[]): RuleSetting => ({
  severity,
  options: new Map<string, OptionValue>(allow === undefined ? [] : [['allow', allow]]),
})
const rules = (severity?: Level, allow?: readonly string[]) => new Map([['test/bad', setting(severity, allow)]])
const override = (paths: readonly string[], rest: Partial<Override>): Override => ({ paths, rules: new Map(), ...rest })
const severities = (rest: Partial<ValidConfig>) => new Severities({ ...DEFAULT_CONFIG, ...rest })

describe('what a rule weighs', () => {
  it.each<readonly [Profile, Level]>([
    ['relaxed', 'off'],
    ['recommended', 'note'],
    ['strict', 'error'],
    ['audit', 'error'],
  ])('under %s: %s', (profile, expected) => {
    expect(severities({ profile }).of(RULE, 'a/Cargo.lock')).toBe(expected)
  })

  it('is what the file states, over the profile', () => {
    expect(severities({ profile: 'strict', rules: rules('warn') }).of(RULE, undefined)).toBe('warn')
    // Options alone state no severity.
    expect(severities({ profile: 'strict', rules: rules(undefined, ['a']) }).of(RULE, undefined)).toBe('error')
  })

  it.each<readonly [string, Partial<ValidConfig>, string | undefined, Level]>([
    [
      'an override states it',
      { overrides: [override(['a/**'], { rules: rules('off') })], profile: 'strict' },
      'a/Cargo.lock',
      'off',
    ],
    [
      'but not elsewhere',
      { overrides: [override(['a/**'], { rules: rules('off') })], profile: 'strict' },
      'b/Cargo.lock',
      'error',
    ],
    [
      'nor for what has no place',
      { overrides: [override(['**'], { rules: rules('off') })], profile: 'strict' },
      undefined,
      'error',
    ],
    ['an override changes the profile', { overrides: [override(['a/**'], { profile: 'strict' })] }, 'a/Cargo.lock', 'error'],
    [
      'what the file states holds under a profile of an override',
      { rules: rules('warn'), overrides: [override(['a/**'], { profile: 'strict' })] },
      'a/Cargo.lock',
      'warn',
    ],
    [
      'the longest path is the most special, whatever the order',
      { overrides: [override(['a/b/**'], { rules: rules('warn') }), override(['a/**'], { rules: rules('off') })] },
      'a/b/Cargo.lock',
      'warn',
    ],
    [
      'of two as special the later wins',
      { overrides: [override(['a/**'], { rules: rules('warn') }), override(['a/**'], { rules: rules('off') })] },
      'a/Cargo.lock',
      'off',
    ],
    [
      'key by key: the special one gives the profile, the general one the severity',
      { overrides: [override(['a/**'], { rules: rules('warn') }), override(['a/b/**'], { profile: 'strict' })] },
      'a/b/Cargo.lock',
      'warn',
    ],
    [
      'one of several paths is enough',
      { overrides: [override(['x/**', 'a/*.lock'], { rules: rules('warn') })] },
      'a/Cargo.lock',
      'warn',
    ],
  ])('%s', (_name, config, file, expected) => {
    expect(severities(config).of(RULE, file)).toBe(expected)
  })
})

describe('the most a rule can weigh', () => {
  it.each<readonly [string, Partial<ValidConfig>, Level]>([
    ['without overrides it is what it weighs', { profile: 'relaxed' }, 'off'],
    ['an override can raise it', { profile: 'relaxed', overrides: [override(['a'], { rules: rules('warn') })] }, 'warn'],
    ['a lower one does not count', { profile: 'strict', overrides: [override(['a'], { rules: rules('off') })] }, 'error'],
    ['a profile of an override', { profile: 'relaxed', overrides: [override(['a'], { profile: 'recommended' })] }, 'note'],
    ['unless the file states it', { rules: rules('off'), overrides: [override(['a'], { profile: 'strict' })] }, 'off'],
  ])('%s', (_name, config, expected) => {
    expect(severities(config).highest(RULE)).toBe(expected)
  })
})

describe('an option', () => {
  const config: Partial<ValidConfig> = {
    rules: rules('warn', ['file']),
    overrides: [override(['a/**'], { rules: rules('off', ['a']) }), override(['a/b/**'], { rules: rules('note') })],
  }

  it('is the default, the value of the file, or that of the most special place that states one', () => {
    expect(severities({}).option(RULE, 'allow', 'a/x')).toEqual(['default'])
    expect(severities(config).option(RULE, 'allow', undefined)).toEqual(['file'])
    expect(severities(config).option(RULE, 'allow', 'c/x')).toEqual(['file'])
    expect(severities(config).option(RULE, 'allow', 'a/x')).toEqual(['a'])
    expect(severities(config).option(RULE, 'allow', 'a/b/x')).toEqual(['a'])
  })

  it('that a rule does not have is a mistake in the rule', () => {
    expect(() => severities({}).option(RULE, 'alow', undefined)).toThrow('test/bad has no option alow')
  })
})
