import type { PublishingFact } from '../../../model/publishing-fact.js'
import { compareSemVer, parseSemVer } from '../semver.js'
import type { ApiCrate, ApiVersion } from './api-crate.js'
import type { Subject } from './subject.js'

/** What the API of a registry says of one locked version beside the others of its crate (spec/cargo.md §6.6). */
export function publishingOf({ version, checksums }: Subject, crate: ApiCrate, registry: string): PublishingFact {
  const unknown = (why: string): PublishingFact => ({ method: 'unknown', registry, why, trustedOnly: crate.trustedOnly })
  const own = crate.versions.find((one) => one.version === version)
  if (own === undefined) return unknown('its API does not list this version, or lists it twice')
  // What it says is of an archive; another one is not that of the lockfile.
  if (own.checksum !== undefined && checksums.length > 0 && !checksums.includes(own.checksum))
    return unknown('its API speaks of an archive with another checksum')
  const { publication } = own
  if (publication.method === 'unknown') return unknown('its API does not say how this version was published')
  const others = crate.versions.filter((one) => one !== own && one.publication.method === 'trusted')
  // An old line may be mended after a new one began: the time decides, where every version has one.
  const order = crate.versions.every(({ published }) => published !== undefined) ? byTime : byVersion
  const earlier = others
    .filter((one) => order(one, own) < 0)
    .sort(order)
    .at(-1)
  const later = others.filter((one) => order(one, own) > 0).sort(order)[0]
  return {
    method: publication.method,
    registry,
    ...(publication.method === 'trusted'
      ? { repository: publication.repository, commit: publication.commit }
      : { publisher: publication.publisher }),
    trustedOnly: crate.trustedOnly,
    earlier: earlier?.version,
    earlierRepository: repositoryOf(earlier),
    later: later?.version,
    laterRepository: repositoryOf(later),
  }
}

function byTime(a: ApiVersion, b: ApiVersion): number {
  const [left = '', right = ''] = [a.published, b.published]
  return left < right ? -1 : left > right ? 1 : byVersion(a, b)
}

function byVersion(a: ApiVersion, b: ApiVersion): number {
  const [left, right] = [parseSemVer(a.version), parseSemVer(b.version)]
  if (left === undefined || right === undefined) return 0
  return compareSemVer(left, right)
}

function repositoryOf(version: ApiVersion | undefined): string | undefined {
  return version?.publication.method === 'trusted' ? version.publication.repository : undefined
}
