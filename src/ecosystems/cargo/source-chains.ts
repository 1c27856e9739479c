import type { SettingOrigin, SourceProblem } from '../../model/configured-source.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import type { Location } from '../../model/location.js'
import { folderOf, resolvePath } from '../../model/tree.js'
import { judgeUrl, showLine } from '../source-problems.js'
import type { KnownSource } from '../sources.js'
import type { CargoConfig, SourceDefinition } from './config.js'
import { followReplacement } from './config.js'
import { registryProbes, registryRepeat } from './registry-probe.js'
import { isPublicPlace, PUBLIC_PLACE, registryPlace } from './verify/place.js'

const PUBLIC = 'crates-io'
/** Real configurations have one or two chains of two or three links. */
const MAX_CHAINS = 500
const MAX_LINKS = 10

/** The public registry and every source that is replaced: where cargo really goes (spec/cargo.md §4.2, §4.3). */
export function replacedSources(config: CargoConfig): readonly KnownSource[] {
  const replaced = [...config.sources.values()].filter(({ replaceWith }) => replaceWith !== undefined)
  // The public registry first: of a circle, the member that comes first speaks for all.
  const order = [...replaced.filter(({ name }) => name === PUBLIC), ...replaced.filter(({ name }) => name !== PUBLIC)]
  const through = new Set<string>()
  for (const start of order) if (!through.has(start.name)) pass(start, config, through)
  // A link in the middle of a chain is spoken of where the chain begins.
  const starts = order.filter(({ name }) => !through.has(name) || name === PUBLIC)
  const isPublicReplaced = starts.some(({ name }) => name === PUBLIC)
  return [...(isPublicReplaced ? [] : [publicRegistry()]), ...starts.slice(0, MAX_CHAINS).map((start) => chain(start, config))]
}

/** Notes the sources on the way of a chain that are replaced themselves; what follows a known one is known. */
function pass(start: SourceDefinition, config: CargoConfig, through: Set<string>): void {
  let at = config.sources.get(start.replaceWith ?? '')
  while (at?.replaceWith !== undefined && at.name !== start.name && !through.has(at.name)) {
    through.add(at.name)
    at = config.sources.get(at.replaceWith)
  }
}

function publicRegistry(): KnownSource {
  return {
    role: 'registry',
    name: PUBLIC,
    url: ENDPOINTS.cargo.sparseIndex,
    from: { kind: 'default' },
    meaning: 'cargo asks the public registry itself; the checksums of Cargo.lock hold its answers fast.',
    problems: [],
    repeat: registryRepeat(PUBLIC_PLACE),
    probes: registryProbes(PUBLIC_PLACE, true),
  }
}

function chain(start: SourceDefinition, config: CargoConfig): KnownSource {
  const end = followReplacement(start, config)
  const from: SettingOrigin = { kind: 'file', location: start.location }
  const shared = { name: start.name, from, repeat: ['cargo fetch --locked -v'] }
  if (end.kind === 'unknown' || end.kind === 'cycle') {
    const why =
      end.kind === 'unknown'
        ? `replace-with leads to ${end.name}, and nothing of that name is configured: cargo stops there`
        : `replace-with leads back to ${end.name}: cargo refuses the circle`
    const code = end.kind === 'unknown' ? 'chain-ends-nowhere' : 'chain-circle'
    const problem: SourceProblem = {
      code,
      weight: 'unsafe',
      why,
      fix: 'name a source that is defined, or take replace-with away',
    }
    return {
      ...shared,
      role: 'registry',
      meaning: `${start.name} is replaced by something that is not there.`,
      problems: [problem],
      probes: [],
    }
  }
  const links = end.through.slice(0, MAX_LINKS)
  const way = [start.name, ...links, ...(links.length < end.through.length ? ['…'] : []), end.definition.name].join(' → ')
  const isPublic = start.name === PUBLIC || (start.registry !== undefined && isPublicPlace(registryPlace(start.registry)))
  const problems = links.map(
    (name): SourceProblem => ({
      code: 'dead-entry',
      weight: 'advice',
      why: `${name} lies in the middle of the chain and is never asked: cargo follows replace-with to its end and has no fallback`,
      fix: `take [source.${name}] out, or let ${start.name} name the one that is meant`,
    }),
  )
  if (end.kind === 'registry') return remote(shared, way, end.definition.index, isPublic, problems)
  const { registry, directory, localRegistry, git, location } = end.definition
  const places = [registry, directory, localRegistry, git].filter((place) => place !== undefined).length
  if (end.definition.name === PUBLIC && places === 0) return remote(shared, way, ENDPOINTS.cargo.gitIndex, true, problems)
  if (places !== 1)
    return nowhere(shared, way, problems, `[source.${end.definition.name}] names ${places === 0 ? 'no place' : 'several places'}`)
  if (registry !== undefined) return remote(shared, way, registry, isPublic, problems)
  if (git !== undefined) {
    if (start.git === undefined)
      return nowhere(shared, way, problems, 'a registry cannot be replaced by a git repository, which has no checksums')
    return repository(shared, way, git, [...problems, UNCHECKED])
  }
  return folder(shared, way, directory ?? localRegistry ?? '', location, [
    ...problems,
    ...(start.git === undefined ? [] : [UNCHECKED]),
  ])
}

type Shared = Pick<KnownSource, 'name' | 'from' | 'repeat'>

