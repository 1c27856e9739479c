import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Fact } from '../../model/graph.js'
import type { Rule, RuleInput, RuleOutcome, Settings } from '../../model/rule.js'
import type { Source } from '../../model/source.js'
import { matchesInternal, matchName } from '../component-pattern.js'
import { bareRegistryUrl, hostOf, isBelowOrg, isLocalHost, isPlainTransport } from '../source-url.js'
import { TYPOSQUAT_SUSPECT } from './typosquat.js'

/** Short names of registries in `sources.registries`. */
const REGISTRY_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['crates.io', [ENDPOINTS.cargo.gitIndex, ENDPOINTS.cargo.sparseIndex]],
  ['go:proxy', [ENDPOINTS.go.proxy]],
  ['nim:official', [ENDPOINTS.nimble.packageList]],
])

/** Is it from where we allow (spec/policy.md §2.3). */
export const SOURCE_RULES: readonly Rule[] = [
  {
    id: 'source/registry-not-allowed',
    title: 'A component comes from a registry that is not allowed',
    why: 'A registry decides what every name means.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    evaluate: ({ graph, settings }) => {
      const allowed = new Set(
        settings.sources.registries.flatMap((name) => REGISTRY_NAMES.get(name) ?? [name]).map(bareRegistryUrl),
      )
      for (const mirror of settings.sources.mirrors) allowed.add(bareRegistryUrl(mirror.url))
      const subjects = graph.components.filter((c) => c.source.kind === 'registry')
      return perComponent(subjects, (component) => {
        const { source } = component
        if (
          source.kind !== 'registry' ||
          source.protocol === 'cargo-directory' ||
          source.protocol === 'cargo-local' ||
          allowed.has(bareRegistryUrl(source.url))
        )
          return undefined
        return {
          message: `${componentLabel(component)} comes from ${source.url}`,
          fix: 'add the registry to sources.registries, or change the source',
          data: { url: source.url },
        }
      })
    },
  },
  {
    id: 'source/git-not-allowed',
    title: 'A git source outside the allowed organisations',
    why: 'Anybody can make a repository with a familiar name.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    evaluate: ({ graph, settings }) => {
      const { orgs } = settings.sources.git
      const subjects =
        orgs.length === 0 ? [] : graph.components.filter((c) => c.source.kind === 'git' && c.ecosystem !== 'nimble')
      return perComponent(subjects, (component) => {
        const { source } = component
        if (source.kind !== 'git' || orgs.some((org) => isBelowOrg(source.url, org))) return undefined
        return {
          message: `${source.url} is not an allowed git source`,
          fix: 'publish it, mirror it, or add its organisation to sources.git.orgs',
          data: { url: source.url },
        }
      })
    },
  },
  factRule({
    id: 'source/git-floating',
    title: 'A git source follows something that moves',
    why: 'A branch or tag means another commit as soon as somebody pushes.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['source/git-requirement', 'cargo/git-not-pinned'],
    judge: gitFloating,
  }),
  factRule({
    id: 'source/insecure-transport',
    title: 'A source is reached without transport security',
    why: 'Everybody on the way can read and change what is downloaded.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: {
      'allow-hosts': { type: 'strings', default: ['localhost', '127.0.0.1', '::1'], about: 'hosts that may be reached so' },
    },
    facts: ['source/url'],
    judge: (fact, _component, { option }) => {
      const url = factText(fact, 'url')
      if (!isPlainTransport(url)) return undefined
      if (option<readonly string[]>('allow-hosts', fact.location?.file).includes(hostOf(url) ?? '')) return undefined
      return { message: `${url} has no transport security`, fix: 'use https or ssh' }
    },
  }),
  factRule({
    id: 'source/credential-in-url',
    title: 'A URL or configuration file holds a credential',
    why: 'Everybody who can read the repository, its forks and its logs can use it.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['source/credential'],
    judge: (fact) => ({
      message: `a credential stands in ${factText(fact, 'where')}`,
      fix: 'revoke it, then keep the new one in a credential helper',
    }),
  }),
  factRule({
    id: 'source/mutable-archive',
    title: 'An archive URL names a moving target',
    why: 'The bytes behind it change without anybody changing the URL.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['source/url'],
    judge: (fact) => {
      if (fact.data['mutable'] !== true) return undefined
      return {
        message: `${factText(fact, 'url')} names a moving target`,
        fix: 'use the archive of a tag or, better, of a commit',
      }
    },
  }),
  factRule({
    id: 'source/host-not-allowed',
    title: 'A host that is not on the list',
    why: 'Every host is one more party that can serve something else.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'warn', strict: 'error' },
    facts: ['source/url'],
    judge: (fact, _component, { settings }) => {
      const { hosts } = settings.sources
      const host = hostOf(factText(fact, 'url'))
      if (hosts.length === 0 || host === undefined || hosts.some((pattern) => matchName(pattern, host))) return undefined
      return {
        message: `${host} is not an allowed host`,
        fix: 'mirror what comes from there to an allowed host, or add it to sources.hosts',
        data: { host },
      }
    },
  }),
  factRule({
    id: 'source/ip-literal',
    title: 'A source URL names an address instead of a host',
    why: 'An address proves nothing about who answers there.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: { 'allow-hosts': { type: 'strings', default: [], about: 'addresses and local names that are meant' } },
    facts: ['source/url'],
    judge: (fact, _component, { option }) => {
      const host = hostOf(factText(fact, 'url'))
      if (
        host === undefined ||
        !isLocalHost(host) ||
        option<readonly string[]>('allow-hosts', fact.location?.file).includes(host)
      )
        return undefined
      return { message: `${factText(fact, 'url')} names an address or a local name`, fix: 'use a host name with a certificate' }
    },
  }),
  factRule({
    id: 'source/path-outside-repo',
    title: 'A path dependency leaves the repository',
    why: 'Others cannot build it, and nobody can audit it.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
    options: { roots: { type: 'strings', default: [], about: 'paths outside that are meant, as written' } },
    facts: ['source/path-outside'],
    judge: (fact, _component, { option }) => {
      const path = factText(fact, 'path')
      if (option<readonly string[]>('roots', fact.location?.file).includes(path)) return undefined
      return {
        message: `${factText(fact, 'name')} is at ${path}, outside the repository`,
        fix: 'publish it, vendor it, or move it into the repository',
      }
    },
  }),
  {
    id: 'source/mirror-undeclared',
    title: 'The configuration names a mirror that nobody declared',
    why: 'A mirror decides alone which versions exist and what a fresh resolution picks.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    evaluate: undeclaredMirrors,
  },
  {
    id: 'source/replacement-active',
    title: 'The repository redirects where packages come from',
    why: 'What the lockfile names is not what gets downloaded.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    options: { 'allow-files': { type: 'strings', default: [], about: 'configuration files that may redirect' } },
    evaluate: ({ graph, option }) => {
      const relevant = graph.graph.replacements.filter(
        (r) => r.kind === 'source-replacement' || r.kind === 'vendor' || r.kind === 'mirror',
      )
      const findings = relevant.flatMap((r): FindingDraft[] => {
        const { file } = r.location
        if (r.ecosystem === 'go' && r.kind === 'vendor') return []
        if (!r.active || option<readonly string[]>('allow-files', file).includes(file)) return []
        const from = nameOf(r.original.source)
        const to = nameOf(r.replacement?.source)
        return [
          {
            subject: file,
            location: r.location,
            message: `${file} redirects ${from} to ${to}`,
            fix: 'keep it out of the repository, or declare it under sources.mirrors and allow the file',
            data: { from, to },
          },
        ]
      })
      return { checked: relevant.length, findings }
    },
  },
  {
    id: 'source/dependency-confusion',
    title: 'An internal name was resolved from a public source',
    why: 'Somebody else can publish that name; the build then takes theirs.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: ({ graph, settings }) => {
      const { internal } = settings.sources
      const subjects =
        internal.length === 0
          ? []
          : graph.components.filter((c) => !c.firstParty && internal.some((pattern) => matchesInternal(pattern, c)))
      return perComponent(subjects, (component) => {
        const from = publicSource(component)
        if (from === undefined) return undefined
        return {
          message: `${component.name} is an internal name and came from ${from}`,
          fix: 'pin it to your own registry, and claim the name in public',
        }
      })
    },
  },
  TYPOSQUAT_SUSPECT,
]

