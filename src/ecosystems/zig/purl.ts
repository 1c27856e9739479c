import type { Purl } from '../../model/purl.js'
import { formatPurl } from '../../model/purl.js'
import type { ForgeRef, ForgeReference } from './forge.js'
import type { ZigUrl } from './url.js'

export interface NamedPackage {
  readonly name: string
  readonly version: string | undefined
  /** Folder inside the fetched package. */
  readonly subpath?: string | undefined
}

/** Hosts with a purl type of their own; of no other one the type is sure. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['github.com', 'github'],
  ['bitbucket.org', 'bitbucket'],
])

/**
 * The purl of a package (spec/zig.md §9): no type `zig` is registered, so it is the repository's where the host has a type,
 * else `pkg:generic` with where it comes from. `url` is undefined for a folder of the repository.
 */
export function zigPurl({ name, version, subpath }: NamedPackage, url: ZigUrl | undefined): string | undefined {
  if (url?.kind === 'unsupported') return undefined
  const forge = url === undefined || url.kind === 'file' ? undefined : url.forge
  return formatPurl({ ...(forgePurl(forge) ?? genericPurl(name, version, url)), subpath })
}

function forgePurl(forge: ForgeReference | undefined): Purl | undefined {
  const type = forge === undefined ? undefined : TYPES.get(forge.host)
  if (forge?.owner === undefined || forge.repository === undefined || type === undefined) return undefined
  return { type, namespace: forge.owner, name: forge.repository, version: stillRef(forge.ref) }
}

function genericPurl(name: string, version: string | undefined, url: ZigUrl | undefined): Purl {
  return { type: 'generic', name, version, qualifiers: origin(url) }
}

function origin(url: ZigUrl | undefined): Purl['qualifiers'] {
  if (url?.kind === 'git') return { vcs_url: `git+${url.repository}${url.commit === undefined ? '' : `@${url.commit}`}` }
  return url?.kind === 'archive' ? { download_url: url.url } : undefined
}

/** The commit or tag of a reference; what moves is no version. */
export function stillRef(ref: ForgeRef | undefined): string | undefined {
  return ref === undefined || ref.kind === 'moving' ? undefined : ref.value
}
