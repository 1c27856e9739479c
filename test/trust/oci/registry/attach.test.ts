import { describe, expect, it } from 'vitest'
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/trust/oci/manifest.js'
import { formatOciDigest, referrersTag } from '../../../../src/trust/oci/reference.js'
import { contentOf, type NewReferrer, referrerContents } from '../../../../src/trust/oci/registry/artifact-manifest.js'
import { attachReferrer } from '../../../../src/trust/oci/registry/attach-referrer.js'
import { bundleReferrer, sbomReferrer } from '../../../../src/trust/oci/registry/new-referrers.js'
import { putManifest } from '../../../../src/trust/oci/registry/push.js'
import { openRegistryWriter } from '../../../../src/trust/oci/registry/registry-writer.js'
import { between } from './support/between.js'
import { dockerRegistry, HAS_DOCKER_REGISTRY, WITH_DOCKER_REGISTRY } from './support/docker-registry.js'
import { ownRegistry } from './support/own-registry.js'
import { got, image, json, pushImage, reading, writing } from './support/runs.js'

const CREATED = '2026-11-01T00:00:00Z'

function sbom(text = '{"bomFormat":"CycloneDX"}'): NewReferrer {
  return sbomReferrer({ format: 'cyclonedx', bytes: Buffer.from(text), title: 'app.cdx.json', created: CREATED })
}

describe('what is attached', () => {
  const subject = image('the layer').manifest.descriptor

  it('is a manifest as oras writes it for an SBOM, always of the same bytes', () => {
    const { blobs, manifest } = referrerContents(subject, sbom())
    expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: 'application/vnd.cyclonedx+json',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        size: 2,
        data: 'e30=',
      },
      layers: [
        {
          mediaType: 'application/vnd.cyclonedx+json',
          digest: formatOciDigest(blobs[1]?.descriptor.digest ?? { algorithm: 'sha256', hex: '' }),
          size: 25,
          annotations: { 'org.opencontainers.image.title': 'app.cdx.json' },
        },
      ],
      subject: json(subject),
      annotations: { 'org.opencontainers.image.created': CREATED },
    })
    expect(referrerContents(subject, sbom()).manifest).toEqual(manifest)
    expect(sbomReferrer({ format: 'spdx', bytes: Buffer.from('{}'), title: 'x', created: CREATED })).toMatchObject({
      artifactType: 'application/spdx+json',
      layer: { mediaType: 'application/spdx+json' },
    })
  })

  it('is one as cosign writes it for a bundle', () => {
    const bytes = Buffer.from('{}')
    const predicateType = 'https://slsa.dev/provenance/v1'
    const statement = bundleReferrer({
      bytes,
      subject: subject.digest,
      content: { kind: 'dsse-envelope', predicateType },
      created: CREATED,
    })
    expect(JSON.parse(Buffer.from(referrerContents(subject, statement).manifest.bytes).toString())).toMatchObject({
      artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      layers: [
        {
          mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
          annotations: { 'org.opencontainers.image.title': `sha256-${subject.digest.hex}.sigstore.json` },
        },
      ],
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': predicateType,
        'org.opencontainers.image.created': CREATED,
      },
    })
    const signature = bundleReferrer({ bytes, subject: subject.digest, content: { kind: 'message-signature' }, created: CREATED })
    expect(Object.fromEntries(signature.annotations)).toEqual({
      'dev.sigstore.bundle.content': 'message-signature',
      'org.opencontainers.image.created': CREATED,
    })
  })
})

