import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gpg } from '../../../src/evidence/gpg.js'
import { openGpg } from '../../../src/evidence/gpg.js'
import { judgeGitSignature } from '../../../src/trust/git/judge.js'
import { judgeStatus, verifyOpenpgpSignature } from '../../../src/trust/git/openpgp-signature.js'
import { readSignedCommit, readSignedTag } from '../../../src/trust/git/signed-object.js'
import { has, Workshop } from './signing.js'

const DAY = 86_400

describe.skipIf(!has('gpg', '--version') || !has('git', '--version'))('OpenPGP signatures of git, made by gpg', () => {
  let shop: Workshop
  let own: string
  const opened: Gpg[] = []

  beforeAll(() => {
    shop = new Workshop()
    own = shop.openpgpKey('Release <release@example.org>')
    shop.openpgpKey('Stranger <stranger@example.org>')
    shop.git('commit', '--quiet', '--allow-empty', '-m', 'nothing')
  }, 60_000)
  afterAll(async () => {
    for (const gpg of opened) await gpg.close()
    shop.close()
  })

  async function gpgWith(...keys: readonly Uint8Array[]): Promise<Gpg> {
    const started = await openGpg(keys)
    if (!started.ok) throw new Error(started.why)
    opened.push(started.gpg)
    return started.gpg
  }
  function sign(user: string, ...options: readonly string[]): { commit: Uint8Array; tag: Uint8Array } {
    shop.git(...options, 'commit', '--quiet', '--allow-empty', `-S${user}`, '-m', 'signed')
    shop.git(...options, 'tag', '--force', '-u', user, '-m', 'release', 'v1')
    return {
      commit: shop.object('commit', shop.git('rev-parse', 'HEAD')),
      tag: shop.object('tag', shop.git('rev-parse', 'refs/tags/v1')),
    }
  }

  it('verifies a commit and a tag by a key that was given', async () => {
    const { commit, tag } = sign(own)
    const openpgp = await gpgWith(shop.exportKeys(own))
    expect(openpgp.fingerprints).toEqual([own])
    for (const object of [readSignedCommit(commit, 'sha1'), readSignedTag(tag)])
      expect(await judgeGitSignature(object, { openpgp })).toEqual({
        kind: 'verified',
        form: 'openpgp',
        signer: 'Release <release@example.org>',
        fingerprint: own,
      })
  })

  it('does not know the key of a stranger, whatever the keyring of the user holds', async () => {
    const { commit } = sign('stranger@example.org')
    const openpgp = await gpgWith(shop.exportKeys(own))
    expect(await judgeGitSignature(readSignedCommit(commit, 'sha1'), { openpgp })).toMatchObject({
      kind: 'not-attributed',
      reason: 'trust/git-signer-unknown',
    })
  })

  it('refuses what was changed', async () => {
    const { commit, tag } = sign(own)
    const openpgp = await gpgWith(shop.exportKeys(own))
    const changed = (bytes: Uint8Array, from: string, to: string): Uint8Array =>
      Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1')
    for (const object of [
      readSignedCommit(changed(commit, '\n\nsigned', '\n\nchanged'), 'sha1'),
      readSignedTag(changed(tag, 'release', 'RELEASE')),
      readSignedTag(changed(tag, 'tag v1', 'tag v2')),
    ])
      expect(await judgeGitSignature(object, { openpgp })).toMatchObject({
        kind: 'refused',
        reason: 'trust/git-signature-invalid',
      })
  })

  it('refuses a signature by a key that was revoked', async () => {
    const key = shop.openpgpKey('Lost <lost@example.org>')
    const { tag } = sign(key)
    const revocation = shop
      .run('cat', `g/openpgp-revocs.d/${key}.rev`)
      .replace(/^:-----BEGIN/m, '-----BEGIN')
      .replace(/^[^-]*(?=-----BEGIN)/, '')
    shop.run('gpg', '--batch', '--quiet', '--import', shop.write('revocation', revocation))
    const openpgp = await gpgWith(shop.exportKeys(key))
    expect(await judgeGitSignature(readSignedTag(tag), { openpgp })).toEqual({
      kind: 'refused',
      form: 'openpgp',
      reason: 'trust/git-signer-refused',
      why: 'the key that signed was revoked',
    })
  })

  it('accepts what was signed before its key expired, and says so', async () => {
    // The key is of last week and ended three days ago.
    const now = Math.floor(Date.now() / 1000)
    const past = String(now - 7 * DAY)
    shop.run(
      'gpg',
      ...['--batch', '--quiet', '--faked-system-time', past, '--passphrase', ''],
      ...['--quick-gen-key', 'Old <old@example.org>', 'ed25519', 'sign', '4d'],
    )
    const signAt = (seconds: number): string => {
      const message = shop.write('message', 'tree 1\n')
      const time = ['--faked-system-time', String(seconds), '--ignore-time-conflict']
      return shop.run(
        'gpg',
        '--batch',
        '--quiet',
        ...time,
        '-u',
        'old@example.org',
        '--armor',
        '--output',
        '-',
        '--detach-sign',
        message,
      )
    }
    const gpg = await gpgWith(shop.exportKeys('old@example.org'))
    const before = await verifyOpenpgpSignature(signAt(now - 6 * DAY), Buffer.from('tree 1\n'), gpg)
    expect(before).toMatchObject({ kind: 'holds', userId: 'Old <old@example.org>' })
    const { expiredAt } = before.kind === 'holds' ? before : { expiredAt: undefined }
    expect(Math.abs((expiredAt ?? 0) - (now - 3 * DAY))).toBeLessThan(DAY)
  })

  it('refuses a hash for which collisions are known, and more than one signature', async () => {
    const gpg = await gpgWith(shop.exportKeys(own))
    const message = shop.write('message', 'tree 1\n')
    const signed = (...options: readonly string[]): string =>
      shop.run('gpg', '--batch', '--quiet', ...options, '--armor', '--output', '-', '--detach-sign', message)
    const judge = (armored: string): ReturnType<typeof verifyOpenpgpSignature> =>
      verifyOpenpgpSignature(armored, Buffer.from('tree 1\n'), gpg)
    expect(await judge(signed('-u', own))).toMatchObject({ kind: 'holds' })
    expect(await judge(signed('-u', own, '--digest-algo', 'SHA1'))).toMatchObject({ kind: 'refused', reason: 'weak' })
    expect(await judge(signed('-u', own, '-u', 'stranger@example.org'))).toMatchObject({ kind: 'refused', reason: 'malformed' })
    expect(await judge(signed('-u', own, '--textmode'))).toMatchObject({ kind: 'refused', reason: 'malformed' })
    expect(await judge('-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n')).toMatchObject({
      kind: 'refused',
      reason: 'malformed',
    })
  })

  it('says why where no keys can be had', async () => {
    expect(await openGpg([Buffer.from('no key')])).toEqual({
      ok: false,
      failure: 'no-key',
      why: 'gpg finds no public key in what was given',
    })
    const object = readSignedCommit(sign(own).commit, 'sha1')
    for (const [openpgp, why] of [
      [undefined, 'no OpenPGP keys were given'],
      ['gpg was not found', 'gpg was not found'],
    ] as const)
      expect(await judgeGitSignature(object, { openpgp })).toEqual({
        kind: 'not-checked',
        form: 'openpgp',
        reason: 'trust/git-signature-unverified',
        why,
      })
  })
})

