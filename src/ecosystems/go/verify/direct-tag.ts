import type { SourceTree } from '../../../model/tree.js'
import type { ModuleId } from '../build-list.js'
import { splitPathVersion } from '../module-path.js'
import { parsePseudoVersion } from '../pseudo-version.js'
import { zipOfRepository } from './repository-zip.js'
import type { VersionInfo } from './version-info.js'

/** A commit of a repository, by its tag or by its full id. */
export type DirectRef = { readonly kind: 'tag'; readonly name: string } | { readonly kind: 'commit'; readonly id: string }

export type OpenedCommit =
  | { readonly kind: 'ok'; readonly commit: string; readonly tree: SourceTree; readonly at?: string | undefined }
  | { readonly kind: 'absent' | 'unavailable'; readonly why: string }

/** The files of commits, straight from the repositories. */
export interface DirectSource {
  open(repository: string, ref: DirectRef): Promise<OpenedCommit>
}

/** What a module would be, were it taken from its repository. */
export type DirectModule =
  | { readonly kind: 'computed'; readonly h1: string; readonly repository: string; readonly ref: string; readonly commit: string }
  | {
      readonly kind: 'none'
      readonly verdict: 'absent' | 'unavailable' | 'not-checkable'
      readonly why: string
      readonly repository?: string | undefined
    }

/** Makes the zip of a module version from its tag (spec/go.md §7.3). */
export async function directModule(
  source: DirectSource,
  module: ModuleId,
  info: VersionInfo | undefined,
  reasonNotToAsk: (url: string) => string | undefined,
): Promise<DirectModule> {
  const place = placeOf(module.path, info)
  if (place === undefined)
    return { kind: 'none', verdict: 'not-checkable', why: 'neither its path nor a proxy tells where its repository is' }
  const { repository, subdirectory } = place
  const reason = reasonNotToAsk(repository)
  if (reason !== undefined) return { kind: 'none', verdict: 'not-checkable', why: reason }
  const ref = refOf(module, subdirectory, info)
  if (ref === undefined)
    return { kind: 'none', verdict: 'not-checkable', why: 'no tag marks it, and nobody states its full commit', repository }
  const opened = await source.open(repository, ref)
  if (opened.kind !== 'ok') return { kind: 'none', verdict: opened.kind, why: opened.why, repository }
  const folder = await folderOf(opened.tree, module.path, subdirectory)
  const made = await zipOfRepository(opened.tree, folder, module)
  if (!made.ok) return { kind: 'none', verdict: 'not-checkable', why: made.why, repository }
  return { kind: 'computed', h1: made.h1, repository, ref: ref.kind === 'tag' ? ref.name : ref.id, commit: opened.commit }
}

interface Place {
  readonly repository: string
  /** Of the module in it, without the major version; `.` for the root. */
  readonly subdirectory: string
}

/** Hosts whose repositories have two elements, so that a path says where it is by itself. */
const FORGES: ReadonlySet<string> = new Set(['bitbucket.org', 'codeberg.org', 'gitea.com', 'github.com', 'gitlab.com'])

/** By convention where the host has one; else as the proxy says, whose word is taken for nothing but the address. */
function placeOf(path: string, info: VersionInfo | undefined): Place | undefined {
  const prefix = splitPathVersion(path)?.prefix ?? path
  const [host = '', owner, name, ...rest] = prefix.split('/')
  if (FORGES.has(host) && owner !== undefined && name !== undefined)
    return { repository: `https://${host}/${owner}/${name}`, subdirectory: rest.length === 0 ? '.' : rest.join('/') }
  const origin = info?.origin
  if (origin?.vcs !== 'git' || !/^https:\/\//.test(origin.url)) return undefined
  const stated = origin.subdirectory.replace(/^\/+|\/+$/g, '')
  const major = splitPathVersion(path)?.major ?? ''
  // The folder of a major version may or may not be there; that is found out from the tree.
  const subdirectory = major !== '' && `/${stated}`.endsWith(major) ? stated.slice(0, -major.length) : stated
  return { repository: origin.url, subdirectory: subdirectory === '' ? '.' : subdirectory }
}

function refOf({ version }: ModuleId, subdirectory: string, info: VersionInfo | undefined): DirectRef | undefined {
  const pseudo = parsePseudoVersion(version)
  const prefix = subdirectory === '.' ? '' : `${subdirectory}/`
  if (pseudo === undefined) return { kind: 'tag', name: `${prefix}${version.replace(/\+incompatible$/, '')}` }
  const id = info?.origin?.hash ?? ''
  return /^[0-9a-f]{40}$/.test(id) && id.startsWith(pseudo.revision) ? { kind: 'commit', id } : undefined
}

/** Majors from 2 on are kept in a folder of that name or in place. */
async function folderOf(tree: SourceTree, path: string, subdirectory: string): Promise<string> {
  const major = splitPathVersion(path)?.major ?? ''
  if (!major.startsWith('/')) return subdirectory
  const folder = subdirectory === '.' ? major.slice(1) : subdirectory + major
  return (await tree.stat(`${folder}/go.mod`)) === undefined ? subdirectory : folder
}