describe.skipIf(!HAS_DOCKER_REGISTRY)(`attaching ${WITH_DOCKER_REGISTRY}`, () => {
  it('writes the list under the fallback tag, once', async () => {
    const { host, origin } = await dockerRegistry()
    const { manifest } = await pushImage(writing(host), 'the layer')
    const way = await between(origin)
    const first = got(await attachReferrer(writing(way.host), manifest.descriptor, sbom()))
    expect(first.listedBy).toBe('fallback-tag')
    const writes = way.seen.filter(({ method }) => method === 'PUT' || method === 'POST').length
    const again = got(await attachReferrer(writing(way.host), manifest.descriptor, sbom()))
    expect(again).toEqual(first)
    // Only the manifest, whose bytes are the same.
    expect(way.seen.filter(({ method }) => method === 'PUT' || method === 'POST').length).toBe(writes + 1)
    const second = got(await attachReferrer(writing(host), manifest.descriptor, sbom('{}')))
    const { descriptors } = got(await reading(host).referrers(manifest.descriptor.digest))
    expect(descriptors).toEqual(
      [first.descriptor, second.descriptor].map((one) => ({ ...one, data: undefined, platform: undefined })),
    )
    for (const { digest } of descriptors) {
      const { document } = got(await reading(host).document({ digest }))
      expect(document.subject?.digest).toEqual(manifest.descriptor.digest)
      const [layer] = document.kind === 'manifest' ? document.layers : []
      if (layer === undefined) throw new Error('no layer')
      expect(got(await reading(host).blob(layer, 1000)).length).toBe(layer.size)
    }
  })

  it('of several at once loses none', async () => {
    const { host } = await dockerRegistry()
    const { manifest } = await pushImage(writing(host), 'the layer')
    const all = await Promise.all(
      // It fails to read a tag that is being written, now and then.
      ['1', '2', '3', '4'].map((text) =>
        attachReferrer(writing(host, { client: { retry: { attempts: 5, firstWaitMs: 20 } } }), manifest.descriptor, sbom(text)),
      ),
    )
    const { descriptors } = got(await reading(host).referrers(manifest.descriptor.digest))
    const names = (digests: readonly { hex: string }[]): string[] => digests.map(({ hex }) => hex).sort()
    expect(names(descriptors.map(({ digest }) => digest))).toEqual(names(all.map((one) => got(one).descriptor.digest)))
  })

  it('takes the place of nothing that is no list', async () => {
    const { host } = await dockerRegistry()
    const { manifest } = await pushImage(writing(host), 'the layer')
    const tag = referrersTag(manifest.descriptor.digest)
    expect(await putManifest(writing(host), manifest, { tag })).toMatchObject({ ok: true })
    expect(await attachReferrer(writing(host), manifest.descriptor, sbom())).toEqual({
      ok: false,
      kind: 'refused',
      reason: 'trust/oci-malformed',
      why: `what has the tag ${tag} is no list of referrers, and is not overwritten`,
    })
    expect(got(await reading(host).document({ tag })).digest).toEqual(manifest.descriptor.digest)
  })

  it('says what the registry says when it refuses', async () => {
    const { host, origin } = await dockerRegistry()
    const { manifest } = await pushImage(writing(host), 'the layer')
    const way = await between(origin)
    const said = { 'content-type': 'application/json' }
    const body = Buffer.from('{"errors":[{"code":"DENIED","message":"requested access is denied"}]}')
    way.fault = ({ method }) => (method === 'POST' ? { status: 403, headers: said, body } : undefined)
    const denied = await attachReferrer(writing(way.host), manifest.descriptor, sbom())
    expect(denied).toMatchObject({ ok: false, kind: 'unavailable' })
    expect(denied.ok ? '' : denied.why).toMatch(/requested access is denied.*log in as somebody who may push there/)
    // A server in trouble is tried again.
    let failures = 2
    way.fault = ({ method }) => (method === 'POST' && failures-- > 0 ? { status: 503 } : undefined)
    const waits: number[] = []
    const writer = writing(way.host)
    const patient = { ...writer, pause: (ms: number) => Promise.resolve(void waits.push(ms)) }
    expect(got(await attachReferrer(patient, manifest.descriptor, sbom())).listedBy).toBe('fallback-tag')
    expect(waits.slice(0, 2)).toEqual([500, 1000])
    way.fault = ({ path }) => (path.includes('/referrers/') ? { status: 500 } : undefined)
    const unknown = await attachReferrer(writing(way.host), manifest.descriptor, sbom('{}'))
    expect(unknown.ok ? '' : unknown.why).toMatch(/^the referrer is pushed, and whether it is listed is unknown: /)
  })
})

describe('attaching where the registry lists referrers itself', () => {
  const layer = image('the layer')

  it('leaves the list to it', async () => {
    const registry = await ownRegistry()
    const attached = got(await attachReferrer(writing(registry.host), layer.manifest.descriptor, sbom()))
    expect(attached.listedBy).toBe('referrers-api')
    expect([...registry.manifests.keys()]).toEqual([formatOciDigest(attached.descriptor.digest)])
    expect([...registry.blobs.keys()]).toHaveLength(2)
  })

  it('goes by what is in the list where it does not say so, and by the tag where it says so without a list', async () => {
    const silent = await ownRegistry({ statesSubject: false })
    expect(got(await attachReferrer(writing(silent.host), layer.manifest.descriptor, sbom())).listedBy).toBe('referrers-api')
    const boasting = await ownRegistry({ api: false })
    expect(got(await attachReferrer(writing(boasting.host), layer.manifest.descriptor, sbom())).listedBy).toBe('fallback-tag')
    expect(boasting.manifests.has(referrersTag(layer.manifest.descriptor.digest))).toBe(true)
  })

  it.each([
    ['relative', (upload: string) => upload],
    ['relative, with a query', (upload: string) => `${upload}?_state=a%2Bb%3D&x=1`],
    ['absolute', (upload: string, origin: string) => `${origin}${upload}`],
    ['absolute, with a query', (upload: string, origin: string) => `${origin}${upload}?_state=a%2Bb%3D`],
  ])('sends uploads to an address that is %s', async (_, location) => {
    const registry = await ownRegistry({ location })
    got(await attachReferrer(writing(registry.host), layer.manifest.descriptor, sbom()))
    const puts = registry.seen.filter((line) => line.startsWith('PUT /v2/acme/app/blobs/uploads/7'))
    const given = new URL(location('/v2/acme/app/blobs/uploads/7', registry.origin), registry.origin)
    expect(puts).toHaveLength(2)
    for (const put of puts)
      expect(put.startsWith(`PUT ${given.pathname}${given.search === '' ? '?' : `${given.search}&`}digest=sha256%3A`)).toBe(true)
  })

  it.each(['https://169.254.169.254/latest', 'file:///etc/passwd', 'http://registry.example/upload', 'http://:bad'])(
    'sends nothing to %s',
    async (address) => {
      const registry = await ownRegistry({ location: () => address })
      const attached = await attachReferrer(writing(registry.host), layer.manifest.descriptor, sbom())
      expect(attached).toMatchObject({ ok: false, kind: 'unavailable' })
      expect(registry.blobs.size).toBe(0)
    },
  )
})

