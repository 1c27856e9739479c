import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { preAuthEncoding } from '../../../src/trust/dsse.js'
import { parsePublicKey } from '../../../src/trust/public-key.js'
import type { CertificatePolicy, SignerPolicy } from '../../../src/trust/sigstore/identity-policy.js'
import type { TrustedRoot } from '../../../src/trust/sigstore/trusted-root.js'
import type { BundleVerdict } from '../../../src/trust/sigstore/verdict.js'
import { failureOf } from '../../../src/trust/sigstore/verdict.js'
import type { SignedArtifact } from '../../../src/trust/sigstore/verifier.js'
import { verifyBundle } from '../../../src/trust/sigstore/verifier.js'
import { CLAIMS, ISSUER, rootOf, SigstoreInstance, WORKFLOW } from '../support/sigstore-instance.js'

const artifact = Buffer.from('the bytes of a release')
const sha256 = createHash('sha256').update(artifact).digest('hex')
const byBytes: SignedArtifact = { bytes: artifact, anchors: [] }
const byDigest: SignedArtifact = { anchors: [{ of: 'artifact', algorithm: 'sha256', value: sha256 }] }
const policy: CertificatePolicy = { kind: 'certificate', issuer: ISSUER, san: WORKFLOW }
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'widget', digest: { sha256 } }],
  predicateType: 'https://example.com/predicate/v1',
  predicate: { a: 1 },
}

let instance: SigstoreInstance
let root: TrustedRoot

beforeAll(async () => {
  instance = await SigstoreInstance.start()
  root = instance.root()
})

function run(
  bundle: object | Uint8Array,
  options: { artifact?: SignedArtifact; roots?: readonly TrustedRoot[]; signer?: SignerPolicy | undefined } = {},
): Promise<BundleVerdict> {
  const bytes = bundle instanceof Uint8Array ? bundle : Buffer.from(JSON.stringify(bundle))
  const signer = 'signer' in options ? options.signer : policy
  return verifyBundle({ bundle: bytes, artifact: options.artifact ?? byBytes, roots: options.roots ?? [root], signer })
}

function states(verdict: BundleVerdict): string {
  return verdict.checks.map(({ name, state }) => `${name} ${state}`).join(', ')
}

describe('a bundle signed with a certificate', () => {
  for (const [how, given] of [
    ['bytes', byBytes],
    ['digest', byDigest],
  ] as const) {
    it(`message signature, ${how} at hand`, async () => {
      const verdict = await run(await instance.signMessage(artifact), { artifact: given })
      expect(states(verdict)).toBe(
        'bundle passed, artifact passed, time passed, certificate passed, log passed, signature passed, log-window passed, ' +
          'statement not-applicable, subject not-applicable, identity passed',
      )
      expect(verdict.outcome).toBe('verified')
      expect(verdict.root).toEqual({ name: 'root.json', sha256: root.sha256 })
      expect(verdict.signer).toMatchObject({ kind: 'certificate', identity: { san: { kind: 'uri', value: WORKFLOW } } })
      expect(verdict.verifiedTimes.map(({ from }) => from)).toEqual(['transparency-log'])
    })

    it(`statement, ${how} at hand`, async () => {
      const verdict = await run(await instance.signStatement(statement), { artifact: given })
      expect(verdict.outcome).toBe('verified')
      expect(verdict.statement?.predicateType).toBe('https://example.com/predicate/v1')
      expect(states(verdict)).toContain('artifact not-applicable')
    })
  }

  it('a timestamp is a second time', async () => {
    const verdict = await run(await instance.signMessage(artifact, { timestamped: true }))
    expect(verdict.verifiedTimes.map(({ from }) => from).sort()).toEqual(['timestamp-authority', 'transparency-log'])
  })

  it('without a log entry it satisfies only a root that has no log', async () => {
    const bundle = await instance.signMessage(artifact, { logged: false, timestamped: true })
    const verdict = await run(bundle)
    expect(failureOf(verdict)).toEqual({
      name: 'log',
      state: 'failed',
      reason: 'trust/log-missing',
      why: 'the trusted root demands an entry in its log, and the bundle has none',
    })
    const lenient = { ...root, thresholds: { log: 0, sct: 1, time: 1 } }
    const judged = await run(bundle, { roots: [lenient] })
    expect(judged.outcome).toBe('verified')
    expect(judged.checks.filter(({ state }) => state === 'not-applicable').map(({ name }) => name)).toEqual([
      'log',
      'log-window',
      'statement',
      'subject',
    ])
  })

  it('is tried against every root; the first that verifies is told', async () => {
    const other = (await SigstoreInstance.start()).root('other.json')
    expect((await run(await instance.signMessage(artifact), { roots: [other, root] })).root?.name).toBe('root.json')
    const refused = await run(await instance.signMessage(artifact), { roots: [other] })
    expect(failureOf(refused)?.reason).toBe('trust/certificate-untrusted')
    expect(refused.signer).toBeUndefined()
  })

  it('no root at all', async () => {
    expect(failureOf(await run(await instance.signMessage(artifact), { roots: [] }))).toMatchObject({
      reason: 'trust/certificate-untrusted',
      why: 'no trusted root is configured',
    })
  })

  it('a root whose log is another one says so', async () => {
    const json = instance.rootJson()
    const other = (await SigstoreInstance.start()).rootJson()
    const verdict = await run(await instance.signMessage(artifact), { roots: [rootOf({ ...json, tlogs: other['tlogs'] })] })
    expect(failureOf(verdict)?.reason).toBe('trust/log-invalid')
    expect(failureOf(verdict)?.why).toMatch(/^log \S{44} is not in the trusted root, which may be too old for this bundle$/)
  })
})

