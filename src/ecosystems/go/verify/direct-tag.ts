import { displayUrl } from '../../../evidence/http/redact.js'
import type { CommitFile } from '../../commit-record.js'
import type { GitSource } from '../../git-source.js'
import type { NoAnswer } from '../../no-answer.js'
import type { ModuleId } from '../build-list.js'
import { splitPathVersion } from '../module-path.js'
import { parsePseudoVersion } from '../pseudo-version.js'
import { filesOfModule, hashOfModule } from './repository-zip.js'
import type { VersionInfo } from './version-info.js'

/** What is asked of repositories. */
export type Repositories = Pick<GitSource, 'refs' | 'files'>

/** What a module would be, were it taken from its repository. */
export type DirectModule =
  | {
      readonly kind: 'computed'
      readonly h1: string
      readonly repository: string
      /** The tag, or the commit that a pseudo-version names. */
      readonly ref: string
      readonly commit: string
      readonly at?: string | undefined
      readonly stored?: string | undefined
    }
  /** Objects of the repository do not have the ids they were asked by. */
  | { readonly kind: 'damaged'; readonly why: string; readonly repository: string }
  | ({ readonly kind: 'none'; readonly repository?: string | undefined } & NoAnswer)

/** Makes the zip of a module version from its tag (spec/go.md §7.3), by a repository that its path or a proxy names. */
export async function directModule(
  repositories: Repositories,
  module: ModuleId,
  info: VersionInfo | undefined,
  reasonNotToAsk: (url: string) => string | undefined,
): Promise<DirectModule> {
  const none = (why: string, repository?: string): DirectModule => ({ kind: 'none', verdict: 'not-checkable', why, repository })
  const place = placeOf(module.path, info)
  if (place === undefined) return none('neither its path nor a proxy tells where its repository is')
  const { repository, subdirectory } = place
  const reason = reasonNotToAsk(repository)
  if (reason !== undefined) return none(reason)
  const ref = refOf(module, subdirectory, info)
  if (ref === undefined) return none('no tag marks it, and nobody states its full commit', repository)
  let commit = ref.name
  if (ref.kind === 'tag') {
    const refs = await repositories.refs(repository)
    if (refs.kind === 'no-answer') return { ...refs, kind: 'none', repository }
    if (refs.kind === 'mismatch') return { kind: 'damaged', why: refs.why, repository }
    const found = refs.value.tags.get(ref.name)?.commit
    if (found === undefined)
      return { kind: 'none', verdict: 'absent', why: `the repository has no tag ${ref.name}`, repository, at: refs.at }
    commit = found
  }
  const files = await repositories.files(repository, commit)
  if (files.kind === 'no-answer') return { ...files, kind: 'none', repository }
  if (files.kind === 'mismatch') return { kind: 'damaged', why: files.why, repository }
  const h1 = hashOfModule(filesOfModule(files.value, folderOf(files.value, module.path, subdirectory)), module)
  if (h1 === undefined) return none('a name in the repository holds a line feed', repository)
  return { kind: 'computed', h1, repository, ref: ref.name, commit, at: files.at, stored: files.stored }
}

interface Ref {
  readonly kind: 'tag' | 'commit'
  readonly name: string
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
  // A credential that somebody else put there is not ours to use.
  return { repository: displayUrl(origin.url), subdirectory: subdirectory === '' ? '.' : subdirectory }
}

function refOf({ version }: ModuleId, subdirectory: string, info: VersionInfo | undefined): Ref | undefined {
  const pseudo = parsePseudoVersion(version)
  const prefix = subdirectory === '.' ? '' : `${subdirectory}/`
  if (pseudo === undefined) return { kind: 'tag', name: `${prefix}${version.replace(/\+incompatible$/, '')}` }
  const id = info?.origin?.hash ?? ''
  return /^[0-9a-f]{40}$/.test(id) && id.startsWith(pseudo.revision) ? { kind: 'commit', name: id } : undefined
}

/** Majors from 2 on are kept in a folder of that name or in place. */
function folderOf(files: readonly CommitFile[], path: string, subdirectory: string): string {
  const major = splitPathVersion(path)?.major ?? ''
  if (!major.startsWith('/')) return subdirectory
  const folder = subdirectory === '.' ? major.slice(1) : subdirectory + major
  return files.some((file) => file.path === `${folder}/go.mod`) ? folder : subdirectory
}
