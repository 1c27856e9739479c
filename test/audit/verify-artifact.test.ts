import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { preAuthEncoding } from '../../src/trust/dsse.js'
import { CLAIMS, ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'
import type { Given, Release } from './support/artifact-release.js'
import {
  CONTENT,
  inRelease,
  provenance,
  REPOSITORY,
  SHA256,
  SHA512,
  SIGNER,
  statement,
  told,
} from './support/artifact-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: Release) => Promise<void>): Promise<void> => inRelease(instance, run)

describe('a bundle beside the artifact', () => {
  it.each(['widget.tar.sigstore.json', 'widget.tar.sigstore', 'widget.tar.intoto.jsonl'])('%s is found and verifies', (name) =>
    release(async ({ put, verify }) => {
      put(name, await instance.signMessage(CONTENT))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('verified 0; signer verified')
      expect(report.artifact).toMatchObject({ size: CONTENT.length, digests: [{ algorithm: 'sha256', value: SHA256 }, {}, {}] })
      expect(report.signatures).toMatchObject([
        { form: 'sigstore-bundle', outcome: 'verified', signer: { kind: 'certificate', name: WORKFLOW }, problems: [] },
      ])
      expect(report.signatures[0]?.signedAt).toMatchObject([{ from: 'transparency-log' }])
    }),
  )

  it('without one, nothing is decided, and it says what was looked for', () =>
    release(async ({ at, verify }) => {
      const report = await verify(SIGNER)
      expect(told(report)).toBe('undecided 3; signer undecided trust/attestation-missing')
      expect(report.demands[0]?.problem?.why).toContain(at('widget.tar.sigstore.json'))
    }))

  it('one that cannot be read is said, and is no signature', () =>
    release(async ({ at, verify }) => {
      mkdirSync(at('widget.tar.sigstore.json'))
      expect(told(await verify(SIGNER))).toBe('unreadable 4; signer unreadable trust/bundle-unreadable')
    }))

  it('one that fails beside one that verifies is shown, and takes nothing away', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore', await instance.signMessage(Buffer.from('something else')))
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('verified 0; signer verified')
      expect(report.signatures.map(({ outcome }) => outcome)).toEqual(['verified', 'refused'])
    }))
})

