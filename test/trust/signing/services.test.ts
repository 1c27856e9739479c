import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readIdentityToken } from '../../../src/trust/signing/identity-token.js'
import type { Signed } from '../../../src/trust/signing/sign.js'
import { signBundle } from '../../../src/trust/signing/sign.js'
import { SigstoreInstance } from '../support/sigstore-instance.js'
import type { SigstoreServices } from '../support/sigstore-services.js'
import { serveSigstore } from '../support/sigstore-services.js'

let services: SigstoreServices
beforeAll(async () => {
  services = await serveSigstore(await SigstoreInstance.start())
})
beforeEach(() => {
  services.sabotage = undefined
})
afterAll(() => services.close())

async function sign(): Promise<Signed> {
  const read = readIdentityToken(services.token)
  if (!read.ok) throw new Error(read.why)
  return signBundle(
    { kind: 'statement', bytes: Buffer.from('{}') },
    {
      kind: 'identity',
      token: read.token,
      services: {
        fulcioUrl: services.url,
        rekor: { url: services.url, version: 1, entry: 'dsse' },
        tsaUrl: services.url,
      },
    },
  )
}

const PATHS = { authority: '/api/v2/signingCert', log: '/api/v1/log/entries', timestamp: '/api/v1/timestamp' } as const

describe('a service that gives nothing', () => {
  for (const [failure, path] of Object.entries(PATHS)) {
    it(`${failure}: refuses, and repeats the token in its words`, async () => {
      services.sabotage = (asked) =>
        asked.path === path
          ? {
              status: 400,
              type: 'application/json',
              body: JSON.stringify({ code: 3, message: `no: ${services.token}\u001b[2J\n::set-output name=x::y` }),
            }
          : undefined
      const signed = await sign()
      expect(signed).toMatchObject({
        ok: false,
        failure,
        why: expect.stringMatching(/^.*no: \[secret\]\\u\{1b\}\[2J ::set-output/),
      })
      for (const part of services.token.split('.')) expect(inspect(signed, { depth: 9 })).not.toContain(part)
    })

    it(`${failure}: answers with what is no answer`, async () => {
      services.sabotage = (asked) => (asked.path === path ? { status: 201, type: 'application/json', body: '[1' } : undefined)
      const signed = await sign()
      // A token is not looked at here, and what it is will be seen when the bundle is verified.
      if (failure === 'timestamp') expect(signed.ok).toBe(true)
      else expect(signed).toMatchObject({ ok: false })
    })
  }

  it('a log that has the entry already gives that one', async () => {
    let stored = ''
    services.sabotage = async ({ method, path }, served) => {
      if (method === 'GET' && path.endsWith('/the-entry')) return { status: 200, type: 'application/json', body: stored }
      if (path !== PATHS.log) return undefined
      stored = String((await served()).body)
      return { status: 409, body: 'an equivalent entry already exists', location: `${PATHS.log}/the-entry` }
    }
    expect(await sign()).toMatchObject({ ok: true })
    services.sabotage = ({ path }) => (path === PATHS.log ? { status: 409, body: 'it exists' } : undefined)
    expect(await sign()).toMatchObject({ ok: false, failure: 'log' })
  })

  it('nobody is there', async () => {
    const read = readIdentityToken(services.token)
    if (!read.ok) throw new Error(read.why)
    const signed = await signBundle(
      { kind: 'statement', bytes: Buffer.from('{}') },
      { kind: 'identity', token: read.token, services: { fulcioUrl: 'http://127.0.0.1:9' } },
    )
    expect(signed).toMatchObject({ ok: false, failure: 'authority', why: expect.stringContaining('ECONNREFUSED') })
  }, 20_000)
})

describe('what is sent', () => {
  it('the token goes to the authority alone', async () => {
    const before = services.asked.length
    expect((await sign()).ok).toBe(true)
    const asked = services.asked.slice(before)
    expect(asked.map(({ path }) => path).sort()).toEqual([PATHS.log, PATHS.timestamp, PATHS.authority].sort())
    const holding = asked.filter(({ body, authorization = '' }) => `${body}${authorization}`.includes(services.token))
    expect(holding.map(({ path }) => path)).toEqual([PATHS.authority])
  })
})
