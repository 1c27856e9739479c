import type { Component } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { Evidence, VerdictKind } from '../../model/evidence.js'
import { compareEvidence } from '../../model/evidence.js'
import { statedAt } from '../../model/evidence-rule.js'
import type { FindingDraft, Severity } from '../../model/finding.js'
import type { CheckOutcome, Rule, RuleInput, RuleOutcome } from '../../model/rule.js'

/** Who signed the commits and tags that git sources pin (spec/policy.md §2.7, spec/trust.md §3.4). */
export const TRUST_GIT_RULES: readonly Rule[] = [
  {
    id: 'trust/tag-unsigned',
    title: 'Nobody who was named has signed a pinned commit or its tag',
    why: 'Without a signature, whoever can write to the repository or its forge can put a commit into it.',
    evidence: ['G'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    judges: outcomes('not-checkable'),
    evaluate: (input) =>
      judge(input, ({ component, evidence, isVerified }) => {
        const unsigned = evidence.filter((one) => one.observed === UNSIGNED)
        const strangers = evidence.filter((one) => one.observed === UNKNOWN_SIGNER)
        // What is signed and cannot be checked is said by the rule for that.
        if (isVerified || unsigned.length + strangers.length < evidence.length) return undefined
        const fix =
          strangers.length === 0
            ? 'ask upstream to sign its releases; until then the pinned commit is all that is known'
            : 'ask upstream whose key it is, and add it to trust.allowed-signers or trust.openpgp-keys if it is theirs'
        return draft(component, evidence, fix)
      }),
  },
  {
    id: 'trust/git-signature-unverified',
    title: 'A pinned commit or its tag is signed in a way that was not checked',
    why: 'A signature that nobody checked proves as much as none.',
    evidence: ['G'],
    severity: { relaxed: 'note', recommended: 'note', strict: 'warn' },
    judges: outcomes('not-checkable'),
    evaluate: (input) =>
      judge(input, ({ component, evidence, isVerified }) => {
        const unchecked = evidence.filter((one) => one.observed === NOT_CHECKED)
        if (isVerified || unchecked.length === 0) return undefined
        return draft(
          component,
          unchecked,
          'give what it needs: trust.allowed-signers for SSH, gpg and trust.openpgp-keys for OpenPGP; ask upstream for one of them instead of gitsign',
        )
      }),
  },
  {
    id: 'trust/git-signature-invalid',
    title: 'The signature of a pinned commit or its tag does not verify',
    why: 'Either it was changed after it was signed, or it is by a key that must not be used any more.',
    evidence: ['G'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    judges: outcomes('mismatch'),
    evaluate: (input) =>
      judge(input, ({ component, evidence, isVerified }) => {
        const wrong = evidence.filter((one) => one.verdict === 'mismatch')
        if (wrong.length === 0) return undefined
        // Whoever can add a tag must not be able to take a signed commit away.
        return draft(
          component,
          wrong,
          'do not use it before upstream has said why; pin a commit whose signature verifies',
          isVerified ? 'warn' : undefined,
        )
      }),
  },
]

/** What `observed` says of a signature that proves nothing here. */
const UNSIGNED = 'unsigned'
const UNKNOWN_SIGNER = 'unknown signer'
const NOT_CHECKED = 'not checked'

function outcomes(verdict: VerdictKind): readonly CheckOutcome[] {
  return ['git/commit-signature', 'git/tag-signature'].map((check) => ({ check, verdict }))
}

const CHECKS: ReadonlySet<string> = new Set(outcomes('match').map(({ check }) => check))

interface Signatures {
  readonly component: Component
  /** In canonical order, without what nobody could be asked about. */
  readonly evidence: readonly Evidence[]
  /** Somebody who was named has signed the commit or a tag of it. */
  readonly isVerified: boolean
}

function judge({ evidence, graph }: RuleInput, finding: (signatures: Signatures) => FindingDraft | undefined): RuleOutcome {
  const bySubject = new Map<string, Evidence[]>()
  const silent = new Set<string>()
  for (const one of evidence) {
    if (!CHECKS.has(one.check)) continue
    if (one.verdict === 'unavailable') silent.add(one.subject)
    const isAnswer = one.verdict !== 'unavailable' && (one.verdict !== 'not-checkable' || one.observed !== undefined)
    if (!isAnswer) continue
    const known = bySubject.get(one.subject)
    if (known === undefined) bySubject.set(one.subject, [one])
    else known.push(one)
  }
  const findings = [...bySubject.values()].flatMap((group): FindingDraft[] => {
    const [first] = group.sort(compareEvidence)
    const component = first === undefined ? undefined : graph.find(first.subject)
    if (component === undefined) return []
    const found = finding({ component, evidence: group, isVerified: group.some(({ verdict }) => verdict === 'match') })
    return found === undefined ? [] : [found]
  })
  return { findings, checked: bySubject.size, unverified: [...silent].filter((subject) => !bySubject.has(subject)).length }
}

function draft(component: Component, evidence: readonly Evidence[], fix: string, atMost?: Severity): FindingDraft {
  const reasons = [...new Set(evidence.map(({ why = '' }) => why))]
  return {
    component: component.id,
    subject: component.id,
    location: statedAt(component, evidence[0]?.expected),
    message: `${componentLabel(component)}: ${reasons.join('; ')}`,
    fix,
    atMost,
    evidence,
  }
}
