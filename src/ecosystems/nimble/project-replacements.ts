import type { Replacement } from '../../model/graph.js'
import type { Source } from '../../model/source.js'
import { folderOf, resolvePath } from '../../model/tree.js'
import { rootComponent, sourceOf } from './component.js'
import type { ProjectGraph, ProjectInput } from './project.js'
import { normaliseName } from './requirement.js'

/** Everything that makes a build take something else than the lock names: develop mode, and overrides of Atlas. */
export function projectReplacements(input: ProjectInput, graph: ProjectGraph): readonly Replacement[] {
  const replacements: Replacement[] = []
  const locked = new Map([...graph.known.values()].map((one) => [normaliseName(one.entry.name), one.component]))
  const folders = [...input.develop.flatMap((file) => file.dependencies), ...input.links]
  for (const field of folders) {
    const source = pathSource(folderOf(field.location.file), field.text)
    const manifest = source.kind === 'path' && !source.outside ? input.local.get(source.path) : undefined
    const name = manifest?.name
    const original = name === undefined ? undefined : locked.get(normaliseName(name))
    replacements.push({
      kind: 'develop',
      ecosystem: 'nimble',
      project: graph.id,
      original: {
        name: name ?? field.text,
        version: original?.version,
        source: original?.source,
        component: original?.id,
      },
      replacement: {
        name,
        version: manifest?.fields.get('version')?.text,
        source,
        component: manifest === undefined ? undefined : rootComponent(manifest, source.path, { state: 'complete' }, []).id,
      },
      active: true,
      disables: ['the commit and the checksum of the lockfile'],
      location: field.location,
    })
  }
  for (const config of input.atlas) {
    for (const { kind, from, to } of config.overrides) {
      const isUrl = from.text.includes('://')
      replacements.push({
        kind: 'source-replacement',
        ecosystem: 'nimble',
        project: graph.id,
        original: isUrl ? { source: sourceOf(from.text, 'git', undefined) } : { name: from.text },
        replacement: {
          source: to.text.includes('://') ? sourceOf(to.text, 'git', undefined) : { kind: 'unknown', why: to.text },
        },
        active: true,
        disables: [kind === 'urlOverrides' ? 'the URLs of the package list' : 'the package list'],
        location: from.location,
      })
    }
  }
  return replacements
}

/** A folder as a develop file names it. */
export function pathSource(folder: string, path: string): Source & { readonly kind: 'path' } {
  const resolved = resolvePath(folder, path)
  return { kind: 'path', path: resolved ?? path.replaceAll('\\', '/'), outside: resolved === undefined }
}
