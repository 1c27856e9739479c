import { describe, expect, it } from 'vitest'
import { type Descriptor, OCI_INDEX, OCI_MANIFEST } from '../../../../src/trust/oci/manifest.js'
import { referrersTag } from '../../../../src/trust/oci/reference.js'
import { contentOf } from '../../../../src/trust/oci/registry/artifact-manifest.js'
import { putManifest } from '../../../../src/trust/oci/registry/push.js'
import type { OciRead } from '../../../../src/trust/oci/source.js'
import { type Between, between, type Fault } from './support/between.js'
import { dockerRegistry, HAS_DOCKER_REGISTRY, WITH_DOCKER_REGISTRY } from './support/docker-registry.js'
import { alice, desk, got, image, pushImage, type RunOptions, reading, replayOf, writing } from './support/runs.js'

interface Spoiled {
  readonly way: Between
  readonly image: ReturnType<typeof image>
}

async function spoiled(): Promise<Spoiled> {
  const { host, origin } = await dockerRegistry()
  const pushed = await pushImage(writing(host), 'the layer', 'latest')
  return { way: await between(origin), image: pushed }
}

function failure(read: OciRead<unknown>): string {
  return read.ok ? 'ok' : read.kind === 'refused' ? read.reason : read.kind
}

const onManifests =
  (fault: Fault): Fault =>
  (seen, answer, response) =>
    seen.path.includes('/manifests/') ? fault(seen, answer, response) : undefined

const onBlobs =
  (fault: Fault): Fault =>
  (seen, answer, response) =>
    seen.path.includes('/blobs/') ? fault(seen, answer, response) : undefined

const flipped = (body: Buffer): Buffer => Buffer.from(body.map((byte, at) => (at === 20 ? byte ^ 1 : byte)))
const json = { 'content-type': 'application/json' }

