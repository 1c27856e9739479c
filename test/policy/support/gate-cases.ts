import type { Evidence } from '../../../src/model/evidence.js'
import type { Severity, Verdict } from '../../../src/model/finding.js'
import type { Graph } from '../../../src/model/graph.js'
import { GraphView } from '../../../src/model/graph-view.js'
import type { Rule } from '../../../src/model/rule.js'
import type { Verification } from '../../../src/model/verification.js'
import type { ValidConfig, Waiver } from '../../../src/policy/config.js'
import { DEFAULT_CONFIG } from '../../../src/policy/config.js'
import { evaluate } from '../../../src/policy/gate.js'
import { POLICY_RULES } from '../../../src/policy/rules/policy.js'
import { component } from '../../support/graphs.js'
import { appWith, TODAY } from './rule-cases.js'

export const SERDE = component('serde', '1.0.0')

/** A rule that says one thing of every component that is not first-party. */
export function speaking(id: string, severity: Severity | 'off', rest: Partial<Rule> = {}): Rule {
  return {
    id,
    title: id,
    why: 'for the test',
    evidence: ['L'],
    severity: { relaxed: severity, recommended: severity, strict: severity },
    evaluate: ({ graph }) => {
      const subjects = graph.components.filter((c) => !c.firstParty)
      return {
        checked: subjects.length,
        findings: subjects.map((c) => ({
          component: c.id,
          subject: c.id,
          location: c.occurrences[0]?.location,
          message: `${c.name} is bad`,
          fix: 'mend it',
          data: { name: c.name },
        })),
      }
    },
    ...rest,
  }
}

export function waiverOf(rest: Partial<Waiver> = {}): Waiver {
  return {
    id: 'W-1',
    rule: 'test/bad',
    component: 'pkg:cargo/serde',
    match: {},
    paths: [],
    reason: 'a reason of enough letters',
    owner: 'team@example.org',
    expires: '2026-10-01',
    location: { file: 'assay.toml', line: 12, column: 1 },
    ...rest,
  }
}

export interface GateCase {
  readonly rules?: readonly Rule[]
  readonly config?: Partial<ValidConfig>
  readonly graph?: Graph
  readonly baseline?: ReadonlySet<string>
  readonly evidence?: readonly Evidence[]
  readonly verification?: Verification
  readonly today?: string
}

/** The gate over one bad component, with the rules of the gate itself, unless the case says otherwise. */
export function gate(given: GateCase = {}): Verdict {
  return evaluate({
    graph: new GraphView(given.graph ?? appWith([SERDE])),
    evidence: given.evidence ?? [],
    verification: given.verification,
    config: { ...DEFAULT_CONFIG, profile: 'strict', ...given.config },
    rules: [...(given.rules ?? [speaking('test/bad', 'error')]), ...POLICY_RULES],
    today: given.today ?? TODAY,
    baseline: given.baseline,
  })
}

/** What the gate says of itself. */
export function aboutItself(verdict: Verdict) {
  return verdict.findings
    .filter((finding) => finding.rule.startsWith('policy/'))
    .map(({ rule, severity, message, fix, subject, location, data, status }) => ({
      rule,
      severity,
      message,
      fix,
      subject,
      line: location?.line,
      data,
      status,
    }))
}
