import { baseName } from '../../model/tree.js'
import type { ModuleId } from './build-list.js'
import { moduleKey } from './build-list.js'
import { compareGoVersions, supportsPruning } from './go-version.js'
import type { KnownModule } from './known-module.js'
import { codeOf, labelOf } from './known-module.js'
import { touchedModules } from './ledger.js'
import { goOf } from './main-go.js'
import type { ResolvedView } from './project.js'
import type { Note } from './project-facts.js'
import type { SumEntry } from './sum-file.js'

/** What go.sum and go.work.sum record against what is built (spec/go.md §3). */
export function sumFacts(resolved: ResolvedView, note: Note): void {
  lineFacts(resolved, note)
  conflictFacts(resolved, note)
  if (resolved.view.hasSumFile) {
    missingFacts(resolved, note)
    staleFacts(resolved, note)
  } else if (resolved.view.kind === 'module') {
    const [main] = resolved.view.mains
    const count = main?.mod.require.filter((line) => needsHash(resolved, line)).length ?? 0
    const manifest = resolved.view.file
    if (count > 0) note('input/dependencies-without-lock', main?.mod.module?.location, { manifest, count })
  }
}

/** The lines of go.sum belong to the module's own view, those of go.work.sum to the workspace's. */
function isOwnFile({ view }: ResolvedView, file: string): boolean {
  return (baseName(file) === 'go.work.sum') === (view.kind === 'workspace')
}

function knownByCode({ modules }: ResolvedView): ReadonlyMap<string, KnownModule> {
  const found = new Map<string, KnownModule>()
  for (const known of modules.values()) if (known.code.kind === 'module') found.set(moduleKey(known.code), known)
  return found
}

function lineFacts(resolved: ResolvedView, note: Note): void {
  const known = knownByCode(resolved)
  for (const entry of resolved.view.sums.files.filter((file) => isOwnFile(resolved, file.file)).flatMap((file) => file.entries)) {
    const { path, version, goMod, hash, state, location } = entry
    const module = moduleKey({ path, version })
    switch (state) {
      case 'h1':
        break
      case 'odd':
        note('go/sum-odd-line', location, { line: `${path} ${version}${goMod ? '/go.mod' : ''}` })
        break
      case 'empty-go-mod':
        note('go/sum-empty-gomod', location, { key: `${module}${goMod ? '/go.mod' : ''}` }, known.get(module))
        break
      case 'unknown-algorithm':
        if (resolved.view.sums.hashes(path, version, goMod).length === 0)
          note('go/sum-unknown-algorithm', location, { module, algorithm: hash.slice(0, hash.indexOf(':')) }, known.get(module))
    }
  }
}

/** The outcome of a build then depends on the order of lines. A workspace tells only what its files disagree about together. */
function conflictFacts(resolved: ResolvedView, note: Note): void {
  const known = knownByCode(resolved)
  for (const [, entries] of resolved.view.sums.keys) {
    const [first, ...others] = entries.filter((entry) => entry.state === 'h1')
    const second = others.find((entry) => entry.hash !== first?.hash)
    if (first === undefined || second === undefined) continue
    if (resolved.view.kind === 'workspace' && first.location.file === second.location.file) continue
    const module = moduleKey(first)
    const what = first.goMod ? 'go.mod' : 'code'
    note('go/sum-conflict', second.location, { module, what, one: first.hash, other: second.hash }, known.get(module))
  }
}

function needsHash({ replaces, mains }: ResolvedView, { path, version }: ModuleId): boolean {
  return !mains.has(path) && codeOf({ path, version }, replaces.find(path, version)).kind === 'module'
}

function missingFacts(resolved: ResolvedView, note: Note): void {
  const { view, modules, replaces } = resolved
  const vendored = view.vendor !== undefined && view.vendor.unused === undefined
  for (const known of modules.values()) {
    const { code, relation, requirements } = known
    if (code.kind === 'directory' || (relation !== 'direct' && relation !== 'indirect')) continue
    if (view.sums.entries(code.path, code.version, false).length > 0) continue
    const need = vendored ? 'vendored' : relation
    const recorded = view.sums.entries(code.path, code.version, true)[0]?.location
    note('go/sum-missing-zip', recorded ?? requirements[0]?.location, { module: labelOf(known), need }, known)
  }
  for (const { path, version } of readModules(resolved)) {
    if (!needsHash(resolved, { path, version })) continue
    const code = codeOf({ path, version }, replaces.find(path, version))
    if (code.kind === 'directory' || view.sums.entries(code.path, code.version, true).length > 0) continue
    const known = modules.get(path)
    const at = known?.requirements.find((line) => line.version === version)?.location ?? known?.requirements[0]?.location
    const module = moduleKey({ path, version })
    note('go/sum-missing-gomod', at, { module, need: vendored ? 'vendored' : 'read' }, known)
  }
}

/** The versions whose go.mod the go command reads before it does anything: all requirements, and below 1.17 everything. */
function readModules({ view, graph }: ResolvedView): readonly ModuleId[] {
  const unique = new Map<string, ModuleId>()
  for (const main of graph.mains) for (const module of main.requirements) unique.set(moduleKey(module), module)
  if (!view.mains.every((main) => supportsPruning(goOf(main)))) {
    for (const node of graph.nodes.values()) unique.set(moduleKey(node.module), node.module)
    for (const [key, module] of graph.missing) unique.set(key, module)
  }
  return [...unique.values()]
}

/** Lines about nothing in the graph. Where the graph is not whole, only what is sure: code of another version than go.mod lists. */
function staleFacts(resolved: ResolvedView, note: Note): void {
  const { view, graph, replaces } = resolved
  // At 1.17 tidy keeps what 1.16 needs: the whole graph, which is not computed here.
  if (view.mains.some((main) => compareGoVersions(goOf(main), '1.17') >= 0 && compareGoVersions(goOf(main), '1.18rc1') < 0))
    return
  const inGraph = new Set<string>()
  for (const { path, version } of touchedModules(resolved)) {
    const code = codeOf({ path, version }, replaces.find(path, version))
    inGraph.add(moduleKey({ path, version }))
    if (code.kind === 'module') inGraph.add(moduleKey(code))
  }
  const listed = new Set(view.mains.flatMap((main) => main.mod.require.map((line) => line.path)))
  const pruned = view.mains.every((main) => supportsPruning(goOf(main)))
  const isStale = (entry: SumEntry): boolean => {
    if (entry.state === 'odd' || inGraph.has(moduleKey(entry))) return false
    return graph.missing.size === 0 || (pruned && !entry.goMod && listed.has(entry.path))
  }
  const stale = new Map<string, SumEntry[]>()
  for (const entry of view.sums.files.filter((file) => isOwnFile(resolved, file.file)).flatMap((file) => file.entries)) {
    if (!isStale(entry)) continue
    const same = stale.get(moduleKey(entry))
    if (same === undefined) stale.set(moduleKey(entry), [entry])
    else same.push(entry)
  }
  for (const [module, entries] of stale) note('go/sum-stale', entries[0]?.location, { module, lines: entries.length })
}
