import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { mergeInventories } from '../../../../src/audit/merge.js'
import { claimCargo } from '../../../../src/ecosystems/cargo/claims.js'
import { readCargo } from '../../../../src/ecosystems/cargo/read.js'
import { CARGO_RULES } from '../../../../src/ecosystems/cargo/rules.js'
import { cargoVerifier } from '../../../../src/ecosystems/cargo/verify/verifier.js'
import type { VerifyDepth, VerifyInput } from '../../../../src/ecosystems/verifier.js'
import type { Answer, Desk, Question } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import type { HttpClientOptions } from '../../../../src/evidence/http/http-client.js'
import type { Store } from '../../../../src/evidence/store/store.js'
import type { Evidence } from '../../../../src/model/evidence.js'
import type { Finding } from '../../../../src/model/finding.js'
import type { Fact, Graph } from '../../../../src/model/graph.js'
import { GraphView } from '../../../../src/model/graph-view.js'
import type { Settings } from '../../../../src/model/rule.js'
import type { SourceTree } from '../../../../src/model/tree.js'
import { DEFAULT_CONFIG } from '../../../../src/policy/config.js'
import { evaluate } from '../../../../src/policy/gate.js'
import { GENERIC_RULES } from '../../../../src/policy/rules/index.js'
import { testClient } from '../../../evidence/http/support/clients.js'
import { claimedFiles } from '../../../support/claimed-files.js'

export const NO_SOURCES: Settings['sources'] = {
  registries: ['crates.io'],
  mirrors: [],
  git: { orgs: [], require: 'any' },
  hosts: [],
  internal: [],
}

export interface VerifyOptions {
  readonly desk: Desk
  readonly sources?: Partial<Settings['sources']>
  readonly environment?: Readonly<Record<string, string>>
  readonly depth?: Partial<VerifyDepth>
  readonly git?: VerifyInput['git']
  readonly onProgress?: VerifyInput['onProgress']
  readonly questions?: VerifyInput['questions']
  /** Read with what the verifier supplies. Default false. */
  readonly supplied?: boolean
}

export interface VerifyResult {
  readonly graph: Graph
  readonly evidence: readonly Evidence[]
  readonly facts: readonly Fact[]
  /** Verdicts of one check by `name version`, several joined by a blank in the order of their authorities. */
  verdicts(check: string): Readonly<Record<string, string>>
  of(name: string, check: string): readonly Evidence[]
}

/** Reads a tree and verifies everything in it that is not its own. */
export async function verifyTree(tree: SourceTree, options: VerifyOptions): Promise<VerifyResult> {
  const files = await claimedFiles(tree, claimCargo)
  const environment = new Map(Object.entries(options.environment ?? {}))
  const sources = { ...NO_SOURCES, ...options.sources }
  const verifier = cargoVerifier()
  const given = { desk: options.desk, git: options.git, environment, sources, tree, files }
  const caches = options.supplied === true ? (verifier.supply?.(given) ?? new Map()) : new Map()
  const inventory = await readCargo({ tree, files, options: { caches, environment, targets: [], features: undefined } })
  const graph = mergeInventories([inventory])
  const components = graph.components.filter(({ firstParty }) => !firstParty)
  const evidence: Evidence[] = []
  const facts: Fact[] = []
  const depth = { bytes: false, source: false, ...options.depth }
  const input: VerifyInput = { ...given, graph, components, depth, onProgress: options.onProgress, questions: options.questions }
  for await (const verified of verifier.verify(input)) {
    if (verified.kind === 'evidence') evidence.push(verified.evidence)
    else facts.push(verified.fact)
  }
  const labels = new Map(components.map(({ id, name, version }) => [id, `${name} ${version}`]))
  const silent = components.filter(({ id }) => !evidence.some(({ subject }) => subject === id))
  if (silent.length > 0) throw new Error(`nothing is said of ${silent.map(({ id }) => id).join(', ')}`)
  return {
    graph,
    evidence,
    facts,
    verdicts: (check) => {
      const found: Record<string, string> = {}
      for (const one of evidence.filter((e) => e.check === check)) {
        const label = labels.get(one.subject) ?? '?'
        found[label] = found[label] === undefined ? one.verdict : `${found[label]} ${one.verdict}`
      }
      return found
    },
    of: (name, check) => evidence.filter((e) => e.check === check && labels.get(e.subject)?.split(' ')[0] === name),
  }
}

