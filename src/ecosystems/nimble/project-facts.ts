import type { ComponentId } from '../../model/component.js'
import type { Fact } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { folderOf, joinPath } from '../../model/tree.js'
import { lockFacts } from './lock-facts.js'
import { commandFacts, manifestFacts } from './manifest-facts.js'
import type { ManifestRequirement } from './manifest-model.js'
import type { Note } from './note.js'
import { urlFacts } from './note.js'
import type { ProjectGraph, ProjectInput } from './project.js'
import { pathSource } from './project-replacements.js'
import { lookUpAll } from './registry.js'
import { normaliseName } from './requirement.js'
import { dissatisfaction } from './resolve.js'
import { readPackageUrl, repositoryKey } from './url.js'
import { formatRange } from './version.js'

/** What was observed in one project and is neither component nor edge; rules read these. */
export function projectFacts(input: ProjectInput, graph: ProjectGraph): readonly Fact[] {
  const facts: Fact[] = []
  const note: Note = (kind, location, data, component) => {
    facts.push({ kind, project: graph.id, location, data, component })
  }
  lockFacts(input, graph, note)
  staleFacts(input, graph, note)
  listFacts(input, graph, note)
  driftFacts(input, graph, note)
  for (const { component, copy, entry } of graph.known.values())
    if (copy?.manifest !== undefined) manifestFacts(copy.manifest, component.id, copy.inTree ? undefined : entry.location, note)
  if (!input.isPrimary) return facts
  if (input.manifest !== undefined) {
    manifestFacts(input.manifest, graph.root?.id, undefined, note)
    for (const wanted of input.manifest.requires) requirementFacts(wanted, input, graph, note)
    missingLock(input, note)
  }
  for (const path of input.otherManifests)
    note(
      'nimble/manifest-invalid',
      { file: path, line: 1, column: 1 },
      { why: `its folder has another manifest, ${input.manifestPath ?? ''}, and nimble accepts one` },
    )
  if (input.config !== undefined) commandFacts(input.config, graph.root?.id, undefined, note, 'the compiler reads config.nims')
  developFacts(input, note)
  surroundingFacts(input, note)
  return facts
}

function missingLock(input: ProjectInput, note: Note): void {
  const { manifest, lockPath } = input
  if (manifest === undefined || lockPath !== undefined) return
  const names = manifest.requires.filter(({ requirement }) => requirement.target === 'package' || requirement.target === 'url')
  const count = new Set(names.map(({ requirement }) => normaliseName(requirement.name))).size
  if (count > 0)
    note('input/dependencies-without-lock', { file: manifest.path, line: 1, column: 1 }, { manifest: manifest.path, count })
}

