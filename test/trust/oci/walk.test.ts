import { describe, expect, it } from 'vitest'
import type { OciContents } from '../../../src/trust/oci/contents.js'
import { openLayout } from '../../../src/trust/oci/layout.js'
import { parseOciDigest } from '../../../src/trust/oci/reference.js'
import type { ListedReferrers, OciRead, OciSource } from '../../../src/trust/oci/source.js'
import { walkArtifact } from '../../../src/trust/oci/walk.js'
import { hexOf, INDEX, LayoutMaker, MANIFEST, type Pointer } from './support/layout-maker.js'

/** A source over what was made, of which a test may answer some questions itself. */
async function sourceOf(
  own: LayoutMaker,
  answers: Partial<OciSource> = {},
): Promise<OciSource & { asked: number; bytes: number }> {
  const layout = await openLayout(own.tree())
  if (!layout.ok) throw new Error(layout.why)
  const inner = layout.value
  const source = {
    asked: 0,
    bytes: 0,
    name: 'made',
    document: (...of: Parameters<OciSource['document']>) => {
      source.asked += 1
      return (answers.document ?? inner.document.bind(inner))(...of)
    },
    async blob(...of: Parameters<OciSource['blob']>) {
      source.asked += 1
      const read = await (answers.blob ?? inner.blob.bind(inner))(...of)
      source.bytes += read.ok ? read.value.length : 0
      return read
    },
    referrers: (...of: Parameters<OciSource['referrers']>) => {
      source.asked += 1
      return (answers.referrers ?? inner.referrers.bind(inner))(...of)
    },
  }
  return source
}

async function walked(source: OciSource, pointer: Pointer): Promise<OciContents> {
  const read = await walkArtifact(source, { digest: parseOciDigest(pointer.digest) })
  if (!read.ok) throw new Error(read.why)
  return read.value
}

const reasons = ({ notes }: OciContents): string[] =>
  [...new Set(notes.map(({ weight, reason }) => `${weight} ${reason}`))].sort()
const listed = (pointers: readonly Pointer[]): OciRead<ListedReferrers> => ({
  ok: true,
  value: {
    from: 'fallback-tag',
    notes: [],
    descriptors: pointers.flatMap(({ mediaType, digest, size }) => {
      const parsed = parseOciDigest(digest)
      return parsed === undefined ? [] : [{ mediaType, digest: parsed, size, annotations: new Map() }]
    }),
  },
})

describe('what is listed as about an artifact', () => {
  it('counts only where it says so itself', async () => {
    const own = new LayoutMaker()
    const [image, other] = [own.add(own.image('app')), own.image('other')]
    const [mine, foreign, silent] = [
      own.referrer(image, 'x/mine', [{ mediaType: 'a/b', content: 'mine' }]),
      own.referrer(other, 'x/foreign', [{ mediaType: 'a/b', content: 'foreign' }]),
      own.referrer(undefined, 'x/silent', [{ mediaType: 'a/b', content: 'silent' }]),
    ]
    const source = await sourceOf(own, { referrers: async () => listed([mine, foreign, silent, mine]) })
    const contents = await walked(source, image)
    expect(contents.attachments.map(({ artifactType }) => artifactType)).toEqual(['x/mine'])
    expect(contents.notes.map(({ reason, why }) => [reason, why.includes('nothing') || why.includes(other.digest)])).toEqual([
      ['trust/oci-referrer-foreign', true],
      ['trust/oci-referrer-foreign', true],
    ])
  })

  it('takes nothing away where the list lies or names what is not there', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    const mine = own.referrer(image, 'x/mine', [{ mediaType: 'a/b', content: 'mine' }])
    const lies = [
      { ...mine, size: mine.size + 1 },
      { ...own.referrer(image, 'x/index', []), mediaType: INDEX },
      { ...mine, digest: `sha256:${'0'.repeat(64)}` },
    ]
    const contents = await walked(await sourceOf(own, { referrers: async () => listed(lies) }), image)
    expect(contents.attachments).toEqual([])
    expect(reasons(contents)).toEqual([
      'note trust/oci-mediatype-mismatch',
      'note trust/oci-missing',
      'note trust/oci-size-mismatch',
    ])
  })

  it('that comes with other bytes is a contradiction', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    const mine = own.attach(image, 'x/mine', [{ mediaType: 'a/b', content: 'mine' }])
    const blob = [...own.blobs].find(([, bytes]) => Buffer.from(bytes).toString() === 'mine')?.[0] ?? ''
    own.blobs.set(blob, Buffer.from('MINE'))
    expect(reasons(await walked(await sourceOf(own), image))).toEqual(['contradiction trust/oci-digest-mismatch'])
    own.blobs.set(mine.digest, Buffer.from(own.blobs.get(image.digest) ?? ''))
    own.entries.pop()
    const lying = await sourceOf(own, { referrers: async () => listed([{ ...mine, size: image.size }]) })
    expect(reasons(await walked(lying, image))).toEqual(['contradiction trust/oci-digest-mismatch'])
  })

  it('is not known where the registry does not say', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    const unavailable = { ok: false, kind: 'unavailable', why: '503' } as const
    const source = await sourceOf(own, { referrers: async () => unavailable })
    expect(reasons(await walked(source, image))).toEqual(['unknown trust/attestation-unknown'])
    const tags = await sourceOf(own, {
      document: async (reference, expected) => (reference.tag === undefined ? source.document(reference, expected) : unavailable),
    })
    expect((await walked(tags, image)).notes).toHaveLength(3)
  })
})

