import type { OciDigest } from '../reference.js'
import type { NewReferrer } from './artifact-manifest.js'

const SIGSTORE_BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

const CREATED = 'org.opencontainers.image.created'
const TITLE = 'org.opencontainers.image.title'

interface NewSbom {
  readonly format: 'cyclonedx' | 'spdx'
  /** JSON. */
  readonly bytes: Uint8Array
  /** The name of its file. */
  readonly title: string
  /** RFC 3339. */
  readonly created: string
}

/** An SBOM as `oras attach` would attach it (spec/trust.md §5.6). */
export function sbomReferrer({ format, bytes, title, created }: NewSbom): NewReferrer {
  const mediaType = format === 'cyclonedx' ? 'application/vnd.cyclonedx+json' : 'application/spdx+json'
  return {
    artifactType: mediaType,
    layer: { mediaType, bytes, annotations: new Map([[TITLE, title]]) },
    annotations: new Map([[CREATED, created]]),
  }
}

interface NewBundle {
  /** A sigstore bundle, JSON. */
  readonly bytes: Uint8Array
  /** What it is about. */
  readonly subject: OciDigest
  /** What it signs: a statement of this type, or the bytes of the subject themselves. */
  readonly content: { readonly kind: 'dsse-envelope'; readonly predicateType: string } | { readonly kind: 'message-signature' }
  /** RFC 3339. */
  readonly created: string
}

/** A sigstore bundle as cosign and GitHub attach it, so that they find it too (spec/trust.md §5.6). */
export function bundleReferrer({ bytes, subject, content, created }: NewBundle): NewReferrer {
  const annotations = new Map([
    [CREATED, created],
    ['dev.sigstore.bundle.content', content.kind],
  ])
  if (content.kind === 'dsse-envelope') annotations.set('dev.sigstore.bundle.predicateType', content.predicateType)
  const title = `${subject.algorithm}-${subject.hex}.sigstore.json`
  return {
    artifactType: SIGSTORE_BUNDLE,
    layer: { mediaType: SIGSTORE_BUNDLE, bytes, annotations: new Map([[TITLE, title]]) },
    annotations,
  }
}
