import type { Component, DigestClaim } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { Digest } from '../../model/digest.js'
import { digestKind } from '../../model/digest.js'
import { supersededBy } from '../../model/evidence-rule.js'
import { factRule, factText } from '../../model/fact-rule.js'
import type { FindingDraft } from '../../model/finding.js'
import { formatLocation } from '../../model/location.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { isListed } from '../component-pattern.js'
import { REVENDOR, vendoredCopies } from './integrity-evidence.js'

/** Over what reading and verifying observe of vendored copies, file by file. */
const VENDOR_DRIFT_FILES = factRule({
  id: 'integrity/vendor-drift',
  title: 'The vendored tree differs from what the lock names',
  why: 'The build takes the vendored copy, whatever the lock says.',
  evidence: ['L', 'R'],
  severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
  facts: ['integrity/vendor-drift'],
  judge: (fact) => ({
    message: `${factText(fact, 'path')}: ${factText(fact, 'why')}`,
    fix: REVENDOR,
  }),
})

const VENDOR_DRIFT: Rule = {
  ...VENDOR_DRIFT_FILES,
  evaluate: (input) => supersededBy(vendoredCopies(input), VENDOR_DRIFT_FILES.evaluate(input)),
}

/** Is it the same bytes (spec/policy.md §2.2), as far as the tree alone can tell. */
export const INTEGRITY_RULES: readonly Rule[] = [
  {
    id: 'integrity/unpinned',
    title: 'Neither a digest nor a full commit identifies a component',
    why: 'Whoever serves it can serve something else tomorrow.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    options: { allow: { type: 'strings', default: [], about: 'component patterns that may stay unpinned' } },
    evaluate: unpinned,
  },
  factRule({
    id: 'integrity/checksum-missing',
    title: 'The lock format supports a digest and an entry has none',
    why: 'The tool fills it in from whatever it downloads first.',
    evidence: ['L'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    facts: ['integrity/checksum-missing'],
    judge: (fact, component) => ({
      message: `${component === undefined ? 'an entry' : componentLabel(component)} has no checksum: ${factText(fact, 'why')}`,
      fix: 'let the current version of the tool write the lockfile again',
    }),
  }),
  {
    id: 'integrity/weak-hash',
    title: 'The only digest of a component is SHA-1 or MD5',
    why: 'Two different contents with one SHA-1 can be made; such a pin holds against accidents, not against attackers.',
    evidence: ['L'],
    severity: { relaxed: 'off', recommended: 'note', strict: 'warn' },
    evaluate: weakHashes,
  },
  {
    id: 'integrity/digest-conflict',
    title: 'One component carries two digests',
    why: 'One of the two statements is wrong: a bad merge, a republished version or an attack.',
    evidence: ['L'],
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: digestConflicts,
  },
  VENDOR_DRIFT,
]

function about(component: Component, message: string, fix: string, location = component.occurrences[0]?.location): FindingDraft {
  return { component: component.id, subject: component.id, location, message, fix }
}

/**
 * A path and the toolchain are not pinned by their nature, and what a manifest asks of a registry without a lockfile is no
 * one thing yet; other rules speak of these.
 */
function canBePinned({ firstParty, source, version, scopes }: Component): boolean {
  if (firstParty || source.kind === 'path' || source.kind === 'toolchain') return false
  // Nothing of it is fetched: go.sum holds no hash of a module that only takes part in the choice of versions.
  if (scopes.every((scope) => scope === 'inactive')) return false
  return version !== undefined || source.kind === 'git' || source.kind === 'vcs' || source.kind === 'archive'
}

function unpinned({ graph, option }: RuleInput): RuleOutcome {
  const subjects = graph.components.filter(canBePinned)
  const findings = subjects.flatMap((component): FindingDraft[] => {
    const pinned = component.claims.some((claim) => claim.digest.of !== 'tree' || claim.digest.scheme !== 'go-mod-h1')
    const location = component.occurrences[0]?.location
    if (pinned || (component.source.kind === 'git' && component.source.commit !== undefined)) return []
    if (isListed(option<readonly string[]>('allow', location?.file), component)) return []
    return [
      about(
        component,
        `${componentLabel(component)} can change under you: no digest and no full commit`,
        'pin it to a full commit or to a release with a digest',
      ),
    ]
  })
  return { checked: subjects.length, findings }
}

function weakHashes({ graph }: RuleInput): RuleOutcome {
  const stated = graph.components.map((component) => ({ component, digests: digestsOf(component) }))
  const subjects = stated.filter(({ digests }) => digests.length > 0)
  const findings = subjects
    .filter(({ digests }) => digests.every(isWeak))
    .map(({ component, digests }) => {
      const kinds = [...new Set(digests.map(digestKind))].join(', ')
      const fix = 'nothing upstream; mirror it, or vendor it with a digest of your own'
      return about(component, `${componentLabel(component)} rests on ${kinds} alone`, fix)
    })
  return { checked: subjects.length, findings }
}

/** What is claimed, and the commit that a git source is identified by. */
function digestsOf({ claims, source }: Component): readonly Digest[] {
  const claimed = claims.map(({ digest }) => digest)
  if (source.kind !== 'git' || source.commit === undefined) return claimed
  return [...claimed, { of: 'git-object', algorithm: source.commit.length === 64 ? 'sha256' : 'sha1', value: source.commit }]
}

function isWeak(digest: Digest): boolean {
  if (digest.of === 'tree') return digest.scheme === 'nimble-sha1'
  return digest.algorithm === 'sha1' || digest.algorithm === 'md5'
}

/** Digests of one kind must agree within one component, whoever states them. */
function digestConflicts({ graph }: RuleInput): RuleOutcome {
  const findings: FindingDraft[] = []
  for (const component of graph.components) {
    const byKind = new Map<string, DigestClaim[]>()
    for (const claim of component.claims) {
      const kind = digestKind(claim.digest)
      const known = byKind.get(kind)
      if (known === undefined) byKind.set(kind, [claim])
      else if (!known.some((other) => other.digest.value === claim.digest.value)) known.push(claim)
    }
    for (const [first, ...others] of byKind.values()) {
      for (const other of others) {
        if (first === undefined) continue
        findings.push({
          ...about(
            component,
            `${componentLabel(component)} has ${first.digest.value} in ${formatLocation(first.location)} and ${other.digest.value} in ${formatLocation(other.location)}`,
            'ask the registry which one is right, then resolve the other lockfile again',
            other.location,
          ),
          data: { one: first.digest.value, other: other.digest.value },
        })
      }
    }
  }
  return { checked: graph.components.filter((component) => component.claims.length > 0).length, findings }
}
