import { AssayError } from '../model/error.js'
import type { Severity } from '../model/finding.js'
import type { Rule } from '../model/rule.js'
import type { Override, RuleSetting, ValidConfig } from './config.js'
import { isProfile, PROFILES } from './config.js'
import { nearest } from './nearest.js'
import { Severities, toSeverity, WEIGHT } from './severities.js'

/**
 * What the command line adds to a configuration: a profile, and severities as `id=severity`, which stand above everything
 * else, `[[override]]` included (spec/policy.md §3). Throws `usage`.
 */
export function applyCommandLine(
  config: ValidConfig,
  rules: readonly Rule[],
  request: { readonly profile?: string | undefined; readonly rules: readonly string[]; readonly raiseOnly: boolean },
): ValidConfig {
  const { profile } = request
  if (profile !== undefined && !isProfile(profile))
    throw new AssayError('usage', `there is no profile ${profile}`, `The profiles are ${PROFILES.join(', ')}.`)
  const base: ValidConfig = profile === undefined ? config : { ...config, profile }
  const known = new Map(rules.map((rule) => [rule.id, rule]))
  const severities = new Severities(base)
  const wanted = new Map<string, Severity | 'off'>()
  for (const pair of request.rules) {
    const [rule, stated] = parsePair(pair, known)
    if (request.raiseOnly && WEIGHT[stated] < WEIGHT[severities.highest(rule)]) {
      throw new AssayError(
        'usage',
        `--rule ${pair} lowers a severity, and CI is set`,
        'Change assay.toml in a reviewed commit, or pass --allow-weaken.',
      )
    }
    wanted.set(rule.id, stated)
  }
  if (wanted.size === 0) return base
  const stated = new Map(base.rules)
  for (const [id, level] of wanted) stated.set(id, { options: stated.get(id)?.options ?? new Map(), severity: level })
  return { ...base, rules: stated, overrides: base.overrides.map((override) => withoutSeverities(override, wanted)) }
}

function parsePair(pair: string, known: ReadonlyMap<string, Rule>): readonly [Rule, Severity | 'off'] {
  const equals = pair.lastIndexOf('=')
  if (equals < 0)
    throw new AssayError('usage', `--rule ${pair} states no severity`, 'Write it as --rule integrity/unpinned=error.')
  const id = pair.slice(0, equals)
  const rule = known.get(id)
  if (rule === undefined) {
    const near = nearest(id, known.keys())
    throw new AssayError(
      'usage',
      `--rule ${pair}: there is no rule ${id}`,
      near === undefined ? 'Write it as --rule integrity/unpinned=error.' : `Did you mean ${near}?`,
    )
  }
  const stated = toSeverity(pair.slice(equals + 1))
  if (stated === undefined)
    throw new AssayError('usage', `--rule ${pair}: no such severity`, 'The severities are error, warn, note and off.')
  return [rule, stated]
}

/** An override keeps its options and leaves the severity to the command line. */
function withoutSeverities(override: Override, of: ReadonlyMap<string, unknown>): Override {
  const rules = [...override.rules].map(([id, setting]): [string, RuleSetting] => [
    id,
    of.has(id) ? { options: setting.options } : setting,
  ])
  return { ...override, rules: new Map(rules) }
}
