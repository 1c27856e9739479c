import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactRequest } from '../../src/audit/verify-artifact.js'
import type { Used } from '../../src/evidence/desk/desk.js'
import { artifactJson } from '../../src/formats/artifact-json.js'
import { packOf } from '../evidence/pack/support/used.js'
import type { Server } from '../trust/lookup/support/github-api.js'
import { bytes, json, server, status } from '../trust/lookup/support/github-api.js'
import { packSnappy } from '../trust/lookup/support/pack-snappy.js'
import { ISSUER, SigstoreInstance } from '../trust/support/sigstore-instance.js'
import type { Release } from './support/artifact-release.js'
import { CONTENT, inRelease, provenance, REPOSITORY, SHA256, SIGNER, statement, told } from './support/artifact-release.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const release = (run: (release: Release) => Promise<void>): Promise<void> => inRelease(instance, run)
const FIRST = `/repos/Acme/widget/attestations/sha256:${SHA256}?per_page=100`
const TOKEN = 'ghp_neverShownToAnybodyElse'

const asking = (api: string, more: Partial<NonNullable<ArtifactRequest['asking']>> = {}): ArtifactRequest['asking'] => ({
  offline: false,
  store: false,
  environment: { GITHUB_API_URL: api, GITHUB_TOKEN: TOKEN },
  ...more,
})

/** An API that has these bundles of the artifact, each packed at a pre-signed URL of a storage host. */
async function github(...bundles: readonly unknown[]): Promise<{ readonly api: Server; readonly storage: Server }> {
  const [api, storage] = [await server(), await server()]
  const attestations = bundles.map((bundle, at) => {
    const path = `/${at}.json.sn?sig=secretOfTheMoment`
    storage.paths.set(path, bytes(packSnappy(Buffer.from(JSON.stringify(bundle)))))
    return { repository_id: 1, bundle_url: storage.origin + path, bundle: null }
  })
  api.paths.set(FIRST, json({ attestations }))
  return { api, storage }
}

