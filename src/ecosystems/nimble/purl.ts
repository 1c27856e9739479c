import { formatPurl } from '../../model/purl.js'
import type { Source } from '../../model/source.js'

/** Hosts that have a purl type of their own. */
const FORGES: ReadonlyMap<string, string> = new Map([
  ['github.com', 'github'],
  ['bitbucket.org', 'bitbucket'],
])

/**
 * The purl of a Nim package (spec/nimble.md §9): by its forge where that has a type, else `generic` with the repository as
 * qualifier. The commit is the version where one is pinned: a tag would be a guess. Undefined without a known source.
 */
export function nimPurl(name: string, version: string | undefined, source: Source): string | undefined {
  if (source.kind === 'vcs') {
    const at = source.revision === undefined ? '' : `@${source.revision}`
    return formatPurl({ type: 'generic', name, version, qualifiers: { vcs_url: `${source.system}+${source.url}${at}` } })
  }
  if (source.kind !== 'git') return undefined
  const { url, commit, subdirectory } = source
  const forge =
    /^https?:\/\/([^/?#]+)\/([^/?#]+)\/([^/?#]+?)(?:\.git)?\/?$/.exec(url) ??
    /^(?:ssh:\/\/)?git@([^/:]+)[:/]([^/?#]+)\/([^/?#]+?)(?:\.git)?\/?$/.exec(url)
  const type = FORGES.get(forge?.[1]?.toLowerCase() ?? '')
  if (type !== undefined)
    return formatPurl({
      type,
      namespace: forge?.[2] ?? '',
      name: forge?.[3] ?? '',
      version: commit ?? version,
      subpath: subdirectory,
    })
  const at = commit === undefined ? '' : `@${commit}`
  return formatPurl({ type: 'generic', name, version, qualifiers: { vcs_url: `git+${url}${at}` }, subpath: subdirectory })
}