const UNCHECKED: SourceProblem = {
  code: 'no-checksum',
  weight: 'advice',
  why: 'Cargo.lock has no checksum for git dependencies: nothing compares what takes the place of the repository',
  fix: 'compare it with the locked commit (assay audit --bytes)',
}

function remote(shared: Shared, way: string, index: string, isPublic: boolean, problems: readonly SourceProblem[]): KnownSource {
  const place = registryPlace(index)
  const judged = judgeUrl(index)
  return {
    ...shared,
    role: 'registry',
    url: isPublicPlace(place) ? ENDPOINTS.cargo.sparseIndex : judged.shown,
    meaning: `${way}: only the last is asked. Checksums in Cargo.lock hold locked versions fast; which others exist, it alone says.`,
    problems: [...problems, ...judged.problems],
    repeat: registryRepeat(place),
    probes: registryProbes(place, isPublic),
  }
}

function repository(shared: Shared, way: string, git: string, problems: readonly SourceProblem[]): KnownSource {
  const judged = judgeUrl(git)
  const place = { kind: 'git-index', url: git } as const
  return {
    ...shared,
    role: 'repository-host',
    url: judged.shown,
    meaning: `${way}: the last is fetched in place of the first.`,
    problems: [...problems, ...judged.problems],
    repeat: registryRepeat(place),
    probes: registryProbes(place, false).map((probe) => ({ ...probe, what: 'refs of the repository' })),
  }
}

function folder(shared: Shared, way: string, path: string, location: Location, problems: readonly SourceProblem[]): KnownSource {
  const inTree = resolvePath(folderOf(folderOf(location.file)), path)
  const outside: SourceProblem = {
    code: 'outside-repository',
    weight: 'advice',
    why: 'the folder lies outside the repository: what is built depends on the machine',
    fix: 'keep it in the repository, or use a registry',
  }
  return {
    ...shared,
    role: 'folder',
    url: inTree ?? path,
    meaning: `${way}: crates come from this folder alone; one that is missing there is not looked for elsewhere.`,
    problems: [...problems, ...(inTree === undefined ? [outside] : [])],
    repeat: ['cargo fetch --locked --offline'],
    probes: [],
  }
}

function nowhere(shared: Shared, way: string, problems: readonly SourceProblem[], why: string): KnownSource {
  const problem: SourceProblem = {
    code: 'chain-ends-nowhere',
    weight: 'unsafe',
    why,
    fix: 'give the last source exactly one of registry, local-registry or directory',
  }
  return { ...shared, role: 'registry', meaning: `${way}: cargo refuses this.`, problems: [...problems, problem], probes: [] }
}

/** Tables that no chain leads to: configured, and never used. */
export function sourceTables(config: CargoConfig): readonly KnownSource[] {
  const used = new Set<string>()
  for (const definition of config.sources.values()) {
    if (definition.replaceWith === undefined) continue
    used.add(definition.name)
    used.add(definition.replaceWith)
  }
  return [...config.sources.values()]
    .filter(({ name }) => !used.has(name) && name !== PUBLIC)
    .map(({ name, location, registry, git }): KnownSource => {
      const text = registry ?? git
      const judged = text === undefined ? undefined : judgeUrl(text)
      return {
        role: 'setting',
        name: `source.${name}`,
        url: judged?.shown,
        from: { kind: 'file', location },
        meaning: `[source.${name}] is defined, and nothing is replaced by it.`,
        problems: [
          {
            code: 'dead-entry',
            weight: 'advice',
            why: 'it is never asked: cargo goes to a source only where replace-with leads to it',
            fix: `take it out, or name it in replace-with`,
          },
          ...(judged?.problems ?? []),
        ],
        repeat: [showLine(name, location.file)],
        probes: [],
      }
    })
}

const INDEX_VARIABLE = /^CARGO_REGISTRIES_([A-Z0-9_]+)_INDEX$/

/** Registries by name: each dependency belongs to one, and none stands in for another (spec/cargo.md §3.9). */
export function namedRegistries(config: CargoConfig, environment: ReadonlyMap<string, string>): readonly KnownSource[] {
  const inCapitals = (name: string): string => name.toUpperCase().replaceAll('-', '_')
  const configured = [...config.registries.values()].map(({ name, index, location }) => {
    const variable = `CARGO_REGISTRIES_${inCapitals(name)}_INDEX`
    const from: SettingOrigin = environment.has(variable) ? { kind: 'variable', name: variable } : { kind: 'file', location }
    return named(name, index, from)
  })
  const known = new Set([...config.registries.keys()].map(inCapitals))
  const others = [...environment].flatMap(([variable, index]): KnownSource[] => {
    const name = INDEX_VARIABLE.exec(variable)?.[1]
    if (name === undefined || known.has(name) || index === '') return []
    return [named(name.toLowerCase().replaceAll('_', '-'), index, { kind: 'variable', name: variable })]
  })
  return [...configured, ...others]
}

function named(name: string, index: string, from: SettingOrigin): KnownSource {
  const place = registryPlace(index)
  const judged = judgeUrl(index)
  return {
    role: 'registry',
    name,
    url: judged.shown,
    from,
    meaning: `Crates that say registry = "${name}" come from here, and from nowhere else.`,
    problems: judged.problems,
    repeat: registryRepeat(place),
    probes: registryProbes(place, isPublicPlace(place)),
  }
}
