import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactRequest } from '../../src/audit/verify-artifact.js'
import { verifyArtifact } from '../../src/audit/verify-artifact.js'
import { artifactJson } from '../../src/formats/artifact-json.js'
import { artifactText } from '../../src/formats/artifact-text.js'
import type { ArtifactReport } from '../../src/model/artifact-report.js'
import { PLAIN } from '../../src/model/style.js'
import { preAuthEncoding } from '../../src/trust/dsse.js'
import { PROJECT, withScratch } from '../support/assay.js'
import { CLAIMS, ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

const schema: object = JSON.parse(readFileSync(join(PROJECT, 'schemas', 'artifact.schema.json'), 'utf8'))
const validate = new Ajv.default({ strict: true, strictRequired: false }).compile(schema)

const CONTENT = Buffer.from('the bytes of a release')
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')
const SHA512 = createHash('sha512').update(CONTENT).digest('hex')
const REPOSITORY = 'https://github.com/Acme/widget'
const SIGNER = { certificateOidcIssuer: ISSUER, certificateIdentity: WORKFLOW }

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

type Given = Partial<Omit<ArtifactRequest, 'artifact'>>

/** A release folder: the artifact, the instance's root and whatever a test puts beside them. */
interface Release {
  readonly at: (name: string) => string
  readonly put: (name: string, content: object | string | Uint8Array) => string
  /** Verifies, and holds every report to its schema and its text to one line a line. */
  readonly verify: (given: Given) => Promise<ArtifactReport>
}

function release(run: (release: Release) => Promise<void>): Promise<void> {
  return withScratch(async (folder) => {
    const at = (name: string): string => join(folder, name)
    const put = (name: string, content: object | string | Uint8Array): string => {
      const plain = typeof content === 'string' || content instanceof Uint8Array
      writeFileSync(at(name), plain ? content : JSON.stringify(content))
      return at(name)
    }
    const root = put('root.json', instance.rootJson())
    const artifact = put('widget.tar', CONTENT)
    await run({
      at,
      put,
      verify: async (given) => {
        const report = await verifyArtifact({
          artifact,
          bundle: [],
          key: [],
          trustedRoot: [root],
          sbom: [],
          timestamp: '2026-11-28T00:00:00Z',
          ...given,
        })
        expect(validate(JSON.parse(artifactJson(report).join(''))), JSON.stringify(validate.errors)).toBe(true)
        expect(artifactText(report, PLAIN, true).every((line) => !/[\u0000-\u0009\u000b-\u001f\u202e]/.test(line))).toBe(true)
        return report
      },
    })
  })
}

/** Outcome, exit code and the state of every demand, with its reason. */
function told({ outcome, exitCode, demands }: ArtifactReport): string {
  return [
    `${outcome} ${exitCode}`,
    ...demands.map(({ kind, outcome: one, problem }) => `${kind} ${problem === undefined ? one : `${one} ${problem.reason}`}`),
  ].join('; ')
}

const statement = (predicate: object = {}, sha256 = SHA256, predicateType = 'https://slsa.dev/provenance/v1'): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'widget.tar', digest: { sha256 } }],
  predicateType,
  predicate,
})

const provenance = (repository: string, ref = 'refs/tags/v1.0.0'): object => ({
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: { workflow: { repository, ref, path: '.github/workflows/release.yml' } },
    resolvedDependencies: [
      { uri: `git+${repository}@${ref}`, digest: { gitCommit: '0123456789abcdef0123456789abcdef01234567' } },
    ],
  },
  runDetails: { builder: { id: WORKFLOW } },
})

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
      expected: 'undecided 3; signer undecided trust/bundle-legacy',
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

/** The same bundle whose certificate says that GitHub's own instance issued it; the name is as long as before, in DER. */
function saysItIsOfGithub(bundle: Record<string, unknown>): object {
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  const text = JSON.stringify(bundle)
  const encoded = /"rawBytes":"([^"]+)"/.exec(text)?.[1] ?? ''
  const before = `3111300f06035504031308${hex('sigstore')}31163014060355040a130d${hex('sigstore.mock')}`
  const after = `3112301006035504031309${hex('sigstore.')}31153013060355040a130c${hex('GitHub, Inc.')}`
  const certificate = Buffer.from(encoded, 'base64').toString('hex')
  expect(certificate).toContain(before)
  return JSON.parse(text.replace(encoded, Buffer.from(certificate.replace(before, after), 'hex').toString('base64')))
}

