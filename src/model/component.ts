import type { Digest } from './digest.js'
import type { Location } from './location.js'
import type { Source } from './source.js'
import { sourceKey } from './source.js'

declare const componentIdBrand: unique symbol
/** `<ecosystem>:<name>@<version>|<source key>`; made by `componentId` alone. */
export type ComponentId = string & { readonly [componentIdBrand]: true }

/** Id of a project: the path of the manifest or lockfile that defines it, prefixed by its ecosystem. */
export type ProjectId = string

/**
 * What a component is used for. `inactive`: in the lock, but no selected feature or target reaches it.
 * `unknown`: the lock names it and nothing at hand tells what for.
 */
export type Scope = 'runtime' | 'build' | 'dev' | 'test' | 'tool' | 'inactive' | 'unknown'

/** A digest that somebody states about a component, and where it is stated. */
export interface DigestClaim {
  readonly digest: Digest
  /** Who says so: `lock`, `manifest`, `vendor`, … A claim is not a fact until an authority agrees. */
  readonly statedBy: 'lock' | 'manifest' | 'vendor' | 'cache'
  readonly location: Location
}

/** A place where the component is named. */
export interface Occurrence {
  readonly location: Location
  /** `lock`: the entry that pins it. `manifest`: a requirement. `vendor`: its vendored copy. `config`: a setting. */
  readonly role: 'lock' | 'manifest' | 'vendor' | 'config'
}

/** A licence text or expression as somebody states it, verbatim, and where. */
export interface LicenseClaim {
  readonly raw: string
  readonly kind: 'declared' | 'concluded' | 'found'
  /** Canonical SPDX expression, where `raw` is one; filled in by `licenses/`. */
  readonly expression?: string | undefined
  readonly location?: Location | undefined
}

/** Whether the outgoing edges of a component are all known. */
export type EdgeKnowledge = { readonly state: 'complete' } | { readonly state: 'incomplete' | 'unknown'; readonly why: string }

export interface Component {
  readonly id: ComponentId
  /** Name of the ecosystem: `cargo`, `go`, `zig`, `nimble`. */
  readonly ecosystem: string
  /** Full name as the ecosystem writes it; a Go module path whole. */
  readonly name: string
  /** As the ecosystem writes it (Go keeps the `v`); absent where it has none. */
  readonly version?: string | undefined
  readonly source: Source
  /** Absent where none can be written without inventing. */
  readonly purl?: string | undefined
  readonly type: 'library' | 'application' | 'toolchain'
  /** Part of the repository itself: workspace member, main module, root package. */
  readonly firstParty: boolean
  /** A first-party component requires it itself. */
  readonly direct: boolean
  /** Sorted, without repetition, never empty. */
  readonly scopes: readonly Scope[]
  readonly claims: readonly DigestClaim[]
  readonly occurrences: readonly Occurrence[]
  readonly licenses: readonly LicenseClaim[]
  readonly edges: EdgeKnowledge
  /** Projects whose graph holds it; sorted. */
  readonly projects: readonly ProjectId[]
  /** Facts of the ecosystem that SBOMs carry as properties; names `assay:<ecosystem>:…` (spec/sbom.md §1.7). */
  readonly properties: readonly Property[]
  readonly description?: string | undefined
  readonly homepage?: string | undefined
  readonly repository?: string | undefined
  readonly authors?: readonly string[] | undefined
}

export interface Property {
  readonly name: string
  readonly value: string
}

/**
 * The id of a component: ecosystem, name, version and source. Name and version are percent-encoded where they hold
 * a separator, so distinct inputs give distinct ids.
 */
export function componentId(ecosystem: string, name: string, version: string | undefined, source: Source): ComponentId {
  const at = version === undefined ? '' : `@${encodePart(version)}`
  // The only place that makes a ComponentId: the brand has no run-time value to construct.
  return `${ecosystem}:${encodePart(name)}${at}|${sourceKey(source)}` as ComponentId
}

const SEPARATOR = /[%@|]/g
function encodePart(part: string): string {
  return part.replace(SEPARATOR, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** `name@version`, for people. */
export function componentLabel(component: { readonly name: string; readonly version?: string | undefined }): string {
  return component.version === undefined ? component.name : `${component.name}@${component.version}`
}