describe('what gpg says', () => {
  const KEY = 'A'.repeat(40)
  const VALID = `VALIDSIG ${KEY} 2026-01-01 1767225600 0 4 0 22 8 00 ${KEY}`

  it.each([
    ['a good signature', ['NEWSIG', `GOODSIG AAAAAAAAAAAAAAAA R`, VALID], 'holds'],
    [
      'a good one by a key that is not on the list',
      ['NEWSIG', 'GOODSIG A R', VALID.replaceAll(KEY, 'B'.repeat(40))],
      'unknown-key',
    ],
    ['a key that nobody has', ['NEWSIG', 'ERRSIG AAAA 22 8 00 1767225600 9 -', 'NO_PUBKEY AAAA'], 'unknown-key'],
    ['an algorithm that gpg does not know', ['NEWSIG', 'ERRSIG AAAA 99 8 00 1767225600 4 -'], 'not-checked'],
    ['a bad signature', ['NEWSIG', 'BADSIG AAAA R'], 'signature'],
    ['a good one after a bad one', ['NEWSIG', 'BADSIG AAAA R', 'NEWSIG', 'GOODSIG AAAA R', VALID], 'malformed'],
    ['a key that was revoked', ['NEWSIG', 'REVKEYSIG AAAA R', VALID], 'revoked'],
    ['a signature that has expired', ['NEWSIG', 'EXPSIG AAAA R', VALID], 'expired'],
    ['a key that had expired before', ['NEWSIG', 'KEYEXPIRED 1767225600', 'EXPKEYSIG AAAA R', VALID], 'expired'],
    ['a key that has expired since', ['NEWSIG', 'KEYEXPIRED 1767225601', 'EXPKEYSIG AAAA R', VALID], 'holds'],
    ['an expired key that says no time', ['NEWSIG', 'EXPKEYSIG AAAA R', VALID], 'expired'],
    ['a word alone', ['GOODSIG AAAA R'], 'malformed'],
    ['nothing', [], 'malformed'],
  ])('%s', (_title, status, expected) => {
    const verdict = judgeStatus(status, [KEY])
    expect('reason' in verdict ? verdict.reason : verdict.kind).toBe(expected)
  })
})
