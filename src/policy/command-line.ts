import { AssayError } from '../model/error.js'
import type { Severity } from '../model/finding.js'
import type { Rule } from '../model/rule.js'
import type { RuleSetting, ValidConfig } from './config.js'
import { isProfile, severity } from './config-load.js'
import { nearest } from './nearest.js'
import { Severities } from './severities.js'

const WEIGHT: Readonly<Record<Severity | 'off', number>> = { off: 0, note: 1, warn: 2, error: 3 }

/** What the command line adds to a configuration: a profile, and severities as `id=severity`. Throws `usage`. */
export function applyCommandLine(
  config: ValidConfig,
  rules: readonly Rule[],
  request: { readonly profile?: string | undefined; readonly rules: readonly string[]; readonly raiseOnly: boolean },
): ValidConfig {
  const { profile } = request
  if (profile !== undefined && !isProfile(profile))
    throw new AssayError('usage', `there is no profile ${profile}`, 'The profiles are relaxed, recommended, strict and audit.')
  const base: ValidConfig = profile === undefined ? config : { ...config, profile }
  const stated = new Map(base.rules)
  const known = new Map(rules.map((rule) => [rule.id, rule]))
  const severities = new Severities(base)
  for (const pair of request.rules) {
    const equals = pair.lastIndexOf('=')
    const id = pair.slice(0, Math.max(equals, 0))
    const wanted = severity(pair.slice(equals + 1))
    const rule = known.get(id)
    if (rule === undefined) {
      const near = nearest(id, known.keys())
      throw new AssayError(
        'usage',
        `--rule ${pair}: there is no rule ${id}`,
        near === undefined ? 'Write it as --rule integrity/unpinned=error.' : `Did you mean ${near}?`,
      )
    }
    if (wanted === undefined)
      throw new AssayError('usage', `--rule ${pair}: no such severity`, 'The severities are error, warn, note and off.')
    if (request.raiseOnly && WEIGHT[wanted] < WEIGHT[severities.of(rule, undefined)]) {
      throw new AssayError(
        'usage',
        `--rule ${pair} lowers a severity, and CI is set`,
        'Change assay.toml in a reviewed commit, or pass --allow-weaken.',
      )
    }
    const setting: RuleSetting = { options: stated.get(id)?.options ?? new Map(), severity: wanted }
    stated.set(id, setting)
  }
  return { ...base, rules: stated }
}