describe('a root that cannot be read', () => {
  it('is blamed itself, not the bundle, and the next root is tried', async () => {
    const broken = rootOf(
      {
        ...instance.rootJson(),
        ctlogs: [{ ...rootLog(), publicKey: { rawBytes: 'AAAA', validFor: { start: '2020-01-01T00:00:00Z' } } }],
      },
      'broken',
    )
    const bundle = await instance.signMessage(artifact)
    expect(failureOf(await run(bundle, { roots: [broken] }))).toMatchObject({ name: 'time', reason: 'trust/root-malformed' })
    expect((await run(bundle, { roots: [broken, root] })).outcome).toBe('verified')
  })
})

function rootLog(): object {
  return { logId: { keyId: 'AAAA' }, baseUrl: 'https://ct.example' }
}

describe('who signed', () => {
  const refusals = [
    { name: 'another issuer', signer: { ...policy, issuer: 'https://accounts.google.com' }, reason: 'trust/issuer-mismatch' },
    { name: 'another name', signer: { ...policy, san: `${WORKFLOW}x` }, reason: 'trust/identity-mismatch' },
    { name: 'another commit', signer: { ...policy, sourceDigest: '0'.repeat(40) }, reason: 'trust/identity-mismatch' },
    { name: 'a trigger that is not accepted', signer: { ...policy, triggers: ['release'] }, reason: 'trust/identity-mismatch' },
    { name: 'a field the certificate lacks', signer: { ...policy, environment: 'prod' }, reason: 'trust/identity-mismatch' },
    { name: 'a key is wanted', signer: { kind: 'key', keys: [] } as const, reason: 'trust/identity-mismatch' },
  ]
  for (const { name, signer, reason } of refusals) {
    it(`refuses ${name}`, async () => {
      const verdict = await run(await instance.signMessage(artifact), { signer })
      expect(verdict.outcome).toBe('refused')
      expect(failureOf(verdict)).toMatchObject({ name: 'identity', reason })
    })
  }

  for (const [name, signer] of [
    ['no policy', undefined],
    ['a policy without issuer', { kind: 'certificate', san: WORKFLOW }],
    ['a policy without a name', { kind: 'certificate', issuer: ISSUER }],
    ['an empty policy', { kind: 'certificate' }],
  ] as const) {
    it(`${name} is never verified`, async () => {
      const verdict = await run(await instance.signMessage(artifact), { signer })
      expect(verdict.outcome).toBe('unconstrained')
      expect(failureOf(verdict)?.reason).toBe('trust/identity-unconstrained')
    })
  }

  it('unconstrained does not hide another failure', async () => {
    const other = { ...statement, subject: [{ digest: { sha256: '0'.repeat(64) } }] }
    expect((await run(await instance.signStatement(other), { signer: undefined })).outcome).toBe('refused')
  })

  it('accepts by repository and workflow, whatever the case of the repository', async () => {
    const signer: CertificatePolicy = {
      kind: 'certificate',
      issuer: ISSUER,
      sourceRepository: 'git+https://github.com/acme/Widget.git',
      workflow: '.github/workflows/release.yml',
      signerWorkflow: 'https://github.com/Acme/widget/.github/workflows/release.yml',
      signerRef: 'refs/tags/v1.0.0',
      refs: ['refs/tags/v1.0.0'],
      triggers: ['push'],
      sourceRepositoryId: '1001',
      ownerId: '2002',
      runner: 'github-hosted',
      visibility: 'public',
    }
    expect(failureOf(await run(await instance.signMessage(artifact), { signer }))).toBeUndefined()
  })

  it('reads a claim longer than 127 bytes', async () => {
    const long = await instance.signMessage(artifact, { claims: { ...CLAIMS, 12: 'x'.repeat(300) } })
    const { signer } = await run(long)
    expect(signer?.kind === 'certificate' && signer.identity.claims.get('source-repository-uri')).toBe('x'.repeat(300))
  })
})

