import type { EvidenceRule } from '../model/evidence-rule.js'
import { evidenceRule, supersededBy } from '../model/evidence-rule.js'
import type { FactRule } from '../model/fact-rule.js'
import { factRule } from '../model/fact-rule.js'
import type { Rule } from '../model/rule.js'

type FactAndEvidenceRule = FactRule &
  Pick<EvidenceRule, 'checks' | 'verdicts'> & {
    /** The same as `judge`, over what a verification found. */
    readonly judgeEvidence: EvidenceRule['judge']
  }

/** One rule over what reading observes and what verifying finds: of a component, what was found takes the place of what was observed. */
export function factAndEvidenceRule({ facts, judge, checks, verdicts, judgeEvidence, ...rule }: FactAndEvidenceRule): Rule {
  const byFact = factRule({ ...rule, facts, judge })
  const byEvidence = evidenceRule({ ...rule, checks, verdicts, judge: judgeEvidence })
  return {
    ...rule,
    judges: byEvidence.judges,
    evaluate: (input) => supersededBy(byFact.evaluate(input), byEvidence.evaluate(input)),
  }
}
