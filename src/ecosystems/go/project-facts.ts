import type { Fact } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { folderOf, joinPath, resolvePath } from '../../model/tree.js'
import { moduleKey } from './build-list.js'
import { compareGoVersions, toolchainVersion } from './go-version.js'
import type { KnownModule } from './known-module.js'
import { labelOf } from './known-module.js'
import { isListComplete, listGap } from './known-modules.js'
import { usedReplaces } from './ledger.js'
import { goOf } from './main-go.js'
import type { ResolvedView } from './project.js'
import { isPlaceholderVersion, isPseudoVersion, parsePseudoVersion } from './pseudo-version.js'
import { targetLabel } from './replace-table.js'
import { sumFacts } from './sum-facts.js'
import { vendorFacts } from './vendor-facts.js'
import { compareVersions, isIncompatible } from './version.js'
import type { Surroundings } from './view.js'

/** Notes one observation; `component` where it is about one. */
export type Note = (kind: string, location: Location | undefined, data: Fact['data'], component?: KnownModule | undefined) => void

/** What was observed in one view and is neither component nor edge (spec/go.md §15); rules read these. */
export async function projectFacts(resolved: ResolvedView, surroundings: Surroundings): Promise<Fact[]> {
  const facts: Fact[] = []
  const note: Note = (kind, location, data, component) => {
    facts.push({ kind, project: resolved.view.id, component: component?.id, location, data })
  }
  if (resolved.view.kind === 'module') manifestFacts(resolved, note)
  else workFacts(resolved, note)
  await replaceFacts(resolved, surroundings, note)
  exclusionFacts(resolved, note)
  const gap = listGap(resolved.view, resolved.graph)
  if (gap !== undefined)
    note('go/incomplete', { file: resolved.view.file, line: 1, column: 1 }, { file: resolved.view.file, why: gap })
  versionFacts(resolved, note)
  documentFacts(resolved, note)
  sumFacts(resolved, note)
  await vendorFacts(resolved, surroundings, note)
  return facts
}

/** What one go.mod says of itself; in a workspace the members' own views say it. */
function manifestFacts({ view, graph }: ResolvedView, note: Note): void {
  for (const main of view.mains) {
    const { mod } = main
    const head = mod.module?.location
    if (mod.go === undefined) note('go/go-line-missing', head, { module: main.path })
    note('go/toolchain', mod.toolchain?.location ?? mod.go?.location ?? head, {
      module: main.path,
      go: goOf(main),
      toolchain: mod.toolchain?.value ?? '',
      application: main.application,
    })
    if (mod.toolchain?.value.includes('-') === true && toolchainVersion(mod.toolchain.value) !== undefined)
      note('go/toolchain-line', mod.toolchain.location, { toolchain: mod.toolchain.value })
    for (const { path, query, location } of mod.unresolved) note('go/mod-noncanonical', location, { module: path, query })
    const seen = new Set<string>()
    for (const { path, version, location } of mod.require) {
      const selected = graph.selected.get(path)
      if (seen.has(path)) note('go/mod-untidy', location, { module: path, why: 'it is required twice' })
      else if (selected !== undefined && compareVersions(selected, version) > 0)
        note('go/mod-untidy', location, { module: path, why: `${version} is required and ${selected} is selected` })
      seen.add(path)
    }
    for (const { low, high, rationale, location } of mod.retract) note('go/retract', location, { low, high, rationale })
    for (const { value, location } of mod.tool) note('go/tool', location, { package: value })
    for (const { key, value, location } of mod.godebug) note('go/godebug', location, { key, value })
  }
}

function workFacts({ view }: ResolvedView, note: Note): void {
  const { work } = view
  if (work === undefined) return
  const location = work.toolchain?.location ?? work.go?.location ?? { file: work.file, line: 1, column: 1 }
  note('go/toolchain', location, {
    module: work.file,
    go: work.go?.value ?? '',
    toolchain: work.toolchain?.value ?? '',
    application: view.mains.some((main) => main.application),
  })
}

