import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { FactFinding } from '../../model/fact-rule.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Fact } from '../../model/graph.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { matchGlob } from '../../syntax/glob.js'
import { matchesGlobList } from './glob-list.js'
import { parseGoFlags } from './go-flags.js'
import { parseProxyList } from './proxy-list.js'

/** Rules about settings that tracked build files make (spec/policy.md §2.10, spec/go.md §8). */
export const SETTING_RULES: readonly Rule[] = [
  factRule({
    id: 'go/checks-disabled',
    title: 'A tracked file turns verification off',
    why: 'Whatever is served for a new version is then written into go.sum and believed for ever.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: {
      'ignore-globs': { type: 'strings', default: [], about: 'globs of files that only show how, such as documentation' },
    },
    facts: ['go/setting'],
    judge: (fact, _component, input) => {
      const file = factText(fact, 'file')
      if (input.option<readonly string[]>('ignore-globs', file).some((glob) => matchGlob(glob, file))) return undefined
      const why = disabledBy(factText(fact, 'name'), factText(fact, 'value'), input)
      if (why === undefined) return undefined
      return {
        message: `${factText(fact, 'name')}=${factText(fact, 'value')} ${why}`,
        fix: 'use GOPRIVATE for your private prefix alone',
      }
    },
  }),
  factRule({
    id: 'go/proxy-chain',
    title: 'A GOPROXY list that does not do what it looks like',
    why: 'A comma goes on only after "not found"; an outage, a refusal or a time-out stops the build there.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['go/setting'],
    judge: (fact) => (factText(fact, 'name') === 'GOPROXY' ? judgeProxyList(factText(fact, 'value')) : undefined),
  }),
  {
    id: 'go/private-undeclared',
    title: 'A private module that nothing keeps from the public proxy',
    why: 'Its path is sent to the public proxy and checksum database, and somebody else may answer.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'warn' },
    options: { private: { type: 'strings', default: [], about: 'patterns of private paths, as in GOPRIVATE' } },
    evaluate: privateUndeclared,
  },
]

/** What a setting switches off; undefined when nothing. */
function disabledBy(name: string, value: string, input: RuleInput): string | undefined {
  switch (name) {
    case 'GOSUMDB':
      return value === 'off' ? 'switches the checksum database off' : undefined
    case 'GOINSECURE':
      return value === '' || value === 'none' ? undefined : 'allows downloads without transport security'
    case 'GOFLAGS':
      return parseGoFlags(value).insecure ? 'switches transport security and the checksum database off' : undefined
    case 'GOPRIVATE':
      return entries(value).includes('*') ? 'makes every module private, so that none is checked' : undefined
    case 'GONOSUMDB': {
      const prefixes = privatePrefixes(input)
      const wide = entries(value).filter(
        (entry) => !prefixes.some((prefix) => entry === prefix || entry.startsWith(`${prefix}/`)),
      )
      return wide.length === 0 || value === 'none'
        ? undefined
        : `leaves ${wide.join(', ')} unchecked, which no private prefix covers`
    }
    default:
      return undefined
  }
}

function entries(list: string): readonly string[] {
  return list
    .split(',')
    .map((entry) => entry.replace(/\/$/, ''))
    .filter((entry) => entry !== '')
}

/** What the owner or a tracked GOPRIVATE calls private; a bare star covers nothing. */
function privatePrefixes({ graph, settings }: RuleInput): readonly string[] {
  const tracked = graph.facts('go/setting').filter((fact) => factText(fact, 'name') === 'GOPRIVATE')
  const internal = settings.sources.internal.flatMap((text) =>
    text.startsWith('go:') ? [text.slice('go:'.length).replace(/(?:\/\*{1,2})+$/, '')] : [],
  )
  return [...tracked.flatMap((fact) => entries(factText(fact, 'value'))), ...internal].filter((entry) => entry !== '*')
}

function judgeProxyList(value: string): FactFinding | undefined {
  const list = parseProxyList(value)
  if (list.kind === 'default') return undefined
  if (list.kind === 'invalid')
    return { message: `GOPROXY is refused: ${list.why}`, fix: 'write URLs apart by commas, and direct or off at the end' }
  const [first] = list.entries
  const last = list.entries.at(-1)
  if (list.ignored.length > 0)
    return {
      message: `GOPROXY ends at ${last?.url ?? ''}: ${list.ignored.join(', ')} is never asked`,
      fix: `move ${last?.url ?? ''} to the end`,
    }
  if (first?.url === 'direct')
    return {
      message: 'GOPROXY begins with direct: every module comes from its own host',
      fix: 'put a proxy before it',
    }
  const proxies = list.entries.filter(({ url }) => url !== 'direct' && url !== 'off')
  const comma = proxies.slice(0, -1).find((entry) => entry.fallbackOnAnyError !== true)
  if (comma !== undefined)
    return {
      message: `after ${comma.url} a comma goes on to the next proxy only on 404 and 410`,
      fix: 'put | behind it to survive errors, or leave the others out',
    }
  if (last !== undefined && last.url !== 'direct' && last.url !== 'off')
    return {
      message: `GOPROXY ends with ${last.url}: what it does not have cannot be built`,
      fix: 'end the list with direct, or with off to say that this is meant',
    }
  return undefined
}

/** Endings of host names that no public name server knows. */
const PRIVATE_HOST = /\.(?:internal|corp|local|lan|intranet|private|home|localdomain|home\.arpa)$/

function privateUndeclared({ graph, settings, option }: RuleInput): RuleOutcome {
  const listed = option<readonly string[]>('private').join(',')
  const internal = settings.sources.internal.flatMap((text) => (text.startsWith('go:') ? [text.slice('go:'.length)] : []))
  const isPrivate = ({ name }: Component): boolean =>
    matchesGlobList(listed, name) || internal.some((glob) => matchGlob(glob, name)) || PRIVATE_HOST.test(hostOf(name))
  const subjects = graph.components.filter((c) => c.ecosystem === 'go' && c.source.kind === 'registry' && isPrivate(c))
  const tracked = graph.facts('go/setting')
  const findings = subjects.filter(({ name }) => !isDeclared(name, tracked)).map(toFinding)
  return { checked: subjects.length, findings }
}

function isDeclared(name: string, settings: readonly Fact[]): boolean {
  const covers = (setting: string): boolean =>
    settings.some((fact) => factText(fact, 'name') === setting && matchesGlobList(factText(fact, 'value'), name))
  return covers('GOPRIVATE') || (covers('GONOPROXY') && covers('GONOSUMDB'))
}

function hostOf(name: string): string {
  return name.slice(0, name.includes('/') ? name.indexOf('/') : undefined)
}

function toFinding(component: Component): FindingDraft {
  return {
    component: component.id,
    subject: component.id,
    location: component.occurrences[0]?.location,
    message: `${componentLabel(component)} may be asked for at the public proxy`,
    fix: `set GOPRIVATE=${hostOf(component.name)} in a tracked build file`,
  }
}