describe('--repo', () => {
  it('asks GitHub, and demands by itself what gh would: that repository, by a workflow', () =>
    release(async ({ verify }) => {
      const { api, storage } = await github(await instance.signStatement(statement(provenance(REPOSITORY))))
      const report = await verify({ repo: 'Acme/widget', asking: asking(api.origin) })
      expect(told(report)).toBe('verified 0; signer verified; source verified')
      expect(report.lookups).toEqual([
        { source: `GitHub attestations (${new URL(api.origin).host})`, answer: 'found', found: 1, why: undefined },
      ])
      expect(report.signatures).toMatchObject([
        { from: `${api.origin}${FIRST.split('?')[0]} (1)`, form: 'sigstore-bundle', statement: { kind: 'provenance' } },
      ])
      expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`])
      expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined])
      expect(artifactJson(report).join('')).not.toMatch(/secretOfTheMoment|ghp_/)
    }))

  it('refuses what another repository has signed', () =>
    release(async ({ verify }) => {
      const { api } = await github(
        await instance.signStatement(statement(provenance(REPOSITORY)), {
          claims: { 8: ISSUER, 12: 'https://github.com/Acme-evil/widget' },
        }),
      )
      expect(told(await verify({ repo: 'Acme/widget', asking: asking(api.origin) }))).toMatch(
        /^refused 1; signer refused trust\/identity-mismatch/,
      )
    }))

  it('a bad bundle among good ones takes nothing away, and is shown', () =>
    release(async ({ verify }) => {
      const { api, storage } = await github('no bundle', await instance.signStatement(statement(provenance(REPOSITORY))), 'third')
      storage.paths.set('/2.json.sn?sig=secretOfTheMoment', status(403))
      const report = await verify({ repo: 'Acme/widget', asking: asking(api.origin) })
      expect(told(report)).toBe('verified 0; signer verified; source verified')
      expect(report.signatures.map(({ outcome }) => outcome)).toEqual(['refused', 'verified'])
      expect(report.warnings).toMatchObject([{ reason: 'trust/attestation-unknown' }])
      expect(report.lookups[0]?.why).toMatch(/could not be fetched from 127\.0\.0\.1:\d+: status 403$/)
    }))

  it('an attestation of another file, handed out for this one, is refused', () =>
    release(async ({ verify }) => {
      const { api } = await github(await instance.signStatement(statement(provenance(REPOSITORY), '00'.repeat(32))))
      expect(told(await verify({ repo: 'Acme/widget', asking: asking(api.origin) }))).toMatch(
        /^refused 1; signer refused trust\/attestation-other-subject/,
      )
    }))

  it('"none" is missing and says who was asked; "unknown" is not', () =>
    release(async ({ verify }) => {
      const { api } = await github()
      const none = await verify({ repo: 'Acme/widget', asking: asking(api.origin) })
      expect(told(none)).toBe('undecided 3; signer undecided trust/attestation-missing; source undecided trust/source-unproven')
      expect(none.demands[0]?.problem?.why).toContain('GitHub attestations (')
      expect(none.warnings).toEqual([])
      api.paths.set(FIRST, status(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795910400' }))
      const unknown = await verify({ repo: 'Acme/widget', asking: asking(api.origin) })
      expect(told(unknown)).toBe(
        'undecided 3; signer undecided trust/attestation-unknown; source undecided trust/source-unproven',
      )
      expect(unknown.demands[0]?.problem?.why).toContain('until 2026-11-29T00:00:00Z')
      expect(unknown.lookups).toMatchObject([{ answer: 'unknown' }])
    }))

  it('offline nobody is asked, and what is not known is unknown', () =>
    release(async ({ verify }) => {
      const { api } = await github()
      for (const offline of [undefined, asking(api.origin, { offline: true })]) {
        const report = await verify({ repo: 'Acme/widget', asking: offline })
        expect(told(report)).toMatch(/^undecided 3; signer undecided trust\/attestation-unknown/)
      }
      expect(api.seen).toEqual([])
    }))

  it('a signature beside the artifact counts too, and that GitHub did not answer is a warning', () =>
    release(async ({ put, verify }) => {
      put('widget.tar.sigstore.json', await instance.signStatement(statement(provenance(REPOSITORY))))
      const { api } = await github()
      api.paths.set(FIRST, status(401))
      const report = await verify({ repo: 'Acme/widget', asking: asking(api.origin) })
      expect(told(report)).toBe('verified 0; signer verified; source verified')
      expect(report.warnings).toMatchObject([{ reason: 'trust/attestation-unknown' }])
    }))

  it('with a key alone leaves the signer to the key', () =>
    release(async ({ put, verify }) => {
      const { api } = await github(await instance.signStatement(statement(provenance(REPOSITORY))))
      const pem =
        '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n'
      const report = await verify({ repo: 'Acme/widget', key: [put('k.pub', pem)], asking: asking(api.origin) })
      expect(report.demands.map(({ kind }) => kind)).toEqual(['key', 'source'])
      expect(report.exitCode).not.toBe(0)
    }))

  it.each(['widget', 'Acme/widget/x', 'https://github.com/Acme/widget', 'Acme/..', '/widget', 'Acme/', 'A%2f/b', 'Acme/wid get'])(
    '%j is no repository',
    (repo) =>
      release(async ({ verify }) => {
        await expect(verify({ repo })).rejects.toMatchObject({ code: 'usage' })
      }),
  )

  it('a GITHUB_API_URL that is none is a configuration error', () =>
    release(async ({ verify }) => {
      await expect(verify({ repo: 'Acme/widget', asking: asking('http://github.example') })).rejects.toMatchObject({
        code: 'configuration',
      })
    }))
})

describe('--attestations', () => {
  it('a folder as `gh attestation download` fills it', () =>
    release(async ({ at, verify }) => {
      mkdirSync(at('attestations'))
      const bundles = [await instance.signMessage(Buffer.from('other')), await instance.signStatement(statement())]
      writeFileSync(at(`attestations/sha256:${SHA256}.jsonl`), `${bundles.map((one) => `${JSON.stringify(one)}\n`).join('')}\n`)
      const report = await verify({ ...SIGNER, attestations: [at('attestations')] })
      expect(told(report)).toBe('verified 0; signer verified')
      expect(report.lookups).toMatchObject([{ source: `folder ${at('attestations')}`, answer: 'found', found: 1 }])
      expect(report.signatures.map(({ from, outcome }) => `${from} ${outcome}`)).toEqual([
        `sha256:${SHA256}.jsonl:1 refused`,
        `sha256:${SHA256}.jsonl:2 verified`,
      ])
      mkdirSync(at('empty'))
      expect(told(await verify({ ...SIGNER, attestations: [at('empty')] }))).toBe(
        'undecided 3; signer undecided trust/attestation-missing',
      )
    }))

  it('a URL template, with the name of the file', () =>
    release(async ({ verify }) => {
      const api = await server()
      api.paths.set(`/sha256/${SHA256}/widget.tar`, json(await instance.signMessage(CONTENT)))
      const report = await verify({
        ...SIGNER,
        attestations: [`${api.origin}/{alg}/{digest}/{file}`],
        asking: asking(api.origin),
      })
      expect(told(report)).toBe('verified 0; signer verified')
      expect(api.seen.map(({ path }) => path)).toEqual(
        ['sha256', 'sha384', 'sha512'].map((name) => expect.stringContaining(`/${name}/`)),
      )
      expect(api.seen.every(({ headers }) => headers.authorization === undefined)).toBe(true)
    }))

  it('what cannot be used is said', () =>
    release(async ({ at, verify }) => {
      const cases = [
        [at('absent'), 'input-unreadable'],
        ['http://a.example/{digest}', 'usage'],
        ['https://a.example/fixed', 'usage'],
      ] as const
      for (const [one, code] of cases) await expect(verify({ ...SIGNER, attestations: [one] })).rejects.toMatchObject({ code })
      await expect(verify({ ...SIGNER, attestations: [at('absent')] })).rejects.toMatchObject({
        message: expect.stringMatching(/^the attestations cannot be read: /),
        help: expect.stringContaining('gh attestation download'),
      })
    }))
})

describe('a replay from an evidence pack', () => {
  it('gives the same report, byte for byte, with nobody there to ask', () =>
    release(async ({ at, put, verify }) => {
      const { api, storage } = await github(await instance.signStatement(statement(provenance(REPOSITORY))), 'no bundle')
      mkdirSync(at('attestations'))
      writeFileSync(at(`attestations/sha256-${SHA256}.jsonl`), JSON.stringify(await instance.signMessage(CONTENT)))
      const given = { repo: 'Acme/widget', attestations: [at('attestations'), `${api.origin}/nothing/{digest}`] }
      let used: Used | undefined
      const first = await verify({ ...given, asking: asking(api.origin), onUsed: (all) => void (used = all) })
      expect(first.signatures.map(({ outcome }) => outcome)).toEqual(['verified', 'verified', 'refused'])
      if (used === undefined) throw new Error('nothing was used')
      const pack = put('evidence.tar', packOf(used))
      expect(readFileSync(pack, 'latin1')).not.toMatch(/secretOfTheMoment|ghp_/)
      const asked = api.seen.length + storage.seen.length
      writeFileSync(at(`attestations/sha256-${SHA256}.jsonl`), 'changed since')
      const again = await verify({ ...given, asking: asking(api.origin, { offline: true, pack }) })
      expect(artifactJson(again).join('')).toBe(artifactJson(first).join(''))
      expect(api.seen.length + storage.seen.length).toBe(asked)
    }))
})