describe('what was signed', () => {
  it('another artifact', async () => {
    const other: SignedArtifact = { bytes: Buffer.from('x'), anchors: [] }
    expect(failureOf(await run(await instance.signMessage(artifact), { artifact: other }))).toMatchObject({
      name: 'artifact',
      reason: 'trust/digest-mismatch',
    })
    expect(failureOf(await run(await instance.signStatement(statement), { artifact: other }))).toEqual({
      name: 'subject',
      state: 'failed',
      reason: 'trust/attestation-other-subject',
      why: `it is about sha256:${sha256}`,
    })
  })

  it('nothing known of the artifact', async () => {
    expect(failureOf(await run(await instance.signMessage(artifact), { artifact: { anchors: [] } }))?.reason).toBe(
      'trust/digest-mismatch',
    )
    expect(failureOf(await run(await instance.signStatement(statement), { artifact: { anchors: [] } }))?.reason).toBe(
      'trust/attestation-other-subject',
    )
  })

  it('a payload that is no statement', async () => {
    const text = await instance.signStatement(statement, {}, 'text/plain')
    expect(failureOf(await run(text))).toMatchObject({ name: 'statement', why: 'the envelope carries no in-toto statement' })
    const untyped = await instance.signStatement({ subject: [] })
    expect(failureOf(await run(untyped))).toMatchObject({
      name: 'statement',
      reason: 'trust/predicate-invalid',
      why: 'the payload is no in-toto statement of version v0.1 or v1',
    })
  })
})

describe('a bundle signed with a key', () => {
  const kinds = [
    { name: 'P-256', pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }), hash: 'sha256', digestAlone: true },
    { name: 'P-384 with SHA-256', pair: generateKeyPairSync('ec', { namedCurve: 'P-384' }), hash: 'sha256', digestAlone: true },
    { name: 'Ed25519', pair: generateKeyPairSync('ed25519'), hash: null, digestAlone: false },
    { name: 'RSA', pair: generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256', digestAlone: false },
  ] as const

  for (const { name, pair, hash, digestAlone } of kinds) {
    const parsed = parsePublicKey('release key', String(pair.publicKey.export({ type: 'spki', format: 'pem' })))
    if (!parsed.ok) throw new Error(parsed.why)
    const signer: SignerPolicy = { kind: 'key', keys: [parsed.key] }
    const material = { publicKey: { hint: parsed.key.hint }, tlogEntries: [] }
    const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
    const signature = sign(hash, artifact, pair.privateKey).toString('base64')
    const message = {
      mediaType,
      verificationMaterial: material,
      messageSignature: {
        messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(sha256, 'hex').toString('base64') },
        signature,
      },
    }
    const payload = Buffer.from(JSON.stringify(statement))
    const sig = sign(hash, preAuthEncoding('application/vnd.in-toto+json', payload), pair.privateKey).toString('base64')
    const dsseEnvelope = {
      payload: payload.toString('base64'),
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ sig }],
    }

    it(`${name}: message`, async () => {
      const verdict = await run(message, { signer, roots: [] })
      expect(failureOf(verdict)).toBeUndefined()
      expect(verdict.signer).toEqual({ kind: 'key', name: 'release key' })
      expect((await run(message, { signer, roots: [], artifact: byDigest })).outcome).toBe(digestAlone ? 'verified' : 'refused')
    })

    it(`${name}: statement`, async () => {
      expect((await run({ mediaType, verificationMaterial: material, dsseEnvelope }, { signer, roots: [root] })).outcome).toBe(
        'verified',
      )
    })

    it(`${name}: what it has nothing of is not said to hold`, async () => {
      const verdict = await run({ mediaType, verificationMaterial: material, dsseEnvelope }, { signer, roots: [root] })
      const states = new Map(verdict.checks.map((check) => [check.name, check.state]))
      for (const absent of ['artifact', 'time', 'certificate', 'log', 'log-window'] as const)
        expect([absent, states.get(absent)]).toEqual([absent, 'not-applicable'])
      expect(states.get('signature')).toBe('passed')
      expect(verdict.root).toBeUndefined()
    })

    it(`${name}: another key, no key, a certificate wanted`, async () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const other = parsePublicKey('other', String(publicKey.export({ type: 'spki', format: 'pem' })))
      const keys = other.ok ? [other.key] : []
      expect(failureOf(await run(message, { signer: { kind: 'key', keys }, roots: [] }))?.reason).toBe('trust/key-wrong')
      expect(failureOf(await run(message, { signer: { kind: 'key', keys: [...keys, ...keys] }, roots: [] }))?.reason).toBe(
        'trust/key-unknown',
      )
      expect(failureOf(await run(message, { signer: policy, roots: [] }))?.reason).toBe('trust/key-unknown')
      expect((await run(message, { signer: undefined, roots: [] })).outcome).toBe('refused')
    })
  }
})

