import type { Fact } from '../../model/graph.js'
import { folderOf, resolvePath } from '../../model/tree.js'
import { compareGoVersions, DEFAULT_WORK_GO } from './go-version.js'
import { goOf } from './main-go.js'
import type { WorkFile } from './mod-file.js'
import type { MainFile } from './view.js'

export interface Workspace {
  readonly work: WorkFile
  readonly members: readonly MainFile[]
  readonly facts: readonly Fact[]
}

/** The members of a go.work, and what keeps the go command from loading it (spec/go.md §4.1). */
export function membersOf(work: WorkFile, modules: ReadonlyMap<string, MainFile>): Workspace {
  const facts: Fact[] = []
  const members = new Map<string, MainFile>()
  const folders = new Set<string>()
  const project = `go:${work.file}`
  for (const { value, location } of work.use) {
    const use = value.replaceAll('\\', '/')
    const invalid = (why: string): void => void facts.push({ kind: 'go/work-invalid', project, location, data: { use, why } })
    const folder = resolvePath(folderOf(work.file), value)
    const member = folder === undefined ? undefined : modules.get(folder)
    if (folder === undefined) facts.push({ kind: 'source/path-outside', project, location, data: { name: 'use', path: use } })
    else if (folders.has(folder)) invalid('it is there twice')
    else if (member === undefined) invalid('it has no readable go.mod')
    else if (members.has(member.path)) invalid(`another member is ${member.path} too`)
    else {
      members.set(member.path, member)
      const go = goOf(member)
      if (compareGoVersions(go, '1.21') >= 0 && compareGoVersions(work.go?.value ?? DEFAULT_WORK_GO, go) < 0)
        invalid(`it asks for go ${go} and the workspace for ${work.go?.value ?? DEFAULT_WORK_GO}`)
    }
    if (folder !== undefined) folders.add(folder)
  }
  return { work, members: [...members.values()], facts }
}

/** Modules below a go.work that does not use them: the go command applies it there all the same. */
export function ambientFacts(workspaces: readonly Workspace[], modules: Iterable<MainFile>): readonly Fact[] {
  const facts: Fact[] = []
  for (const module of modules) {
    const above = workspaces.filter(({ work }) => isAtOrAbove(folderOf(work.file), module.folder))
    const nearest = above.sort((a, b) => b.work.file.length - a.work.file.length)[0]
    if (nearest === undefined || nearest.members.some((member) => member.folder === module.folder)) continue
    facts.push({
      kind: 'go/work-ambient',
      project: `go:${module.mod.file}`,
      location: module.mod.module?.location,
      data: { module: module.path, work: nearest.work.file },
    })
  }
  return facts
}

function isAtOrAbove(above: string, folder: string): boolean {
  return above === '.' || above === folder || folder.startsWith(`${above}/`)
}