async function replaceFacts(resolved: ResolvedView, { tree }: Surroundings, note: Note): Promise<void> {
  const { view, replaces, modules, graph } = resolved
  const used = usedReplaces(resolved)
  for (const { first, second } of replaces.conflicts)
    note('go/replace-conflict', second.location, {
      module: second.path,
      targets: [targetLabel(first.target), targetLabel(second.target)],
    })
  for (const line of replaces.lines) {
    const label = line.version === undefined ? line.path : `${line.path}@${line.version}`
    const known = modules.get(line.path)
    const applies = known?.replace === line
    if (!used.has(line)) {
      const settled = graph.missing.size === 0 || (known !== undefined && isListComplete(view, graph))
      if (settled) note('graph/unused-override', line.location, { override: label, kind: 'replace' })
    }
    if (line.target.kind === 'directory') {
      const folder = resolvePath(folderOf(line.location.file), line.target.path)
      const path = line.target.path.replaceAll('\\', '/')
      if (folder === undefined) note('source/path-outside', line.location, { name: line.path, path })
      // The go command looks only where it goes.
      const isMissing = folder !== undefined && used.has(line) && (await tree.stat(joinPath(folder, 'go.mod'))) === undefined
      if (isMissing) note('go/replace-local-missing', line.location, { module: line.path, path }, applies ? known : undefined)
      else if (applies) note('go/replace-local', line.location, { module: labelOf(known), path }, known)
    } else if (applies) {
      const kind = line.target.path === line.path ? 'go/replace-version' : 'go/replace-fork'
      note(kind, line.location, { module: labelOf(known), by: targetLabel(line.target) }, known)
    }
  }
}

function exclusionFacts({ view, graph }: ResolvedView, note: Note): void {
  const usedBy = new Map<string, string>()
  for (const module of graph.ignoredByMains) usedBy.set(moduleKey(module), 'the main module')
  for (const node of graph.nodes.values())
    for (const module of node.ignored) usedBy.set(moduleKey(module), moduleKey(node.module))
  for (const line of view.mains.flatMap((main) => main.mod.exclude)) {
    const module = moduleKey(line)
    const by = usedBy.get(module)
    if (by !== undefined) note('go/exclude-used', line.location, { module, by })
    else if (graph.missing.size === 0) note('graph/unused-override', line.location, { override: module, kind: 'exclude' })
  }
}

/** What the versions themselves tell (spec/go.md §1.2, §1.3). */
function versionFacts({ modules }: ResolvedView, note: Note): void {
  const folded = new Map<string, KnownModule>()
  for (const known of modules.values()) {
    const at = known.requirements[0]?.location ?? known.vendored?.location
    const lower = known.module.path.toLowerCase()
    const other = folded.get(lower)
    if (other === undefined) folded.set(lower, known)
    else note('go/path-case', at, { one: other.module.path, other: known.module.path }, known)
    if (isPlaceholderVersion(known.module.version)) {
      const replaced = known.replace !== undefined
      note('go/placeholder-version', at, { module: labelOf(known), replaced }, known)
    }
    if (known.code.kind === 'directory') continue
    const { path, version } = known.code
    const direct = known.relation === 'direct'
    if (isIncompatible(version)) note('go/incompatible', at, { module: `${path}@${version}` }, known)
    if (!isPseudoVersion(version) || isPlaceholderVersion(version)) continue
    note('go/pseudo-version', at, { module: `${path}@${version}`, direct }, known)
    const parts = parsePseudoVersion(version)
    const why =
      parts?.time === undefined ? 'its time is no date' : parts.base === undefined ? 'no version comes before it' : undefined
    if (why !== undefined) note('go/pseudo-invalid', at, { module: `${path}@${version}`, why }, known)
  }
}

/** What the documents that were read say against the files of the project. */
function documentFacts({ documents, modules, view, graph }: ResolvedView, note: Note): void {
  for (const [key, state] of documents.states) {
    const known = modules.get(key.slice(0, key.lastIndexOf('@')))
    const at = known?.requirements[0]?.location
    if (state.kind === 'mismatch') {
      const { recorded, found } = state
      note('go/sum-mismatch', at, { module: moduleKey(state.of), what: 'go.mod', recorded, found }, known)
    }
    if (state.kind !== 'read') continue
    const declares = state.mod.module?.value ?? ''
    const asked = key.slice(0, key.lastIndexOf('@'))
    if (declares !== state.of.path && declares !== asked) note('go/mod-path-mismatch', at, { module: key, declares }, known)
  }
  const [first] = view.mains
  const workGo = view.work?.go
  const go = view.kind === 'workspace' ? workGo : first?.mod.go
  if (go === undefined || compareGoVersions(graph.minimumGo, go.value) <= 0 || compareGoVersions(graph.minimumGo, '1.21') < 0)
    return
  if (view.kind === 'module')
    note('go/mod-untidy', go.location, {
      module: 'go',
      why: `go ${go.value} is written and a dependency asks for ${graph.minimumGo}`,
    })
}
