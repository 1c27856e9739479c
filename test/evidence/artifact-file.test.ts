import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readArtifact } from '../../src/evidence/artifact-file.js'
import { withScratch } from '../support/assay.js'

describe('an artifact as it is read', () => {
  // Below, at and above the block of a mebibyte in which a large file is read.
  it.each([0, 1, 1 << 20, (1 << 20) + 1, 3 * (1 << 20) + 7])('of %i bytes: the same digests held and streamed', (size) =>
    withScratch(async (folder) => {
      const file = join(folder, 'artifact')
      const content = Buffer.alloc(size, 'assay')
      writeFileSync(file, content)
      const expected = Object.fromEntries(
        ['sha256', 'sha384', 'sha512'].map((name) => [name, createHash(name).update(content).digest('hex')]),
      )
      for (const limit of [size, size - 1]) {
        const read = await readArtifact(file, limit)
        expect(read).toMatchObject({ ok: true, artifact: { size, ...expected } })
        if (!read.ok) return
        expect(Buffer.from(read.artifact.blake2b512)).toEqual(createHash('blake2b512').update(content).digest())
        expect(read.artifact.bytes === undefined ? undefined : Buffer.compare(read.artifact.bytes, content)).toBe(
          limit === size ? 0 : undefined,
        )
      }
    }),
  )

  it('says what is no file', () =>
    withScratch(async (folder) => {
      expect(await readArtifact(join(folder, 'none'), 10)).toMatchObject({ ok: false, failure: 'absent' })
      expect(await readArtifact(folder, 10)).toMatchObject({ ok: false, failure: 'not-a-file' })
    }))
})
