import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { expect } from 'vitest'
import { type ImageSbom, type ImageSbomRequest, imageSbom } from '../../../src/audit/oci/image-sbom.js'
import { parseNamedArtifact } from '../../../src/audit/oci/open-source.js'
import { type ImageRequest, verifyImage } from '../../../src/audit/oci/verify-image.js'
import { ociJson } from '../../../src/formats/oci-json.js'
import { ociText } from '../../../src/formats/oci-text.js'
import type { OciReport } from '../../../src/model/oci-report.js'
import { PLAIN } from '../../../src/model/style.js'
import { NO_TRUST_SETTINGS } from '../../../src/model/trust-settings.js'
import { PROJECT, withScratch } from '../../support/assay.js'
import { hexOf, LayoutMaker, type Pointer } from '../../trust/oci/support/layout-maker.js'
import type { SigningOptions, SigstoreInstance } from '../../trust/support/sigstore-instance.js'
import { ISSUER, WORKFLOW } from '../../trust/support/sigstore-instance.js'
import { provenance, REPOSITORY, statement } from './artifact-release.js'

const schemaOf = (name: string): object => JSON.parse(readFileSync(join(PROJECT, 'schemas', name), 'utf8'))
const validate = new Ajv.default({ strict: true, strictRequired: false })
  .addSchema(schemaOf('artifact.schema.json'))
  .compile(schemaOf('oci.schema.json'))

/** True for a document that is by its schema; else the test says why. */
export function expectDocument(text: string): void {
  expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true)
}

export const SIGNER = { certificateOidcIssuer: ISSUER, certificateIdentity: WORKFLOW }
export const SIGN = 'https://sigstore.dev/cosign/sign/v1'
export const PROVENANCE = 'https://slsa.dev/provenance/v1'
export const CYCLONEDX = 'https://cyclonedx.org/bom'

export type Given = Partial<Omit<ImageRequest, 'named' | 'session'>>

/** A layout folder in the making, and what the command makes of it. */
export class ImageRelease extends LayoutMaker {
  constructor(
    readonly instance: SigstoreInstance,
    readonly folder: string,
  ) {
    super()
  }

  put(name: string, content: object | string | Uint8Array): string {
    const path = join(this.folder, '..', name)
    writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content))
    return path
  }

  async sign(subject: Pointer, options?: SigningOptions): Promise<object> {
    return this.instance.signStatement(statement({}, hexOf(subject), SIGN), options)
  }

  async attest(
    subject: Pointer,
    predicate: object = provenance(REPOSITORY),
    type = PROVENANCE,
    options?: SigningOptions,
  ): Promise<object> {
    return this.instance.signStatement(statement(predicate, hexOf(subject), type), options)
  }

  /** Signature and provenance of whoever releases, as cosign 3 attaches them. */
  async release(subject: Pointer): Promise<void> {
    this.attachBundle(subject, await this.sign(subject))
    this.attachBundle(subject, await this.attest(subject))
  }

  /** Verifies what is named of the folder (`:TAG`, `@DIGEST`), and holds every report to its schema and every line to one line. */
  async verify(which: string, given: Given = SIGNER): Promise<OciReport> {
    this.write(this.folder)
    const report = await verifyImage({
      named: parseNamedArtifact(`oci-layout:${this.folder}${which}`),
      ...this.#common(),
      strict: false,
      bytes: false,
      timestamp: '2026-11-28T00:00:00Z',
      ...given,
    })
    expectDocument(ociJson(report).join(''))
    expect(ociText(report, PLAIN, true).every((line) => !/[\u0000-\u0009\u000b-\u001f\u202e]/.test(line))).toBe(true)
    for (const { fix } of [...report.reasons, ...report.notes]) expect(fix).not.toBe('')
    return report
  }

  async sbom(which: string, given: Partial<Omit<ImageSbomRequest, 'named' | 'session'>> = SIGNER): Promise<ImageSbom> {
    this.write(this.folder)
    return imageSbom({
      named: parseNamedArtifact(`oci-layout:${this.folder}${which}`),
      ...this.#common(),
      format: undefined,
      ...given,
    })
  }

  #common(): Pick<ImageRequest, 'trust' | 'plainHttp' | 'key' | 'trustedRoot' | 'session'> {
    return {
      trust: NO_TRUST_SETTINGS,
      plainHttp: [],
      key: [],
      trustedRoot: [this.put('root.json', this.instance.rootJson())],
      session: () => Promise.reject(new Error('a folder needs nobody')),
    }
  }
}

export function inImageRelease(instance: SigstoreInstance, run: (release: ImageRelease) => Promise<void>): Promise<void> {
  return withScratch((folder) => run(new ImageRelease(instance, join(folder, 'layout'))))
}

/** Outcome, exit code and the reasons. */
export function told({ outcome, exitCode, reasons }: OciReport): string {
  return [`${outcome} ${exitCode}`, ...reasons.map(({ reason }) => reason)].join(' ')
}
