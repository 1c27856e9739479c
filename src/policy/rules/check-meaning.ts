import type { Evidence } from '../../model/evidence.js'
import { claimOf } from '../../model/evidence-rule.js'
import type { GraphView } from '../../model/graph-view.js'
import type { RuleInput } from '../../model/rule.js'

/**
 * What a check compares, so that general rules can speak of any ecosystem's checks:
 *
 * - `claim`: what a file of the repository states, with what a registry or log states.
 * - `bytes`: what is stated, with bytes that somebody serves.
 * - `vendored`: the copy in the tree, with what it is a copy of.
 * - `mirror`: what a mirror serves, with what is stated.
 * - `commit`, `tag`: what is pinned, with the repository.
 * - `log`: two states of one log.
 */
export type CheckMeaning = 'claim' | 'bytes' | 'vendored' | 'mirror' | 'commit' | 'tag' | 'log'

/** By the last word of the check's name, which is the same word in every ecosystem. */
const BY_NAME: ReadonlyMap<string, CheckMeaning> = new Map([
  ['vendored', 'vendored'],
  ['vendor', 'vendored'],
  ['mirror', 'mirror'],
  ['git-commit', 'commit'],
  ['commit', 'commit'],
  ['direct-tag', 'tag'],
  ['tag', 'tag'],
  ['log', 'log'],
])

export function meaningOf({ check, authority }: Evidence): CheckMeaning {
  const named = BY_NAME.get(check.slice(check.lastIndexOf('/') + 1))
  if (named !== undefined) return named
  switch (authority?.kind) {
    case 'registry':
    case 'log':
      return 'claim'
    case 'git':
      return 'commit'
    case 'tree':
      return 'vendored'
    case 'artifact':
    case 'signature':
    case undefined:
      return 'bytes'
  }
}

/** How near an authority is to saying what a component is: where two say the same, the nearer one is quoted. */
const DISTANCE: Readonly<Record<NonNullable<Evidence['authority']>['kind'], number>> = {
  log: 0,
  registry: 1,
  signature: 2,
  git: 3,
  artifact: 4,
  tree: 5,
}
const FARTHEST = 6

/**
 * Mismatches that another one says better: bytes that differ from the lockfile just as the registry's own statement does,
 * a mirror that serves what the source serves, bytes that differ from a statement of the registry as well as from the
 * lockfile's.
 */
export function echoes({ evidence, graph }: Pick<RuleInput, 'evidence' | 'graph'>): ReadonlySet<Evidence> {
  const mismatches = evidence.filter((one) => one.verdict === 'mismatch' && one.observed !== undefined)
  const nearest = new Map<string, number>()
  const againstClaims = new Set<string>()
  for (const one of mismatches) {
    nearest.set(wordsOf(one), Math.min(nearest.get(wordsOf(one)) ?? Number.POSITIVE_INFINITY, distanceOf(one)))
    if (isClaim(one, graph)) againstClaims.add(seenBy(one))
  }
  return new Set(
    mismatches.filter(
      (one) => distanceOf(one) > (nearest.get(wordsOf(one)) ?? 0) || (againstClaims.has(seenBy(one)) && !isClaim(one, graph)),
    ),
  )
}

function wordsOf({ subject, expected, observed }: Evidence): string {
  return `${subject}\n${expected ?? ''}\n${observed ?? ''}`
}

function seenBy({ subject, check, authority, observed }: Evidence): string {
  return `${subject}\n${check}\n${authority?.name ?? ''}\n${observed ?? ''}`
}

/** Whether what was expected is stated in the repository itself. */
function isClaim({ subject, expected }: Evidence, graph: GraphView): boolean {
  const component = graph.find(subject)
  return component !== undefined && claimOf(component, expected) !== undefined
}

/** A mirror is farther away than what it mirrors. */
function distanceOf(one: Evidence): number {
  const distance = one.authority === undefined ? FARTHEST : DISTANCE[one.authority.kind]
  return meaningOf(one) === 'mirror' ? distance + FARTHEST : distance
}
