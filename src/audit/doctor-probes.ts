import type { KnownSource, Probe } from '../ecosystems/sources.js'
import { daysBetween } from '../evidence/days.js'
import type { Credential } from '../evidence/http/credentials.js'
import { displayUrl } from '../evidence/http/redact.js'
import type { Probed, Prober } from '../evidence/prober.js'
import { openProber } from '../evidence/prober.js'
import type { SourceProblem } from '../model/configured-source.js'
import type { AskedQuestion, SourceReport, SourceState } from '../model/doctor.js'
import { Agreement } from './doctor-agreement.js'

export interface ExamineOptions {
  readonly offline: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly credentials: readonly Credential[]
  readonly timeoutMs: number
  readonly budgetMs: number
  readonly timestamp: string
  readonly onNotice?: ((message: string) => void) | undefined
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

/** Sources asked at a time: more would measure the line and not the servers. */
const AT_ONCE = 4
const DEFAULT_LIMIT_BYTES = 32 * 1024 * 1024
const REACH_LIMIT_BYTES = 64 * 1024
const ENDS_SOON_DAYS = 14

/** A source on its way to a report. */
interface Examined {
  readonly source: KnownSource
  readonly unasked: string | undefined
  readonly questions: readonly AskedQuestion[]
  readonly problems: readonly SourceProblem[]
  /** Whether every question was answered with what it should be. */
  readonly works: boolean
  readonly protocol?: SourceReport['protocol']
  readonly certificate?: SourceReport['certificate']
}

/** Tries every source; one report for each, in the same order. */
export async function examineSources(sources: readonly KnownSource[], options: ExamineOptions): Promise<readonly SourceReport[]> {
  if (options.offline) return sources.map((source) => reportOf(explained(source, 'offline')))
  const prober = await openProber(options)
  try {
    const visit = new Visit(prober, options)
    const examined = await inTurns(sources, (source) => visit.examine(source), options.onProgress)
    return visit.agreement.judge(examined).map((one, _, all) => reportOf(withStandIn(one, all)))
  } finally {
    await prober.close()
  }
}

function explained(source: KnownSource, why: string): Examined {
  const unasked = source.unasked ?? (source.probes.length === 0 ? undefined : why)
  return { source, unasked, questions: [], problems: source.problems, works: false }
}

class Visit {
  readonly agreement = new Agreement()
  /** The same URL is configured for several projects, and asked once. */
  readonly #asked = new Map<string, Promise<Probed>>()

  constructor(
    readonly prober: Prober,
    readonly options: ExamineOptions,
  ) {}

  async examine(source: KnownSource): Promise<Examined> {
    if (source.unasked !== undefined || source.probes.length === 0) return explained(source, '')
    if (source.problems.some(({ code }) => code === 'plain-http')) return explained(source, 'assay asks nobody over plain http')
    const questions: AskedQuestion[] = []
    const problems = [...source.problems]
    let works = true
    for (const probe of source.probes) {
      const { question, found } = await this.#question(probe)
      questions.push(question)
      problems.push(...found)
      if (question.outcome === 'answered') continue
      works = false
      break
    }
    const origin = originOf(source.probes[0]?.address.reveal() ?? '')
    const secured = origin === undefined ? undefined : this.prober.secured(origin)
    const isRefused = questions.some(({ failure }) => failure?.startsWith('tls-') === true)
    const certificate =
      secured?.certificate ?? (origin !== undefined && isRefused ? await this.prober.refusedCertificate(origin) : undefined)
    if (certificate !== undefined && !isRefused) problems.push(...endsSoon(certificate.validTo, this.options.timestamp))
    return { source, unasked: undefined, questions, problems, works, protocol: secured?.protocol, certificate }
  }

