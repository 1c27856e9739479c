import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MemoryTree } from '../../../support/memory-tree.js'

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX = 'application/vnd.oci.image.index.v1+json'
export const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
export const EMPTY = 'application/vnd.oci.empty.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

export interface Pointer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: object
}

export interface Part {
  readonly mediaType: string
  readonly content: object | string | Uint8Array
  readonly annotations?: Readonly<Record<string, string>>
}

/** `sha256:HEX` without its algorithm. */
export const hexOf = ({ digest }: Pointer): string => digest.slice('sha256:'.length)

/** Makes the content of an OCI image layout, in memory or on disk; everything in it can be spoilt afterwards. */
export class LayoutMaker {
  readonly blobs = new Map<string, Uint8Array>()
  /** Of what is a manifest or index, in the order in which it can be pushed. */
  readonly manifests = new Map<string, string>()
  readonly entries: Pointer[] = []
  readonly files = new Map<string, string | Uint8Array>([['oci-layout', '{"imageLayoutVersion":"1.0.0"}']])

  blob(mediaType: string, content: object | string | Uint8Array, annotations?: Readonly<Record<string, string>>): Pointer {
    const plain = typeof content === 'string' || content instanceof Uint8Array
    const bytes = Buffer.from(plain ? content : JSON.stringify(content))
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    this.blobs.set(digest, bytes)
    if (mediaType === MANIFEST || mediaType === INDEX) this.manifests.set(digest, mediaType)
    return { mediaType, digest, size: bytes.length, ...(annotations === undefined ? {} : { annotations }) }
  }

  /** An image of one layer; another `name` gives another digest. */
  image(name: string): Pointer {
    const config = this.blob(CONFIG, { architecture: 'amd64', os: 'linux', config: { Labels: { name } } })
    const layers = [this.blob(LAYER, `layer of ${name}`)]
    return this.blob(MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers })
  }

  index(manifests: readonly Pointer[]): Pointer {
    return this.blob(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests })
  }

  /** A manifest that carries layers about `subject`; it is not in the index yet. */
  referrer(subject: Pointer | undefined, artifactType: string, parts: readonly Part[]): Pointer {
    const config = this.blob(EMPTY, '{}')
    const layers = parts.map(({ mediaType, content, annotations }) => this.blob(mediaType, content, annotations))
    const { mediaType, digest, size } = subject ?? {}
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType,
      config,
      layers,
      ...(subject === undefined ? {} : { subject: { mediaType, digest, size } }),
    }
    return { ...this.blob(MANIFEST, manifest), artifactType }
  }

  /** As `referrer`, and listed, as `oras attach` does. */
  attach(subject: Pointer, artifactType: string, parts: readonly Part[]): Pointer {
    return this.add(this.referrer(subject, artifactType, parts))
  }

  attachBundle(subject: Pointer, bundle: object): Pointer {
    return this.attach(subject, BUNDLE, [{ mediaType: BUNDLE, content: bundle }])
  }

  /** Puts something into the index, with a tag or without. */
  add(pointer: Pointer, tag?: string): Pointer {
    const named = tag === undefined ? {} : { 'org.opencontainers.image.ref.name': tag }
    this.entries.push({ ...pointer, annotations: { ...pointer.annotations, ...named } })
    return pointer
  }

  all(): ReadonlyMap<string, string | Uint8Array> {
    const all = new Map<string, string | Uint8Array>([
      ['index.json', JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: this.entries })],
      ...[...this.blobs].map(([digest, bytes]) => [`blobs/${digest.replace(':', '/')}`, bytes] as const),
    ])
    for (const [path, content] of this.files) all.set(path, content)
    return all
  }

  tree(): MemoryTree {
    return new MemoryTree(Object.fromEntries(this.all()))
  }

  write(folder: string): string {
    for (const [path, content] of this.all()) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    return folder
  }
}
