import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { listedDigests } from '../../src/audit/artifact/checksum-list.js'
import { verifyArtifact } from '../../src/audit/verify-artifact.js'
import { readCosignBlob } from '../../src/trust/cosign-blob.js'
import { detachedKind, signerOfDetached } from '../../src/trust/detached-signature.js'
import { parsePublicKey } from '../../src/trust/public-key.js'
import { bundleOfLegacy } from '../../src/trust/sigstore/legacy-bundle.js'
import type { JsonObject } from '../../src/trust/strict-json.js'
import { isJsonObject } from '../../src/trust/strict-json.js'
import { withScratch } from '../support/assay.js'
import { describeShared, readSharedJson, sharedPath } from '../support/shared.js'
import { CONFORMANCE, conformanceCases } from '../trust/sigstore/conformance.js'
import { SigstoreInstance } from '../trust/support/sigstore-instance.js'
import type { Release } from './support/artifact-release.js'
import { CONTENT, inRelease, SHA256, SHA512, SIGNER, statement, told } from './support/artifact-release.js'
import { asCosignBlob, pemOf } from './support/cosign-blob.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: Release) => Promise<void>): Promise<void> => inRelease(instance, run)
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

describe('what cosign wrote before version 3', () => {
  it('verifies as a bundle does, and is noted', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.cosign.bundle', asCosignBlob(await instance.signMessage(CONTENT)))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('verified 0; signer verified')
      expect(report.signatures).toMatchObject([
        { form: 'cosign-legacy', outcome: 'verified', problems: [{ reason: 'trust/bundle-legacy' }] },
      ])
      expect(report.signatures[0]?.signedAt).toMatchObject([{ from: 'transparency-log' }])
    }))

  it('verifies with its envelope in the place of a signature', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.bundle', asCosignBlob(await instance.signStatement(statement())))
      const report = await verify(SIGNER)
      expect(report.signatures).toMatchObject([{ form: 'cosign-legacy', statement: { kind: 'provenance' } }])
      put('widget.tar.bundle', asCosignBlob(await instance.signStatement(statement({}, '00'.repeat(32)))))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/attestation-other-subject')
    }))

  const altered: readonly (readonly [name: string, change: (blob: JsonObject) => object, expected: string])[] = [
    [
      'another signature',
      (blob) => ({ ...blob, base64Signature: b64(Buffer.from('other')) }),
      'refused 1; signer refused trust/signature-invalid',
    ],
    ['no certificate', ({ cert: _, ...blob }) => blob, 'refused 1; signer refused trust/key-unknown'],
    [
      'a certificate that is none',
      (blob) => ({ ...blob, cert: b64(Buffer.from('x')) }),
      'refused 1; signer refused trust/bundle-malformed',
    ],
    [
      'a time that the log did not sign',
      (blob) => changed(blob, { integratedTime: 1_600_000_000 }),
      'refused 1; signer refused trust/certificate-expired',
    ],
    [
      'a time half an hour off',
      (blob) => changed(blob, { integratedTime: timeOf(blob) + 60 }),
      'refused 1; signer refused trust/log-invalid',
    ],
    [
      'an entry of another log',
      (blob) => changed(blob, { logID: '00'.repeat(32) }),
      'undecided 3; signer undecided trust/root-old',
    ],
    ['an entry of nothing', (blob) => changed(blob, { body: 'AAAA' }), 'refused 1; signer refused trust/bundle-malformed'],
    ['an index that is none', (blob) => changed(blob, { logIndex: '1' }), 'refused 1; signer refused trust/bundle-malformed'],
    ['an entry that is no object', (blob) => ({ ...blob, rekorBundle: [] }), 'refused 1; signer refused trust/bundle-malformed'],
    ['no entry', ({ rekorBundle: _, ...blob }) => blob, 'undecided 3; signer undecided trust/log-lookup-needed'],
  ]
  it.each(altered)('with %s is not verified', (_, change, expected) =>
    release(async ({ put, verify }) => {
      put('widget.tar.bundle', change(asCosignBlob(await instance.signMessage(CONTENT))))
      expect(told(await verify(SIGNER))).toBe(expected)
    }),
  )

  it('with an entry of a form that only old versions knew accuses nobody', () =>
    release(async ({ put, verify }) => {
      const recorded = {
        apiVersion: '0.0.1',
        kind: 'intoto',
        spec: { content: { hash: { algorithm: 'sha256', value: SHA256 } } },
      }
      put('widget.tar.bundle', asCosignBlob(await instance.signStatement(statement(), { recorded })))
      expect(told(await verify(SIGNER))).toBe('undecided 3; signer undecided trust/log-entry-unsupported')
      const other = { apiVersion: '0.0.1', kind: 'hashedrekord', spec: { data: {}, signature: {} } }
      put('widget.tar.bundle', asCosignBlob(await instance.signMessage(CONTENT, { recorded: other })))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/signature-invalid')
    }))

  it('over another file is refused, also where its name says otherwise', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', asCosignBlob(await instance.signMessage(Buffer.from('another file'))))
      expect((await verify(SIGNER)).exitCode).toBe(1)
    }))

  it('with a key is verified by the key', () =>
    release(async ({ put, verify }) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const pem = publicKey.export({ type: 'spki', format: 'pem' })
      const key = put('cosign.pub', String(pem))
      put('widget.tar.bundle', { base64Signature: b64(sign('sha256', CONTENT, privateKey)), cert: b64(Buffer.from(pem)) })
      expect(told(await verify({ key: [key] }))).toBe('verified 0; key verified')
      put('widget.tar.bundle', {
        base64Signature: b64(sign('sha256', Buffer.from('x'), privateKey)),
        cert: b64(Buffer.from(pem)),
      })
      expect(told(await verify({ key: [key] }))).toBe('refused 1; key refused trust/key-wrong')
    }))

  it('with a raw signature that begins like an envelope is still a signature', () =>
    release(async ({ put, verify }) => {
      const isBrace = (signature: Uint8Array): boolean => signature[0] === 0x7b
      let pair = generateKeyPairSync('ed25519')
      while (!isBrace(sign(null, CONTENT, pair.privateKey))) pair = generateKeyPairSync('ed25519')
      const key = put('cosign.pub', String(pair.publicKey.export({ type: 'spki', format: 'pem' })))
      put('widget.tar.bundle', { base64Signature: b64(sign(null, CONTENT, pair.privateKey)) })
      expect(told(await verify({ key: [key] }))).toBe('verified 0; key verified')
    }))

  it('of any shape is read or refused', () => {
    const field = fc.oneof(fc.string(), fc.base64String(), fc.json(), fc.integer(), fc.constant(null), fc.object({ maxDepth: 2 }))
    fc.assert(
      fc.property(fc.record({ base64Signature: field, cert: field, rekorBundle: field }, { requiredKeys: [] }), (json) => {
        const read = readCosignBlob(json)
        if (!read.ok) {
          expect(read.why).not.toBe('')
          return
        }
        const converted = bundleOfLegacy(read.blob.material, { kind: 'digest', sha256: Buffer.alloc(32) })
        expect(converted.ok ? converted.bytes.length : converted.why.length).toBeGreaterThan(0)
      }),
    )
  })
})