describe('limits', () => {
  it('5,000 referrers: the first 1,000 are read, and it says so', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    const many = Array.from({ length: 5000 }, (_, at) => ({
      mediaType: MANIFEST,
      digest: `sha256:${String(at).padStart(64, '0')}`,
      size: 9,
    }))
    const source = await sourceOf(own, { referrers: async () => listed(many) })
    const contents = await walked(source, image)
    expect(reasons(contents)).toContain('unknown trust/oci-too-many')
    expect(source.asked).toBeLessThan(1020)
  })

  it('lists of 64 parts together: 2,000 manifests', async () => {
    const own = new LayoutMaker()
    const index = own.add(own.index(Array.from({ length: 80 }, (_, at) => own.image(`part ${at}`))))
    const source = await sourceOf(own, {
      referrers: async ({ hex }) =>
        listed(
          Array.from({ length: 900 }, (_, at) => ({
            mediaType: MANIFEST,
            digest: `sha256:${hex.slice(0, 56)}${String(at).padStart(8, '0')}`,
            size: 9,
          })),
        ),
    })
    const contents = await walked(source, index)
    expect(contents.notes.filter(({ reason }) => reason === 'trust/oci-too-many').map(({ why }) => why)).toEqual([
      '58500 manifests refer to it and its parts; 2000 are read',
      'it has 80 parts; attachments of the first 64 are looked for',
    ])
    expect(source.asked).toBeLessThan(2000 + 65 * 4 + 100)
  })

  it('blobs beyond 256 MiB together by what they say of themselves are not read', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    const half = own.blob('a/b', 'half')
    const carrier = own.blob(MANIFEST, {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: 'x/y',
      config: own.blob('application/vnd.oci.empty.v1+json', '{}'),
      layers: Array.from({ length: 30 }, () => ({ ...half, size: 10 * 1024 * 1024 })),
      subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
    })
    own.add(carrier)
    const contents = await walked(await sourceOf(own), image)
    expect(reasons(contents)).toEqual(['note trust/oci-size-mismatch', 'unknown trust/oci-too-many'])
    expect(
      contents.attachments.filter(({ content }) => content.kind === 'other' && content.why?.startsWith('more is')).length,
    ).toBe(5)
  })

  it('what says that it is larger than anything that is read takes no room from the others', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    const [lie, mine] = [own.blob('a/b', 'lie'), own.blob('a/b', 'mine')]
    const carrier = own.blob(MANIFEST, {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: 'x/y',
      config: own.blob('application/vnd.oci.empty.v1+json', '{}'),
      layers: [{ ...lie, size: 2 ** 40 }, mine],
      subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
    })
    const source = await sourceOf(own, { referrers: async () => listed([{ ...image, size: 2 ** 40 }, carrier]) })
    const contents = await walked(source, image)
    expect(reasons(contents)).not.toContain('unknown trust/oci-too-many')
    expect(contents.attachments.map(({ content }) => content.kind === 'other' && content.why)).toContain('it is not valid JSON')
  })

  it('a blob beyond 16 MiB is not fetched', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    own.attach(image, 'x/y', [{ mediaType: 'a/b', content: Buffer.alloc(16 * 1024 * 1024 + 1) }])
    const source = await sourceOf(own)
    expect(reasons(await walked(source, image))).toEqual(['note trust/oci-too-large'])
    expect(source.bytes).toBe(0)
  })

  it('indexes in indexes: three deep, and 1,000 manifests in all', async () => {
    const own = new LayoutMaker()
    let nested = own.index([own.image('deep')])
    for (let depth = 0; depth < 5; depth += 1) nested = own.index([nested])
    own.add(nested)
    const deep = await walked(await sourceOf(own), nested)
    expect(reasons(deep)).toEqual(['unknown trust/oci-too-many'])
    expect(deep.children).toHaveLength(3)
    const inner = Array.from({ length: 3 }, (_, of) =>
      own.index(Array.from({ length: 400 }, (_, at) => own.image(`${of} ${at}`))),
    )
    const outer = own.add(own.index(inner))
    const wide = await walked(await sourceOf(own), outer)
    expect(wide.children).toHaveLength(1000)
    expect(reasons(wide)).toEqual(['unknown trust/oci-too-many'])
  })

  it('parts of an index beyond 64 MiB together by what it says of them are not read', async () => {
    const own = new LayoutMaker()
    const parts = Array.from({ length: 30 }, (_, at) => ({ ...own.image(`part ${at}`), size: 4 * 1024 * 1024 }))
    const index = own.add(own.index(parts))
    const source = await sourceOf(own)
    const contents = await walked(source, index)
    expect(contents.children).toHaveLength(16)
    expect(contents.notes.filter(({ weight }) => weight === 'unknown')).toEqual([
      { weight: 'unknown', reason: 'trust/oci-too-many', why: 'its indexes hold more than 67108864 bytes of manifests' },
    ])
  })

  it('layers of what is attached beyond 4,000 are not listed', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    for (let at = 0; at < 6; at += 1) {
      const part = own.blob('application/vnd.oci.image.layer.v1.tar', `${at}`)
      own.add(
        own.blob(MANIFEST, {
          schemaVersion: 2,
          mediaType: MANIFEST,
          artifactType: 'x/y',
          config: own.blob('application/vnd.oci.empty.v1+json', '{}'),
          layers: Array.from({ length: 1000 }, () => part),
          subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
        }),
      )
    }
    const contents = await walked(await sourceOf(own), image)
    expect(contents.attachments).toHaveLength(4000)
    expect(reasons(contents)).toEqual(['unknown trust/oci-too-many'])
  })

  it('a source that answers every question with more questions comes to an end', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    let made = 0
    const another = (): Pointer => ({ mediaType: INDEX, digest: `sha256:${String((made += 1)).padStart(64, '0')}`, size: 9 })
    const lying = await sourceOf(own, {
      document: async ({ digest }) => {
        const [first, second] = [listed([another()]), listed([another()])]
        const manifests = [first, second].flatMap((one) => (one.ok ? one.value.descriptors : []))
        const document = { kind: 'index' as const, mediaType: INDEX, manifests, subject: manifests[0], annotations: new Map() }
        return {
          ok: true,
          value: { document, digest: digest ?? { algorithm: 'sha256', hex: 'f'.repeat(64) }, bytes: Buffer.of() },
        }
      },
      referrers: async () => listed(Array.from({ length: 50 }, another)),
    })
    const contents = await walked(lying, image)
    expect(contents.children.length).toBe(14)
    expect(contents.attachments).toEqual([])
    expect(reasons(contents)).toContain('unknown trust/oci-too-many')
    expect(reasons(contents)).toContain('note trust/oci-referrer-foreign')
    expect(lying.asked).toBeLessThan(2000)
  })

  it('what stands in it twice is read once', async () => {
    const own = new LayoutMaker()
    const image = own.image('one')
    const inner = own.index([image, image])
    const outer = own.add(own.index([image, inner, inner]))
    const contents = await walked(await sourceOf(own), outer)
    expect(contents.children.map(({ role }) => role)).toEqual(['image', 'index'])
  })
})