  async #question(probe: Probe): Promise<{ readonly question: AskedQuestion; readonly found: readonly SourceProblem[] }> {
    const address = probe.address.reveal()
    const onlyReach = probe.onlyReach === true
    const limitBytes = onlyReach ? REACH_LIMIT_BYTES : (probe.limitBytes ?? DEFAULT_LIMIT_BYTES)
    const key = `${address}\n${onlyReach}`
    const known = this.#asked.get(key) ?? this.prober.ask(address, { limitBytes, onlyReach })
    this.#asked.set(key, known)
    const probed = await known
    const { outcome, latencyMs, asks } = probed
    const url = displayUrl(address)
    const shared = { what: probe.what, url, latencyMs, asks }
    const elsewhere = outcome.kind === 'unavailable' || sameOrigin(outcome.url, url) ? {} : { redirectedTo: outcome.url }
    const found = flaky(probed)
    switch (outcome.kind) {
      case 'ok': {
        const reading = probe.read?.(outcome.bytes) ?? { ok: true }
        if (!reading.ok) {
          const question = {
            ...shared,
            ...elsewhere,
            outcome: 'unusable',
            status: outcome.status,
            why: reading.why,
            help: OPEN_IT,
          } as const
          return { question, found: reading.problem === undefined ? found : [...found, reading.problem] }
        }
        if (probe.subject !== undefined && reading.value !== undefined) this.agreement.note(probe.subject, url, reading.value)
        const { remark, value } = reading
        const question: AskedQuestion = {
          ...shared,
          ...elsewhere,
          outcome: 'answered',
          status: outcome.status,
          ...(remark === undefined ? {} : { remark }),
          ...(value === undefined ? {} : { answer: { value: value.slice(0, LONGEST_VALUE), agreement: 'alone' } }),
        }
        return { question, found: [...found, ...(reading.problems ?? [])] }
      }
      case 'absent': {
        const why = probe.ifAbsent ?? `it does not have ${probe.what}`
        const help = probe.ifAbsent === undefined ? OPEN_IT : undefined
        return { question: { ...shared, ...elsewhere, outcome: 'absent', status: outcome.status, why, help }, found }
      }
      case 'refused': {
        const why = outcome.authenticated ? 'it refuses the credentials that were sent' : 'it wants credentials'
        const help = 'Give them in netrc, or in the variables of the tool; never in the URL.'
        return { question: { ...shared, ...elsewhere, outcome: 'refused', status: outcome.status, why, help }, found }
      }
      case 'unavailable':
        if (onlyReach && outcome.failure === 'too-large')
          return { question: { ...shared, outcome: 'answered', status: 200 }, found }
        return {
          question: {
            ...shared,
            outcome: 'failed',
            ...(outcome.status === undefined ? {} : { status: outcome.status }),
            failure: outcome.because ?? outcome.failure,
            why: outcome.why,
            help: outcome.help,
          },
          found,
        }
      case 'not-modified':
      case 'mismatch':
        return { question: { ...shared, outcome: 'answered', status: 304 }, found }
    }
  }
}

const LONGEST_VALUE = 120
const OPEN_IT =
  'Check that the URL is that of such a source; the page of a portal or a login often stands in the place of an answer.'

function flaky({ latencyMs, asks }: Probed): readonly SourceProblem[] {
  if (latencyMs.length === 0 || latencyMs.length === asks) return []
  return [
    {
      code: 'flaky',
      weight: 'advice',
      why: `it answered ${latencyMs.length} of ${asks} times`,
      fix: 'ask again later; have a mirror for the time when it answers none',
    },
  ]
}

function endsSoon(validTo: string, timestamp: string): readonly SourceProblem[] {
  const days = daysBetween(timestamp, validTo)
  if (Number.isNaN(days) || days >= ENDS_SOON_DAYS || days < 0) return []
  return [
    {
      code: 'certificate-ends-soon',
      weight: 'advice',
      why: `its certificate ends in ${days} day${days === 1 ? '' : 's'}, and every build with it`,
      fix: 'have it renewed',
    },
  ]
}

/** What cannot be reached is no trouble where another place stands in for it. */
function withStandIn(one: Examined, all: readonly Examined[]): Examined {
  const { alternative } = one.source
  if (one.works || alternative === undefined || one.questions.every(isFine)) return one
  if (!all.some(({ source, works }) => works && source.alternative === alternative)) return one
  const problem: SourceProblem = {
    code: 'place-down',
    weight: 'advice',
    why: 'this place does not answer as it should; another stands in for it',
    fix: 'nothing, if it comes back',
  }
  return { ...one, works: true, problems: [...one.problems, problem] }
}

/** An answer, or the word that there is none where that is in order. */
function isFine({ outcome, help }: AskedQuestion): boolean {
  return outcome === 'answered' || (outcome === 'absent' && help === undefined)
}

function reportOf({ source, unasked, questions, problems, works, protocol, certificate }: Examined): SourceReport {
  const { role, name, url, from, meaning, repeat } = source
  return {
    role,
    name,
    ...(url === undefined ? {} : { url }),
    from,
    meaning,
    state: stateOf(questions, problems, works),
    problems,
    ...(unasked === undefined ? {} : { unasked }),
    questions,
    ...(protocol === undefined ? {} : { protocol }),
    ...(certificate === undefined ? {} : { certificate }),
    repeat,
  }
}

function stateOf(questions: readonly AskedQuestion[], problems: readonly SourceProblem[], works: boolean): SourceState {
  const weights = problems.map(({ weight }) => weight)
  if (weights.includes('unreadable')) return 'unreadable'
  if (weights.includes('unsafe')) return 'unsafe'
  if (!works && !questions.every(isFine)) return 'unreachable'
  if (weights.includes('advice') || questions.some(({ outcome }) => outcome === 'absent')) return 'advice'
  return questions.length === 0 ? 'explained' : 'fine'
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) && /^https:/i.test(url) ? new URL(url).origin : undefined
}

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin
}

async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  onDone: ((done: number, of: number) => void) | undefined,
): Promise<readonly R[]> {
  const results = new Map<number, R>()
  let next = 0
  const run = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i]
      if (item === undefined) return
      results.set(i, await work(item))
      onDone?.(results.size, items.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}