describe('a root that is not at hand', () => {
  it('of GitHub’s own instance: nothing is decided, until there is a root of it', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', saysItIsOfGithub(await instance.signMessage(CONTENT)))
      const report = await verify(SIGNER)
      expect(told(report)).toBe('undecided 3; signer undecided trust/instance-unknown')
      expect(report.demands[0]?.problem?.fix).toContain('gh attestation trusted-root')
      const root = instance.rootJson()
      root['certificateAuthorities'] = JSON.parse(
        JSON.stringify(root['certificateAuthorities']).replace('"acme"', '"GitHub, Inc."'),
      )
      expect(told(await verify({ ...SIGNER, trustedRoot: [put('github.json', root)] }))).toBe(
        'refused 1; signer refused trust/certificate-untrusted',
      )
    }))

  it('of a newer log: nothing is decided', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT))
      const older = { ...instance.rootJson(), tlogs: (await SigstoreInstance.start()).rootJson()['tlogs'] }
      const report = await verify({ ...SIGNER, trustedRoot: [put('older.json', older)] })
      expect(['trust/root-old', 'trust/time-missing']).toContain(report.demands[0]?.problem?.reason)
      put('widget.tar.sigstore.json', await instance.signMessage(CONTENT, { timestamped: true }))
      expect(told(await verify({ ...SIGNER, trustedRoot: [put('older.json', older)] }))).toBe(
        'undecided 3; signer undecided trust/root-old',
      )
    }))
})

describe('what is too much', () => {
  it('more signatures in one file than are judged is said, not cut', () =>
    release(async ({ put, verify }) => {
      const file = put('widget.tar.intoto.jsonl', '{}\n'.repeat(257))
      expect(told(await verify(SIGNER))).toBe('unreadable 4; signer unreadable trust/bundle-unreadable')
      await expect(verify({ ...SIGNER, bundle: [file] })).rejects.toMatchObject({ code: 'input-unreadable' })
      put('widget.tar.intoto.jsonl', '{}\n'.repeat(256))
      expect((await verify(SIGNER)).signatures).toHaveLength(256)
    }))
})

describe('whatever a bundle holds', () => {
  it('is a report, and never verifies', () =>
    release(async ({ put, verify }) => {
      const bundle: Record<string, unknown> = JSON.parse(
        JSON.stringify(await instance.signStatement(statement(provenance(REPOSITORY)))),
      )
      const names = fc.constantFrom(
        ...Object.keys(bundle),
        '__proto__',
        'base64Signature',
        'payloadType',
        'payload',
        'signatures',
      )
      const document = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.jsonValue().map((value) => JSON.stringify(value) ?? ''),
        fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true }).map((value) => JSON.stringify(value)),
        // One field of a genuine one replaced.
        fc
          .tuple(fc.constantFrom(...Object.keys(bundle)), fc.jsonValue())
          .map(([name, value]) => JSON.stringify({ ...bundle, [name]: value })),
        fc
          .array(fc.jsonValue(), { minLength: 2, maxLength: 5 })
          .map((values) => values.map((value) => JSON.stringify(value)).join('\n')),
      )
      await fc.assert(
        fc.asyncProperty(document, async (content) => {
          put('widget.tar.sigstore.json', content)
          expect(['refused', 'undecided']).toContain((await verify(SIGNER)).outcome)
        }),
        { numRuns: 200 },
      )
    }))
})

describe('altered by one bit', () => {
  it('nothing verifies: artifact, or any part of a bundle that is signed', () =>
    release(async ({ put, verify }) => {
      const bundle = Buffer.from(JSON.stringify(await instance.signMessage(CONTENT)))
      put('widget.tar.sigstore.json', bundle)
      expect((await verify(SIGNER)).outcome).toBe('verified')
      const step = Math.ceil(bundle.length / 40)
      let altered = 0
      for (let at = 0; at < bundle.length; at += step) {
        const changed = Buffer.from(bundle)
        changed[at] = (changed[at] ?? 0) ^ 1
        put('widget.tar.sigstore.json', changed)
        const report = await verify(SIGNER)
        // Parts that carry nothing, such as the name of an unknown field, may change.
        if (report.outcome !== 'verified') altered += 1
      }
      expect(altered).toBeGreaterThan(30)
      put('widget.tar.sigstore.json', bundle)
      put('widget.tar', Buffer.concat([CONTENT, Buffer.from('!')]))
      expect(told(await verify(SIGNER))).toBe('refused 1; signer refused trust/digest-mismatch')
    }))
})

describe('the root that comes with the program', () => {
  it('is warned about when it is old, and is not used beside a given one', () =>
    release(async ({ verify }) => {
      const reasons = async (given: Given): Promise<readonly string[]> =>
        (await verify(given)).warnings.map(({ reason }) => reason)
      expect(await reasons({ ...SIGNER, trustedRoot: [], timestamp: '2026-12-01T00:00:00Z' })).toEqual([])
      expect(await reasons({ ...SIGNER, trustedRoot: [], timestamp: '2027-12-01T00:00:00Z' })).toEqual(['trust/root-old'])
      expect(await reasons({ ...SIGNER, timestamp: '2027-12-01T00:00:00Z' })).toEqual([])
    }))
})