interface Found {
  readonly message: string
  readonly fix: string
  readonly data?: Readonly<Record<string, string>>
}

function nameOf(source: Source | undefined): string {
  if (source === undefined) return 'a source'
  return 'url' in source ? source.url : source.kind
}

function perComponent(subjects: readonly Component[], judge: (component: Component) => Found | undefined): RuleOutcome {
  const findings = subjects.flatMap((component): FindingDraft[] => {
    const found = judge(component)
    return found === undefined
      ? []
      : [{ component: component.id, subject: component.id, location: component.occurrences[0]?.location, ...found }]
  })
  return { checked: subjects.length, findings }
}

const ALLOWED_REFS: Readonly<Record<Settings['sources']['git']['require'], readonly string[]>> = {
  any: ['rev', 'tag', 'branch', 'default'],
  tag: ['rev', 'tag'],
  rev: ['rev'],
}

const FULL_COMMIT = /(?:^| )(?:[0-9a-f]{40}|[0-9a-f]{64})$/i

/** A commit in the lock holds the source still; `sources.git.require` may ask for more in the manifest. */
function gitFloating(fact: Fact, component: Component | undefined, { settings }: RuleInput): Found | undefined {
  if (fact.kind === 'cargo/git-not-pinned') {
    return {
      message: `${component === undefined ? 'a git package' : componentLabel(component)} has no commit in the lockfile`,
      fix: 'let the tool write the lockfile again, so that it holds the commit',
    }
  }
  const locked = factText(fact, 'locked')
  // The manifest itself names the commit.
  if (factText(fact, 'by') === 'rev' && FULL_COMMIT.test(factText(fact, 'follows'))) return undefined
  const allowed = ALLOWED_REFS[settings.sources.git.require].includes(factText(fact, 'by'))
  if (allowed && locked !== '') return undefined
  const held = locked === '' ? 'and no lockfile holds its commit' : 'where sources.git.require asks for more'
  return {
    message: `${factText(fact, 'url')} follows ${factText(fact, 'follows')}, ${held}`,
    fix: locked === '' ? 'pin it to a full commit' : `pin it with rev = "${locked}"`,
  }
}

function undeclaredMirrors({ graph, settings }: RuleInput): RuleOutcome {
  const declared = new Set(settings.sources.mirrors.map((mirror) => bareRegistryUrl(mirror.url)))
  const relevant = graph.graph.replacements.filter((r) => r.kind === 'source-replacement' || r.kind === 'mirror')
  const findings = relevant.flatMap((r): FindingDraft[] => {
    const source = r.replacement?.source
    if (
      source?.kind !== 'registry' ||
      source.protocol === 'cargo-local' ||
      source.protocol === 'cargo-directory' ||
      declared.has(bareRegistryUrl(source.url))
    )
      return []
    return [
      {
        subject: source.url,
        location: r.location,
        message: `${source.url} stands in for another registry and is no declared mirror`,
        fix: 'declare it under sources.mirrors, or remove it',
        data: { url: source.url },
      },
    ]
  })
  return { checked: relevant.length, findings }
}

/** Where a component came from, when everybody can publish there. */
function publicSource(component: Component): string | undefined {
  const { source } = component
  if (source.kind !== 'registry') return undefined
  const names = [...REGISTRY_NAMES.values()].flat().map(bareRegistryUrl)
  return names.includes(bareRegistryUrl(source.url)) ? source.url : undefined
}
