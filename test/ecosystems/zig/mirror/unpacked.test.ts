import { afterAll, expect, it } from 'vitest'
import { unpackArchive } from '../../../../src/ecosystems/zig/mirror/unpacked.js'
import { parsePackageHash } from '../../../../src/ecosystems/zig/package-hash.js'
import { gzipStored, writeTar } from '../../../../src/evidence/archive/write-tar.js'
import { describeShared, readSharedBytes, readSharedJson } from '../../../support/shared.js'

interface Vector {
  readonly file: string
  readonly assay: string
  readonly zig_0_14_0_dev_2456?: string
}
const FOLDER = 'vectors/zig/archives'

describeShared(FOLDER, 'archives whose hash zig itself gave', () => {
  const vectors = readSharedJson<readonly Vector[]>(FOLDER, 'expected.json').flatMap(
    ({ file, assay, zig_0_14_0_dev_2456: text = '' }) => {
      const parsed = parsePackageHash(text)
      return parsed.ok ? [{ file, accepted: assay === 'accept', hash: parsed.hash }] : []
    },
  )
  let passed = 0
  afterAll(() => void process.stdout.write(`zig archives unpacked and packed again: ${passed} of ${vectors.length}\n`))

  it.each(vectors.filter(({ accepted }) => accepted))(
    '$file: the files of the hash, which stay those of the hash when packed again',
    async ({ file, hash }) => {
      const unpacked = await unpackArchive(readSharedBytes(FOLDER, file), hash)
      if (!unpacked.ok) throw new Error(unpacked.why)
      expect(unpacked.files.length).toBeGreaterThan(0)
      const members = unpacked.files.map((one) =>
        one.kind === 'file'
          ? { path: `${hash.text}/${one.path}`, bytes: one.bytes }
          : { path: `${hash.text}/${one.path}`, target: one.target },
      )
      const again = await unpackArchive(gzipStored(writeTar(members)), hash)
      expect(again).toEqual({ ok: true, files: unpacked.files })
      passed += 1
    },
  )

  it('any other hash is refused, with what the files have', async () => {
    const [first, second] = vectors.filter(({ accepted }, i, all) => accepted && all[0]?.hash.text !== all[i]?.hash.text)
    const plain = vectors.find(({ file }) => file === 'plain.tar.gz')
    const other = second?.hash ?? first?.hash
    if (plain === undefined || other === undefined) throw new Error('the vectors have other names')
    expect(await unpackArchive(readSharedBytes(FOLDER, plain.file), other)).toMatchObject({
      ok: false,
      observed: plain.hash.text,
    })
  })
})
