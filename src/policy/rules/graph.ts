import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { compareVersions } from '../../model/version-order.js'
import { isListed, matchesPattern, parsePatterns } from '../component-pattern.js'
import { draft } from './component-draft.js'

/** What may be in the graph, and whether it is whole (spec/policy.md §2.8). */
export const GRAPH_RULES: readonly Rule[] = [
  {
    id: 'graph/denied',
    title: 'A component is on the deny list',
    why: 'The owner decided against it.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: denied,
  },
  {
    id: 'graph/not-listed',
    title: 'A component is not on the allow list',
    why: 'The owner decides about every component before it is used.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'off', strict: 'error' },
    evaluate: ({ graph, settings }) => {
      const patterns = parsePatterns(settings.allow)
      const subjects = patterns.length === 0 ? [] : graph.components.filter((component) => !component.firstParty)
      const findings = subjects.filter((component) => !patterns.some((pattern) => matchesPattern(pattern, component)))
      return {
        checked: subjects.length,
        findings: findings.map((c) =>
          draft(c, `${componentLabel(c)} is not on the list`, 'ask for it to be listed, or remove it'),
        ),
      }
    },
  },
  {
    id: 'graph/duplicate-version',
    title: 'Several versions of one package',
    why: 'Each is one more to watch, and a fix in one leaves the others as they are.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    options: { skip: { type: 'strings', default: [], about: 'names that may be there several times' } },
    evaluate: duplicateVersions,
  },
  factRule({
    id: 'graph/duplicate-entry',
    title: 'One component is listed twice with different content',
    why: 'Which of the two is taken depends on the tool; it is the trace of a bad merge.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    facts: ['graph/duplicate-entry'],
    judge: (fact) => ({
      message: `${factText(fact, 'name')} ${factText(fact, 'version')} is listed twice with different content`,
      fix: 'take one side of the merge, then resolve again',
    }),
  }),
  factRule({
    id: 'graph/build-code',
    title: 'A component runs code while it is built or installed',
    why: 'That code runs on every machine that builds, with the rights of whoever builds.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    options: { allow: { type: 'strings', default: [], about: 'component patterns that may' } },
    facts: ['graph/build-code'],
    judge: (fact, component, { option }) => {
      // What the repository itself runs is its own to review.
      if (component === undefined || component.firstParty) return undefined
      if (isListed(option<readonly string[]>('allow', fact.location?.file), component)) return undefined
      return {
        message: `${componentLabel(component)} runs ${factText(fact, 'what')} when it is built`,
        fix: 'review it, then allow it by version',
      }
    },
  }),
  factRule({
    id: 'graph/unused-override',
    title: 'An override that no longer applies',
    why: 'It stands ready to change the build the next time something matches it.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'warn' },
    facts: ['graph/unused-override'],
    judge: (fact) => ({
      message: `the ${factText(fact, 'kind')} of ${factText(fact, 'override')} matches nothing`,
      fix: 'delete it',
    }),
  }),
  {
    id: 'graph/incomplete',
    title: 'A part of the graph is not known',
    why: 'What is below it is neither listed nor judged.',
    evidence: ['L'],
    severity: { relaxed: 'note', recommended: 'warn', strict: 'error' },
    evaluate: incomplete,
  },
]

/** `wrappers`: a denied component is tolerated where only these depend on it. */
function denied({ graph, settings }: RuleInput): RuleOutcome {
  const findings: FindingDraft[] = []
  for (const entry of settings.deny) {
    const [pattern] = parsePatterns([entry.component])
    const wrappers = parsePatterns(entry.wrappers)
    if (pattern === undefined) continue
    for (const component of graph.components) {
      if (!matchesPattern(pattern, component)) continue
      const dependents = graph.dependents(component.id).flatMap((edge) => graph.find(edge.from) ?? [])
      if (
        wrappers.length > 0 &&
        dependents.length > 0 &&
        dependents.every((parent) => wrappers.some((wrapper) => matchesPattern(wrapper, parent)))
      )
        continue
      findings.push(
        draft(
          component,
          `${componentLabel(component)} is denied: ${entry.reason}`,
          entry.instead === undefined ? 'remove it' : `use ${entry.instead}`,
          { entry: entry.component },
        ),
      )
    }
  }
  return { checked: settings.deny.length === 0 ? 0 : graph.components.length, findings }
}

/**
 * One finding a name, with every version that meets another one in some project: what two projects hold apart is no
 * duplicate. In Go a major version is another module path, so several versions never meet in one.
 */
function duplicateVersions({ graph, option }: RuleInput): RuleOutcome {
  const byProject = new Map<string, Component[]>()
  for (const component of graph.components) {
    if (component.firstParty || component.version === undefined || component.ecosystem === 'go') continue
    for (const project of component.projects) {
      const key = `${project}\n${component.name}`
      const known = byProject.get(key)
      if (known === undefined) byProject.set(key, [component])
      else known.push(component)
    }
  }
  const meeting = new Map<string, Map<string, Component>>()
  for (const same of byProject.values()) {
    if (new Set(same.map((c) => c.version)).size < 2) continue
    for (const component of same) {
      if (option<readonly string[]>('skip', component.occurrences[0]?.location.file).includes(component.name)) continue
      const name = `${component.ecosystem}:${component.name}`
      const versions = meeting.get(name) ?? new Map<string, Component>()
      meeting.set(name, versions.set(component.id, component))
    }
  }
  const findings = [...meeting.values()].flatMap((same): FindingDraft[] => {
    const sorted = [...same.values()].sort((a, b) => compareVersions(a.version ?? '', b.version ?? ''))
    const [oldest] = sorted
    if (oldest === undefined) return []
    const { name } = oldest
    const versions = [...new Set(sorted.map((c) => c.version))].join(', ')
    return [draft(oldest, `${name}: ${versions}`, `raise whatever still asks for the older ${name}`, { name })]
  })
  return { checked: byProject.size, findings }
}

/** One finding a project and reason: the components are listed by `assay graph`. */
function incomplete({ graph }: RuleInput): RuleOutcome {
  const groups = new Map<string, { component: Component; count: number; why: string; project: string }>()
  for (const component of graph.components) {
    if (component.edges.state === 'complete') continue
    const project = component.projects[0] ?? ''
    const { why } = component.edges
    const key = `${project}\n${why}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { component, count: 1, why, project })
    else known.count += 1
  }
  const findings = [...groups.values()].map(
    ({ component, count, why, project }): FindingDraft => ({
      component: component.id,
      subject: project,
      location: component.occurrences[0]?.location,
      message: `${count === 1 ? `the dependencies of ${componentLabel(component)} are` : `the dependencies of ${count} components (the first is ${componentLabel(component)}) are`} not known: ${why}`,
      fix: 'make the missing manifests available (vendor them, or name a package cache), or accept it as a known unknown',
      data: { project, why: why.replace(/\d+/g, 'N') },
    }),
  )
  return { checked: graph.components.length, findings }
}
