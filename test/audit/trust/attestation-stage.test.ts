import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Component } from '../../../src/model/component.js'
import type { Digest } from '../../../src/model/digest.js'
import type { Evidence } from '../../../src/model/evidence.js'
import type { Source } from '../../../src/model/source.js'
import type { TrustSettings } from '../../../src/model/trust-settings.js'
import { component } from '../../support/graphs.js'
import { CLAIMS, ISSUER, SigstoreInstance, WORKFLOW } from '../../trust/support/sigstore-instance.js'
import { ACME_IDENTITY, AttestationFolder, lookAt, provenance, signedAs } from '../support/attestations.js'

const COMMIT = CLAIMS[13] ?? ''
const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const location = { file: 'lock', line: 1, column: 1 }
const pinned = (name: string, digest: Digest | undefined, rest: Partial<Component>, version = '1.0.0'): Component =>
  component(name, version, { claims: digest === undefined ? [] : [{ digest, statedBy: 'lock', location }], ...rest })

let instance: SigstoreInstance
const folder = new AttestationFolder()
const common: Partial<TrustSettings> = {}

beforeAll(async () => {
  instance = await SigstoreInstance.start()
  Object.assign(common, { roots: [folder.write('root.json', JSON.stringify(instance.rootJson()))], folders: [folder.path] })
})
afterAll(() => folder.close())

const crate = (name: string, of = name): Component => pinned(name, { of: 'artifact', algorithm: 'sha256', value: hex(of) }, {})
const ofCrate = (name: string): Readonly<Record<string, string>> => ({ sha256: hex(name) })
const rule = (fields: Partial<TrustSettings['identities'][number]> = ACME_IDENTITY): Partial<TrustSettings> => ({
  ...common,
  identities: [{ match: 'pkg:cargo/**', ...fields }],
  require: [{ match: 'pkg:cargo/**', kind: 'provenance', level: 2 }],
})

