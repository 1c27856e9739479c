import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ambientProviders, askGithub, githubTokenUrl } from '../../../src/trust/signing/ambient-token.js'
import { readIdentityToken } from '../../../src/trust/signing/identity-token.js'
import { identityToken, TOKEN_CLAIMS } from '../support/sigstore-services.js'

describe('an identity token', () => {
  it('says who and for whom, and hides itself', () => {
    const text = identityToken()
    const read = readIdentityToken(` ${text}\n`)
    expect(read).toMatchObject({
      ok: true,
      token: { issuer: TOKEN_CLAIMS['iss'], subject: TOKEN_CLAIMS['sub'], ofPrivateSource: false },
    })
    if (!read.ok) return
    expect(read.token.secret.reveal()).toBe(text)
    for (const shown of [JSON.stringify(read), inspect(read, { depth: 9 }), `${read.token.secret}`]) {
      for (const part of text.split('.')) expect(shown).not.toContain(part)
    }
  })

  const cases: readonly (readonly [string, string, string | undefined])[] = [
    [
      'an e-mail address that is verified',
      identityToken({ iss: 'https://i', aud: 'sigstore', email: 'a@b.c', email_verified: true }),
      undefined,
    ],
    ['an e-mail address that is not', identityToken({ iss: 'https://i', aud: 'sigstore', email: 'a@b.c', sub: 'x' }), 'e-mail'],
    ['several audiences', identityToken({ iss: 'https://i', aud: ['other', 'sigstore'], sub: 'x' }), undefined],
    ['another audience', identityToken({ iss: 'https://i', aud: 'https://github.com/acme', sub: 'x' }), 'audience'],
    ['no subject', identityToken({ iss: 'https://i', aud: 'sigstore' }), 'no issuer or no subject'],
    ['no issuer', identityToken({ sub: 'x' }), 'no issuer or no subject'],
    ['two parts', 'eyJhIjoxfQ.eyJhIjoxfQ', 'no JSON Web Token'],
    ['claims that are no JSON', `eyJhIjoxfQ.${Buffer.from('{"sub":').toString('base64url')}.x`, 'claims'],
    ['a claim twice', `eyJhIjoxfQ.${Buffer.from('{"iss":"a","sub":"b","sub":"c"}').toString('base64url')}.x`, 'claims'],
    ['a header that adds another', `${identityToken()}\r\nX: y`, 'no JSON Web Token'],
    ['nothing', '', 'no JSON Web Token'],
    ['too much', `a.${'a'.repeat(20_000)}.a`, 'no JSON Web Token'],
  ]
  for (const [name, text, why] of cases)
    it(name, () => {
      const read = readIdentityToken(text)
      expect(read).toMatchObject(why === undefined ? { ok: true } : { ok: false, why: expect.stringContaining(why) })
    })

  it('knows a repository that not everybody can see', () => {
    for (const [claims, isPrivate] of [
      [{ repository_visibility: 'private' }, true],
      [{ project_visibility: 'internal' }, true],
      [{ repository_visibility: 'public' }, false],
    ] as const) {
      const read = readIdentityToken(identityToken({ ...TOKEN_CLAIMS, ...claims }))
      expect(read.ok && read.token.ofPrivateSource).toBe(isPrivate)
    }
  })

  it('never throws, and quotes nothing', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 20, maxLength: 200 }), (text) => {
        expect(JSON.stringify(readIdentityToken(`${text}.${text}.${text}`))).not.toContain(text)
      }),
    )
  })
})

describe('where a job gets its identity', () => {
  const github = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://t.example/x?api=1', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' }
  it('is known by the variables, all of them', () => {
    expect(ambientProviders({})).toEqual([])
    expect(ambientProviders({ ...github, ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' })).toEqual([])
    expect(ambientProviders(github)).toEqual(['github-actions'])
    expect(ambientProviders({ ...github, SIGSTORE_ID_TOKEN: 'x' })).toEqual(['github-actions', 'gitlab'])
  })

  it('GitHub is asked for the audience, beside what the address has', () => {
    expect(githubTokenUrl(github)).toBe('https://t.example/x?api=1&audience=sigstore')
    expect(githubTokenUrl({ ACTIONS_ID_TOKEN_REQUEST_URL: 'nowhere' })).toBeUndefined()
  })

  it('what is no token is said, and not what it was', async () => {
    const answer = (json: unknown) => ({ getJson: () => Promise.resolve({ kind: 'ok', json } as never) })
    const text = identityToken()
    expect(await askGithub('https://t.example', answer({ value: text }))).toMatchObject({ ok: true })
    for (const json of [{}, [], 'x', { value: 7 }, { value: `${text} and more` }]) {
      const read = await askGithub('https://t.example', answer(json))
      expect(read.ok).toBe(false)
      expect(JSON.stringify(read)).not.toContain(text)
    }
  })
})
