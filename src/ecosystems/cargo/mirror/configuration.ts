import type { Source } from '../../../model/source.js'
import { mergeConfig } from '../config-read.js'
import { isSamePlace, registryPlace, sourcePlace } from '../verify/place.js'
import type { Whereabouts } from '../verify/whereabouts.js'

type RegistrySource = Source & { readonly kind: 'registry' }
export type GitOrigin = Source & { readonly kind: 'git' }

/** The directory source of all packages that come from repositories. */
export const GIT_FOLDER = 'git'

/**
 * The configuration with which cargo takes registries from the store (spec/cargo.md §4.2). Paths are relative to the folder
 * that holds `.cargo`, so that the store can be moved. Cargo refuses two names for one location, so the name that the
 * project gives a source is used again.
 */
export function storeConfiguration(
  folders: ReadonlyMap<string, RegistrySource>,
  repositories: readonly GitOrigin[],
  whereabouts: Whereabouts,
): string {
  const { sources } = mergeConfig(whereabouts.files, new Map())
  const lines = ['# Written by assay mirror fetch: registries are taken from this folder, nothing is downloaded.']
  for (const [folder, source] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = `assay-${folder}`
    if (folder === 'crates.io') lines.push('', '[source.crates-io]')
    else {
      const url = source.protocol === 'cargo-sparse' ? `sparse+${source.url}` : source.url
      const named = [...sources].find(
        ([, { registry }]) => registry !== undefined && isSamePlace(registryPlace(registry), sourcePlace(source)),
      )
      lines.push('', `[source.${quoted(named?.[0] ?? `${key}-upstream`)}]`, `registry = ${quoted(url)}`)
    }
    lines.push(`replace-with = ${quoted(key)}`, '', `[source.${quoted(key)}]`, `local-registry = ${quoted(folder)}`)
  }
  const origins = new Map(repositories.map((one) => [gitKey(one), one]))
  for (const [key, { url, ref }] of [...origins].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const named = [...sources].find(([, { git }]) => git === url)
    lines.push('', `[source.${quoted(named?.[0] ?? key)}]`, `git = ${quoted(url)}`)
    if (ref !== undefined && ref.kind !== 'default') lines.push(`${ref.kind} = ${quoted(ref.value ?? '')}`)
    lines.push('replace-with = "assay-git"')
  }
  if (origins.size > 0) lines.push('', '[source.assay-git]', `directory = ${quoted(GIT_FOLDER)}`)
  return `${lines.join('\n')}\n`
}

/** As cargo itself calls such a source in what cargo vendor prints. */
function gitKey({ url, ref }: GitOrigin): string {
  return ref === undefined || ref.kind === 'default' ? `git+${url}` : `git+${url}?${ref.kind}=${ref.value ?? ''}`
}

/** A basic string of TOML. */
function quoted(text: string): string {
  return `"${text.replace(/[\u0000-\u001f"\\\u007f]/g, (c) => (c === '"' || c === '\\' ? `\\${c}` : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`))}"`
}
