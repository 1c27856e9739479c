import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { judgeSignature } from '../../src/audit/artifact/judge-signature.js'
import { ociProblem } from '../../src/audit/oci/reasons.js'
import { showRoots } from '../../src/audit/show-roots.js'
import { verifyGitRef } from '../../src/audit/verify-git-ref.js'
import type { ArtifactReport } from '../../src/model/artifact-report.js'
import { AssayError } from '../../src/model/error.js'
import { readTrustedRoots } from '../../src/trust/sigstore/trusted-root.js'
import { hasShared, readSharedBytes } from '../support/shared.js'
import { AUTHOR, has, Workshop } from '../trust/git/signing.js'
import { CONFORMANCE, conformanceCases, extraCases, filesOf } from '../trust/sigstore/conformance.js'
import { SigstoreInstance } from '../trust/support/sigstore-instance.js'
import type { Release } from './support/artifact-release.js'
import { CONTENT, inRelease, provenance, REPOSITORY, SHA256, SIGNER, statement } from './support/artifact-release.js'
import { asCosignBlob } from './support/cosign-blob.js'

/** A failure as it is told. */
interface Told {
  readonly reason: string
  readonly fix: string
}

/** One row of the table of failures (spec/trust.md §8). */
type Row =
  /** Made here for real. */
  | { readonly makes: (release: Release) => Promise<readonly Told[]> }
  /** Made by a case of the conformance suite; skipped where that is not at hand. */
  | { readonly byCase: string }
  /** Made for real by another test, its fix looked at here. */
  | { readonly elsewhere: string; readonly told: Told }
  /** Told in another way. */
  | { readonly otherwise: string }
  | { readonly nobody: string }

let instance: SigstoreInstance
let stranger: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
  stranger = await SigstoreInstance.start()
})

const MINISIGN_KEY = 'RWSGOq2NVecA2UPNdBUZykf1CCb147pkmdtYxgb3Ti+JO/wCYvhbAb/U'
const TIMESTAMP_2028 = '2028-01-01T00:00:00Z'

function toldBy({ demands, signatures, warnings }: ArtifactReport): readonly Told[] {
  return [...demands.flatMap(({ problem }) => problem ?? []), ...signatures.flatMap(({ problems }) => problems), ...warnings]
}

/** The release's only bundle is this one. */
const bundled =
  (
    make: () => Promise<object>,
    given: Parameters<Release['verify']>[0] = SIGNER,
  ): ((release: Release) => Promise<readonly Told[]>) =>
  async ({ put, verify }) => {
    put('widget.tar.sigstore.json', await make())
    return toldBy(await verify(given))
  }

/** A bundle with one of its texts changed. */
async function altered(make: () => Promise<Record<string, unknown>>, change: (text: string) => string): Promise<object> {
  const before = JSON.stringify(await make())
  const after = change(before)
  if (after === before) throw new Error('nothing was changed')
  return JSON.parse(after)
}

const message = (): Promise<Record<string, unknown>> => instance.signMessage(CONTENT)
const about = (content: object): Promise<Record<string, unknown>> => instance.signStatement(content)
/** Changes the first character of a base64 text. */
const otherBase64 = (name: string) => (text: string) =>
  text.replace(new RegExp(`("${name}":")(.)`), (_all, before: string, first: string) => before + (first === 'A' ? 'B' : 'A'))

/** A root with a part of another instance's in it. */
const withForeign =
  (part: string, options: Parameters<SigstoreInstance['signMessage']>[1] = {}) =>
  async ({ put, verify }: Release): Promise<readonly Told[]> => {
    put('widget.tar.sigstore.json', await instance.signMessage(CONTENT, options))
    const mixed = put('mixed.json', { ...instance.rootJson(), [part]: stranger.rootJson()[part] })
    return toldBy(await verify({ ...SIGNER, trustedRoot: [mixed] }))
  }

function keyBundle(hint: string, privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey): object {
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(SHA256, 'hex').toString('base64') },
      signature: sign('sha256', CONTENT, privateKey).toString('base64'),
    },
  }
}

const pem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString()

const minisign =
  (text: string) =>
  async ({ put, verify }: Release): Promise<readonly Told[]> => {
    put('widget.tar.minisig', text)
    return toldBy(await verify({ key: [MINISIGN_KEY] }))
  }

/** What is wrong with the configuration, told by the error that ends the run. */
async function refusal(run: () => Promise<unknown>): Promise<readonly Told[]> {
  try {
    await run()
  } catch (error) {
    if (error instanceof AssayError) return [{ reason: /^(trust\/[a-z-]+): /.exec(error.message)?.[1] ?? '', fix: error.help }]
    throw error
  }
  return []
}

const oci = (reason: Parameters<typeof ociProblem>[0]): Row => ({
  elsewhere: 'test/audit/oci/content-reasons.test.ts, test/audit/oci/verify-image.test.ts',
  told: ociProblem(reason, 'x'),
})

