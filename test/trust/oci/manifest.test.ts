import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExpectedContent } from '../../../src/trust/oci/manifest.js'
import { OCI_INDEX, OCI_MANIFEST, readDocument } from '../../../src/trust/oci/manifest.js'
import { parseOciDigest } from '../../../src/trust/oci/reference.js'

const descriptor = (mediaType: string, content = 'x'): object => ({
  mediaType,
  digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  size: content.length,
})
const manifest = {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  artifactType: 'application/vnd.cyclonedx+json',
  config: { ...descriptor('application/vnd.oci.empty.v1+json', '{}'), data: 'e30=' },
  layers: [descriptor('application/vnd.cyclonedx+json')],
  subject: descriptor(OCI_MANIFEST, 'image'),
  annotations: { 'org.opencontainers.image.created': '2026-01-01T00:00:00Z' },
}
const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [descriptor(OCI_MANIFEST)] }

const bytesOf = (json: object): Uint8Array => Buffer.from(JSON.stringify(json))

function expectedOf(bytes: Uint8Array, mediaType = OCI_MANIFEST): ExpectedContent {
  const digest = parseOciDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)
  return { digest, size: bytes.length, mediaType }
}

describe('readDocument', () => {
  it('a manifest by its descriptor', () => {
    const bytes = bytesOf(manifest)
    const read = readDocument(bytes, expectedOf(bytes), `${OCI_MANIFEST}; charset=utf-8`)
    expect(read).toMatchObject({
      ok: true,
      value: {
        digest: { hex: createHash('sha256').update(bytes).digest('hex') },
        document: {
          kind: 'manifest',
          artifactType: 'application/vnd.cyclonedx+json',
          subject: { mediaType: OCI_MANIFEST, size: 5 },
        },
      },
    })
  })

  it('an index by tag: the computed digest is told', () => {
    const bytes = bytesOf(index)
    expect(readDocument(bytes, {}, OCI_INDEX)).toMatchObject({
      ok: true,
      value: {
        digest: { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') },
        document: { kind: 'index' },
      },
    })
  })

  it('a manifest of the old kind for artifacts', () => {
    const mediaType = 'application/vnd.oci.artifact.manifest.v1+json'
    const { artifactType, layers: blobs, subject } = manifest
    const old = { mediaType, artifactType, blobs, subject }
    const read = (json: object): unknown => readDocument(bytesOf(json), {}, mediaType)
    expect(read(old)).toMatchObject({
      ok: true,
      value: { document: { kind: 'manifest', artifactType, layers: [{ mediaType: artifactType }], subject: { size: 5 } } },
    })
    expect(read({ ...old, blobs: undefined })).toMatchObject({ ok: true, value: { document: { layers: [] } } })
    for (const bad of [{ blobs: {} }, { artifactType: undefined }, { layers: blobs }, { manifests: [] }, { config: blobs[0] }])
      expect(read({ ...old, ...bad })).toMatchObject({ ok: false, reason: 'trust/oci-malformed' })
  })

  it('without a type of its own the artifact type is that of the config', () => {
    const image = { ...manifest, artifactType: undefined, config: descriptor('application/vnd.oci.image.config.v1+json') }
    expect(readDocument(bytesOf(image), {})).toMatchObject({
      value: { document: { artifactType: 'application/vnd.oci.image.config.v1+json' } },
    })
  })

  it('a subject without size is tolerated, as some tools write it', () => {
    const { size: _, ...subject } = { size: 0, ...descriptor(OCI_MANIFEST) }
    expect(readDocument(bytesOf({ ...manifest, subject }), {}).ok).toBe(true)
  })

  const bytes = bytesOf(manifest)
  const good = expectedOf(bytes)
  const refused: readonly { name: string; json?: object; expected?: ExpectedContent; header?: string; reason: string }[] = [
    { name: 'another size', expected: { ...good, size: bytes.length + 1 }, reason: 'trust/oci-size-mismatch' },
    {
      name: 'another digest',
      expected: { ...good, digest: { algorithm: 'sha256', hex: '0'.repeat(64) } },
      reason: 'trust/oci-digest-mismatch',
    },
    {
      name: 'another SHA-512',
      expected: { digest: { algorithm: 'sha512', hex: '0'.repeat(128) } },
      reason: 'trust/oci-digest-mismatch',
    },
    {
      name: 'another type in the descriptor',
      expected: { ...good, mediaType: OCI_INDEX },
      reason: 'trust/oci-mediatype-mismatch',
    },
    { name: 'another type in the answer', header: OCI_INDEX, reason: 'trust/oci-mediatype-mismatch' },
    {
      name: 'no type anywhere',
      json: { ...manifest, mediaType: undefined },
      expected: {},
      reason: 'trust/oci-malformed',
    },
    {
      name: 'schema 1',
      json: { mediaType: 'application/vnd.docker.distribution.manifest.v1+json' },
      reason: 'trust/oci-malformed',
    },
    { name: 'manifest and index at once', json: { ...manifest, manifests: [] }, reason: 'trust/oci-malformed' },
    { name: 'index and manifest at once', json: { ...index, layers: [] }, reason: 'trust/oci-malformed' },
    {
      name: 'layer that climbs out',
      json: { ...manifest, layers: [{ ...descriptor('x'), digest: 'sha256:../../x' }] },
      reason: 'trust/oci-malformed',
    },
    { name: 'negative size', json: { ...manifest, layers: [{ ...descriptor('x'), size: -1 }] }, reason: 'trust/oci-malformed' },
    {
      name: 'layer without size',
      json: { ...manifest, layers: [{ ...descriptor('x'), size: undefined }] },
      reason: 'trust/oci-malformed',
    },
    { name: 'empty config without a type', json: { ...manifest, artifactType: undefined }, reason: 'trust/oci-malformed' },
    { name: 'annotation that is a number', json: { ...manifest, annotations: { a: 1 } }, reason: 'trust/oci-malformed' },
    {
      name: 'data that is no base64',
      json: { ...manifest, config: { ...descriptor('x'), data: '!' } },
      reason: 'trust/oci-malformed',
    },
    {
      name: 'too many children',
      json: { ...index, manifests: Array(1001).fill(descriptor('x')) },
      reason: 'trust/oci-malformed',
    },
    { name: 'subject that is a text', json: { ...manifest, subject: 'sha256:x' }, reason: 'trust/oci-malformed' },
  ]
  for (const { name, json, expected, header, reason } of refused) {
    it(`refuses: ${name}`, () => {
      const given = json === undefined ? bytes : bytesOf(json)
      const read = readDocument(given, expected ?? (json === undefined ? good : {}), header)
      expect(read.ok ? 'read' : read.reason).toBe(reason)
    })
  }

  it('refuses a key that stands twice, and what is too long', () => {
    const twice = Buffer.from(JSON.stringify(manifest).replace('"layers"', '"layers":[],"layers"'))
    expect(readDocument(twice, {})).toMatchObject({
      ok: false,
      why: 'it cannot be read: the key "layers" stands twice in one object',
    })
    expect(readDocument(new Uint8Array(5_000_000), {})).toMatchObject({ ok: false, reason: 'trust/oci-malformed' })
  })

  it('damage any byte and it is refused', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte))
      expect(readDocument(damaged, good)).toMatchObject({ ok: false, reason: 'trust/oci-digest-mismatch' })
    }
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(manifest, index),
        fc.constantFrom(...Object.keys(manifest), 'manifests'),
        fc.jsonValue(),
        (json, name, value) => {
          readDocument(bytesOf({ ...json, [name]: value }), {}, OCI_MANIFEST)
        },
      ),
    )
    fc.assert(fc.property(fc.uint8Array(), (random) => !readDocument(random, {}, OCI_MANIFEST).ok))
  })
})