describe.skipIf(!HAS_DOCKER_REGISTRY)(`what comes from a registry is compared ${WITH_DOCKER_REGISTRY}`, () => {
  const MANIFEST_FAULTS: readonly [string, Fault, byTag: string, byDigest: string][] = [
    ['nothing', () => undefined, 'ok', 'ok'],
    [
      'other bytes of the same length',
      (_, { body }) => ({ body: flipped(body) }),
      'trust/oci-digest-mismatch',
      'trust/oci-digest-mismatch',
    ],
    [
      'another document, and no header',
      (_, { headers }) => ({
        body: Buffer.from('{}'),
        headers: { ...headers, 'docker-content-digest': undefined },
      }),
      'trust/oci-malformed',
      'trust/oci-digest-mismatch',
    ],
    [
      'a header that names another digest',
      (_, { headers }) => ({ headers: { ...headers, 'docker-content-digest': `sha256:${'0'.repeat(64)}` } }),
      'trust/oci-digest-mismatch',
      // What counts is what was asked for.
      'ok',
    ],
    [
      'a header that names no digest',
      (_, { headers }) => ({ headers: { ...headers, 'docker-content-digest': 'nonsense' } }),
      'ok',
      'ok',
    ],
    [
      'another type',
      (_, { headers }) => ({ headers: { ...headers, 'content-type': OCI_INDEX } }),
      'trust/oci-mediatype-mismatch',
      'trust/oci-mediatype-mismatch',
    ],
    [
      'the type with parameters',
      (_, { headers }) => ({ headers: { ...headers, 'content-type': `${OCI_MANIFEST}; charset=utf-8` } }),
      'ok',
      'ok',
    ],
    ['no type', (_, { headers: { 'content-type': _type, ...headers } }) => ({ headers }), 'ok', 'ok'],
    ['401', () => ({ status: 401, headers: json, body: Buffer.from('{}') }), 'unavailable', 'unavailable'],
    ['403', () => ({ status: 403, headers: json, body: Buffer.from('{}') }), 'unavailable', 'unavailable'],
    ['404', () => ({ status: 404, headers: json, body: Buffer.from('{}') }), 'absent', 'absent'],
    ['429', () => ({ status: 429, headers: json, body: Buffer.from('{}') }), 'unavailable', 'unavailable'],
    ['500', () => ({ status: 500, headers: json, body: Buffer.from('{}') }), 'unavailable', 'unavailable'],
    ['503', () => ({ status: 503, headers: json, body: Buffer.from('{}') }), 'unavailable', 'unavailable'],
    [
      'half a body',
      (_, { body, headers, status }, response) => {
        response.writeHead(status, headers)
        response.write(body.subarray(0, 30), () => response.destroy())
        return true
      },
      'unavailable',
      'unavailable',
    ],
    [
      'a giant that says so',
      (_, { headers, status }, response) => {
        response.writeHead(status, { ...headers, 'content-length': String(2 ** 40) })
        response.write('{')
        return true
      },
      'trust/oci-too-large',
      'trust/oci-too-large',
    ],
    [
      'a giant that does not',
      (_, { headers: { 'content-length': _length, ...headers }, status }, response) => {
        response.writeHead(status, headers)
        const more = (error?: Error | null): void => {
          // Newer Nodes call back at once for a connection that is gone, and do not call the response destroyed.
          if (error === undefined || error === null) response.write(Buffer.alloc(1 << 18, ' '), more)
        }
        more()
        return true
      },
      'trust/oci-too-large',
      'trust/oci-too-large',
    ],
    [
      'silence',
      (_, { headers, status }, response) => {
        response.writeHead(status, headers)
        response.flushHeaders()
        return true
      },
      'unavailable',
      'unavailable',
    ],
    ['a redirect to a file', () => ({ status: 307, headers: { location: 'file:///etc/passwd' } }), 'unavailable', 'unavailable'],
    ['a redirect to itself', ({ path }) => ({ status: 307, headers: { location: path } }), 'unavailable', 'unavailable'],
  ]

  it('manifests, whatever goes wrong with them', async () => {
    const { way, image } = await spoiled()
    const { digest, size, mediaType } = image.manifest.descriptor
    const expected: Descriptor = { digest, size, mediaType, annotations: new Map() }
    const quick: RunOptions = { client: { timeouts: { headersMs: 300, bodyMs: 300 }, retry: { attempts: 1 } } }
    for (const [what, fault, byTag, byDigest] of MANIFEST_FAULTS) {
      way.fault = onManifests(fault)
      const run = desk(quick)
      const source = reading(way.host, run)
      const reads = [await source.document({ tag: 'latest' }), await source.document({ digest })]
      expect([what, ...reads.map(failure)]).toEqual([what, byTag, byDigest])
      const described = failure(await source.document({ digest }, expected))
      const asDescribed = what === 'another document, and no header' ? 'trust/oci-size-mismatch' : byDigest
      expect([what, described]).toEqual([what, asDescribed])
      // Offline, the same.
      const replayed = reading(way.host, replayOf(run).desk)
      expect([await replayed.document({ tag: 'latest' }), await replayed.document({ digest })]).toEqual(reads)
    }
  })

  it('manifests against the descriptor that led to them', async () => {
    const { way, image } = await spoiled()
    const { descriptor } = image.manifest
    const source = reading(way.host)
    const ask = async (change: Partial<Descriptor>): Promise<string> =>
      failure(await source.document({ digest: descriptor.digest }, { ...descriptor, ...change }))
    expect(await ask({})).toBe('ok')
    expect(await ask({ size: undefined })).toBe('ok')
    expect(await ask({ size: descriptor.size + 1 })).toBe('trust/oci-size-mismatch')
    expect(await ask({ mediaType: OCI_INDEX })).toBe('trust/oci-mediatype-mismatch')
    expect(await ask({ size: 1 << 30 })).toBe('trust/oci-too-large')
    const before = way.seen.length
    expect(await ask({ data: image.manifest.bytes })).toBe('ok')
    expect(way.seen.length).toBe(before)
    // What a descriptor carries and is not what it names is not believed; the registry is asked.
    const other = reading(way.host)
    expect(failure(await other.document({ digest: descriptor.digest }, { ...descriptor, data: Buffer.from('{}') }))).toBe('ok')
    expect(way.seen.length).toBe(before + 1)
  })

  const BLOB_FAULTS: readonly [string, Fault, string][] = [
    ['nothing', () => undefined, 'ok'],
    ['other bytes of the same length', () => ({ body: Buffer.from('the Layer') }), 'trust/oci-digest-mismatch'],
    ['too many', () => ({ body: Buffer.from('the layer!') }), 'trust/oci-size-mismatch'],
    ['too few', () => ({ body: Buffer.from('the') }), 'trust/oci-size-mismatch'],
    [
      'a length that does not come',
      (_, { headers, status }, response) => {
        response.writeHead(status, headers)
        response.write('the', () => response.destroy())
        return true
      },
      'unavailable',
    ],
    ['404', () => ({ status: 404 }), 'absent'],
    ['500', () => ({ status: 500 }), 'unavailable'],
  ]

  it('blobs, too', async () => {
    const { way, image } = await spoiled()
    const { descriptor } = image.layer
    for (const [what, fault, expected] of BLOB_FAULTS) {
      way.fault = onBlobs(fault)
      const run = desk()
      const read = await reading(way.host, run).blob(descriptor, 1000)
      expect([what, failure(read)]).toEqual([what, expected])
      expect(await reading(way.host, replayOf(run).desk).blob(descriptor, 1000)).toEqual(read)
    }
    way.fault = undefined
    const before = way.seen.length
    const source = reading(way.host)
    expect(failure(await source.blob(descriptor, 8))).toBe('trust/oci-too-large')
    expect(failure(await source.blob({ ...descriptor, size: 20_000 }, 10_000))).toBe('trust/oci-too-large')
    expect(got(await source.blob({ ...descriptor, data: image.layer.bytes }, 100))).toEqual(image.layer.bytes)
    expect(way.seen.length).toBe(before)
    expect(failure(await source.blob({ ...descriptor, data: Buffer.from('nonsense') }, 100))).toBe('ok')
    // Without a size, up to the limit.
    expect(failure(await reading(way.host).blob({ ...descriptor, size: undefined }, 8))).toBe('trust/oci-too-large')
    expect(failure(await reading(way.host).blob({ ...descriptor, size: undefined }, 9))).toBe('ok')
  })

  it('a list of referrers is never empty because it could not be had', async () => {
    const { way, image } = await spoiled()
    const { digest } = image.manifest.descriptor
    const listed = async (): Promise<string> => {
      const read = await reading(way.host).referrers(digest)
      return read.ok ? `${read.value.from} ${read.value.descriptors.length} ${read.value.notes.length}` : failure(read)
    }
    expect(await listed()).toBe('fallback-tag 0 0')
    for (const [status, expected] of [
      [401, 'unavailable'],
      [403, 'unavailable'],
      [429, 'unavailable'],
      [500, 'unavailable'],
      [502, 'unavailable'],
      [405, 'unavailable'],
    ] as const) {
      way.fault = ({ path }) => (path.includes('/referrers/') ? { status } : undefined)
      expect([status, await listed()]).toEqual([status, expected])
      way.fault = ({ path }) => (path.includes(referrersTag(digest)) ? { status } : undefined)
      expect([status, await listed()]).toEqual([status, expected])
    }
    way.fault = undefined
    const tag = referrersTag(digest)
    // Whoever may push may put anything there.
    const put = await putManifest(writing(way.host), image.manifest, { tag })
    expect(put).toMatchObject({ ok: true })
    expect(await listed()).toBe('fallback-tag 0 1')
    const list = contentOf(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })), OCI_INDEX)
    expect(await putManifest(writing(way.host), list, { tag })).toMatchObject({ ok: true })
    expect(await listed()).toBe('fallback-tag 0 0')
    way.fault = ({ path }, { body, headers }) =>
      path.includes(tag)
        ? {
            body: Buffer.concat([body.subarray(0, -1), Buffer.from(']')]),
            headers: { ...headers, 'docker-content-digest': undefined },
          }
        : undefined
    expect(await listed()).toBe('fallback-tag 0 1')
    way.fault = ({ path }, { body }) => (path.includes(tag) ? { body: flipped(body) } : undefined)
    expect(await listed()).toBe('trust/oci-digest-mismatch')
  })
})

describe.skipIf(!HAS_DOCKER_REGISTRY)(`credentials stay at home ${WITH_DOCKER_REGISTRY}`, () => {
  it('a blob that is elsewhere is fetched there, without them', async () => {
    const { host, origin } = await dockerRegistry('htpasswd')
    const login = alice()
    await pushImage(writing(host, { login }), 'the layer', 'latest')
    const way = await between(origin)
    const storage = await between(origin)
    storage.fault = () => ({ status: 200, headers: {}, body: Buffer.from('the layer') })
    way.fault = ({ path }, answer) =>
      path.includes('/blobs/') && answer.status === 200
        ? { status: 307, headers: { location: `${storage.origin}/here` }, body: Buffer.alloc(0) }
        : undefined
    const run = desk({ login: (at, repository) => (at === way.host ? login(host, repository) : undefined) })
    const { layer } = image('the layer')
    expect(Buffer.from(got(await reading(way.host, run).blob(layer.descriptor, 100))).toString()).toBe('the layer')
    expect(way.seen.map(({ headers }) => headers.authorization !== undefined)).toEqual([false, true])
    expect(storage.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([['/here', undefined]])
  })
})