function changed(blob: JsonObject, payload: object): object {
  const { rekorBundle } = blob
  if (!isJsonObject(rekorBundle) || !isJsonObject(rekorBundle['Payload'])) throw new Error('no entry')
  return { ...blob, rekorBundle: { ...rekorBundle, Payload: { ...rekorBundle['Payload'], ...payload } } }
}

function timeOf({ rekorBundle }: JsonObject): number {
  const payload = isJsonObject(rekorBundle) ? rekorBundle['Payload'] : undefined
  return Number(isJsonObject(payload) ? payload['integratedTime'] : Number.NaN)
}

describeShared(CONFORMANCE, 'a real bundle in the old form', () => {
  it.each(conformanceCases().filter(({ name }) => name === 'happy-path-v0.1' || name === 'wrong-hashedrekord-entry'))(
    '$name',
    ({ bundle, artifact, identity, issuer, trustedRoot, expected }) =>
      withScratch(async (folder) => {
        const json: unknown = readSharedJson(CONFORMANCE, bundle)
        if (!isJsonObject(json)) throw new Error('no bundle')
        const old = join(folder, 'old.bundle')
        writeFileSync(old, JSON.stringify(asCosignBlob(json)))
        const report = await verifyArtifact({
          artifact: sharedPath(CONFORMANCE, artifact),
          bundle: [old],
          key: [],
          sbom: [],
          trustedRoot: [sharedPath(CONFORMANCE, trustedRoot)],
          certificateIdentity: identity ?? '',
          certificateOidcIssuer: issuer ?? '',
          timestamp: '2026-11-28T00:00:00Z',
        })
        expect(report.signatures[0]?.form).toBe('cosign-legacy')
        expect(report.outcome).toBe(expected === 'pass' ? 'verified' : 'refused')
      }),
  )
})

