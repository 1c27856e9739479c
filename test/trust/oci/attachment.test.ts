import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttachmentContent } from '../../../src/trust/oci/attachment.js'
import { classifyLayer, contentWithoutBytes } from '../../../src/trust/oci/attachment.js'
import { legacyMaterialOf, readSimpleSigning } from '../../../src/trust/oci/legacy-layer.js'
import type { Descriptor } from '../../../src/trust/oci/manifest.js'
import { bundleOfLegacy } from '../../../src/trust/sigstore/legacy-bundle.js'

const layer = (annotations: Readonly<Record<string, string>> = {}, mediaType = 'a/b'): Descriptor => ({
  mediaType,
  digest: { algorithm: 'sha256', hex: '0'.repeat(64) },
  size: 1,
  annotations: new Map(Object.entries(annotations)),
})
const classify = (content: object | string, annotations: Readonly<Record<string, string>> = {}): AttachmentContent =>
  classifyLayer(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), layer(annotations))
const envelope = (predicateType: string, payload: unknown = undefined): object => ({
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(
    JSON.stringify(
      payload ?? {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ digest: { sha256: 'a' } }],
        predicateType,
        predicate: {},
      },
    ),
  ).toString('base64'),
  signatures: [],
})

describe('what an attachment is, by its content', () => {
  it.each<[string, object | string, Partial<Record<string, unknown>>]>([
    ['a bundle over bytes', { verificationMaterial: {}, messageSignature: {} }, { kind: 'bundle', states: undefined }],
    [
      'a bundle with provenance',
      { verificationMaterial: {}, dsseEnvelope: envelope('https://slsa.dev/provenance/v1') },
      { kind: 'bundle', states: 'provenance' },
    ],
    [
      'a bundle of cosign 3',
      { verificationMaterial: {}, dsseEnvelope: envelope('https://sigstore.dev/cosign/sign/v1') },
      { kind: 'bundle', states: 'cosign-signature' },
    ],
    [
      'a bundle of unknown content',
      { verificationMaterial: {}, dsseEnvelope: envelope('x', 'no statement') },
      { kind: 'bundle', states: 'unknown' },
    ],
    ['an envelope', envelope('https://spdx.dev/Document/v2.3'), { kind: 'envelope', states: 'spdx', legacy: undefined }],
    ['a payload of cosign', { critical: { image: {} } }, { kind: 'simplesigning' }],
    [
      'CycloneDX',
      { bomFormat: 'CycloneDX', specVersion: '1.6' },
      { kind: 'sbom', format: { family: 'cyclonedx', encoding: 'json', version: '1.6' } },
    ],
    ['SPDX', { spdxVersion: 'SPDX-2.3' }, { kind: 'sbom', format: { family: 'spdx', encoding: 'json', version: '2.3' } }],
    [
      'SPDX 3',
      { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld' },
      { kind: 'sbom', format: { family: 'spdx', encoding: 'json', version: '3.0.1' } },
    ],
    [
      'CycloneDX in XML',
      '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5">',
      { kind: 'sbom', format: { family: 'cyclonedx', encoding: 'xml', version: '1.5' } },
    ],
    [
      'CycloneDX in XML, prefixed',
      '<c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.4">',
      { kind: 'sbom', format: { family: 'cyclonedx', encoding: 'xml', version: '1.4' } },
    ],
    [
      'SPDX in lines',
      '# comment\nSPDXVersion: SPDX-2.2\n',
      { kind: 'sbom', format: { family: 'spdx', encoding: 'tag-value', version: '2.2' } },
    ],
    [
      'SPDX in XML',
      '<rdf:RDF xmlns:spdx="http://spdx.org/rdf/terms#">',
      { kind: 'sbom', format: { family: 'spdx', encoding: 'xml' } },
    ],
    [
      'a statement',
      { _type: 'https://in-toto.io/Statement/v0.1', subject: [{ digest: { sha256: 'a' } }], predicateType: 'a:b' },
      { kind: 'unsigned-statement' },
    ],
    ['a broken statement', { _type: 'https://in-toto.io/Statement/v9', predicateType: 'a:b' }, { kind: 'other' }],
    ['some JSON', { bomFormat: 'other' }, { kind: 'other', why: undefined }],
    [
      'a key twice',
      '{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}',
      { kind: 'other', why: expect.stringContaining('twice') },
    ],
    ['a list', [1], { kind: 'other' }],
    ['nothing', '', { kind: 'other' }],
    ['a page', '<html>', { kind: 'other' }],
    ['what a terminal obeys', 'SPDXVersion: SPDX-2.2\n\u001b[2J', { kind: 'other' }],
  ])('%s', (_name, content, expected) => {
    expect(classify(content)).toMatchObject(expected)
  })

  it('some is known without reading', () => {
    expect(contentWithoutBytes('application/vnd.cncf.notary.signature', layer())).toEqual({ kind: 'notation' })
    expect(contentWithoutBytes('x/y', layer({}, 'application/vnd.oci.image.layer.v1.tar+gzip'))).toMatchObject({ kind: 'other' })
    expect(contentWithoutBytes('x/y', layer({}, 'application/vnd.docker.image.rootfs.diff.tar.gzip'))).toMatchObject({
      kind: 'other',
    })
    // A label alone never makes something be passed over as known.
    expect(contentWithoutBytes('application/vnd.cyclonedx+json', layer())).toBeUndefined()
  })

  it('never throws, whatever the bytes and annotations', () => {
    const names = [
      'dev.cosignproject.cosign/signature',
      'dev.sigstore.cosign/certificate',
      'dev.sigstore.cosign/bundle',
      'dev.sigstore.cosign/rfc3161timestamp',
    ]
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.json(),
        fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), fc.json())),
        (bytes, json, annotations) => {
          for (const content of [bytes, Buffer.from(json)]) {
            const found = classifyLayer(content, layer(annotations))
            expect(typeof found.kind).toBe('string')
            const material = legacyMaterialOf(layer(annotations))
            for (const kind of ['message', 'envelope'] as const)
              expect(typeof bundleOfLegacy(material, { kind, bytes: content }).ok).toBe('boolean')
            expect(typeof readSimpleSigning(content).ok).toBe('boolean')
          }
        },
      ),
    )
  })
})