describe('the signer', () => {
  const cases: readonly { readonly name: string; readonly given: Given; readonly expected: string }[] = [
    { name: 'exact', given: SIGNER, expected: 'verified 0; signer verified' },
    {
      name: 'a pattern',
      given: { certificateOidcIssuer: ISSUER, certificateIdentityRegexp: 'https://github\\.com/Acme/.*' },
      expected: 'verified 0; signer verified',
    },
    {
      name: 'a pattern that matches only the beginning',
      given: { certificateOidcIssuer: ISSUER, certificateIdentityRegexp: 'https://github\\.com/Acme/widget' },
      expected: 'refused 1; signer refused trust/identity-mismatch',
    },
    {
      name: 'a look-alike',
      given: { certificateOidcIssuer: ISSUER, certificateIdentity: WORKFLOW.replace('Acme', 'Acme-evil') },
      expected: 'refused 1; signer refused trust/identity-mismatch',
    },
    {
      name: 'another issuer',
      given: { ...SIGNER, certificateOidcIssuer: 'https://gitlab.com' },
      expected: 'refused 1; signer refused trust/issuer-mismatch',
    },
    {
      name: 'repository and ref alone',
      given: { certificateOidcIssuer: ISSUER, sourceRepository: `${REPOSITORY}.git`, sourceRef: 'refs/tags/v1.0.0' },
      expected: 'verified 0; signer verified; source verified',
    },
    {
      name: 'another repository',
      given: { certificateOidcIssuer: ISSUER, sourceRepository: 'https://github.com/Acme/other' },
      expected: 'refused 1; signer refused trust/identity-mismatch; source refused trust/source-unexpected',
    },
    {
      name: 'another ref',
      given: { ...SIGNER, sourceRef: 'refs/heads/main' },
      expected: 'refused 1; signer refused trust/identity-mismatch; source refused trust/source-unexpected',
    },
  ]
  it.each(cases)('$name', ({ given, expected }) =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      expect(told(await verify(given))).toBe(expected)
    }),
  )

  it('of another instance: its log is not in the root, and nothing is decided', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      const foreign = put('foreign.json', (await SigstoreInstance.start()).rootJson())
      const report = await verify({ ...SIGNER, trustedRoot: [foreign] })
      expect(report.exitCode).not.toBe(0)
      // Both at hand, as JSON lines in one file.
      const roots = put('roots.jsonl', `${readFileSync(foreign, 'utf8')}\n${JSON.stringify(instance.rootJson())}\n`)
      expect(told(await verify({ ...SIGNER, trustedRoot: [roots] }))).toBe('verified 0; signer verified')
    }))

  it.each([
    { name: 'nothing', given: {} },
    { name: 'a source alone', given: { sourceRepository: REPOSITORY } },
    { name: 'an issuer alone', given: { certificateOidcIssuer: ISSUER } },
    { name: 'an identity alone', given: { certificateIdentity: WORKFLOW } },
    { name: 'a pattern that can be slow', given: { certificateOidcIssuer: ISSUER, certificateIdentityRegexp: '(a+)+' } },
  ])('$name is no policy', ({ given }) =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      await expect(verify(given)).rejects.toMatchObject({ code: 'usage' })
    }),
  )

  it('a root or a key that is none is a wrong configuration, one that is not there unreadable', () =>
    release(async ({ at, put, verify }) => {
      const wrong = put('wrong', '{}')
      await expect(verify({ ...SIGNER, trustedRoot: [wrong] })).rejects.toMatchObject({ code: 'configuration' })
      await expect(verify({ key: [wrong] })).rejects.toMatchObject({ code: 'configuration' })
      for (const given of [
        { trustedRoot: [at('none')] },
        { bundle: [at('none')] },
        { key: [at('none')] },
        { sbom: [at('none')] },
      ])
        await expect(verify({ ...SIGNER, ...given })).rejects.toMatchObject({ code: 'input-unreadable' })
    }))
})

describe('an attestation', () => {
  it('tells the source and the level of the build', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.intoto.jsonl', `${JSON.stringify(await instance.signStatement(statement(provenance(REPOSITORY))))}\n\n`)
      const report = await verify({ ...SIGNER, sourceRepository: REPOSITORY })
      expect(told(report)).toBe('verified 0; signer verified; source verified')
      expect(report.signatures[0]?.from).toMatch(/widget\.tar\.intoto\.jsonl$/)
      expect(report.signatures[0]?.statement).toMatchObject({
        kind: 'provenance',
        provenance: { buildLevel: 2, repository: REPOSITORY, commit: CLAIMS[13] },
      })
    }))

  it('of a build that a stranger may have started counts for the very identity alone, and is warned about', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT, { claims: { ...CLAIMS, 20: 'pull_request_target' } }))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('verified 0; signer verified')
      expect(report.signatures[0]?.problems.map(({ reason }) => reason)).toEqual(['trust/release-trigger'])
      const { certificateOidcIssuer } = SIGNER
      const byRepository = await verify({ certificateOidcIssuer, sourceRepository: REPOSITORY })
      expect(told(byRepository)).toMatch(/^refused 1; signer refused trust\/release-trigger/)
    }))

  it('that contradicts its certificate is refused', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signStatement(statement(provenance('https://github.com/Acme/other'))))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/provenance-contradiction')
    }))

  it('about another artifact is refused', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signStatement(statement({}, 'ab'.repeat(32))))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/attestation-other-subject')
    }))

  it('of several lines is judged line by line', () =>
    release(async ({ put, verify }) => {
      const good = JSON.stringify(await instance.signStatement(statement(provenance(REPOSITORY))))
      const other = JSON.stringify(await instance.signStatement(statement({}, 'ab'.repeat(32))))
      const file = put('all.jsonl', `${other}\n${good}\nno json\n`)
      const report = await verify({ ...SIGNER, bundle: [file] })
      expect(told(report)).toBe('verified 0; signer verified; bundle verified')
      expect(report.signatures.map(({ from, outcome }) => [from.slice(file.length), outcome])).toEqual([
        [':1', 'refused'],
        [':2', 'verified'],
        [':3', 'refused'],
      ])
    }))
})