describe('a signature in a file of its own', () => {
  const pairs = {
    'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    Ed25519: generateKeyPairSync('ed25519'),
    RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  }
  it.each(Object.entries(pairs))('by a key of kind %s, raw and as base64', (kind, { publicKey, privateKey }) =>
    release(async ({ put, verify }) => {
      const key = put('release.pub', String(publicKey.export({ type: 'spki', format: 'pem' })))
      const made = (content: Uint8Array): Buffer => sign(kind === 'Ed25519' ? null : 'sha256', content, privateKey)
      for (const form of [made(CONTENT), b64(made(CONTENT)), `${b64(made(CONTENT))}\n`]) {
        put('widget.tar.sig', form)
        const report = await verify({ key: [key] })
        expect(told(report)).toBe('verified 0; key verified')
        expect(report.signatures).toMatchObject([{ form: 'detached-signature', signer: { kind: 'key', name: 'release.pub' } }])
      }
      for (const form of [made(Buffer.from('x')), b64(made(Buffer.from('x'))), `${b64(made(CONTENT))}=`, 'nothing', '']) {
        put('widget.tar.sig', form)
        expect((await verify({ key: [key] })).exitCode).not.toBe(0)
      }
    }),
  )

  it('named with --bundle is known by its ending', () =>
    release(async ({ put, verify }) => {
      const { publicKey, privateKey } = pairs['P-256']
      const key = put('release.pub', String(publicKey.export({ type: 'spki', format: 'pem' })))
      const bundle = [put('elsewhere.sig', sign('sha256', CONTENT, privateKey))]
      expect(told(await verify({ key: [key], bundle }))).toBe('verified 0; key verified; bundle verified')
    }))

  it('with its certificate alone proves no time: nothing is decided, however good the signature', () =>
    release(async ({ put, verify }) => {
      const bundle = await instance.signMessage(CONTENT)
      const { base64Signature } = asCosignBlob(bundle)
      put('widget.tar.sig', String(base64Signature))
      for (const [name, pem] of [
        ['widget.tar.crt', pemOf(bundle)],
        ['widget.tar.pem', b64(Buffer.from(pemOf(bundle)))],
      ] as const) {
        put(name, pem)
        expect(told(await verify(SIGNER))).toBe('undecided 3; signer undecided trust/log-lookup-needed')
      }
      put('widget.tar.sig', b64(Buffer.from('other')))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/signature-invalid')
    }))

  it('without a certificate says nothing about a signer', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sig', b64(Buffer.from('x')))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('undecided 3; signer undecided trust/attestation-missing')
      expect(report.signatures).toMatchObject([{ outcome: 'not-judged' }])
    }))

  it('of OpenPGP or ssh is there and not verified, whatever it is called', () =>
    release(async ({ put, verify }) => {
      const packet = Buffer.concat([Buffer.from([0x89, 0x01, 0x33, 4]), Buffer.alloc(0x132)])
      put('widget.tar.asc', '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n')
      put('widget.tar.sig', packet)
      put('widget.tar.bundle', '# v2 git bundle\n')
      const { publicKey } = pairs['P-256']
      const key = put('release.pub', String(publicKey.export({ type: 'spki', format: 'pem' })))
      for (const given of [SIGNER, { key: [key] }]) {
        const report = await verify(given)
        expect(report.exitCode).toBe(3)
        expect(report.signatures.map(({ form, outcome }) => `${form} ${outcome}`)).toEqual([
          'openpgp not-judged',
          'openpgp not-judged',
        ])
      }
    }))

  it('by its digest alone, where the key allows it', async () => {
    const anchors = [{ of: 'artifact', algorithm: 'sha256', value: SHA256 } as const]
    for (const [kind, { publicKey, privateKey }] of Object.entries(pairs)) {
      const parsed = parsePublicKey(kind, String(publicKey.export({ type: 'spki', format: 'pem' })))
      if (!parsed.ok) throw new Error(parsed.why)
      const signature = sign(kind === 'Ed25519' ? null : 'sha256', CONTENT, privateKey)
      const signer = await signerOfDetached(signature, { anchors }, [parsed.key])
      const isEc = kind.startsWith('P-')
      expect(isEc ? signer : signer === 'bytes-needed').toEqual(isEc ? parsed.key : true)
    }
  })

  it('of any bytes is of one kind or none, and a raw Ed25519 signature is never taken for OpenPGP', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 64, maxLength: 64 }), (any, raw) => {
        expect(['openpgp', 'signature', 'ssh', undefined]).toContain(detachedKind(any))
        expect(detachedKind(raw)).toBe('signature')
      }),
    )
  })
})

