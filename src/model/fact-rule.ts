import type { Component } from './component.js'
import type { FindingDraft } from './finding.js'
import type { Fact } from './graph.js'
import { formatLocation } from './location.js'
import type { Rule, RuleInput } from './rule.js'

/** What a rule over facts says of one of them; undefined when this one is fine. */
export interface FactFinding {
  readonly message: string
  readonly fix: string
  /** Stable discriminators beside the fact's own data. */
  readonly data?: Readonly<Record<string, string>> | undefined
}

export interface FactRule extends Omit<Rule, 'evaluate'> {
  /** Kinds of facts it judges. */
  readonly facts: readonly string[]
  readonly judge: (fact: Fact, component: Component | undefined, input: RuleInput) => FactFinding | undefined
}

/** A rule that looks at facts one by one: most rules of an ecosystem do. */
export function factRule(rule: FactRule): Rule {
  const { facts: kinds, judge, ...rest } = rule
  return {
    ...rest,
    evaluate: (input) => {
      const findings = new Map<string, FindingDraft>()
      let checked = 0
      for (const kind of kinds) {
        for (const fact of input.graph.facts(kind)) {
          checked += 1
          const component = fact.component === undefined ? undefined : input.graph.find(fact.component)
          const found = judge(fact, component, input)
          if (found === undefined) continue
          // A file that several projects obey is observed by each of them; it is one thing to mend.
          const at = fact.location === undefined ? (fact.project ?? '') : formatLocation(fact.location)
          const key = `${fact.component ?? ''}\n${at}\n${found.message}`
          if (!findings.has(key)) findings.set(key, toDraft(fact, found))
        }
      }
      return { findings: [...findings.values()], checked }
    },
  }
}

function toDraft(fact: Fact, found: FactFinding): FindingDraft {
  return {
    component: fact.component,
    subject: fact.component ?? fact.location?.file ?? fact.project ?? fact.kind,
    location: fact.location,
    message: found.message,
    fix: found.fix,
    data: { ...discriminators(fact), ...found.data },
  }
}

/** The texts of a fact tell it from others of its kind; numbers (counts, lines) would change the fingerprint with every edit. */
function discriminators(fact: Fact): Readonly<Record<string, string>> {
  const texts = Object.entries(fact.data).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(texts)
}

/** A text of a fact's data, empty when it has none of that name. */
export function factText(fact: Fact, name: string): string {
  const value = fact.data[name]
  return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value)
}
