import { describe, expect, it } from 'vitest'
import type { OciDigest } from '../../../../src/trust/oci/reference.js'
import { formatOciDigest } from '../../../../src/trust/oci/reference.js'
import { attachReferrer } from '../../../../src/trust/oci/registry/attach-referrer.js'
import { sbomReferrer } from '../../../../src/trust/oci/registry/new-referrers.js'
import { type OwnRegistry, ownRegistry, type Wish } from './support/own-registry.js'
import { desk, got, image, reading, replayOf, writing } from './support/runs.js'

const { descriptor: SUBJECT } = image('the layer').manifest

async function withReferrers(count: number, wish: Wish): Promise<{ registry: OwnRegistry; digests: readonly string[] }> {
  const registry = await ownRegistry(wish)
  const digests: string[] = []
  for (let at = 0; at < count; at += 1) {
    const sbom = sbomReferrer({ format: 'spdx', bytes: Buffer.from(String(at)), title: 'x', created: '2026-11-01T00:00:00Z' })
    digests.push(formatOciDigest(got(await attachReferrer(writing(registry.host), SUBJECT, sbom)).descriptor.digest))
  }
  return { registry, digests }
}

describe('the list of referrers', () => {
  it('is read to its last page, and again offline', async () => {
    const { registry, digests } = await withReferrers(7, { pageSize: 3 })
    const run = desk()
    const list = got(await reading(registry.host, run).referrers(SUBJECT.digest))
    expect(list.from).toBe('referrers-api')
    expect(list.notes).toEqual([])
    expect(list.descriptors.map(({ digest }) => formatOciDigest(digest))).toEqual(digests)
    expect(list.descriptors.every(({ artifactType }) => artifactType === 'application/spdx+json')).toBe(true)
    expect(registry.seen.filter((line) => line.startsWith('GET /v2/acme/app/referrers/')).length).toBe(7 + 3)
    expect(got(await reading(registry.host, replayOf(run).desk).referrers(SUBJECT.digest))).toEqual(list)
  })

  it('names its next page in any of its Link headers', async () => {
    const link = (path: string): string[] => ['</v2/acme/app/manifests/x>; rel="self"', `<${path}>; rel="next"`]
    const { registry, digests } = await withReferrers(3, { pageSize: 2, link })
    const list = got(await reading(registry.host).referrers(SUBJECT.digest))
    expect(list.descriptors.map(({ digest }) => formatOciDigest(digest))).toEqual(digests)
  })

  it('is asked for in every run, and none is none', async () => {
    const { registry } = await withReferrers(0, {})
    const ask = async (): Promise<number> => got(await reading(registry.host).referrers(SUBJECT.digest)).descriptors.length
    expect(await ask()).toBe(0)
    const sbom = sbomReferrer({ format: 'spdx', bytes: Buffer.from('1'), title: 'x', created: '2026-11-01T00:00:00Z' })
    got(await attachReferrer(writing(registry.host), SUBJECT, sbom))
    expect(await ask()).toBe(1)
  })

  it('that was filtered without being asked says so', async () => {
    const { registry } = await withReferrers(1, { filters: true })
    expect(got(await reading(registry.host).referrers(SUBJECT.digest)).notes).toEqual([
      'the registry says that it filtered the list of referrers, although it was asked for all',
    ])
  })

  it.each([
    ['at another server', () => '<https://elsewhere.example/v2/acme/app/referrers/x>; rel="next"', 'refused'],
    ['at an address of a private network', () => '<http://169.254.169.254/x>; rel="next"', 'refused'],
    ['the same again', (path: string) => `<${path.replace(/\?.*/, '')}>; rel="next"`, 'refused'],
    ['no URL', () => '<http://:>; rel="next"', 'refused'],
    ['gone', () => '</v2/acme/app/manifests/gone>; rel="next"', 'unavailable'],
  ])('whose next page is %s is no list', async (_, link, kind) => {
    const { registry } = await withReferrers(2, { pageSize: 1, link })
    expect(await reading(registry.host).referrers(SUBJECT.digest)).toMatchObject({ ok: false, kind })
  })

  it('without end is given up', async () => {
    let page = 0
    const link = (path: string): string => {
      page += 1
      return `<${path.replace(/\?.*/, '')}?page=${page}>; rel="next"`
    }
    const { registry } = await withReferrers(2, { pageSize: 1, link })
    expect(await reading(registry.host).referrers(SUBJECT.digest)).toMatchObject({ ok: false, reason: 'trust/oci-too-large' })
  })

  it.each<[string, OciDigest]>([
    ['a digest with a path in it', { algorithm: 'sha256', hex: '../../../etc' }],
    ['a short one', { algorithm: 'sha512', hex: '0'.repeat(64) }],
  ])('of %s is not asked for', async (_, digest) => {
    const { registry } = await withReferrers(0, {})
    const source = reading(registry.host)
    const malformed = { ok: false, kind: 'refused', reason: 'trust/oci-malformed' }
    expect(await source.referrers(digest)).toMatchObject(malformed)
    expect(await source.document({ digest })).toMatchObject(malformed)
    expect(await source.document({ tag: '../x' })).toMatchObject(malformed)
    expect(await source.blob({ ...SUBJECT, digest }, 1000)).toMatchObject(malformed)
    expect(registry.seen).toEqual([])
  })
})