function requirementFacts(wanted: ManifestRequirement, input: ProjectInput, graph: ProjectGraph, note: Note): void {
  const { requirement, location } = wanted
  const { name, range, target } = requirement
  if (target === 'toolchain') return
  if (target === 'path') {
    const path = name.replace(/^file:\/\//i, '')
    if (pathSource(input.folder, path).outside) note('source/path-outside', location, { name, path }, graph.root?.id)
    return
  }
  const entry = graph.index?.wanted(requirement, wanted.task)
  const component = entry === undefined ? graph.wanted.get(wanted) : graph.known.get(entry)?.component
  if (target === 'url') {
    urlFacts(name, 'git', location, note, component?.id)
    note('nimble/url-requirement', location, { url: readPackageUrl(name).url, name: component?.name ?? '' }, component?.id)
  }
  if (target !== 'url' && range.kind !== 'special') return
  const ref = range.kind === 'special' ? range.ref.slice(1) : ''
  const source = component?.source
  note(
    'source/git-requirement',
    location,
    {
      name: component?.name ?? name,
      url: source?.kind === 'git' || source?.kind === 'vcs' ? source.url : readPackageUrl(name).url,
      follows: ref === '' ? `the newest release in ${formatRange(range)}` : ref,
      by: refKind(ref),
      locked: entry?.revision ?? (source?.kind === 'git' ? (source.commit ?? '') : ''),
    },
    component?.id,
  )
}

/** What a reference is, as far as its text tells: only a look at the repository knows a tag from a branch. */
function refKind(ref: string): 'default' | 'rev' | 'tag' | 'branch' {
  if (/^(?:head|tip)$/i.test(ref)) return 'default'
  if (/^[0-9a-f]{40}$/i.test(ref)) return 'rev'
  return ref === '' || /^v?[0-9]/.test(ref) ? 'tag' : 'branch'
}

/** Every requirement of the manifest must be satisfied by the entry of its name (spec/nimble.md §3). */
function staleFacts(input: ProjectInput, graph: ProjectGraph, note: Note): void {
  const { manifest, lock, manifestText } = input
  const { index } = graph
  if (manifest === undefined || lock === undefined || index === undefined) return
  for (const wanted of manifest.requires) {
    const { requirement } = wanted
    if (requirement.target === 'toolchain' || requirement.target === 'path') continue
    const entry = index.wanted(requirement, wanted.task)
    // What only some machines, features or, in version 1, tasks need is not always in the lock.
    const mayLack =
      wanted.condition !== undefined || wanted.feature !== undefined || (wanted.task !== undefined && lock.version !== 2)
    if (entry === undefined && mayLack) continue
    const why = entry === undefined ? 'the lockfile has no entry for it' : dissatisfaction(wanted, entry)
    if (why === undefined) continue
    const locked =
      entry === undefined ? 'nothing' : requirement.range.kind === 'special' ? (entry.revision ?? entry.version) : entry.version
    note(
      'input/lock-stale',
      wanted.location,
      { dependency: readPackageUrl(requirement.name).url, requirement: formatRange(requirement.range), locked, why },
      graph.root?.id,
    )
  }
  if (manifest.certainty === 'exact' && lock.hasEdges) {
    for (const entry of graph.reached?.unreached ?? [])
      note('nimble/lock-entry-unused', entry.location, { name: entry.name }, graph.known.get(entry)?.component.id)
  }
  const replayed = lock.nimbleFile
  if (replayed !== undefined && manifestText !== undefined && !sameLines(replayed.lines, manifestText.split('\n')))
    note('input/lock-stale', replayed.location, {
      dependency: manifest.path,
      requirement: 'the manifest in the tree',
      locked: `another text of ${replayed.name}`,
      why: 'the lockfile of Atlas was written for another state of the manifest',
    })
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  const clean = (lines: readonly string[]): string =>
    lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd()
  return clean(a) === clean(b)
}

/** What package lists at hand say about the names that are used (spec/nimble.md §6, §8). */
function listFacts(input: ProjectInput, graph: ProjectGraph, note: Note): void {
  if (input.lists.length === 0) return
  const seen = new Set<string>()
  const check = (name: string, location: Location, url: string | undefined, component: ComponentId | undefined): void => {
    if (seen.has(normaliseName(name))) return
    seen.add(normaliseName(name))
    const { lookup, conflicts } = lookUpAll(input.lists, name)
    if (lookup.kind === 'absent') return
    if (lookup.kind !== 'found') {
      const state = lookup.kind === 'alias-loop' ? 'a loop of aliases' : 'an alias that leads nowhere'
      note('nimble/listed-alias', location, { name, state, target: lookup.through.at(-1) ?? '' }, component)
      return
    }
    const listed = lookup.package
    const listedUrl = readPackageUrl(listed.url ?? '').url
    if (lookup.through.length > 0)
      note('nimble/listed-alias', location, { name, state: 'an alias', target: listed.name }, component)
    if (listed.deleted) note('nimble/listed-alias', location, { name, state: 'deleted', target: '' }, component)
    for (const other of conflicts)
      note('nimble/list-conflict', location, { name, first: listedUrl, second: readPackageUrl(other).url }, component)
    if (url !== undefined && listed.url !== undefined && repositoryKey(url) !== repositoryKey(listed.url))
      note('nimble/registry-url', location, { name, url: readPackageUrl(url).url, listed: listedUrl }, component)
  }
  // Names are looked up as the manifest spells them: the lock holds what an alias leads to.
  for (const { requirement, location } of input.manifest?.requires ?? [])
    if (requirement.target === 'package') check(requirement.name, location, undefined, undefined)
  for (const { entry, component } of graph.known.values()) {
    if (component.type === 'toolchain') continue
    seen.delete(normaliseName(entry.name))
    check(entry.name, entry.url.location, entry.url.text, component.id)
  }
}

/** Copies in the tree that are not what the lock names: the compiler takes them nevertheless. */
function driftFacts(input: ProjectInput, graph: ProjectGraph, note: Note): void {
  const { lock } = input
  if (lock === undefined) return
  const matched = new Set([...graph.known.values()].map(({ copy }) => copy))
  const names = new Map(lock.entries.map((entry) => [normaliseName(entry.name), entry]))
  for (const [name, copies] of input.installed) {
    for (const copy of copies) {
      if (!copy.inTree || matched.has(copy)) continue
      const entry = names.get(name)
      const why =
        entry === undefined
          ? `${copy.name} is installed and not in the lockfile`
          : `the installed ${copy.name} ${copy.version ?? ''} is not what the lockfile names (${entry.version})`
      note('integrity/vendor-drift', copy.location, { path: copy.folder, why })
    }
  }
}

/** Packages that come from working copies (spec/nimble.md §5). */
function developFacts(input: ProjectInput, note: Note): void {
  for (const file of input.develop) {
    for (const field of file.dependencies) developLink(input, field.text, field.location, 'a working copy', note)
    for (const { text, location } of file.includes) {
      note('nimble/develop-link', location, { name: text, path: text, kind: 'another develop file' })
      if (pathSource(folderOf(location.file), text).outside)
        note('source/path-outside', location, { name: 'a develop file', path: text })
    }
  }
  for (const field of input.links) developLink(input, field.text, field.location, 'a link', note)
  let absolute = 0
  for (const { text, location } of input.searchPaths) {
    if (/^(?:\/|[A-Za-z]:|\\\\)/.test(text)) absolute += 1
    if (!/[/\\](?:pkgs2?|nimbledeps)[/\\]/.test(`/${text}`)) developLink(input, text, location, 'a search path', note)
  }
  const [first] = input.searchPaths
  if (absolute > 0 && first !== undefined)
    note(
      'nimble/machine-paths',
      { file: first.location.file, line: 1, column: 1 },
      { file: first.location.file, count: absolute },
    )
}

function developLink(input: ProjectInput, path: string, location: Location, kind: string, note: Note): void {
  const source = pathSource(folderOf(location.file), path)
  const name = (source.outside ? undefined : input.local.get(source.path)?.name) ?? path
  note('nimble/develop-link', location, { name, path, kind })
  if (source.outside && kind !== 'a search path') note('source/path-outside', location, { name, path })
}

function surroundingFacts(input: ProjectInput, note: Note): void {
  const { submodules } = input
  const [first] = submodules
  if (first !== undefined)
    note('nimble/submodules', first.url.location, { count: submodules.length, paths: submodules.map((one) => one.path) })
  for (const one of submodules) urlFacts(one.url.text, 'submodule', one.url.location, note)
  for (const config of input.atlas) {
    for (const { to } of config.overrides) if (to.text.includes('://')) urlFacts(to.text, 'git', to.location, note)
    if (config.plugins !== undefined && config.plugins.text !== '')
      note('graph/build-code', config.plugins.location, {
        what: `the Atlas plugins in ${joinPath(input.folder, config.plugins.text)}`,
      })
  }
}
