import type { AttachedReferrer } from '../../model/attest-report.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { VerifySettings } from '../../policy/config.js'
import type { Descriptor } from '../../trust/oci/manifest.js'
import type { OciDigest, OciReference } from '../../trust/oci/reference.js'
import { formatOciDigest } from '../../trust/oci/reference.js'
import type { NewReferrer } from '../../trust/oci/registry/artifact-manifest.js'
import { bundleReferrer, sbomReferrer } from '../../trust/oci/registry/new-referrers.js'
import type { OciFailure } from '../../trust/oci/source.js'
import { parseNamedArtifact } from '../oci/open-source.js'
import type { AskingChoices } from '../oci/with-session.js'
import { withSession } from '../oci/with-session.js'
import type { AttestedSbom } from './attested-sbom.js'

/** An image by its digest: what bundles are attached to, and what they are about. */
export interface NamedImage {
  /** `HOST/PATH`. */
  readonly name: string
  readonly reference: OciReference
  readonly digest: OciDigest
}

/** An image that is there, as lists name it. */
export interface FoundImage extends NamedImage {
  readonly descriptor: Descriptor & { readonly size: number }
}

export interface Asking {
  readonly choices: AskingChoices
  readonly settings: Pick<VerifySettings, 'retries' | 'timeoutMs' | 'budgetMs'>
}

/** Reads `oci:HOST/PATH@sha256:…`. Throws `usage` for what a statement cannot be about. */
export function parseImage(text: string): NamedImage {
  const named = parseNamedArtifact(text)
  const digest = named.reference.digest
  if (named.kind !== 'registry' || digest?.algorithm !== 'sha256')
    throw new AssayError(
      'usage',
      escapeTerminal(`${text} names no image by its SHA-256: what is signed must not be able to move`),
      'Write it as oci:HOST/PATH@sha256:….',
    )
  return { name: `${named.reference.registry}/${named.reference.repository}`, reference: named.reference, digest }
}

/** Looks for the image, before anything is signed about it. Throws `unavailable` and `input-unreadable`. */
export function findImage(image: NamedImage, { choices, settings }: Asking): Promise<FoundImage> {
  return withSession(choices, settings, async (session) => {
    const { openRegistry } = await import('../../trust/oci/registry/open-registry.js')
    const { reference, digest } = image
    const read = await openRegistry({ desk: (await session()).desk, reference }).document({ digest })
    if (!read.ok) throw failed(`the image ${image.name}@${formatOciDigest(digest)} cannot be had`, read)
    const { document, bytes } = read.value
    return { ...image, descriptor: { mediaType: document.mediaType, digest, size: bytes.length, annotations: new Map() } }
  })
}

/** What is to be attached: bundles with statements, and the SBOMs that are attested. */
export interface ToAttach {
  /** Those without a statement are about other files, and stay where they are. */
  readonly bundles: readonly { readonly text: string; readonly predicateType?: string | undefined }[]
  readonly sboms: readonly Pick<AttestedSbom, 'format' | 'bytes' | 'name'>[]
  /** RFC 3339. */
  readonly created: string
}

/** Pushes everything as referrers of the image. Throws `unavailable`; what was pushed before stays. */
export function attachToImage(
  image: FoundImage,
  { bundles, sboms, created }: ToAttach,
  asking: Asking,
): Promise<AttachedReferrer[]> {
  const { choices, settings } = asking
  return withSession(choices, settings, async (session) => {
    const { attachReferrer } = await import('../../trust/oci/registry/attach-referrer.js')
    const { openRegistryWriter } = await import('../../trust/oci/registry/registry-writer.js')
    const { http } = await session()
    if (http === undefined) throw new AssayError('usage', 'offline nothing can be attached', 'Leave --attach or --offline away.')
    const writer = openRegistryWriter({ http: await http(), reference: image.reference })
    const referrers: NewReferrer[] = [
      ...sboms.map(({ format, bytes, name }) => sbomReferrer({ format, bytes, title: name, created })),
      ...bundles.flatMap(({ text, predicateType }) =>
        predicateType === undefined
          ? []
          : [
              bundleReferrer({
                bytes: Buffer.from(text),
                subject: image.digest,
                content: { kind: 'dsse-envelope', predicateType },
                created,
              }),
            ],
      ),
    ]
    const attached: AttachedReferrer[] = []
    for (const referrer of referrers) {
      const pushed = await attachReferrer(writer, image.descriptor, referrer)
      if (!pushed.ok) throw failed(`${attached.length} of ${referrers.length} were attached to ${image.name}`, pushed)
      const digest = formatOciDigest(pushed.value.descriptor.digest)
      attached.push({ image: image.name, digest, artifactType: referrer.artifactType })
    }
    return attached
  })
}

function failed(what: string, failure: OciFailure): AssayError {
  const code = failure.kind === 'unavailable' ? 'unavailable' : 'input-unreadable'
  return new AssayError(
    code,
    escapeTerminal(`${what}: ${failure.why}`),
    'Check the reference and who may write there (docker login), and run it again: what is there already is not doubled.',
  )
}
