import type { Component } from '../../../model/component.js'
import type { Location } from '../../../model/location.js'
import { gitRef } from '../identity.js'
import type { PackageHash } from '../package-hash.js'
import { parsePackageHash } from '../package-hash.js'
import type { ZigUrl } from '../url.js'
import { readZigUrl } from '../url.js'

/** Where a package is fetched from, without credentials. */
export type Origin =
  | { readonly kind: 'archive'; readonly url: string }
  | {
      readonly kind: 'git'
      readonly url: string
      readonly commit: string | undefined
      /** What it follows where no commit is pinned: a full or short name of a ref; undefined for HEAD. */
      readonly revision: string | undefined
      /** A label beside the commit, which nothing reads. */
      readonly label: string | undefined
    }

export interface ClaimedHash {
  readonly hash: PackageHash
  readonly location: Location
}

/** What the manifests say about one component. */
export interface PackageClaim {
  /** Well-formed ones, each once; two only where two manifests contradict each other. */
  readonly hashes: readonly ClaimedHash[]
  /** The URL that zig fetches, or why there is none. */
  readonly origin: Origin | { readonly kind: 'none'; readonly why: string }
  /** Other URLs that stand beside the same hash: zig never asks them. */
  readonly others: readonly Origin[]
}

export function claimOf(component: Component): PackageClaim {
  const hashes = new Map<string, ClaimedHash>()
  for (const { digest, location } of component.claims) {
    if (digest.of !== 'tree' || (digest.scheme !== 'zig' && digest.scheme !== 'zig-legacy')) continue
    const parsed = parsePackageHash(digest.value)
    if (parsed.ok && !hashes.has(digest.value)) hashes.set(digest.value, { hash: parsed.hash, location })
  }
  const others = component.properties
    .filter(({ name }) => name === 'assay:zig:other-url')
    .flatMap(({ value }) => originOf(readZigUrl(value).url) ?? [])
  return { hashes: [...hashes.values()], origin: originOfComponent(component, hashes.size > 0), others }
}

function originOfComponent({ source }: Component, hasHash: boolean): PackageClaim['origin'] {
  switch (source.kind) {
    case 'git': {
      if (source.subdirectory !== undefined && !hasHash) return inner(source.url)
      const { url, commit, ref } = source
      const name = ref?.kind === 'branch' || ref?.kind === 'tag' ? fullName(ref.kind, ref.value ?? '') : ref?.value
      return commit === undefined
        ? { kind: 'git', url, commit, revision: name, label: undefined }
        : { kind: 'git', url, commit, revision: undefined, label: name }
    }
    case 'archive': {
      const [url = '', ...fragment] = source.url.split('#')
      if (fragment.length > 0 && !hasHash) return inner(url)
      return (
        originOf(readZigUrl(url).url) ?? {
          kind: 'none',
          why: `${url} is a file of the machine that builds, which is not looked at`,
        }
      )
    }
    case 'path':
      return { kind: 'none', why: 'it is a folder outside the repository; zig hashes no folder that is named by path' }
    case 'unknown':
      return { kind: 'none', why: source.why }
    default:
      return { kind: 'none', why: 'nothing says where it comes from' }
  }
}

function inner(url: string): PackageClaim['origin'] {
  return { kind: 'none', why: `it is a folder inside the package from ${url}, whose hash covers it` }
}

/** Undefined for what is fetched from no host. */
export function originOf(url: ZigUrl): Origin | undefined {
  switch (url.kind) {
    case 'archive':
      return { kind: 'archive', url: url.url.split('#', 1)[0] ?? '' }
    case 'git': {
      const { repository, commit } = url
      const ref = gitRef(url.label ?? url.revision, commit)
      return commit === undefined
        ? { kind: 'git', url: repository, commit, revision: url.revision, label: undefined }
        : { kind: 'git', url: repository, commit, revision: undefined, label: ref?.value }
    }
    case 'file':
    case 'unsupported':
      return undefined
  }
}

/** One text for one thing to fetch. */
export function originText(origin: Origin): string {
  if (origin.kind === 'archive') return origin.url
  const ref = origin.commit ?? origin.revision
  return `git+${origin.url}${ref === undefined ? '' : `#${ref}`}`
}

function fullName(kind: 'branch' | 'tag', name: string): string {
  return `refs/${kind === 'branch' ? 'heads' : 'tags'}/${name}`
}