const ROWS: Readonly<Record<string, Row>> = {
  'trust/attestation-missing': { makes: async ({ verify }) => toldBy(await verify(SIGNER)) },
  'trust/attestation-unknown': {
    makes: async ({ verify }) =>
      toldBy(
        await verify({
          ...SIGNER,
          attestations: ['https://attestations.example/{alg}/{digest}.jsonl'],
          asking: { offline: true, environment: {} },
        }),
      ),
  },
  'trust/attestation-other-subject': { makes: bundled(() => about(statement(provenance(REPOSITORY), 'ab'.repeat(32)))) },
  'trust/subject-conflict': {
    makes: bundled(() =>
      about({
        ...statement(provenance(REPOSITORY)),
        subject: [{ name: 'widget.tar', digest: { sha256: SHA256, sha512: 'ab'.repeat(64) } }],
      }),
    ),
  },
  'trust/identity-mismatch': { makes: bundled(message, { ...SIGNER, certificateIdentity: 'https://github.com/Other/x' }) },
  'trust/issuer-mismatch': { makes: bundled(message, { ...SIGNER, certificateOidcIssuer: 'https://issuer.example' }) },
  'trust/identity-unconstrained': {
    makes: async ({ at, put, verify }) => {
      put('widget.tar.sigstore.json', await message())
      return toldBy(await verify({ key: [MINISIGN_KEY], bundle: [at('widget.tar.sigstore.json')] }))
    },
  },
  'trust/identity-derived': {
    otherwise: 'the standing `derived` of the fact trust/signatures, the word of the evidence and the coverage of reports',
  },
  'trust/signature-invalid': { makes: bundled(() => altered(message, otherBase64('signature'))) },
  'trust/digest-mismatch': { makes: bundled(() => instance.signMessage(Buffer.from('other bytes'))) },
  'trust/certificate-untrusted': { makes: withForeign('certificateAuthorities') },
  'trust/certificate-expired': { byCase: 'intoto-expired-certificate_fail' },
  'trust/time-missing': { makes: bundled(() => instance.signMessage(CONTENT, { logged: false })) },
  'trust/time-untrusted': { makes: withForeign('timestampAuthorities', { timestamped: true }) },
  'trust/log-missing': { makes: bundled(() => instance.signMessage(CONTENT, { logged: false, timestamped: true })) },
  'trust/log-invalid': { makes: bundled(() => altered(message, otherBase64('signedEntryTimestamp'))) },
  'trust/log-window': { byCase: 'log-key-retired-before-signing' },
  'trust/sct-missing': { makes: withForeign('ctlogs') },
  'trust/key-unknown': {
    makes: async ({ put, verify }) => {
      put('widget.tar.sigstore.json', keyBundle('of nobody'))
      return toldBy(await verify({ key: [put('a.pub', pem()), put('b.pub', pem())] }))
    },
  },
  'trust/key-wrong': {
    makes: async ({ put, verify }) => {
      put('widget.tar.sigstore.json', keyBundle(''))
      return toldBy(await verify({ key: [put('a.pub', pem())] }))
    },
  },
  'trust/bundle-malformed': { makes: bundled(async () => ({ mediaType: 'text/plain' })) },
  'trust/bundle-legacy': { makes: bundled(async () => asCosignBlob(await message())) },
  'trust/predicate-unknown': { makes: bundled(() => about(statement({}, SHA256, 'https://example.org/opinion/v1'))) },
  'trust/predicate-invalid': { makes: bundled(() => about(statement({}))) },
  'trust/provenance-contradiction': { makes: bundled(() => about(statement(provenance('https://github.com/Evil/widget')))) },
  'trust/builder-untrusted': oci('trust/builder-untrusted'),
  'trust/parameters-unexpected': {
    otherwise: 'a limit of the SLSA build level in every report; the rule trust/provenance-level-low has the fix',
  },
  'trust/provenance-dropped': { nobody: 'nothing that is asked says what an earlier version had' },
  'trust/root-old': {
    makes: async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await message())
      return toldBy(await verify({ ...SIGNER, trustedRoot: [], timestamp: TIMESTAMP_2028 }))
    },
  },
  'trust/root-expired': {
    makes: async ({ at }) => {
      const environment = { ASSAY_CACHE: at('cache') }
      return (
        await showRoots({ files: [], online: true, fallback: false, environment, timestamp: TIMESTAMP_2028, now: TIMESTAMP_2028 })
      ).problems
    },
  },
  'trust/root-malformed': {
    makes: async ({ put, verify }) => refusal(() => verify({ ...SIGNER, trustedRoot: [put('none.json', {})] })),
  },
  'trust/oci-digest-mismatch': oci('trust/oci-digest-mismatch'),
  'trust/oci-size-mismatch': oci('trust/oci-size-mismatch'),
  'trust/oci-mediatype-mismatch': oci('trust/oci-mediatype-mismatch'),
  'trust/oci-mutable-reference': oci('trust/oci-mutable-reference'),
  'trust/oci-referrer-foreign': oci('trust/oci-referrer-foreign'),
  'trust/minisign-malformed': { makes: minisign('untrusted comment: x\nAAAA\ntrusted comment: x\nAAAA\n') },
  'trust/minisign-key-id-mismatch': {
    makes: minisign(
      `untrusted comment: x\n${Buffer.concat([Buffer.from('ED'), Buffer.alloc(72)]).toString('base64')}\ntrusted comment: x\n${Buffer.alloc(64).toString('base64')}\n`,
    ),
  },
  'trust/minisign-signature-invalid': {
    makes: minisign(
      `untrusted comment: x\n${Buffer.concat([Buffer.from('ED'), Buffer.from(MINISIGN_KEY, 'base64').subarray(2, 10), Buffer.alloc(64)]).toString('base64')}\ntrusted comment: x\n${Buffer.alloc(64).toString('base64')}\n`,
    ),
  },
  'trust/git-signature-unverified': {
    makes: async () => {
      const shop = new Workshop()
      try {
        shop.git('commit', '--quiet', '--allow-empty', '-m', 'x')
        const body = `object ${shop.git('rev-parse', 'HEAD')}\ntype commit\ntag v1\ntagger R <${AUTHOR}> 1700000000 +0000\n\nx\n`
        const cms = '-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n'
        shop.git('update-ref', 'refs/tags/v1', shop.writeObject('tag', Buffer.from(body + cms)))
        const allowed = shop.write('allowed', '# nobody\n')
        const { signatures } = await verifyGitRef({
          ...{ folder: shop.repository, ref: 'v1', allowedSigners: [allowed], openpgpKeys: [], timestamp: TIMESTAMP_2028 },
        })
        return signatures.flatMap(({ problem }) => problem ?? [])
      } finally {
        shop.close()
      }
    },
  },
}

