import { openInput } from '../evidence/open-input.js'
import { AssayError } from '../model/error.js'
import type { OciReport } from '../model/oci-report.js'
import { VERSION } from '../version.js'
import type { PolicyOptions } from './artifact/policy.js'
import { documentConfig } from './document-info.js'
import type { PackWritten } from './evidence-pack.js'
import { writeEvidencePack } from './evidence-pack.js'
import type { ImageSbom } from './oci/image-sbom.js'
import { parseNamedArtifact } from './oci/open-source.js'
import type { AskingChoices } from './oci/with-session.js'
import { withSession } from './oci/with-session.js'

/** What commands about one artifact of a registry or layout folder are told. */
export interface ImageOptions extends PolicyOptions {
  /** `oci:HOST/PATH@DIGEST`, `oci:HOST/PATH:TAG`, `oci-layout:FOLDER[:TAG][@DIGEST]`. */
  readonly image: string
  /** A file, `false` for none, `true` for the nearest from here upwards: its `[trust]` may say who signs. */
  readonly config: string | boolean
  readonly asking: AskingChoices
}

/** `assay verify oci:…`. Throws as `verifyImage` and the configuration do, and `output-unwritable` for a pack. */
export async function verifyNamedImage(
  options: ImageOptions & {
    readonly strict: boolean
    readonly bytes: boolean
    readonly timestamp: string
    /** Judge by the root that was fetched last, whatever the configuration says. */
    readonly onlineRoots?: boolean | undefined
    /** An evidence pack to write everything to that the registry said. */
    readonly evidenceOut?: string | undefined
    readonly onPack?: ((written: PackWritten) => void) | undefined
  },
): Promise<OciReport> {
  // A misspelt name costs no time.
  const named = parseNamedArtifact(options.image)
  if (options.evidenceOut !== undefined && (named.kind === 'layout' || options.asking.offline))
    throw new AssayError(
      'usage',
      'nobody is asked, so there is no evidence to write',
      'Leave --evidence-out away, or name something in a registry and let it be asked.',
    )
  const { verify, settings } = await documentConfig(await openInput('.'), options.config)
  const { verifyImage } = await import('./oci/verify-image.js')
  const { evidenceOut, onPack, onlineRoots } = options
  const trust = onlineRoots === true ? { ...settings.trust, onlineRoots } : settings.trust
  return withSession(
    options.asking,
    verify,
    (session) => verifyImage({ ...options, named, trust, plainHttp: options.asking.plainHttp ?? [], session }),
    evidenceOut === undefined ? undefined : async (used) => onPack?.(await writeEvidencePack(evidenceOut, used, VERSION)),
  )
}

/** `assay sbom oci:…`. Throws as `imageSbom` and the configuration do. */
export async function sbomOfNamedImage(options: ImageOptions & { readonly format: string | undefined }): Promise<ImageSbom> {
  const named = parseNamedArtifact(options.image)
  const { verify, settings } = await documentConfig(await openInput('.'), options.config)
  const { imageSbom } = await import('./oci/image-sbom.js')
  return withSession(options.asking, verify, (session) =>
    imageSbom({ ...options, named, trust: settings.trust, plainHttp: options.asking.plainHttp ?? [], session }),
  )
}
