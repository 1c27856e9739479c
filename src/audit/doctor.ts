import { ECOSYSTEMS } from '../ecosystems/index.js'
import type { KnownSource, SourcesInput, SourcesReader, UserFile } from '../ecosystems/sources.js'
import { SOURCES } from '../ecosystems/sources.js'
import { reasonNotToAsk } from '../ecosystems/whom-to-ask.js'
import type { Credential } from '../evidence/http/credentials.js'
import type { OpenInput } from '../evidence/open-input.js'
import { readTextFile } from '../evidence/open-input.js'
import type { DoctorReport, SourceReport } from '../model/doctor.js'
import { AssayError } from '../model/error.js'
import type { Settings } from '../model/rule.js'
import type { ValidConfig } from '../policy/config.js'
import { findConfig, loadConfigFile } from './config-file.js'
import { discover } from './discover.js'
import { examineSources } from './doctor-probes.js'
import { surroundingsReport } from './doctor-surroundings.js'
import { trustRoots } from './doctor-trust.js'

export interface DoctorRequest {
  readonly input: OpenInput
  /** A file, `false` for none, `true` for the nearest. */
  readonly config: string | boolean
  readonly discover: { readonly exclude: readonly string[]; readonly include: readonly string[] }
  /** Explain the configuration alone. */
  readonly offline: boolean
  /** The surroundings: proxies, authorities, credentials, the ecosystems' own settings. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** RFC 3339, UTC. */
  readonly timestamp: string
  readonly onNotice?: ((message: string) => void) | undefined
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

interface Found {
  readonly ecosystem: string
  readonly sources: readonly KnownSource[]
  readonly credentials: readonly Credential[]
}

/**
 * Explains where every ecosystem of a tree takes packages from, and tries each of these places. Throws for usage,
 * configuration and a tree without any project.
 */
export async function examine(request: DoctorRequest): Promise<DoctorReport> {
  const config = await loadConfigFile(findConfig(request.input, request.config))
  const found = await findSources(request, config)
  const reports = await examineSources(
    found.flatMap(({ sources }) => sources),
    {
      offline: request.offline,
      environment: request.environment,
      credentials: found.flatMap(({ credentials }) => credentials),
      timeoutMs: config.verify.timeoutMs,
      budgetMs: config.verify.budgetMs,
      timestamp: request.timestamp,
      onNotice: request.onNotice,
      onProgress: request.onProgress,
    },
  )
  const surroundings = await surroundingsReport(request.environment)
  const roots = await trustRoots(config.settings.trust, request.environment, request.timestamp)
  const problems = [...reports, surroundings, ...roots].flatMap((report) => report.problems.map(({ weight }) => weight))
  const states = reports.map(({ state }) => state)
  let at = 0
  return {
    exitCode: exitCode([...states, ...problems]),
    timestamp: request.timestamp,
    offline: request.offline,
    ecosystems: found.map(({ ecosystem, sources }) => {
      const from = at
      at += sources.length
      return { ecosystem, sources: reports.slice(from, at) }
    }),
    surroundings,
    trustRoots: roots,
  }
}

/** The order of design §2: 4, 1, 3, 0. */
function exitCode(states: readonly (SourceReport['state'] | 'unreadable')[]): DoctorReport['exitCode'] {
  if (states.includes('unreadable')) return 4
  if (states.includes('unsafe')) return 1
  return states.includes('unreachable') ? 3 : 0
}

async function findSources(request: DoctorRequest, config: ValidConfig): Promise<readonly Found[]> {
  const { input, environment } = request
  const { only } = input
  const entries = only === undefined ? ECOSYSTEMS : ECOSYSTEMS.filter((entry) => entry.claim(only) !== undefined)
  const { claimed } = await discover(input.tree, entries, {
    exclude: [...config.discover.exclude, ...request.discover.exclude],
    include: [...config.discover.include, ...request.discover.include],
  })
  const variables = new Map(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const found: Found[] = []
  for (const { name } of entries) {
    const files = claimed.get(name)
    const load = SOURCES.get(name)
    if (files === undefined || load === undefined) continue
    const reader = await load()
    const known: SourcesInput = {
      tree: input.tree,
      files,
      environment: variables,
      sources: config.settings.sources,
      userFiles: userFiles(reader, variables),
    }
    const sources = (await reader.read(known)).map((source) => withReason(name, source, known.sources))
    found.push({ ecosystem: name, sources, credentials: (await reader.credentials?.(known)) ?? [] })
  }
  if (found.length === 0)
    throw new AssayError(
      'nothing-found',
      `${input.tree.label} has no project of Cargo, Go, Zig or Nim, so that nothing is configured`,
      'Name the folder of a project.',
    )
  return found
}

/** The policy decides who is asked here as everywhere. */
function withReason(ecosystem: string, source: KnownSource, sources: Settings['sources']): KnownSource {
  const address = source.probes[0]?.address.reveal()
  if (source.unasked !== undefined || address === undefined || /^file:/i.test(address)) return source
  const unasked = reasonNotToAsk({ ecosystem, names: [] }, address, sources)
  return unasked === undefined ? source : { ...source, unasked }
}

function userFiles(reader: SourcesReader, environment: ReadonlyMap<string, string>): readonly UserFile[] {
  for (const { path, shown } of reader.userFiles?.(environment) ?? []) {
    const text = readTextFile(path)
    if (text !== undefined) return [{ shown, text }]
  }
  return []
}
