import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gitRefDocument } from '../../src/audit/git-ref-documents.js'
import { verifyGitRef } from '../../src/audit/verify-git-ref.js'
import type { GitRefReport } from '../../src/model/git-ref-report.js'
import { PLAIN } from '../../src/model/style.js'
import { AUTHOR, has, Workshop } from '../trust/git/signing.js'

const TIME = '2026-01-01T00:00:00Z'
const schema: object = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/git-ref.schema.json'), 'utf8'))
const isValid = new Ajv.default({ strict: true, strictRequired: false }).compile(schema)

const outcomes = ({ outcome, exitCode, signatures, warnings }: GitRefReport): string[] => [
  `${outcome} ${exitCode}`,
  ...signatures.map(({ of, outcome: own, form, problem }) => `${of} ${own} ${form ?? '-'} ${problem?.reason ?? '-'}`),
  ...warnings.map(({ reason }) => `warning ${reason}`),
]

describe.skipIf(!has('git', '--version') || !has('ssh-keygen', '-V'))('assay verify --git-ref', () => {
  const shop = new Workshop()
  let allowed: string

  beforeAll(() => {
    const own = shop.sshKey('own', 'ed25519')
    const stranger = shop.sshKey('stranger', 'ecdsa', 256)
    allowed = shop.write('allowed', `${AUTHOR} ${own.public}\n`)
    const commit = (...options: readonly string[]): void =>
      void shop.gitAt(
        1_700_000_000,
        ...options,
        'commit',
        '--quiet',
        '--allow-empty',
        '-m',
        'x',
        ...(options.length > 0 ? ['-S'] : []),
      )
    const tag = (name: string, ...options: readonly string[]): void =>
      void shop.gitAt(1_700_000_000, ...options, 'tag', ...(options.length > 0 ? ['-s', '-m', name] : ['-a', '-m', name]), name)
    commit()
    tag('unsigned')
    shop.git('tag', 'light')
    tag('signed', ...shop.ssh(own))
    tag('by-stranger', ...shop.ssh(stranger))
    shop.git('update-ref', 'refs/tags/renamed', shop.git('rev-parse', 'refs/tags/signed'))
    shop.gitAt(1_700_000_000, ...shop.ssh(own), 'tag', '-s', '-m', 'x', 'nested', 'refs/tags/by-stranger')
    const cms = `object ${shop.git('rev-parse', 'HEAD')}\ntype commit\ntag cms\ntagger R <${AUTHOR}> 1700000000 +0000\n\nx\n`
    const body = `${cms}-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n`
    shop.git('update-ref', 'refs/tags/cms', shop.writeObject('tag', Buffer.from(body)))
    commit(...shop.ssh(own))
    tag('plain-of-signed')
    shop.git('tag', 'light-of-signed')
    shop.git('branch', 'stable')
    tag('widget@1.0.0', ...shop.ssh(own))
    shop.git('checkout', '--quiet', '-b', 'merged')
    commit(...shop.ssh(stranger))
    tag('signed-of-stranger', ...shop.ssh(own))
    tag('plain-of-stranger')
    // A name that is the id of something else.
    shop.git('update-ref', `refs/tags/${shop.git('rev-parse', 'HEAD')}`, shop.git('rev-parse', 'refs/heads/stable'))
    shop.git('checkout', '--quiet', 'stable')
    const altered = Buffer.from(shop.object('commit', 'HEAD')).toString('latin1').replace('\n\nx', '\n\nchanged')
    shop.git('update-ref', 'refs/heads/altered', shop.writeObject('commit', Buffer.from(altered, 'latin1')))
  }, 60_000)
  afterAll(() => shop.close())

  const verify = (ref: string): Promise<GitRefReport> =>
    verifyGitRef({ folder: shop.repository, ref, allowedSigners: [allowed], openpgpKeys: [], timestamp: TIME })

  it.each<readonly [string, readonly string[]]>([
    ['signed', ['verified 0', 'tag verified ssh -', 'commit unsigned - trust/git-unsigned']],
    ['refs/tags/signed', ['verified 0', 'tag verified ssh -', 'commit unsigned - trust/git-unsigned']],
    ['stable', ['verified 0', 'commit verified ssh -']],
    [
      'plain-of-signed',
      ['verified 0', 'tag unsigned - trust/git-unsigned', 'commit verified ssh -', 'warning trust/git-unsigned'],
    ],
    ['light-of-signed', ['verified 0', 'commit verified ssh -', 'warning trust/git-tag-lightweight']],
    ['widget@1.0.0', ['verified 0', 'tag verified ssh -', 'commit verified ssh -']],
    ['light', ['refused 1', 'commit unsigned - trust/git-unsigned', 'warning trust/git-tag-lightweight']],
    ['unsigned', ['refused 1', 'tag unsigned - trust/git-unsigned', 'commit unsigned - trust/git-unsigned']],
    ['by-stranger', ['refused 1', 'tag refused ssh trust/git-signer-unknown', 'commit unsigned - trust/git-unsigned']],
    ['renamed', ['refused 1', 'tag refused ssh trust/git-tag-name', 'commit unsigned - trust/git-unsigned']],
    ['nested', ['refused 1', 'tag refused ssh trust/git-tag-name', 'commit unsigned - trust/git-unsigned']],
    // Whose work was released is the word of whoever signed the tag, which names the commit.
    ['signed-of-stranger', ['verified 0', 'tag verified ssh -', 'commit refused ssh trust/git-signer-unknown']],
    ['plain-of-stranger', ['refused 1', 'tag unsigned - trust/git-unsigned', 'commit refused ssh trust/git-signer-unknown']],
    ['altered', ['refused 1', 'commit refused ssh trust/git-signature-invalid']],
    ['cms', ['undecided 3', 'tag undecided gitsign trust/git-signature-unverified', 'commit unsigned - trust/git-unsigned']],
  ])('%s', async (ref, expected) => {
    const report = await verify(ref)
    expect(outcomes(report)).toEqual(expected)
    const text = [...gitRefDocument('text', report, PLAIN)].join('')
    expect(text).toContain(report.commit)
    expect(text).toContain(
      report.outcome === 'verified' ? 'Verified:' : report.outcome === 'refused' ? 'Refused:' : 'cannot be decided',
    )
    const json: unknown = JSON.parse([...gitRefDocument('json', report, PLAIN)].join(''))
    expect(isValid(json), JSON.stringify(isValid.errors)).toBe(true)
  })

  it('an id means the object, whatever tag somebody called so', async () => {
    const id = shop.git('rev-parse', 'refs/heads/merged')
    const report = await verify(id)
    expect(report.commit).toBe(id)
    expect(outcomes(report)).toEqual(['refused 1', 'commit refused ssh trust/git-signer-unknown'])
  })

  it('shows who signed, and when they say they did', async () => {
    expect((await verify('signed')).signatures[0]).toMatchObject({
      signer: { name: AUTHOR, fingerprint: expect.stringMatching(/^SHA256:/) },
      statedTime: '2023-11-14T22:13:20Z',
    })
  })

  it('escapes what strangers wrote', async () => {
    const report = await verify('signed')
    const nasty: GitRefReport = {
      ...report,
      ref: '\u001b[2Jv1',
      warnings: [{ reason: 'trust/x', why: '\u202eevil', fix: 'none' }],
    }
    expect([...gitRefDocument('text', nasty, PLAIN)].join('')).not.toMatch(/\u001b|\u202e/)
  })

  it.each([
    ['none', /no tag or commit none/],
    ['--upload-pack=x', /names no commit/],
    ['HEAD~1', /names no commit/],
    ['', /names no commit/],
    ['HEAD^{tree}', /names no commit/],
    ['main@{yesterday}', /names no commit/],
    ['@', /names no commit/],
  ])('refuses %s', async (ref, message) => {
    await expect(verify(ref)).rejects.toThrow(message)
  })

  it('refuses to decide where nobody is named, and lists that are none', async () => {
    const request = { folder: shop.repository, ref: 'signed', allowedSigners: [], openpgpKeys: [], timestamp: TIME }
    await expect(verifyGitRef(request)).rejects.toMatchObject({ code: 'usage' })
    const broken = shop.write('broken', 'somebody cert-authority ssh-ed25519 AAAA\n')
    await expect(verifyGitRef({ ...request, allowedSigners: [broken] })).rejects.toMatchObject({ code: 'configuration' })
    await expect(verifyGitRef({ ...request, allowedSigners: [join(shop.folder, 'none')] })).rejects.toMatchObject({
      code: 'input-unreadable',
    })
    await expect(verifyGitRef({ ...request, allowedSigners: [allowed], folder: shop.folder })).rejects.toMatchObject({
      code: 'input-unreadable',
    })
  })

  it.skipIf(!has('gpg', '--version'))('refuses to decide by a file that holds no OpenPGP key', async () => {
    const openpgpKeys = [shop.write('empty.pgp', 'no key')]
    const request = { folder: shop.repository, ref: 'signed', allowedSigners: [allowed], timestamp: TIME }
    await expect(verifyGitRef({ ...request, openpgpKeys })).rejects.toMatchObject({ code: 'configuration' })
  })

  it.skipIf(!has('gpg', '--version'))('verifies a tag by an OpenPGP key', async () => {
    const key = shop.openpgpKey('Release <release@example.org>')
    shop.git('tag', '-u', key, '-m', 'x', 'by-openpgp')
    const keys = shop.write('keys.pgp', shop.exportKeys(key))
    const report = await verifyGitRef({
      ...{ folder: shop.repository, ref: 'by-openpgp', allowedSigners: [], openpgpKeys: [keys], timestamp: TIME },
    })
    expect(outcomes(report)[0]).toBe('verified 0')
    expect(report.signatures[0]).toMatchObject({ form: 'openpgp', signer: { fingerprint: key } })
  })
})