it('a manifest that the registry stores under another digest is not pushed', async () => {
  const { manifest } = image('the layer')
  const other = `sha256:${'0'.repeat(64)}`
  const headers = new Map([['docker-content-digest', other]])
  const http = {
    send: () => Promise.resolve({ kind: 'reply', status: 201, url: 'https://r.example/', headers, bytes: Buffer.of() } as const),
  }
  const writer = openRegistryWriter({ http, reference: { registry: 'r.example', repository: 'acme/app' } })
  expect(await putManifest(writer, manifest)).toMatchObject({
    ok: false,
    reason: 'trust/oci-digest-mismatch',
    why: `r.example/acme/app stored ${other} instead of ${formatOciDigest(manifest.descriptor.digest)}`,
  })
})

describe('the list under the fallback tag', () => {
  const { manifest } = image('the layer')
  const tag = referrersTag(manifest.descriptor.digest)
  const entry = (text: string): object => ({
    ...json(contentOf(Buffer.from(text), OCI_MANIFEST).descriptor),
    platform: { os: 'linux' },
    urls: ['x'],
  })
  const list = (...entries: object[]): { type: string; bytes: Buffer } => ({
    type: OCI_INDEX,
    bytes: Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries, annotations: { by: 'somebody' } }),
    ),
  })

  it('keeps what is in it, known or not', async () => {
    const registry = await ownRegistry({ api: false })
    registry.manifests.set(tag, list(entry('a'), entry('b')))
    const attached = got(await attachReferrer(writing(registry.host), manifest.descriptor, sbom()))
    expect(JSON.parse(registry.manifests.get(tag)?.bytes.toString() ?? '')).toEqual({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [
        entry('a'),
        entry('b'),
        {
          ...json(attached.descriptor),
          artifactType: 'application/vnd.cyclonedx+json',
          annotations: { 'org.opencontainers.image.created': CREATED },
        },
      ],
      annotations: { by: 'somebody' },
    })
  })

  it.each([true, false])('is written again when another one writes meanwhile (If-Match honoured: %s)', async (honoursIfMatch) => {
    let others = 0
    const registry = await ownRegistry({
      api: false,
      honoursIfMatch,
      // Between reading and writing, somebody else writes.
      onTag: (self, written) => {
        others += 1
        if (honoursIfMatch && others <= 2)
          self.manifests.set(written, list(...Array.from({ length: others }, (_, at) => entry(String(at)))))
      },
    })
    registry.manifests.set(tag, list())
    const writer = writing(registry.host)
    let pauses = 0
    const watched = {
      ...writer,
      pause: () => {
        pauses += 1
        // After it was written, another one who had read before writes what it knows.
        if (!honoursIfMatch && pauses <= 2) registry.manifests.set(tag, list(entry('other')))
        return Promise.resolve()
      },
    }
    const attached = got(await attachReferrer(watched, manifest.descriptor, sbom()))
    const { manifests } = JSON.parse(registry.manifests.get(tag)?.bytes.toString() ?? '') as { manifests: { digest: string }[] }
    expect(manifests.at(-1)?.digest).toBe(formatOciDigest(attached.descriptor.digest))
    expect(manifests).toHaveLength(honoursIfMatch ? 3 : 2)
  })

  it('of a slow registry is looked at later', async () => {
    const registry = await ownRegistry({ api: false })
    const waits: number[] = []
    let time = 0
    const writer = {
      ...writing(registry.host),
      now: () => (time += 700),
      pause: (ms: number) => Promise.resolve(void waits.push(ms)),
    }
    got(await attachReferrer(writer, manifest.descriptor, sbom()))
    expect(waits).toEqual([1400])
  })

  it('that is full stays as it is', async () => {
    const registry = await ownRegistry({ api: false })
    const full = list(...Array.from({ length: 1000 }, (_, at) => entry(String(at))))
    registry.manifests.set(tag, full)
    expect(await attachReferrer(writing(registry.host), manifest.descriptor, sbom())).toMatchObject({
      ok: false,
      reason: 'trust/oci-too-large',
      why: `the list under the tag ${tag} is full`,
    })
    expect(registry.manifests.get(tag)).toBe(full)
  })

  it('is given up when others write all the time', async () => {
    const registry = await ownRegistry({ api: false })
    const writer = writing(registry.host)
    const beaten = {
      ...writer,
      pause: () => {
        registry.manifests.set(tag, list())
        return Promise.resolve()
      },
    }
    expect(await attachReferrer(beaten, manifest.descriptor, sbom())).toEqual({
      ok: false,
      kind: 'unavailable',
      why: `others write to the tag ${tag} all the time: the referrer is pushed, and not listed`,
    })
  })
})
