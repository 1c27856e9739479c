import { componentLabel } from '../../model/component.js'
import type { Evidence } from '../../model/evidence.js'
import type { Contradiction } from '../../model/evidence-rule.js'
import { claimOf, judgeEvidence, statedAt } from '../../model/evidence-rule.js'
import type { Rule, RuleInput, RuleOutcome } from '../../model/rule.js'
import { isListed } from '../component-pattern.js'
import { bareRegistryUrl } from '../source-url.js'
import { echoes, meaningOf } from './check-meaning.js'

export const REVENDOR = 'vendor again from the lockfile, or move the change into a patch that the manifest names'

/** Is it the same bytes, as those say who have the authority to (spec/policy.md §2.2). */
export const INTEGRITY_EVIDENCE_RULES: readonly Rule[] = [
  {
    id: 'integrity/lock-checksum-mismatch',
    title: 'The registry publishes another digest than the lockfile states',
    why: 'Either the lockfile was changed or the registry serves something else under an old name; both are signs of tampering.',
    evidence: ['R'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    options: { 'registry-overrides': patterns('component patterns whose registry publishes versions again') },
    evaluate: (input) => {
      const dissenting = dissentingMirrors(input)
      const repeated = echoes(input)
      return judgeEvidence(input, {
        about: (one) => meaningOf(one) === 'claim' && !input.isClaimed(one) && !repeated.has(one) && !dissenting.has(one),
        verdicts: ['mismatch'],
        judge: (found) => {
          if (isAllowed('registry-overrides', found, input)) return undefined
          return {
            message: `${componentLabel(found.component)}: ${stated(found)}, ${found.authorities} has ${found.observed ?? 'another'}${detail(found)}`,
            fix: 'delete the entry and resolve again; if it comes back, stop and report it as tampering',
          }
        },
      })
    },
  },
  {
    id: 'integrity/artifact-digest-mismatch',
    title: 'The bytes that are served are not those that are stated',
    why: 'Somebody between the author and this build changed them.',
    evidence: ['R'],
    hard: true,
    severity: { relaxed: 'error', recommended: 'error', strict: 'error' },
    evaluate: (input) => {
      const repeated = echoes(input)
      const dissenting = dissentingMirrors(input)
      return judgeEvidence(input, {
        about: (one) => meaningOf(one) === 'bytes' && !input.isClaimed(one) && !repeated.has(one) && !dissenting.has(one),
        verdicts: ['mismatch'],
        judge: (found) => ({
          message: `${componentLabel(found.component)}: what ${found.authorities} serves is ${found.observed ?? 'something else'}, ${stated(found)}${detail(found)}`,
          fix: 'do not build it; compare with a second source, and report the one that differs from the others',
        }),
      })
    },
  },
  {
    id: 'integrity/mirror-divergence',
    title: 'Two sources of one component give different answers',
    why: 'One of them is wrong, and a build takes whichever answers first.',
    evidence: ['R'],
    severity: { relaxed: 'warn', recommended: 'error', strict: 'error' },
    evaluate: (input) => {
      const dissenting = dissentingMirrors(input)
      const compared = severalSources(input.evidence)
      const repeated = echoes(input)
      return judgeEvidence(input, {
        about: (one) => (meaningOf(one) === 'mirror' && !input.isClaimed(one)) || dissenting.has(one) || compared.has(one),
        verdicts: ['mismatch'],
        judge: (found) => {
          if (!found.evidence.every((one) => (meaningOf(one) === 'mirror' && !repeated.has(one)) || dissenting.has(one)))
            return undefined
          return {
            message: `${componentLabel(found.component)}: the mirror ${found.authorities} has ${found.observed ?? 'something else'}, ${stated(found)}${detail(found)}`,
            fix: 'drop the mirror that disagrees with the log or the official index',
          }
        },
      })
    },
  },
  {
    id: 'integrity/gone-upstream',
    title: 'A locked version is no longer where it comes from',
    why: 'Versions are taken away for malice, for law or by mistake, and nobody else can build this any more.',
    evidence: ['R'],
    severity: { relaxed: 'warn', recommended: 'warn', strict: 'error' },
    options: { sources: patterns('component patterns whose source is known to be out of reach') },
    evaluate: (input) =>
      judgeEvidence(input, {
        about: (one) => (meaningOf(one) === 'claim' || meaningOf(one) === 'bytes') && !input.isClaimed(one),
        verdicts: ['absent'],
        by: 'component',
        judge: (found) => {
          if (isAllowed('sources', found, input)) return undefined
          return {
            message: `${componentLabel(found.component)} is no longer at ${found.authorities}${detail(found)}`,
            fix: 'move off it, and keep the bytes you have until then',
          }
        },
      }),
  },
]

/** What vendored copies differ in, as the checks of them say. */
export function vendoredCopies(input: RuleInput): RuleOutcome {
  return judgeEvidence(input, {
    about: (one) => meaningOf(one) === 'vendored' && !input.isClaimed(one),
    verdicts: ['mismatch', 'absent'],
    by: 'component',
    judge: ({ component, authorities, why }) => ({
      location: component.occurrences.find((occurrence) => occurrence.role === 'vendor')?.location,
      message: `${componentLabel(component)}: ${why === '' ? 'the vendored copy is not what it is a copy of' : why} (${authorities})`,
      fix: REVENDOR,
    }),
  })
}

/** `Cargo.lock has 3f…`, the statement that was held against the authority. */
function stated({ component, expected }: Contradiction): string {
  if (expected === undefined) return 'which is not what is stated'
  const claim = claimOf(component, expected)
  return claim === undefined ? `${expected} is expected` : `${claim.location.file} has ${expected}`
}

function detail({ why }: Pick<Contradiction, 'why'>): string {
  return why === '' ? '' : ` (${why})`
}

function isAllowed(option: string, { component, expected }: Contradiction, input: RuleInput): boolean {
  return isListed(input.option<readonly string[]>(option, statedAt(component, expected)?.file), component)
}

function patterns(about: string) {
  return { type: 'strings', default: [], about } as const
}

/** Evidence of checks of which one component had more than one source. */
function severalSources(evidence: readonly Evidence[]): ReadonlySet<Evidence> {
  const sources = new Map<string, { readonly names: Set<string>; readonly evidence: Evidence[] }>()
  for (const one of evidence) {
    if (one.authority === undefined || meaningOf(one) === 'mirror') continue
    const key = `${one.subject}\n${one.check}`
    const group = sources.get(key) ?? { names: new Set(), evidence: [] }
    group.names.add(one.authority.name)
    group.evidence.push(one)
    sources.set(key, group)
  }
  return new Set([...sources.values()].flatMap((group) => (group.names.size > 1 ? group.evidence : [])))
}

/**
 * Mismatches of declared mirrors in a check where the source itself agrees with what is stated: it is the mirror that is
 * wrong. Where the source disagrees, that is what has to be said, whatever its mirrors say.
 */
function dissentingMirrors({ evidence, settings }: RuleInput): ReadonlySet<Evidence> {
  const mirrors = settings.sources.mirrors.map(({ url }) => bareRegistryUrl(url))
  if (mirrors.length === 0) return new Set()
  const isMirror = ({ authority }: Evidence): boolean => {
    const name = authority === undefined ? undefined : bareRegistryUrl(authority.name)
    return name !== undefined && mirrors.some((mirror) => name === mirror || name.startsWith(`${mirror}/`))
  }
  const upheld = new Set(
    evidence.filter((one) => one.verdict === 'match' && !isMirror(one)).map(({ subject, check }) => `${subject}\n${check}`),
  )
  return new Set(
    evidence.filter((one) => one.verdict === 'mismatch' && isMirror(one) && upheld.has(`${one.subject}\n${one.check}`)),
  )
}
