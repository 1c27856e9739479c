import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openFolder } from '../../../src/evidence/open-input.js'
import type { OciLayout } from '../../../src/trust/oci/layout.js'
import { openLayout, parseLayoutReference } from '../../../src/trust/oci/layout.js'
import { parseOciDigest } from '../../../src/trust/oci/reference.js'
import { withScratch } from '../../support/assay.js'
import { MemoryTree } from '../../support/memory-tree.js'
import { LayoutMaker, type Pointer } from './support/layout-maker.js'

const HEX = 'a'.repeat(64)

describe('how a layout is named', () => {
  it.each([
    ['folder', { folder: 'folder' }],
    ['./a/b:v1', { folder: './a/b', tag: 'v1' }],
    ['/x:y/layout', { folder: '/x:y/layout' }],
    ['C:', { folder: 'C:' }],
    ['C:\\images\\app:v1', { folder: 'C:\\images\\app', tag: 'v1' }],
    ['user@host/layout', { folder: 'user@host/layout' }],
    [`layout@sha256:${HEX}`, { folder: 'layout', digest: { algorithm: 'sha256', hex: HEX } }],
    [`layout:v1@sha256:${HEX}`, { folder: 'layout', tag: 'v1', digest: { algorithm: 'sha256', hex: HEX } }],
  ])('%s', (text, expected) => {
    expect(parseLayoutReference(text)).toEqual({ ok: true, reference: { tag: undefined, digest: undefined, ...expected } })
  })

  it.each(['', ':v1', 'ab:-', 'ab:', 'layout@sha256:abc', `layout@sha512:${HEX}`, `layout@md5:${'0'.repeat(32)}`])(
    '%j is refused',
    (text) => {
      expect(parseLayoutReference(text).ok).toBe(false)
    },
  )

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => typeof parseLayoutReference(text).ok === 'boolean'))
  })
})

async function opened(own: LayoutMaker): Promise<OciLayout> {
  const layout = await openLayout(own.tree())
  if (!layout.ok) throw new Error(layout.why)
  return layout.value
}

const digestOf = (pointer: Pointer): NonNullable<ReturnType<typeof parseOciDigest>> => {
  const digest = parseOciDigest(pointer.digest)
  if (digest === undefined) throw new Error(pointer.digest)
  return digest
}

