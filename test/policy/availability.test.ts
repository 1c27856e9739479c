import { describe, expect, it } from 'vitest'
import { verificationAsked } from '../../src/policy/availability.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { load, problemsOf } from './support/load.js'

const verify = (text: string) => load(`version = 1\n[verify]\n${text}\n`).verify

describe('what missing evidence comes to (spec/policy.md §7.2)', () => {
  it.each([
    ['on a machine of one’s own', '', { ci: false, offline: false }, 'warn'],
    ['in CI', '', { ci: true, offline: false }, 'fail'],
    ['on a machine of one’s own, offline', '', { ci: false, offline: true }, 'ignore'],
    ['in CI, offline', '', { ci: true, offline: true }, 'fail'],
    ['in CI, offline, where that is fine', 'offline-ok = true', { ci: true, offline: true }, 'ignore'],
    ['offline, where it is not fine', 'offline-ok = false', { ci: false, offline: true }, 'warn'],
    ['shut everywhere', 'on-unavailable = "fail"', { ci: false, offline: false }, 'fail'],
    ['open in CI', 'on-unavailable = "ignore"', { ci: true, offline: false }, 'ignore'],
  ])('%s', (_title, text, surroundings, onUnavailable) => {
    expect(verificationAsked(verify(text), surroundings)).toEqual({ asked: true, offline: surroundings.offline, onUnavailable })
  })

  it('has the defaults of the specification', () => {
    expect(DEFAULT_CONFIG.verify).toEqual({ retries: 3, timeoutMs: 10_000, budgetMs: 120_000 })
  })

  it('adds up over the files that are extended', () => {
    const base = 'version = 1\n[verify]\nbudget = "1h"\noffline-ok = true\nretries = 0\n'
    expect(load('version = 1\nextends = ["./base.toml"]\n[verify]\nretries = 2\n', { 'base.toml': base }).verify).toEqual({
      offlineOk: true,
      retries: 2,
      timeoutMs: 10_000,
      budgetMs: 3_600_000,
    })
  })

  it.each([
    ['on-unavailable = "pass"', 'verify.on-unavailable must be one of fail, warn, ignore'],
    ['timeout = 10', 'verify.timeout must be string'],
    ['timeout = "10"', 'verify.timeout must match pattern'],
    ['budget = "0s"', 'verify.budget must match pattern'],
    ['retries = -1', 'verify.retries must be >= 0'],
    ['offline = true', 'unknown key offline'],
  ])('refuses %s', (text, message) => {
    expect(problemsOf(`version = 1\n[verify]\n${text}\n`)).toEqual([expect.stringContaining(message)])
  })
})
