import { generateKeyPairSync, hash, sign } from 'node:crypto'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyArtifact } from '../../src/audit/verify-artifact.js'
import type { ArtifactReport } from '../../src/model/artifact-report.js'
import { withScratch } from '../support/assay.js'
import { makeTar } from '../support/make-tar.js'
import { describeShared, readSharedJson, sharedPath } from '../support/shared.js'
import { told } from './support/artifact-release.js'

const NOTHING = { bundle: [], key: [], trustedRoot: [], sbom: [], timestamp: '2026-11-28T00:00:00Z' }
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const ID = Buffer.from('0102030405060708', 'hex')
const KEY = Buffer.concat([
  Buffer.from('Ed'),
  ID,
  Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
]).toString('base64')

function signed(content: Uint8Array, comment: string): string {
  const own = sign(null, hash('blake2b512', content, 'buffer'), privateKey)
  const global = sign(null, Buffer.concat([own, Buffer.from(comment)]), privateKey)
  const head = Buffer.concat([Buffer.from('ED'), ID, own]).toString('base64')
  return `untrusted comment: x\n${head}\ntrusted comment: ${comment}\n${global.toString('base64')}\n`
}

function verify(name: string, content: Uint8Array, comment: string): Promise<ArtifactReport> {
  return withScratch(async (folder) => {
    const artifact = join(folder, name)
    writeFileSync(artifact, content)
    writeFileSync(`${artifact}.minisig`, signed(content, comment))
    return verifyArtifact({ ...NOTHING, artifact, key: [KEY] })
  })
}

const PACKAGE = makeTar([{ name: 'widget-1.0/build.zig.zon', body: '.{ .name = .widget }' }])
const OTHER = makeTar([{ name: 'widget-1.0/README', body: 'x' }])
const MISMATCH = 'refused 1; minisign-key refused trust/minisign-file-name-mismatch'
const VERIFIED = 'verified 0; minisign-key verified'

describe('the signed file name of archives of Zig', () => {
  it.each([
    [
      'a toolchain, named',
      'zig-x86_64-linux-0.15.2.tar.xz',
      OTHER,
      'timestamp:1\tfile:zig-x86_64-linux-0.15.2.tar.xz\thashed',
      VERIFIED,
    ],
    [
      'an older toolchain',
      'zig-x86_64-linux-0.15.2.tar.xz',
      OTHER,
      'timestamp:1\tfile:zig-x86_64-linux-0.15.1.tar.xz\thashed',
      MISMATCH,
    ],
    ['a toolchain without a name', 'zig-x86_64-linux-0.15.2.tar.xz', OTHER, 'timestamp:1', MISMATCH],
    ['a part of a field', 'zig-0.15.2.zip', OTHER, 'x file:zig-0.15.2.zip', MISMATCH],
    ['two names', 'zig-0.15.2.zip', OTHER, 'file:zig-0.15.2.zip\tfile:zig-0.15.1.zip', MISMATCH],
    ['a package, named', 'widget-1.0.tar', PACKAGE, 'file:widget-1.0.tar', VERIFIED],
    ['an older package', 'widget-1.0.tar', PACKAGE, 'file:widget-0.9.tar', MISMATCH],
    ['a package without a name', 'widget-1.0.tar', PACKAGE, 'a comment', MISMATCH],
    ['another archive without a name', 'widget-1.0.tar', OTHER, 'a comment', VERIFIED],
    ['an archive that is none', 'widget-1.0.zip', Buffer.from('no zip'), 'a comment', VERIFIED],
  ])('%s', async (_, name, content, comment, expected) => {
    const report = await verify(name, content, comment)
    expect(told(report)).toBe(expected)
    const [problem] = report.signatures[0]?.problems ?? []
    if (expected === VERIFIED && comment === 'a comment') expect(problem?.reason).toBe('trust/comment-names-no-file')
    else if (expected === MISMATCH) expect(problem?.fix).toMatch(/older release/)
    else expect(problem).toBeUndefined()
  })
})

describeShared('vectors/zig/minisign', 'the minisign cases of Zig, through the command', () => {
  const { cases } = readSharedJson<{ cases: readonly { sig: string; file: string; askedFor: string; ok: boolean }[] }>(
    'vectors/zig/minisign',
    'expected.json',
  )
  it.each(cases)('$sig', ({ sig, file, askedFor, ok }) =>
    withScratch(async (folder) => {
      const artifact = join(folder, askedFor)
      copyFileSync(sharedPath('vectors/zig/minisign', file), artifact)
      copyFileSync(sharedPath('vectors/zig/minisign', sig), `${artifact}.minisig`)
      const report = await verifyArtifact({ ...NOTHING, artifact, key: [sharedPath('vectors/zig/minisign', 'test.pub')] })
      expect(report.exitCode).toBe(ok ? 0 : 1)
    }),
  )
  it('are 14, of both kinds', () => expect([cases.length, cases.filter(({ ok }) => ok).length > 3]).toEqual([14, true]))
})