describe('a layout folder', () => {
  it('gives what has a tag, whole names of other tools too, and never two things for one', async () => {
    const own = new LayoutMaker()
    const [one, two] = [own.add(own.image('one'), 'v1'), own.add(own.image('two'), 'docker.io/acme/app:v2')]
    own.add(own.image('three'), 'twice')
    own.add(own.image('four'), 'twice')
    const layout = await opened(own)
    expect(await layout.document({ tag: 'v1' })).toMatchObject({ ok: true, value: { digest: digestOf(one) } })
    expect(await layout.document({ tag: 'v2' })).toMatchObject({ ok: true, value: { digest: digestOf(two) } })
    expect(await layout.document({ tag: 'v3' })).toMatchObject({ ok: false, kind: 'absent' })
    expect(await layout.document({ tag: 'twice' })).toMatchObject({ ok: false, kind: 'refused', reason: 'trust/oci-malformed' })
  })

  it('reads the file where the copy in a descriptor is another one', async () => {
    const own = new LayoutMaker()
    const { mediaType, digest, size } = own.blob('a/b', 'mine')
    const descriptor = { mediaType, digest: digestOf({ mediaType, digest, size }), size, annotations: new Map() }
    const read = await (await opened(own)).blob({ ...descriptor, data: Buffer.from('MINE') }, 100)
    expect(read.ok && Buffer.from(read.value).toString()).toBe('mine')
  })

  it('holds what an entry says against what is there', async () => {
    const own = new LayoutMaker()
    const image = own.image('one')
    own.add({ ...image, size: image.size + 1 }, 'longer')
    own.add({ ...image, size: image.size - 1 }, 'shorter')
    own.add({ ...image, mediaType: 'application/vnd.oci.image.index.v1+json' }, 'index')
    const layout = await opened(own)
    for (const [tag, reason] of [
      ['longer', 'trust/oci-size-mismatch'],
      ['shorter', 'trust/oci-size-mismatch'],
      ['index', 'trust/oci-mediatype-mismatch'],
    ] as const)
      expect(await layout.document({ tag })).toMatchObject({ ok: false, kind: 'refused', reason })
  })

  it('gives blobs that have their digest, up to a limit, and data that does', async () => {
    const own = new LayoutMaker()
    own.add(own.image('one'), 'v1')
    const good = own.blob('text/plain', 'good')
    const bad = own.blob('text/plain', 'evil')
    own.blobs.set(bad.digest, Buffer.from('EVIL'))
    const layout = await opened(own)
    const blob = (pointer: Pointer, data?: string): Promise<unknown> =>
      layout.blob(
        {
          mediaType: pointer.mediaType,
          size: pointer.size,
          digest: digestOf(pointer),
          annotations: new Map(),
          data: data === undefined ? undefined : Buffer.from(data),
        },
        100,
      )
    expect(await blob(good)).toEqual({ ok: true, value: Buffer.from('good') })
    expect(await blob(bad)).toMatchObject({ kind: 'refused', reason: 'trust/oci-digest-mismatch' })
    expect(await blob(bad, 'evil')).toMatchObject({ ok: true })
    expect(await blob(bad, 'EVIL')).toMatchObject({ kind: 'refused', reason: 'trust/oci-digest-mismatch' })
    expect(await blob({ ...good, size: 3 })).toMatchObject({ kind: 'refused', reason: 'trust/oci-size-mismatch' })
    expect(await blob({ ...good, size: 101 })).toMatchObject({ kind: 'refused', reason: 'trust/oci-too-large' })
    expect(await blob({ ...good, digest: `sha256:${HEX}` })).toMatchObject({ kind: 'absent' })
  })

  it.each([
    ['no oci-layout', {}, 'absent'],
    ['a broken one', { 'oci-layout': '{' }, 'refused'],
    ['another version', { 'oci-layout': '{"imageLayoutVersion":"2.0.0"}' }, 'refused'],
    ['a huge one', { 'oci-layout': ' '.repeat(5000) }, 'refused'],
    ['no index', { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' }, 'absent'],
    ['an index that is none', { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}', 'index.json': '[]' }, 'refused'],
    [
      'a manifest as index',
      { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}', 'index.json': '{"config":{},"layers":[]}' },
      'refused',
    ],
    [
      '5,000 entries',
      {
        'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
        'index.json': JSON.stringify({
          manifests: Array.from({ length: 5000 }, (_, at) => ({
            mediaType: 'application/vnd.oci.image.manifest.v1+json',
            digest: `sha256:${String(at).padStart(64, '0')}`,
            size: 1,
          })),
        }),
      },
      'refused',
    ],
  ])('%s', async (_name, files, kind) => {
    expect(await openLayout(new MemoryTree(files))).toMatchObject({ ok: false, kind })
  })

  it('names no referrers where reading all entries would be too much', async () => {
    const own = new LayoutMaker()
    const image = own.add(own.image('one'), 'v1')
    for (let at = 0; at < 20; at += 1) own.add({ ...own.image(`other ${at}`), size: 4 * 1024 * 1024 })
    expect(await (await opened(own)).referrers(digestOf(image))).toMatchObject({ ok: false, kind: 'unavailable' })
  })

  it('does not follow links out of it, and waits for no pipe', () =>
    withScratch(async (folder) => {
      const own = new LayoutMaker()
      const [inside, outside, pipe] = [
        own.add(own.image('in'), 'in'),
        own.add(own.image('out'), 'out'),
        own.add(own.image('pipe'), 'pipe'),
      ]
      const path = (pointer: Pointer): string => join(folder, 'layout', 'blobs', 'sha256', pointer.digest.slice('sha256:'.length))
      const secret = Buffer.from(own.blobs.get(outside.digest) ?? '')
      own.blobs.delete(outside.digest)
      own.blobs.delete(pipe.digest)
      own.write(join(folder, 'layout'))
      writeFileSync(join(folder, 'secret'), secret)
      symlinkSync(join(folder, 'secret'), path(outside))
      const made = process.platform !== 'win32' && spawnSync('mkfifo', [path(pipe)]).status === 0
      const layout = await openLayout(openFolder(join(folder, 'layout')))
      if (!layout.ok) throw new Error(layout.why)
      expect((await layout.value.document({ tag: 'in' })).ok).toBe(true)
      expect(await layout.value.document({ digest: digestOf(inside) })).toMatchObject({ ok: true })
      expect((await layout.value.document({ tag: 'out' })).ok).toBe(false)
      if (made)
        expect(await layout.value.document({ tag: 'pipe' })).toMatchObject({ kind: 'refused', reason: 'trust/oci-malformed' })
      mkdirSync(join(folder, 'empty'))
      symlinkSync(join(folder, 'layout', 'oci-layout'), join(folder, 'empty', 'oci-layout'))
      expect((await openLayout(openFolder(join(folder, 'empty')))).ok).toBe(false)
    }))
})