/** The rows of the specification, with those of minisign named one by one. */
function rowsOfTheSpecification(): readonly string[] {
  const text = Buffer.from(readSharedBytes('spec', 'trust.md')).toString()
  const section = text.slice(text.indexOf('## 8. Failures and threats'), text.indexOf('Threats to design against'))
  return section
    .split('\n')
    .flatMap((line) => (/^\| (trust\/.*?) \|/.exec(line)?.[1] ?? '').split(', '))
    .filter((id) => id !== '' && id !== 'trust/minisign-*')
}

describe('every failure has a name and something to do about it (spec/trust.md §8)', () => {
  it.skipIf(!hasShared('spec', 'trust.md'))('the table is that of the specification', () => {
    const own = Object.keys(ROWS).filter((id) => !id.startsWith('trust/minisign-'))
    expect(own.sort()).toEqual([...rowsOfTheSpecification()].sort())
  })

  for (const [id, row] of Object.entries(ROWS)) {
    if ('makes' in row) {
      const lacks = id === 'trust/git-signature-unverified' && !has('git', '--version')
      it.skipIf(lacks)(`${id} is made`, () =>
        inRelease(instance, async (release) => {
          const told = await row.makes(release)
          expect(told.map(({ reason }) => reason)).toContain(id)
          for (const { reason, fix } of told) if (reason === id) expect(fix.length, fix).toBeGreaterThan(10)
        }),
      )
    } else if ('byCase' in row) {
      it.skipIf(!hasShared(CONFORMANCE))(`${id} is made by the conformance suite`, async () => {
        const each = [...conformanceCases(), ...extraCases()].find(({ name }) => name === row.byCase)
        if (each === undefined) throw new Error(`no case ${row.byCase}`)
        const { root, bundle, artifact } = filesOf(each)
        const roots = readTrustedRoots('root', root)
        if (!roots.ok) throw new Error(roots.why)
        const anchors = [
          { of: 'artifact', algorithm: 'sha256', value: createHash('sha256').update(artifact).digest('hex') } as const,
        ]
        const found = { file: 'b', from: 'b', form: 'sigstore-bundle', bytes: bundle } as const
        const { signature } = await judgeSignature(
          found,
          { name: 'a', bytes: artifact, anchors },
          {
            certificate: { kind: 'certificate', issuer: each.issuer ?? '', san: each.identity ?? '' },
            ...{ keys: [], minisignKeys: [], roots: roots.roots, embeddedRoot: false },
          },
        )
        const told = signature.problems.filter(({ reason }) => reason === id)
        expect(told).toHaveLength(1)
        for (const { fix } of told) expect(fix.length, fix).toBeGreaterThan(10)
      })
    } else if ('elsewhere' in row) {
      it(`${id} is made in ${row.elsewhere}`, () => {
        expect(row.told).toMatchObject({ reason: id })
        expect(row.told.fix.length).toBeGreaterThan(10)
      })
    }
  }

  it('what nobody makes, and what is told otherwise, is known', () => {
    const of = (key: string): readonly string[] => Object.entries(ROWS).flatMap(([id, row]) => (key in row ? [id] : []))
    expect({ nobody: of('nobody'), otherwise: of('otherwise') }).toEqual({
      nobody: ['trust/provenance-dropped'],
      otherwise: ['trust/identity-derived', 'trust/parameters-unexpected'],
    })
  })
})
