import type { Component } from '../../model/component.js'
import type { FindingDraft } from '../../model/finding.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { editDistance } from '../nearest.js'
import { POPULAR_NAMES } from '../popular-names.js'

/** Ecosystems whose package names are single words; a Go module path begins with a host that its owner controls. */
const WORD_NAMES: ReadonlySet<string> = new Set(['cargo', 'nimble'])

/** With shorter names nearly everything is one letter from something. */
const SHORTEST = 5

export const TYPOSQUAT_SUSPECT: Rule = {
  id: 'source/typosquat-suspect',
  title: 'A name is close to a much used one',
  why: 'Misspelt names are published to be taken by mistake.',
  evidence: ['L'],
  severity: { relaxed: 'off', recommended: 'warn', strict: 'warn' },
  options: {
    allow: { type: 'strings', default: [], about: 'names that are meant as they are' },
    list: { type: 'strings', default: [], about: 'names beside the built-in ones that are worth guarding' },
  },
  evaluate: typosquats,
}

function typosquats({ graph, option }: RuleInput): RuleOutcome {
  const subjects = graph.components.filter(
    (c) => WORD_NAMES.has(c.ecosystem) && !c.firstParty && c.source.kind !== 'path' && c.source.kind !== 'toolchain',
  )
  const present = new Set(subjects.map((c) => `${c.ecosystem}:${c.name}`))
  const findings = subjects.flatMap((component): FindingDraft[] => {
    const location = component.occurrences[0]?.location
    const popular = guardedNames(component, option<readonly string[]>('list', location?.file))
    const { name, ecosystem } = component
    if (name.length < SHORTEST || popular.has(name)) return []
    if (option<readonly string[]>('allow', location?.file).includes(name)) return []
    const close = [...popular].find((known) => !present.has(`${ecosystem}:${known}`) && isTypo(name, known))
    if (close === undefined) return []
    return [
      {
        component: component.id,
        subject: component.id,
        location,
        message: `${name} is close to ${close}`,
        fix: 'check the spelling; allow the name when it is meant',
        data: { name, close },
      },
    ]
  })
  return { checked: subjects.length, findings }
}

/** The built-in list is one of crates. */
function guardedNames(component: Component, list: readonly string[]): ReadonlySet<string> {
  return new Set(component.ecosystem === 'cargo' ? [...POPULAR_NAMES, ...list] : list)
}

/** One edit apart, or the same letters with other separators. */
function isTypo(name: string, known: string): boolean {
  const plain = (text: string): string => text.replaceAll(/[-_]/g, '')
  return plain(name) === plain(known) || editDistance(name, known, 1) === 1
}
