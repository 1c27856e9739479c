import type { FoundBundle, LookupAnswer, LookupSource, LookupSubject } from './source.js'

/** Everything that was found for one component, and what every source said. */
export interface LookedUp {
  /** One for each source, in their order. */
  readonly answers: readonly LookupAnswer[]
  /** In the order of the sources, each content once. */
  readonly bundles: readonly FoundBundle[]
  /** Why there may be more than was found: each source that did not answer, or not in full. Empty: nothing else is there. */
  readonly unknown: readonly { readonly source: string; readonly why: string }[]
}

/** For one component from all sources together (spec/trust.md §8, threat 7). */
export interface LookupLimits {
  readonly bundles: number
  readonly bytes: number
  readonly milliseconds: number
}

export const LOOKUP_LIMITS: LookupLimits = { bundles: 200, bytes: 128 * 1024 * 1024, milliseconds: 120_000 }

/**
 * Asks every source, in the order given, and stops only after all (spec/trust.md §3.5): several attestations are wanted. What
 * is over a bound is said to be unknown. Never throws for what sources say.
 */
export async function askSources(
  sources: readonly LookupSource[],
  subject: LookupSubject,
  limits: LookupLimits = LOOKUP_LIMITS,
): Promise<LookedUp> {
  const answers: LookupAnswer[] = []
  const bundles = new Map<string, FoundBundle>()
  const unknown: { source: string; why: string }[] = []
  const deadline = performance.now() + limits.milliseconds
  let bytes = 0
  for (const source of sources) {
    const answer = await withinTime(source, subject, deadline - performance.now())
    answers.push(answer)
    if (answer.kind === 'unknown') unknown.push({ source: answer.source, why: answer.why })
    if (answer.kind !== 'found') continue
    if (answer.incomplete !== undefined) unknown.push({ source: answer.source, why: answer.incomplete })
    for (const bundle of answer.bundles) {
      if (bundles.has(bundle.sha256)) continue
      if (bundles.size >= limits.bundles || bytes + bundle.bytes.length > limits.bytes) {
        unknown.push({
          source: answer.source,
          why: `more than ${limits.bundles} bundles or ${limits.bytes} bytes of them are not read`,
        })
        break
      }
      bytes += bundle.bytes.length
      bundles.set(bundle.sha256, bundle)
    }
  }
  return { answers, bundles: [...bundles.values()], unknown }
}

async function withinTime(source: LookupSource, subject: LookupSubject, milliseconds: number): Promise<LookupAnswer> {
  const late: LookupAnswer = { kind: 'unknown', source: source.name, why: 'the time allowed for one component was over' }
  if (milliseconds <= 0) return late
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<LookupAnswer>((resolve) => {
    timer = setTimeout(resolve, milliseconds, late)
  })
  try {
    return await Promise.race([source.ask(subject), end])
  } finally {
    clearTimeout(timer)
  }
}
