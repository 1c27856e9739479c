import { spawnSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readArchive } from '../../../src/evidence/archive/archive.js'
import { gzipStored, type TarMember, writeTar } from '../../../src/evidence/archive/write-tar.js'

async function read(bytes: Uint8Array): Promise<TarMember[]> {
  const members: TarMember[] = []
  for await (const { path, kind, bytes: content, linkTarget } of readArchive(bytes, { container: 'tar', packing: 'gzip' }))
    members.push(kind === 'symlink' ? { path, target: linkTarget ?? '' } : { path, bytes: Uint8Array.from(content) })
  return members
}

const SEGMENT = fc.stringMatching(/^[a-z\u00e9\u4e2d ][a-z0-9\u00e9\u{1f600}]{0,80}$/u)
const PATH = fc.array(SEGMENT, { minLength: 1, maxLength: 4 }).map((parts) => ['top', ...parts].join('/'))

describe('a tar that is written', () => {
  it('is read back as it was, whatever the names', async () => {
    const members = fc.uniqueArray(fc.tuple(PATH, fc.uint8Array({ maxLength: 2000 })), {
      selector: ([path]) => path,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(members, async (list) => {
        const written = list
          // A file is no folder of another.
          .filter(([path]) => !list.some(([other]) => other.startsWith(`${path}/`)))
          .map(([path, bytes]) => ({ path, bytes }))
        expect(await read(gzipStored(writeTar(written)))).toEqual(
          written.map(({ path, bytes }) => ({ path, bytes: Uint8Array.from(bytes) })),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('holds links, and content of more than one stored block', async () => {
    const bytes = Buffer.alloc(200_000, 'abc')
    const members = [
      { path: 'a/big', bytes: Uint8Array.from(bytes) },
      { path: 'a/link', target: 'big' },
      { path: `a/${'long/'.repeat(60)}file`, bytes: Uint8Array.of(1) },
    ]
    const packed = gzipStored(writeTar(members))
    expect(await read(packed)).toEqual(members)
    expect(gunzipSync(packed).equals(writeTar(members))).toBe(true)
    expect(Buffer.from(gzipStored(writeTar(members))).equals(packed)).toBe(true)
    const listed = spawnSync('tar', ['-tzf', '-'], { input: packed, encoding: 'utf8' })
    if (listed.error === undefined) expect(listed.stdout.trim().split('\n')).toEqual(members.map(({ path }) => path))
  })

  it('of nothing is an archive of nothing', () => {
    expect(gunzipSync(gzipStored(new Uint8Array(0))).length).toBe(0)
    expect(writeTar([]).length).toBe(1024)
  })
})
