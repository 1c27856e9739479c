import type { Component } from '../../../model/component.js'
import type { Source } from '../../../model/source.js'
import type { Pinned } from '../../mirror.js'
import { parseSemVer } from '../semver.js'
import { Subject } from '../verify/subject.js'

/** A crate of a registry as lockfiles pin it. */
export interface PinnedCrate {
  readonly component: Component
  readonly source: Source & { readonly kind: 'registry' }
  readonly name: string
  readonly version: string
  /** SHA-256 of the archive; several only where lockfiles contradict each other. */
  readonly checksums: readonly string[]
}

/** What a crate's name may hold: it becomes part of URLs and paths. */
const CRATE_NAME = /^[\p{L}\p{N}_-]{1,256}$/u

/** Undefined for what is no crate of a registry, or can be none. */
export function pinnedCrate(component: Component): PinnedCrate | undefined {
  const { source, name, version } = component
  if (source.kind !== 'registry' || !CRATE_NAME.test(name)) return undefined
  if (version === undefined || parseSemVer(version) === undefined) return undefined
  const { checksums } = new Subject(component, () => undefined)
  return { component, source, name, version, checksums }
}

export function pinnedOf({ name, version }: Component): Pinned {
  return { ecosystem: 'cargo', name, version }
}
