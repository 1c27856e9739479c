import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withScratch } from '../support/assay.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'
import type { SigstoreServices } from '../trust/support/sigstore-services.js'
import { serveSigstore } from '../trust/support/sigstore-services.js'

const CLIENT = join(import.meta.dirname, 'client.mjs')

/** Runs beside this process, which serves what it asks. */
function client(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLIENT, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    const said: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stderr: Buffer.concat(said).toString('utf8').trim() }))
  })
}

describe('sign-bundle of the client for the conformance suite', () => {
  let instance: SigstoreInstance
  let services: SigstoreServices
  beforeAll(async () => {
    instance = await SigstoreInstance.start()
    services = await serveSigstore(instance)
  })
  afterAll(() => services.close())

  for (const version of [1, 2])
    for (const inToto of [false, true])
      it(`${inToto ? 'a statement' : 'a file'}, log of version ${version}: what it signs, it verifies`, () =>
        withScratch(async (folder) => {
          const at = (name: string): string => join(folder, name)
          const one = (url: string, majorApiVersion = 1): object => ({
            url,
            majorApiVersion,
            validFor: { start: '2020-01-01T00:00:00Z' },
          })
          const config = {
            mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
            caUrls: [one(services.url)],
            rekorTlogUrls: [one(services.url, version)],
            tsaUrls: [one(services.url)],
          }
          writeFileSync(at('config.json'), JSON.stringify(config))
          writeFileSync(at('root.json'), JSON.stringify(instance.rootJson()))
          const sha256 = '0'.repeat(64)
          const statement = {
            _type: 'https://in-toto.io/Statement/v1',
            subject: [{ name: 'a', digest: { sha256 } }],
            predicateType: 'https://example.org/p',
            predicate: {},
          }
          writeFileSync(at('artifact'), inToto ? JSON.stringify(statement) : 'artifact')
          const given = ['--bundle', at('bundle.json'), '--trusted-root', at('root.json')]
          const signed = await client([
            'sign-bundle',
            ...(inToto ? ['--in-toto'] : []),
            ...['--identity-token', services.token],
            ...given,
            ...['--signing-config', at('config.json'), at('artifact')],
          ])
          expect(signed).toEqual({ code: 0, stderr: '' })
          expect(readFileSync(at('bundle.json'), 'utf8')).not.toContain(services.token)
          const identity = ['--certificate-identity', WORKFLOW, '--certificate-oidc-issuer', ISSUER]
          const subject = inToto ? `sha256:${sha256}` : at('artifact')
          expect(await client(['verify-bundle', ...given, ...identity, subject])).toEqual({ code: 0, stderr: '' })
        }))

  it('says why there is none, and nothing of the token', () =>
    withScratch(async (folder) => {
      writeFileSync(join(folder, 'artifact'), 'x')
      writeFileSync(join(folder, 'config.json'), '{}')
      const given = ['--bundle', join(folder, 'b'), '--signing-config', join(folder, 'config.json'), join(folder, 'artifact')]
      const odd = await client(['sign-bundle', '--identity-token', services.token, ...given])
      expect(odd).toMatchObject({ code: 1, stderr: expect.stringMatching(/^the signing configuration cannot be used/) })
      const none = await client(['sign-bundle', '--identity-token', `${services.token}!`, ...given])
      expect(none).toEqual({ code: 1, stderr: 'the identity token cannot be used: it is no JSON Web Token' })
      expect(existsSync(join(folder, 'b'))).toBe(false)
    }))
})
