import { formatPurl } from '../../model/purl.js'
import type { LockPackage } from './lock-model.js'
import type { CargoSource } from './source-string.js'
import { isPublicRegistry, withoutUserInfo } from './source-string.js'

/** The purl of a package of the lock; for a path package the form inside assay, which no document may publish. */
export function packagePurl(package_: LockPackage): string | undefined {
  return cargoPurl(package_.name, package_.version, package_.source)
}

/** `pkg:cargo/NAME@VERSION`, with `repository_url` for another registry and `vcs_url` for git (spec/cargo.md §10). */
export function cargoPurl(name: string, version: string, source: CargoSource | undefined): string | undefined {
  return formatPurl({ type: 'cargo', name, version, qualifiers: qualifiers(source) })
}

function qualifiers(source: CargoSource | undefined): Readonly<Record<string, string>> | undefined {
  switch (source?.kind) {
    case 'registry':
    case 'sparse':
      return isPublicRegistry(source.url) ? undefined : { repository_url: withoutUserInfo(source.url) }
    case 'git':
      return { vcs_url: `git+${withoutUserInfo(source.url)}${source.commit === undefined ? '' : `@${source.commit}`}` }
    default:
      return undefined
  }
}