describe('a workflow that others may call', () => {
  const shared = 'https://github.com/build-tools/generator/.github/workflows/generate.yml@refs/tags/v2.0.0'
  const given = { certificateOidcIssuer: ISSUER, certificateIdentity: shared }
  const signedFor = (repository: string): Promise<object> =>
    instance.signMessage(CONTENT, { san: shared, claims: { ...CLAIMS, 9: shared, 12: repository } })

  it('is no signer until it is said who may call it', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await signedFor('https://github.com/stranger/fork'))
      const report = await verify(given)
      expect(told(report)).toBe('refused 1; signer refused trust/identity-mismatch')
      expect(report.demands[0]?.problem?.why).toContain('https://github.com/stranger/fork')
      expect((await verify({ ...given, sourceRepository: REPOSITORY })).exitCode).toBe(1)
      put('widget.tar.sigstore.json', await signedFor(REPOSITORY))
      expect(told(await verify({ ...given, sourceRepository: REPOSITORY }))).toBe('verified 0; signer verified; source verified')
    }))

  it('of the same owner is: only who may call it there decides', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await signedFor('https://github.com/Build-Tools/widget'))
      expect(told(await verify(given))).toBe('verified 0; signer verified')
    }))
})

describe('a statement of an accepted signer that says nothing of who made the artifact', () => {
  const type = 'application/vnd.in-toto+json'
  it.each([
    ['https://cosign.sigstore.dev/attestation/vuln/v1', {}],
    ['https://slsa.dev/verification_summary/v1', { verificationResult: 'FAILED' }],
    ['https://in-toto.io/attestation/test-result/v0.1', { result: 'FAILED', configuration: [] }],
    ['https://openvex.dev/ns/v0.2.0', {}],
    ['https://example.com/whatever', {}],
  ])('%s is shown, and fulfils no demand but that it verifies', (predicateType, predicate) =>
    release(async ({ put, verify }) => {
      const content = statement(predicate, SHA256, predicateType)
      const file = put('widget.tar.sigstore.json', await instance.signStatement(content))
      const given = { ...SIGNER, sourceRepository: REPOSITORY }
      const expected = 'undecided 3; signer undecided trust/predicate-insufficient; source undecided trust/source-unproven'
      const report = await verify(given)
      expect(told(report)).toBe(expected)
      expect(report.signatures).toMatchObject([{ outcome: 'verified', statement: { predicateType } }])
      expect(report.demands[0]?.problem?.why).toContain(predicateType)
      expect(told(await verify({ ...given, bundle: [file] }))).toBe(
        'undecided 3; signer undecided trust/predicate-insufficient; bundle verified; source undecided trust/source-unproven',
      )
      // Beside a signature of the bytes it takes nothing away.
      put('widget.tar.sigstore', await instance.signMessage(CONTENT))
      expect(told(await verify(given))).toBe('verified 0; signer verified; source verified')
    }),
  )

  it('by a key: the same', () =>
    release(async ({ put, verify }) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const payload = Buffer.from(JSON.stringify(statement({}, SHA256, 'https://example.com/scan')))
      const sig = sign('sha256', preAuthEncoding(type, payload), privateKey).toString('base64')
      put('widget.tar.intoto.jsonl', { payloadType: type, payload: payload.toString('base64'), signatures: [{ sig }] })
      const key = [put('own.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString())]
      expect(told(await verify({ key }))).toBe('undecided 3; key undecided trust/predicate-insufficient')
    }))
})

describe('a key of one’s own', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const type = 'application/vnd.in-toto+json'
  const keyBundle = (hint: string): object => ({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(SHA256, 'hex').toString('base64') },
      signature: sign('sha256', CONTENT, privateKey).toString('base64'),
    },
  })
  const envelope = (content: object): object => {
    const payload = Buffer.from(JSON.stringify(content))
    const sig = sign('sha256', preAuthEncoding(type, payload), privateKey).toString('base64')
    return { payloadType: type, payload: payload.toString('base64'), signatures: [{ sig }] }
  }

  it('verifies a bundle, also among several and whatever its hint is', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', keyBundle('a stranger’s hint'))
      const [own, wrong] = [put('own.pub', pem), put('wrong.pub', other)]
      expect(told(await verify({ key: [own] }))).toBe('verified 0; key verified')
      expect(told(await verify({ key: [wrong, own] }))).toBe('verified 0; key verified')
      expect(told(await verify({ key: [wrong] }))).toBe('refused 1; key refused trust/key-wrong')
      // A certificate is wanted: a key is none.
      expect((await verify(SIGNER)).exitCode).toBe(1)
    }))

  it('verifies an envelope, which tells the source', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.intoto.jsonl', envelope(statement(provenance(REPOSITORY))))
      const key = [put('own.pub', pem)]
      expect(told(await verify({ key, sourceRepository: REPOSITORY }))).toBe('verified 0; key verified; source verified')
      expect(told(await verify({ key, sourceRepository: 'https://github.com/Acme/other' }))).toBe(
        'refused 1; key verified; source refused trust/source-unexpected',
      )
      expect(told(await verify({ key: [put('wrong.pub', other)] }))).toBe('refused 1; key refused trust/key-wrong')
      expect(told(await verify(SIGNER))).toBe('undecided 3; signer undecided trust/log-lookup-needed')
    }))

  it('an envelope about something else, and one of nothing', () =>
    release(async ({ put, verify }) => {
      const key = [put('own.pub', pem)]
      const bundle = [put('a.json', envelope(statement({}, 'ab'.repeat(32))))]
      expect((await verify({ key, bundle })).demands[0]?.problem?.reason).toBe('trust/attestation-other-subject')
      expect((await verify({ key, bundle: [put('b.json', envelope({}))] })).demands[0]?.problem?.reason).toBe(
        'trust/predicate-invalid',
      )
    }))

  it('says nothing about a source that no statement names', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', keyBundle(''))
      expect(told(await verify({ key: [put('own.pub', pem)], sourceRepository: REPOSITORY }))).toBe(
        'undecided 3; key verified; source undecided trust/source-unproven',
      )
    }))
})