describe('components of the four ecosystems, with bundles that a sigstore instance signed', () => {
  it('a crate by the checksum of its lockfile', async () => {
    folder.put('sha256', hex('crate'), await instance.signStatement(provenance(ofCrate('crate'))))
    const { evidence, standing, bundles } = await lookAt([crate('crate')], rule())
    expect(evidence).toEqual([
      {
        subject: crate('crate').id,
        check: 'trust/attestation',
        verdict: 'match',
        authority: { kind: 'signature', name: WORKFLOW },
        expected: hex('crate'),
        observed: hex('crate'),
        why: 'provenance of build level 2',
        stored: bundles[0]?.sha256,
      },
    ])
    expect(standing).toMatchObject({ outcome: 'verified', required: ['provenance'], unmet: [], level: 2, levelWanted: 2 })
    expect(bundles).toMatchObject([
      {
        outcome: 'accepted',
        basis: 'rule',
        signer: WORKFLOW,
        issuer: ISSUER,
        repository: 'https://github.com/Acme/widget',
        ref: 'refs/tags/v1.0.0',
        commit: COMMIT,
        predicateType: 'https://slsa.dev/provenance/v1',
        builder: 'https://github.com/actions/runner/github-hosted',
        counts: ['signature', 'provenance'],
        level: 2,
      },
    ])
  })

  const goSum = 'h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48='
  const module = pinned('github.com/acme/widget', { of: 'tree', scheme: 'go-h1', value: goSum }, { ecosystem: 'go' }, 'v1.0.0')

  it('a Go module by its h1 (dirHash1), with an identity derived from its path', async () => {
    const dirHash1 = Buffer.from(goSum.slice(3), 'base64').toString('hex')
    folder.put('dirHash1', dirHash1, await instance.signStatement(provenance({ dirHash1 })))
    const { standing, bundles } = await lookAt([module], common)
    expect(standing).toMatchObject({ outcome: 'derived', repository: 'https://github.com/acme/widget' })
    expect(bundles).toMatchObject([{ outcome: 'accepted', basis: 'derived', level: 2 }])
  })

  it('a Go module by its zip, only where its h1 is that of go.sum', async () => {
    const zip = hex('zip')
    folder.put('sha256', zip, await instance.signStatement(provenance({ sha256: zip })))
    const hashed = (expected: string, verdict: Evidence['verdict']): Evidence => ({
      subject: module.id,
      check: 'go/zip-bytes',
      verdict,
      authority: { kind: 'artifact', name: 'https://proxy.example/zip' },
      expected,
      observed: expected,
      stored: zip,
    })
    const outcome = async (...evidence: Evidence[]) =>
      (
        await lookAt(
          [module],
          { ...common, identities: [{ match: 'pkg:golang/**', ...ACME_IDENTITY, refs: ['refs/tags/{version}'] }] },
          { evidence },
        )
      ).bundles.map((one) => one.from.split('/')[0])
    expect(await outcome(hashed(goSum, 'match'))).toEqual(['dirHash1', 'sha256'])
    // By the log alone, or with other bytes, nothing is known of the zip.
    expect(await outcome(hashed('h1:other', 'match'))).toEqual(['dirHash1'])
    expect(await outcome(hashed(goSum, 'mismatch'))).toEqual(['dirHash1'])
    expect(await outcome(hashed(goSum, 'match'), hashed(goSum, 'mismatch'))).toEqual(['dirHash1'])
  })

  it('a Zig archive once its package hash is that of build.zig.zon; before that it says what is missing', async () => {
    const source: Source = { kind: 'archive', url: 'https://github.com/Acme/widget/releases/download/v1.0.0/widget.tar.gz' }
    const claim: Digest = { of: 'tree', scheme: 'zig', value: 'widget-1.0.0-AAAA' }
    const zig = pinned('widget', claim, { ecosystem: 'zig', source })
    const archive = hex('archive')
    folder.put('sha256', archive, await instance.signStatement(provenance({ sha256: archive })))
    const evidence: Evidence = {
      subject: zig.id,
      check: 'zig/package-hash',
      verdict: 'match',
      authority: { kind: 'artifact', name: source.url },
      expected: claim.value,
      observed: claim.value,
      stored: archive,
    }
    const require = [{ match: 'pkg:zig/**', kind: 'provenance' } as const]
    expect((await lookAt([zig], { ...common, require }, { evidence: [evidence] })).standing).toMatchObject({
      outcome: 'derived',
      unmet: [],
    })
    const before = await lookAt([zig], { ...common, require })
    expect(before.standing).toMatchObject({ outcome: 'not-verified', unmet: ['provenance'] })
    expect(before.evidence).toMatchObject([{ verdict: 'unavailable' }])
    const generated = {
      ...zig,
      source: { kind: 'archive', url: 'https://github.com/Acme/widget/archive/refs/tags/v1.0.0.tar.gz' } as const,
    }
    expect((await lookAt([generated], common)).standing).toMatchObject({ outcome: 'not-signable' })
  })

  it('a Nim package by its commit', async () => {
    const source: Source = { kind: 'git', url: 'https://github.com/Acme/widget.git', commit: COMMIT }
    const nim = pinned('widget', { of: 'tree', scheme: 'nimble-sha1', value: 'a'.repeat(40) }, { ecosystem: 'nimble', source })
    folder.put('gitCommit', COMMIT, await instance.signStatement(provenance({ gitCommit: COMMIT })))
    expect((await lookAt([nim], common)).standing).toMatchObject({ outcome: 'derived', commit: COMMIT })
    const { source: _, ...without } = nim
    expect((await lookAt([{ ...without, source: { kind: 'unknown', why: '' } }], common)).standing?.outcome).toBe('not-signable')
  })
})

/** With another last byte of its signature. */
function altered(bundle: object): string {
  return JSON.stringify(bundle).replace(/"sig":"([^"]+)"/, (_, sig: string) => {
    const bytes = Buffer.from(sig, 'base64')
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    return `"sig":"${bytes.toString('base64')}"`
  })
}