describe('a list of digests that is signed in the place of the artifact', () => {
  const line = `${SHA256}  widget.tar\n${'0'.repeat(64)}  other.tar\n`

  it('makes the listed digest one to compare with', () =>
    release(async ({ put, verify }) => {
      put('SHA256SUMS', line)
      put('SHA256SUMS.sigstore.json', await instance.signMessage(Buffer.from(line)))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('verified 0; signer verified')
      expect(report.signatures[0]?.list).toMatch(/SHA256SUMS$/)
    }))

  it('that lists other bytes refuses the artifact', () =>
    release(async ({ put, verify }) => {
      const other = line.replace(SHA256, '1'.repeat(64))
      put('SHA256SUMS', other)
      put('SHA256SUMS.sigstore.json', await instance.signMessage(Buffer.from(other)))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/digest-mismatch')
      const both = line + other
      put('SHA256SUMS', both)
      put('SHA256SUMS.sigstore.json', await instance.signMessage(Buffer.from(both)))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/digest-mismatch')
    }))

  it('that was altered after it was signed proves nothing', () =>
    release(async ({ put, verify }) => {
      put('SHA256SUMS', line)
      put('SHA256SUMS.sigstore.json', await instance.signMessage(Buffer.from(line.replace(SHA256, '1'.repeat(64)))))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/digest-mismatch')
    }))

  it('that does not name the artifact, or nobody signed, is not looked at', () =>
    release(async ({ at, put, verify }) => {
      put('SHA256SUMS', `${SHA256}  other.tar\n`)
      put('SHA256SUMS.sigstore.json', await instance.signMessage(Buffer.from(`${SHA256}  other.tar\n`)))
      put('SHA512SUMS', `${SHA512} *./widget.tar\n`)
      mkdirSync(at('checksums.txt'))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('undecided 3; signer undecided trust/attestation-missing')
      expect(report.signatures).toEqual([])
    }))

  it.each([
    [`${SHA256}  widget.tar`, 1],
    [`${SHA256.toUpperCase()} *widget.tar\r`, 1],
    [`${SHA512}  ./widget.tar`, 1],
    [`SHA256 (widget.tar) = ${SHA256}`, 1],
    [`SHA512 (./widget.tar) = ${SHA512}`, 1],
    [`${SHA256}  x/widget.tar`, 0],
    [`${SHA256}  widget.tar `, 0],
    [`${SHA256} widget.tar`, 0],
    [`${'a'.repeat(40)}  widget.tar`, 0],
    [`${SHA256}aa  widget.tar`, 0],
    [`MD5 (widget.tar) = ${'a'.repeat(64)}`, 0],
  ])('%j', (text, count) => {
    expect(listedDigests(Buffer.from(`# comment\n${text}\n`), 'widget.tar')).toHaveLength(count)
  })

  it('of any text gives digests of the right length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.uint8Array({ maxLength: 100 }), (text, bytes) => {
        for (const input of [
          Buffer.from(text),
          Buffer.from(bytes),
          Buffer.from(`${createHash('sha256').update(bytes).digest('hex')}  ${text}`),
        ])
          for (const { value } of listedDigests(input, text)) expect(value).toMatch(/^[0-9a-f]{64,128}$/)
      }),
    )
  })
})