describe('what is no bundle of today', () => {
  it.each([
    {
      name: 'an old cosign',
      content: { base64Signature: 'AAAA' },
      expected: 'undecided 3; signer undecided trust/log-lookup-needed',
    },
    { name: 'no JSON', content: 'text', expected: 'refused 1; signer refused trust/bundle-malformed' },
    { name: 'an empty file', content: '', expected: 'refused 1; signer refused trust/bundle-malformed' },
    { name: 'other JSON', content: { a: 1 }, expected: 'refused 1; signer refused trust/bundle-malformed' },
    {
      name: 'one key twice',
      content: '{"mediaType":"a","mediaType":"b"}',
      expected: 'refused 1; signer refused trust/bundle-malformed',
    },
  ])('$name', ({ content, expected }) =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', content)
      expect(told(await verify(SIGNER))).toBe(expected)
    }),
  )
})

describe('an SBOM', () => {
  const bom = (...hashes: readonly (readonly [alg: string, content: string])[]): object => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'widget', hashes: hashes.map(([alg, content]) => ({ alg, content })) } },
  })
  it.each([
    { name: 'names the artifact', hashes: [['SHA-256', SHA256]], expected: 'verified 0; signer verified; sbom verified' },
    {
      name: 'names it in upper case, by two digests',
      hashes: [
        ['SHA-256', SHA256.toUpperCase()],
        ['SHA-512', SHA512],
      ],
      expected: 'verified 0; signer verified; sbom verified',
    },
    {
      name: 'names another',
      hashes: [['SHA-256', 'ab'.repeat(32)]],
      expected: 'refused 1; signer verified; sbom refused sbom/other-subject',
    },
    {
      name: 'contradicts itself',
      hashes: [
        ['SHA-256', SHA256],
        ['SHA-512', 'ab'.repeat(64)],
      ],
      expected: 'refused 1; signer verified; sbom refused sbom/subject-conflict',
    },
    {
      name: 'a digest of the wrong length',
      hashes: [['SHA-256', SHA256.slice(1)]],
      expected: 'refused 1; signer verified; sbom refused sbom/other-subject',
    },
  ] as const)('$name', ({ hashes, expected }) =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      expect(told(await verify({ ...SIGNER, sbom: [put('bom.json', bom(...hashes))] }))).toBe(expected)
    }),
  )

  it('is told to be the attested one, where it is', () =>
    release(async ({ put, verify }) => {
      const attest = (document: object): Promise<object> =>
        instance.signStatement(statement(document, SHA256, 'https://cyclonedx.org/bom'))
      const document = bom()
      put('widget.tar.sigstore.json', await attest(document))
      const report = await verify({ ...SIGNER, sbom: [put('bom.json', document)] })
      expect(told(report)).toBe('verified 0; signer verified; sbom verified')
      expect(report.sboms[0]?.attestedBy).toMatch(/widget\.tar\.sigstore\.json$/)
      expect(report.warnings).toEqual([])
      // One of another release is not, whoever signed.
      put('widget.tar.sigstore.json', await attest(bom(['SHA-1', 'ab'])))
      expect((await verify({ ...SIGNER, sbom: [put('bom.json', document)] })).sboms[0]?.attestedBy).toBeUndefined()
      put(
        'widget.tar.sigstore.json',
        await instance.signStatement(statement(document, 'ab'.repeat(32), 'https://cyclonedx.org/bom')),
      )
      expect((await verify({ ...SIGNER, sbom: [put('bom.json', document)] })).sboms[0]?.attestedBy).toBeUndefined()
    }))

  it('its attestation may lie beside it; a signature of its bytes is none of the artifact', () =>
    release(async ({ put, verify }) => {
      const document = bom()
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      put('bom.json.sigstore', await instance.signMessage(Buffer.from(JSON.stringify(document))))
      const sbom = [put('bom.json', document)]
      expect(told(await verify({ ...SIGNER, sbom }))).toBe('verified 0; signer verified')
      put('bom.json.sigstore.json', await instance.signStatement(statement(document, SHA256, 'https://cyclonedx.org/bom')))
      const report = await verify({ ...SIGNER, sbom })
      expect(told(report)).toBe('verified 0; signer verified; sbom verified')
      expect(report.sboms[0]?.attestedBy).toMatch(/bom\.json\.sigstore\.json$/)
    }))

  it('that names no digest, or only weak ones, is warned about', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      for (const document of [bom(), bom(['MD5', 'ab'.repeat(16)])]) {
        const report = await verify({ ...SIGNER, sbom: [put('bom.json', document)] })
        expect(told(report)).toBe('verified 0; signer verified')
        expect(report.warnings.map(({ reason }) => reason)).toEqual(['sbom/subject-unnamed'])
      }
      await expect(verify({ ...SIGNER, sbom: [put('bom.json', 'no')] })).rejects.toMatchObject({ code: 'input-unreadable' })
    }))
})