describe('what does not count', () => {
  const EVIL = 'https://github.com/Acme-evil/widget/.github/workflows/release.yml@refs/tags/v1.0.0'
  const evil = signedAs({ 12: 'https://github.com/Acme-evil/widget' }, EVIL)

  it.each<readonly [string, (name: string) => Promise<object | string>, Partial<TrustSettings>, object]>([
    [
      'a look-alike organisation',
      (name) => instance.signStatement(provenance(ofCrate(name), { workflow: EVIL, claims: evil.claims }), evil),
      rule(),
      { outcome: 'other-signer', reason: 'trust/identity-mismatch' },
    ],
    [
      'a fork',
      (name) => instance.signStatement(provenance(ofCrate(name)), signedAs({ 12: 'https://github.com/mallory/widget' })),
      rule(),
      { outcome: 'other-signer', reason: 'trust/identity-mismatch' },
    ],
    [
      'a name that was registered again',
      (name) => instance.signStatement(provenance(ofCrate(name)), signedAs({ 15: '999' })),
      rule({ ...ACME_IDENTITY, sourceRepositoryId: '1001' }),
      { outcome: 'other-signer', reason: 'trust/identity-mismatch' },
    ],
    [
      'a pull request',
      (name) => instance.signStatement(provenance(ofCrate(name)), signedAs({ 20: 'pull_request' })),
      rule(),
      { outcome: 'other-signer', reason: 'trust/release-trigger' },
    ],
    [
      'a merge request',
      (name) => instance.signStatement(provenance(ofCrate(name)), signedAs({ 20: 'merge_request_event' })),
      rule(),
      { outcome: 'other-signer', reason: 'trust/release-trigger' },
    ],
    [
      'a branch',
      (name) =>
        instance.signStatement(
          provenance(ofCrate(name), { claims: { ...CLAIMS, 14: 'refs/heads/main' } }),
          signedAs({ 14: 'refs/heads/main' }),
        ),
      rule(),
      { outcome: 'other-signer', reason: 'trust/identity-mismatch' },
    ],
    [
      'the release of another version',
      (name) =>
        instance.signStatement(
          provenance(ofCrate(name), { claims: { ...CLAIMS, 14: 'refs/tags/v0.9.0' } }),
          signedAs({ 14: 'refs/tags/v0.9.0' }),
        ),
      rule(),
      { outcome: 'other-signer', why: 'ref is refs/tags/v0.9.0, wanted is refs/tags/v1.0.0' },
    ],
    [
      'the same address from another issuer',
      (name) =>
        instance.signStatement(provenance(ofCrate(name)), {
          san: 'release@acme.example',
          claims: { 8: 'https://login.evil.example' },
        }),
      rule({ issuer: 'https://accounts.google.com', san: 'release@acme.example' }),
      { outcome: 'other-signer', reason: 'trust/issuer-mismatch' },
    ],
    [
      'something else that was signed',
      () => instance.signStatement(provenance(ofCrate('another thing'))),
      rule(),
      { outcome: 'other-subject', reason: 'trust/attestation-other-subject' },
    ],
    [
      'a weak digest that agrees',
      () => instance.signStatement(provenance({ sha1: 'a'.repeat(40), md5: 'b'.repeat(32) })),
      rule(),
      { outcome: 'other-subject' },
    ],
    [
      'a bundle that was altered',
      async (name) => altered(await instance.signStatement(provenance(ofCrate(name)))),
      rule(),
      { outcome: 'invalid' },
    ],
    [
      'no JSON',
      async () => '{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"',
      rule(),
      { outcome: 'invalid', reason: 'trust/bundle-malformed' },
    ],
    [
      'a statement that its certificate contradicts',
      (name) => instance.signStatement(provenance(ofCrate(name), { claims: { ...CLAIMS, 12: 'https://github.com/Acme/other' } })),
      rule(),
      { outcome: 'invalid', reason: 'trust/provenance-contradiction' },
    ],
    [
      'what nobody logged',
      (name) => instance.signStatement(provenance(ofCrate(name)), { logged: false, timestamped: true }),
      rule(),
      { outcome: 'not-logged', reason: 'trust/log-missing' },
    ],
    [
      'what nobody named, of what nothing is known',
      (name) => instance.signStatement(provenance(ofCrate(name))),
      { ...rule(), identities: [] },
      { outcome: 'unconstrained', reason: 'trust/identity-unconstrained', signer: WORKFLOW },
    ],
  ])('%s', async (title, sign, settings, expected) => {
    const name = title.replaceAll(' ', '-')
    folder.put('sha256', hex(name), await sign(name))
    const { evidence, standing, bundles } = await lookAt([crate(name)], {
      ...common,
      ...settings,
      roots: common.roots ?? [],
      folders: common.folders ?? [],
    })
    expect(bundles).toMatchObject([expected])
    expect(bundles.flatMap(({ counts }) => counts)).toEqual([])
    expect(standing?.unmet).toEqual(['provenance'])
    expect(evidence.map(({ verdict }) => verdict)).not.toContain('match')
  })

  it('one digest that agrees and one that contradicts', async () => {
    const two = component('two', '1.0.0', {
      claims: [
        { digest: { of: 'artifact', algorithm: 'sha256', value: hex('two') }, statedBy: 'lock', location },
        { digest: { of: 'artifact', algorithm: 'sha512', value: 'a'.repeat(128) }, statedBy: 'lock', location },
      ],
    })
    folder.put('sha256', hex('two'), await instance.signStatement(provenance({ sha256: hex('two'), sha512: 'b'.repeat(128) })))
    expect(
      (await lookAt([two], { ...common, ...rule(), folders: common.folders ?? [], roots: common.roots ?? [] })).bundles,
    ).toMatchObject([{ outcome: 'conflict', reason: 'trust/subject-conflict' }])
  })
})