describe('sabotage', () => {
  /** Refused, or still the same signer and statement, and no time that was not vouched for before. */
  const expectNothingNew = (verdict: BundleVerdict, good: BundleVerdict, what = ''): void => {
    if (verdict.outcome === 'refused') return
    expect(verdict.outcome, what).toBe(good.outcome)
    expect(verdict.signer, what).toEqual(good.signer)
    expect(verdict.statement, what).toEqual(good.statement)
    for (const time of verdict.verifiedTimes) expect(good.verifiedTimes, what).toContainEqual(time)
  }

  for (const kind of ['message', 'statement'] as const) {
    it(`damage any byte of a ${kind} bundle: it is refused, or nothing it says has changed`, { timeout: 120_000 }, async () => {
      const signed = kind === 'message' ? await instance.signMessage(artifact) : await instance.signStatement(statement)
      const whole = Buffer.from(JSON.stringify(signed))
      const good = await run(whole)
      let refused = 0
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
          const damaged = Buffer.from(whole)
          damaged[at] = (damaged[at] ?? 0) ^ flip
          const verdict = await run(damaged)
          if (verdict.outcome === 'refused') refused += 1
          expectNothingNew(verdict, good)
        }),
        { numRuns: 400 },
      )
      expect(refused).toBeGreaterThan(300)
    })
  }

  it('damage each signed part by one bit: refused', async () => {
    const bundle = await instance.signStatement(statement, { timestamped: true })
    const text = JSON.stringify(bundle)
    const good = await run(bundle)
    const values = [
      ...text.matchAll(/"(rawBytes|signedEntryTimestamp|canonicalizedBody|payload|sig|signedTimestamp|keyId)":"([^"]+)"/g),
    ]
    expect(new Set(values.map(([, name]) => name)).size).toBe(7)
    for (const [whole, name, value] of values) {
      const bytes = Buffer.from(value ?? '', 'base64')
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const damaged = Buffer.from(bytes)
        damaged[at] = (damaged[at] ?? 0) ^ 1
        const verdict = await run(Buffer.from(text.replace(whole, `"${name}":"${damaged.toString('base64')}"`)))
        // What wraps a timestamp token is not signed, and says nothing.
        if (name === 'signedTimestamp') expectNothingNew(verdict, good, `${name} byte ${at}`)
        else expect(verdict.outcome, `${name} byte ${at}`).toBe('refused')
      }
    }
  })

  it('random JSON and random bytes are refused, never thrown at the caller', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array(), async (bytes) => (await run(bytes)).outcome === 'refused'))
    await fc.assert(fc.asyncProperty(fc.json(), async (json) => (await run(Buffer.from(json))).outcome === 'refused'))
  })

  it('any part replaced by any JSON is refused, or nothing it says has changed', async () => {
    const text = JSON.stringify(await instance.signMessage(artifact, { timestamped: true }))
    const good = await run(Buffer.from(text))
    const paths = pathsOf(JSON.parse(text))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, value) => {
        const json = JSON.parse(text)
        const holder = path.slice(0, -1).reduce((object, key) => object[key], json)
        holder[path.at(-1) ?? ''] = value
        expectNothingNew(await run(json), good)
      }),
      { numRuns: 300 },
    )
  })
})

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path]
  const below = Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))
  return path.length === 0 ? below : [path, ...below]
}
