import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeGitSignature } from '../../../src/trust/git/judge.js'
import { readSignedCommit, readSignedTag } from '../../../src/trust/git/signed-object.js'

const HEAD = `tree ${'1'.repeat(40)}\nauthor A <a@example> 1700000000 +0000\ncommitter B <b@example> 1700000001 +0100\n`
const SIGNATURE = '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----'
const folded = (name: string, text = SIGNATURE): string => `${name} ${text.replaceAll('\n', '\n ')}\n`
const commit = (text: string, algorithm: 'sha1' | 'sha256' = 'sha1'): ReturnType<typeof readSignedCommit> =>
  readSignedCommit(Buffer.from(text), algorithm)
const TAG = `object ${'2'.repeat(40)}\ntype commit\ntag v1\ntagger A <a@example> 1700000000 +0000\n`
const tag = (text: string): ReturnType<typeof readSignedTag> => readSignedTag(Buffer.from(text))
const payloadOf = ({ signature }: ReturnType<typeof readSignedCommit>): string =>
  typeof signature === 'string' ? signature : Buffer.from(signature.payload).toString()

describe('signatures in raw commits', () => {
  it('takes the signature out of the header, and signs what is left', () => {
    const read = commit(`${HEAD}${folded('gpgsig')}encoding x\n\nmessage\n`)
    expect(payloadOf(read)).toBe(`${HEAD}encoding x\n\nmessage\n`)
    expect(read).toMatchObject({ writtenAt: 1_700_000_001, signature: { form: 'ssh', armored: `${SIGNATURE}\n` } })
  })

  it('leaves the signature of the other hash out as well', () => {
    const both = `${HEAD}${folded('gpgsig-sha256', 'other')}${folded('gpgsig')}\nmessage\n`
    expect(payloadOf(commit(both))).toBe(`${HEAD}\nmessage\n`)
    expect(commit(both, 'sha256').signature).toBe('malformed')
  })

  it.each([
    ['none', `${HEAD}\nmessage\n`, 'unsigned'],
    ['one in the message alone', `${HEAD}\n${folded('gpgsig')}${SIGNATURE}\n`, 'unsigned'],
    ['two', `${HEAD}${folded('gpgsig')}${folded('gpgsig')}\nmessage\n`, 'malformed'],
    ['only that of the other hash', `${HEAD}${folded('gpgsig-sha256')}\nmessage\n`, 'malformed'],
    ['one of an unknown form', `${HEAD}${folded('gpgsig', 'hello')}\nmessage\n`, 'malformed'],
    [
      'a message that signs itself',
      `${HEAD}${folded('gpgsig', '-----BEGIN PGP MESSAGE-----\nAAAA\n-----END PGP MESSAGE-----')}\nmessage\n`,
      'malformed',
    ],
  ])('%s', (_title, text, expected) => {
    expect(commit(text).signature).toBe(expected)
  })
})

describe('signatures in raw tags', () => {
  it('begin at the last line that begins one', () => {
    const read = tag(`${TAG}\n${SIGNATURE}\nquoted\n${SIGNATURE}\n`)
    expect(payloadOf(read)).toBe(`${TAG}\n${SIGNATURE}\nquoted\n`)
    expect(read.tag).toEqual({ name: 'v1', object: '2'.repeat(40), type: 'commit' })
    expect(read.writtenAt).toBe(1_700_000_000)
  })

  it.each([
    ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
    ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
    ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ])('%s', (begin, form) => {
    expect(tag(`${TAG}\nrelease\n${begin}\nAAAA\n`).signature).toMatchObject({ form })
  })

  it.each([
    ['none', `${TAG}\nrelease\n`, 'unsigned'],
    ['one that does not begin a line', `${TAG}\nrelease ${SIGNATURE}\n`, 'unsigned'],
    ['one in the header', `${TAG}x ${SIGNATURE}\n`, 'unsigned'],
    ['a message that signs itself', `${TAG}\nrelease\n-----BEGIN PGP MESSAGE-----\n`, 'malformed'],
    ['a line that only begins like one', `${TAG}\n-----BEGIN SSH SIGNATURE-----x\n`, 'malformed'],
    ['nothing', '', 'unsigned'],
  ])('%s', (_title, text, expected) => {
    expect(tag(text).signature).toBe(expected)
  })

  it('of gitsign are recognised, and not checked', async () => {
    const read = tag(`${TAG}\nrelease\n-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n`)
    const verdict = await judgeGitSignature(read, { ssh: [] })
    expect(verdict).toMatchObject({ kind: 'not-checked', form: 'x509', reason: 'trust/git-signature-unverified' })
  })
})

describe('any bytes', () => {
  const pieces = fc.array(
    fc.constantFrom(
      HEAD,
      TAG,
      folded('gpgsig'),
      folded('gpgsig-sha256'),
      SIGNATURE,
      '\n',
      ' ',
      'gpgsig ',
      'x\n',
      '\0',
      '> 9 +0\n',
    ),
    { maxLength: 12 },
  )
  it('throw nothing and verify nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          pieces.map((list) => list.join('')),
          fc.string(),
        ),
        async (text) => {
          for (const read of [commit(text), commit(text, 'sha256'), tag(text)]) {
            const { kind } = await judgeGitSignature(read, { ssh: [] })
            expect(['unsigned', 'refused', 'not-checked']).toContain(kind)
          }
        },
      ),
    )
  })
})