describe('the payload of cosign', () => {
  const payload = (image: object, type = 'cosign container image signature'): Uint8Array =>
    Buffer.from(JSON.stringify({ critical: { identity: {}, image, type } }))
  const digest = `sha256:${'a'.repeat(64)}`

  it.each([
    ['as it writes it', payload({ 'docker-manifest-digest': digest }), true],
    ['as its specification spells it', payload({ 'Docker-manifest-digest': digest }), true],
    ['both at once', payload({ 'docker-manifest-digest': digest, 'Docker-manifest-digest': digest }), false],
    ['no digest', payload({}), false],
    ['no text', payload({ 'docker-manifest-digest': 1 }), false],
    ['another type', payload({ 'docker-manifest-digest': digest }, 'atomic container signature'), false],
    ['no JSON', Buffer.from('{'), false],
  ])('%s', (_name, bytes, ok) => {
    expect(readSimpleSigning(bytes)).toMatchObject(ok ? { ok, digest } : { ok })
  })
})

describe('annotations of old cosign that cannot be a bundle', () => {
  const entry = (payload: object, body: object = { kind: 'hashedrekord', apiVersion: '0.0.1' }): string =>
    JSON.stringify({
      SignedEntryTimestamp: 'AA==',
      Payload: {
        body: Buffer.from(JSON.stringify(body)).toString('base64'),
        integratedTime: 1,
        logIndex: 1,
        logID: 'a'.repeat(64),
        ...payload,
      },
    })

  it.each([
    ['no signature', { signature: '' }, 'no signature'],
    ['no PEM', { certificate: 'x' }, 'PEM'],
    ['an entry that is no JSON', { rekorBundle: '{' }, 'log entry'],
    ['a time that is no number', { rekorBundle: entry({ integratedTime: '1' }) }, 'log entry'],
    ['an index below zero', { rekorBundle: entry({ logIndex: -1 }) }, 'log entry'],
    ['an id that is no hash', { rekorBundle: entry({ logID: 'A'.repeat(64) }) }, 'log entry'],
    ['a body without a kind', { rekorBundle: entry({}, {}) }, 'log entry'],
  ])('%s', (_name, material, says) => {
    expect(bundleOfLegacy({ signature: 'AA==', ...material }, { kind: 'message', bytes: Buffer.from('x') })).toEqual({
      ok: false,
      why: expect.stringContaining(says),
    })
  })

  it('an entry is taken over as it is', () => {
    const converted = bundleOfLegacy(
      {
        signature: 'AA==',
        certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
        rekorBundle: entry({}),
        timestamp: 'BB==',
      },
      { kind: 'message', bytes: Buffer.from('x') },
    )
    expect(converted.ok && JSON.parse(Buffer.from(converted.bytes).toString())).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
      verificationMaterial: {
        x509CertificateChain: { certificates: [{ rawBytes: 'AAAA' }] },
        tlogEntries: [
          {
            logIndex: '1',
            integratedTime: '1',
            kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
            inclusionPromise: { signedEntryTimestamp: 'AA==' },
          },
        ],
        timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: 'BB==' }] },
      },
      messageSignature: { signature: 'AA==' },
    })
  })
})
