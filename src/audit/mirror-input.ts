import type { Held, Mirror, MirrorInput } from '../ecosystems/mirror.js'
import { MIRRORS } from '../ecosystems/mirrors.js'
import type { OpenInput } from '../evidence/open-input.js'
import type { Session } from '../evidence/session.js'
import type { Graph } from '../model/graph.js'
import { NO_RELEASE_SETTINGS } from '../model/release-settings.js'
import { NO_TRUST_SETTINGS } from '../model/trust-settings.js'
import { comesFromElsewhere } from '../model/verification.js'
import type { ValidConfig } from '../policy/config.js'
import { findConfig, loadConfigFile } from './config-file.js'
import type { ReadRequest } from './read-graph.js'
import { readGraph } from './read-graph.js'
import { Verification } from './verify.js'

/** How a run about mirrors asks. */
export interface MirrorChoices {
  readonly input: OpenInput
  /** A file, `false` for none, `true` for the nearest. */
  readonly config: string | boolean
  readonly offline: boolean
  /** Keep answers between runs (default). */
  readonly store?: boolean | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What a store holds already, for reading. */
  readonly held?: Held | undefined
  readonly onNotice?: ((message: string) => void) | undefined
}

/** What was read, and who can compare or store it. */
export interface MirrorRun {
  readonly graph: Graph
  readonly config: ValidConfig
  readonly parts: readonly { readonly mirror: Mirror; readonly input: MirrorInput }[]
}

/**
 * Reads a tree for its pinned packages and hands over what mirrors are asked with, as long as `use` runs. Packages whose
 * dependencies only they themselves state are fetched for reading (Zig). Throws for usage and configuration only.
 */
export async function withMirrors<T>(read: ReadRequest, choices: MirrorChoices, use: (run: MirrorRun) => Promise<T>): Promise<T> {
  const config = await loadConfigFile(findConfig(choices.input, choices.config))
  const { openSession } = await import('../evidence/session.js')
  const environment = new Map(
    Object.entries(choices.environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )
  const verification = new Verification({
    session: () => session,
    tree: read.tree,
    environment,
    sources: config.settings.sources,
    trust: NO_TRUST_SETTINGS,
    release: NO_RELEASE_SETTINGS,
    depth: { bytes: true, source: false },
  })
  const session = await openSession({ ...choices, ...config.verify, credentials: () => verification.credentials() })
  try {
    const { exclude, include } = config.discover
    const graph = await readGraph({
      ...read,
      discover: {
        exclude: [...exclude, ...(read.discover?.exclude ?? [])],
        include: [...include, ...(read.discover?.include ?? [])],
      },
      supply: async (ecosystem, files) => {
        // Asked of all: with it go the credentials of the sources that the files name.
        const supplied = await verification.supply(ecosystem, files)
        if (!CLOSED_BY_PACKAGES.has(ecosystem)) return new Map()
        const mirror = await MIRRORS.get(ecosystem)?.()
        return choices.held === undefined ? supplied : (mirror?.supply?.(choices.held, supplied) ?? supplied)
      },
    })
    return await use({ graph, config, parts: await partsOf(graph, session, read, environment, config) })
  } finally {
    await session.close()
  }
}

/** Their manifests name direct dependencies alone; the others' lockfiles name everything. */
const CLOSED_BY_PACKAGES: ReadonlySet<string> = new Set(['zig'])

async function partsOf(
  graph: Graph,
  { desk, git }: Session,
  { tree }: ReadRequest,
  environment: ReadonlyMap<string, string>,
  { settings }: ValidConfig,
): Promise<MirrorRun['parts']> {
  const parts: { readonly mirror: Mirror; readonly input: MirrorInput }[] = []
  for (const [ecosystem, load] of MIRRORS) {
    const files = graph.files.flatMap(({ path, format, state, ecosystem: owner }) =>
      owner === ecosystem && format !== undefined && state !== 'skipped' ? [{ path, format }] : [],
    )
    const components = graph.components.filter((one) => one.ecosystem === ecosystem && comesFromElsewhere(one))
    if (files.length === 0 && components.length === 0) continue
    const input = { graph, components, tree, files, desk, git, environment, sources: settings.sources }
    parts.push({ mirror: await load(), input })
  }
  return parts
}
