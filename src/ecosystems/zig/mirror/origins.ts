import type { Component } from '../../../model/component.js'
import { GitSource } from '../../git-source.js'
import type { MirrorInput } from '../../mirror.js'
import { mirrored, reasonNotToAsk } from '../../whom-to-ask.js'
import type { PackageHash } from '../package-hash.js'
import { readZigUrl } from '../url.js'
import type { Origin } from '../verify/claim.js'
import { claimOf, originText } from '../verify/claim.js'
import { PackageSource } from '../verify/package-source.js'

/** A package as the manifests pin it. */
export interface PinnedPackage {
  readonly component: Component
  readonly hash: PackageHash
  /** Where it can be had: declared mirrors, the URL that zig fetches, others beside the same hash. */
  readonly origins: readonly Origin[]
}

/** Packages that manifests pin, and why others are not. */
export function pinnedPackage(
  component: Component,
  sources: MirrorInput['sources'],
): PinnedPackage | { readonly why: string; readonly inside: boolean } {
  const { hashes, origin, others } = claimOf(component)
  const [first, second] = hashes
  // A folder inside another package is covered by that one's hash.
  if (first === undefined) return { why: 'no manifest states a usable hash for it', inside: isInside(component) }
  if (second !== undefined)
    return { why: `two manifests state two hashes: ${first.hash.text} and ${second.hash.text}`, inside: false }
  const own = origin.kind === 'none' ? [] : [origin]
  const mirrors = own.flatMap((one) => mirrored(one.url, sources.mirrors).map((url): Origin => ({ ...one, url })))
  const origins = new Map([...mirrors, ...own, ...others].map((one) => [originText(one), one]))
  return { component, hash: first.hash, origins: [...origins.values()] }
}

function isInside({ source }: Component): boolean {
  if (source.kind === 'git') return source.subdirectory !== undefined
  return source.kind === 'archive' && source.url.includes('#')
}

/** Asks origins; one for a run, so that nothing is fetched or hashed twice. */
export class Origins {
  readonly git: GitSource
  readonly packages: PackageSource

  constructor(readonly input: MirrorInput) {
    this.git = new GitSource(input.desk)
    this.git.askThrough(input.git)
    this.packages = new PackageSource(input.desk, this.git)
  }

  reasonNotToAsk({ name }: Component, url: string, sources = this.input.sources): string | undefined {
    const { url: read } = readZigUrl(url)
    const repository = read.kind === 'archive' || read.kind === 'git' ? read.forge?.repository : undefined
    return reasonNotToAsk({ ecosystem: 'zig', names: [name, ...(repository === undefined ? [] : [repository])] }, url, sources)
  }
}
