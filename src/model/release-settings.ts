import type { Location } from './location.js'

/** Section `[release]` of assay.toml: what this repository publishes, and what is looked at of it. */
export interface ReleaseSettings {
  /** Images and other OCI artifacts that it publishes. */
  readonly images: readonly ReleaseImage[]
  /** SBOM files that it publishes, as paths of the tree; their signatures lie beside them. */
  readonly sboms: readonly string[]
}

export interface ReleaseImage {
  /** `oci://HOST/PATH:TAG` or `oci://HOST/PATH@DIGEST`, as written. */
  readonly reference: string
  readonly location: Location
}

export const NO_RELEASE_SETTINGS: ReleaseSettings = { images: [], sboms: [] }