describe('what a manifest says it is about', () => {
  it.each([
    { name: 'is there', change: (pointer: Pointer) => pointer, state: 'held', told: [] },
    {
      name: 'is of another size',
      change: (pointer: Pointer) => ({ ...pointer, size: 1 }),
      state: 'dangling',
      told: ['note trust/oci-subject-dangling'],
    },
    {
      name: 'is not there',
      change: (pointer: Pointer) => ({ ...pointer, digest: `sha256:${'0'.repeat(64)}` }),
      state: 'dangling',
      told: ['note trust/oci-subject-dangling'],
    },
  ])('$name', async ({ change, state, told }) => {
    const own = new LayoutMaker()
    const image = own.add(own.image('app'))
    const sbom = own.add(own.referrer(change(image), 'application/vnd.cyclonedx+json', [{ mediaType: 'a/b', content: '{}' }]))
    const contents = await walked(await sourceOf(own), sbom)
    expect([contents.subject?.state, reasons(contents)]).toEqual([state, told])
  })

  it('is not there because the manifest holds a copy of it', async () => {
    const own = new LayoutMaker()
    const gone = own.image('gone')
    const subject = {
      mediaType: gone.mediaType,
      digest: gone.digest,
      size: gone.size,
      data: Buffer.from(own.blobs.get(gone.digest) ?? '').toString('base64'),
    }
    const config = own.blob('application/vnd.oci.empty.v1+json', '{}')
    const manifest = { schemaVersion: 2, mediaType: MANIFEST, artifactType: 'x/y', config, layers: [], subject }
    const holder = own.add(own.blob(MANIFEST, manifest))
    own.blobs.delete(gone.digest)
    const inner = await sourceOf(own)
    const source = await sourceOf(own, {
      document: async (reference, expected) =>
        expected?.data === undefined ? inner.document(reference, expected) : { ok: false, kind: 'unavailable', why: 'a copy' },
    })
    expect((await walked(source, holder)).subject?.state).toBe('dangling')
  })

  it('statements about a sibling that the index does not hold are of nobody', async () => {
    const own = new LayoutMaker()
    const [image, other] = [own.image('amd64'), own.image('other')]
    const statements = own.referrer(undefined, 'x/y', [{ mediaType: 'application/vnd.in-toto+json', content: '{}' }])
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': other.digest }
    const index = own.add(own.index([image, { ...statements, annotations }]))
    const contents = await walked(await sourceOf(own), index)
    expect([contents.attachments, reasons(contents)]).toEqual([[], ['note trust/oci-subject-dangling']])
  })
})

it('tags of cosign are asked for the artifact and each of its parts', async () => {
  const own = new LayoutMaker()
  const image = own.image('amd64')
  const index = own.add(own.index([image]))
  const carrier = own.referrer(undefined, 'x/y', [{ mediaType: 'text/spdx', content: 'SPDXVersion: SPDX-2.3\n' }])
  own.add(carrier, `sha256-${hexOf(image)}.sbom`)
  const contents = await walked(await sourceOf(own), index)
  expect(contents.attachments).toMatchObject([
    { about: { hex: hexOf(image) }, content: { kind: 'sbom', format: { family: 'spdx', encoding: 'tag-value' } } },
  ])
})