/** What all rules together say of a run. */
export function findings({ graph, evidence, facts }: VerifyResult): readonly Finding[] {
  return evaluate({
    graph: new GraphView({ ...graph, facts: [...graph.facts, ...facts] }),
    evidence,
    verification: { asked: true, offline: false, onUnavailable: 'fail' },
    config: { ...DEFAULT_CONFIG, profile: 'strict' },
    rules: [...GENERIC_RULES, ...CARGO_RULES],
    today: '2026-01-02',
  }).findings
}

/** A desk over a real client for loopback servers and files. */
export function testDesk(options: HttpClientOptions = {}, store?: Store, now = Date.UTC(2026, 0, 1)): Desk {
  const client = testClient({
    policy: { file: true },
    timeouts: { connectMs: 2000, headersMs: 500, bodyMs: 500 },
    ...options,
  })
  const desk = openDesk({ offline: false, http: () => client, store, clock: { now: () => now } })
  onTestFinished(() => desk.close())
  return desk
}

/** A desk that answers from a table by URL, and writes down what it was asked. What is not in the table is absent. */
export class ScriptedDesk implements Desk {
  readonly offline = false
  readonly asked: string[] = []

  constructor(readonly answers: Readonly<Record<string, string | Answer>>) {}

  async ask(question: Question): Promise<Answer> {
    this.asked.push(question.url)
    const answer = this.answers[question.url]
    if (typeof answer === 'object') return answer
    const at = '2026-01-01T00:00:00Z'
    if (answer === undefined) return { kind: 'absent', status: 404, at, from: 'network', signs: [] }
    const sha256 = 'ab'.repeat(32)
    return { kind: 'ok', bytes: new TextEncoder().encode(answer), sha256, at, url: question.url, from: 'network', signs: [] }
  }

  async remember(): Promise<never> {
    throw new Error('nothing is remembered here')
  }

  async replace(): Promise<never> {
    throw new Error('nothing is replaced here')
  }

  async recall(): Promise<undefined> {
    return undefined
  }

  used(): never {
    throw new Error('what was used is not known here')
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

export interface LockEntry {
  readonly name: string
  readonly version: string
  readonly source?: string | undefined
  readonly checksum?: string | undefined
}

export const CRATES_IO_SOURCE = 'registry+https://github.com/rust-lang/crates.io-index'

/** A Cargo.lock of format 4 that holds these and a root that needs them all. */
export function lockOf(entries: readonly LockEntry[]): string {
  const several = new Set(entries.map(({ name }) => name).filter((name, i, all) => all.indexOf(name) !== i))
  const text = entries.map(({ name, version, source = CRATES_IO_SOURCE, checksum }) =>
    [
      '[[package]]',
      `name = "${name}"`,
      `version = "${version}"`,
      `source = "${source}"`,
      ...(checksum === undefined ? [] : [`checksum = "${checksum}"`]),
    ].join('\n'),
  )
  const needs = entries.map(({ name, version, source = CRATES_IO_SOURCE }) =>
    several.has(name) ? `"${name} ${version} (${source.replace(/#.*$/, '')})"` : `"${name}"`,
  )
  const root = ['[[package]]', 'name = "root"', 'version = "0.0.0"', `dependencies = [${needs.join(', ')}]`].join('\n')
  return `version = 4\n\n${[...text, root].join('\n\n')}\n`
}

/** One row of an index. */
export function rowOf(name: string, vers: string, cksum: string, more: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ name, vers, deps: [], cksum, features: {}, yanked: false, ...more })}\n`
}

/** A server whose port is known before its answers are made. */
export async function serve(answer: (origin: string, request: IncomingMessage, response: ServerResponse) => void): Promise<{
  readonly origin: string
  readonly seen: string[]
}> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    answer(origin, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const origin = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
  return { origin, seen }
}
