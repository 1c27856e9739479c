import type { Replacement } from '../../model/graph.js'
import type { ModuleId } from './build-list.js'
import { moduleKey } from './build-list.js'
import { codeOf, identityOf } from './known-module.js'
import type { Replace } from './mod-file.js'
import type { ResolvedView } from './project.js'

/** The ledger of one view: everything that makes the go command take something else than what is asked for. */
export function ledger(resolved: ResolvedView): Replacement[] {
  return [...replaceLines(resolved), ...exclusions(resolved), ...workspaceMembers(resolved), ...vendorFolder(resolved)]
}

/** Every module version that the graph touches, selected or not. */
export function touchedModules({ graph }: Pick<ResolvedView, 'graph'>): readonly ModuleId[] {
  const touched = new Map<string, ModuleId>()
  const add = (module: ModuleId): void => void touched.set(moduleKey(module), module)
  for (const main of graph.mains) main.requirements.forEach(add)
  for (const module of graph.ignoredByMains) add(module)
  for (const node of graph.nodes.values()) {
    add(node.module)
    for (const module of [...node.requirements, ...node.ignored]) add(module)
  }
  for (const [path, version] of graph.selected) add({ path, version })
  return [...touched.values()]
}

/** The replace lines that decide about something in the graph: about code, or about the requirements that are read. */
export function usedReplaces(resolved: ResolvedView): ReadonlySet<Replace> {
  const { graph, replaces, modules } = resolved
  const read = [...graph.nodes.values()].map((node) => node.module)
  const asked = [...read, ...graph.missing.values(), ...[...modules.values()].map((known) => known.module)]
  return new Set(asked.flatMap(({ path, version }) => replaces.find(path, version) ?? []))
}

function replaceLines(resolved: ResolvedView): Replacement[] {
  const used = usedReplaces(resolved)
  return resolved.replaces.lines.map((line): Replacement => {
    const known = resolved.modules.get(line.path)
    const applies = known?.replace === line
    const module = { path: line.path, version: line.version ?? known?.module.version ?? '' }
    const { id, ...target } = identityOf(module, codeOf(module, line))
    return {
      kind: 'replace',
      ecosystem: 'go',
      project: resolved.view.id,
      original: { name: line.path, version: line.version },
      replacement: { name: target.name, version: target.version, source: target.source, component: applies ? id : undefined },
      active: used.has(line),
      disables: line.target.kind === 'directory' ? ['the hashes in go.sum: a directory has none'] : [],
      location: line.location,
    }
  })
}

function exclusions({ view, graph }: ResolvedView): Replacement[] {
  const ignored = new Set([...graph.ignoredByMains, ...[...graph.nodes.values()].flatMap((node) => node.ignored)].map(moduleKey))
  return view.mains
    .flatMap((main) => main.mod.exclude)
    .map((line) => ({
      kind: 'exclude',
      ecosystem: 'go',
      project: view.id,
      original: { name: line.path, version: line.version },
      active: ignored.has(moduleKey(line)),
      disables: [],
      location: line.location,
    }))
}

/** A requirement on a member of the workspace is met by the member, whatever version it names. */
function workspaceMembers({ view, mains }: ResolvedView): Replacement[] {
  if (view.kind === 'module') return []
  return view.mains.flatMap((main) =>
    main.mod.require
      .filter(({ path }) => mains.has(path))
      .map(
        ({ path, version, location }): Replacement => ({
          kind: 'workspace',
          ecosystem: 'go',
          project: view.id,
          original: { name: path, version },
          replacement: { name: path, component: mains.get(path) },
          active: true,
          disables: ['the hashes in go.sum: the folder of the workspace is built instead'],
          location,
        }),
      ),
  )
}

function vendorFolder({ view }: ResolvedView): Replacement[] {
  const { vendor } = view
  if (vendor === undefined) return []
  return [
    {
      kind: 'vendor',
      ecosystem: 'go',
      project: view.id,
      original: {},
      replacement: { source: { kind: 'path', path: vendor.folder, outside: false } },
      active: vendor.unused === undefined,
      disables: ['the hashes in go.sum: a vendored build never looks at it'],
      location: { file: vendor.list.file, line: 1, column: 1 },
    },
  ]
}
