import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loginWith } from '../../../../src/evidence/registry/docker-config.js'
import { openSession, type Session } from '../../../../src/evidence/session.js'
import { attachReferrer } from '../../../../src/trust/oci/registry/attach-referrer.js'
import { sbomReferrer } from '../../../../src/trust/oci/registry/new-referrers.js'
import { openRegistry } from '../../../../src/trust/oci/registry/open-registry.js'
import { openRegistryWriter } from '../../../../src/trust/oci/registry/registry-writer.js'
import type { OciSource } from '../../../../src/trust/oci/source.js'
import { packOf } from '../../../evidence/pack/support/used.js'
import { ALICE, dockerRegistry, HAS_DOCKER_REGISTRY, WITH_DOCKER_REGISTRY } from './support/docker-registry.js'
import { alice, client, desk, got, pushImage, REPOSITORY, reading, writing } from './support/runs.js'
import { type Grants, tokenServer } from './support/token-server.js'

const SBOM = sbomReferrer({ format: 'spdx', bytes: Buffer.from('{}'), title: 'x', created: '2026-11-01T00:00:00Z' })

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'assay-docker-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

async function session(
  options: { offline?: boolean; pack?: string; environment: Record<string, string> },
  notices: string[] = [],
): Promise<Session> {
  const opened = await openSession({
    offline: false,
    store: false,
    retries: 0,
    timeoutMs: 5000,
    budgetMs: 20_000,
    onNotice: (notice) => notices.push(notice),
    ...options,
  })
  onTestFinished(() => opened.close())
  return opened
}

describe.skipIf(!HAS_DOCKER_REGISTRY)(`a registry that wants a login ${WITH_DOCKER_REGISTRY}`, () => {
  it('gets it from the file where docker keeps it, to read and to write; offline nothing is run', async () => {
    const { host } = await dockerRegistry('htpasswd')
    const at = folder()
    const auth = Buffer.from(`${ALICE.user}:${ALICE.password}`).toString('base64')
    writeFileSync(join(at, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }))
    const reference = { registry: host, repository: REPOSITORY }

    const { desk: asked, http, used } = await session({ environment: { DOCKER_CONFIG: at } })
    if (http === undefined) throw new Error('offline')
    const writer = openRegistryWriter({ http: await http(), reference })
    const { manifest } = await pushImage(writer, 'the layer', 'latest')
    got(await attachReferrer(writer, manifest.descriptor, SBOM))
    const read = async (source: OciSource) => {
      const { bytes: document, digest } = got(await source.document({ tag: 'latest' }))
      return { digest, document: Buffer.from(document).toString(), referrers: got(await source.referrers(digest)) }
    }
    const seen = await read(openRegistry({ desk: asked, reference }))
    expect(seen).toMatchObject({
      digest: manifest.descriptor.digest,
      referrers: { descriptors: [{ artifactType: 'application/spdx+json' }] },
    })
    const bytes = packOf(used())
    for (const secret of [auth, ALICE.password]) expect(bytes.includes(secret)).toBe(false)

    const pack = join(at, 'evidence.tar')
    writeFileSync(pack, bytes)
    const proof = join(at, 'proof')
    const helper = join(at, 'docker-credential-x')
    writeFileSync(helper, `#!/bin/sh\ntouch ${proof}\n`)
    chmodSync(helper, 0o755)
    writeFileSync(join(at, 'config.json'), JSON.stringify({ credsStore: 'x' }))
    const environment = { DOCKER_CONFIG: at, PATH: `${at}:/usr/bin:/bin` }
    const replay = await session({ offline: true, pack, environment })
    expect(replay.http).toBeUndefined()
    const replayed = openRegistry({ desk: replay.desk, reference })
    expect(await read(replayed)).toEqual(seen)
    expect(await replayed.document({ tag: 'other' })).toMatchObject({ ok: false, kind: 'unavailable' })
    expect(existsSync(proof)).toBe(false)
    // The helper itself works.
    const online = openRegistry({ desk: (await session({ environment })).desk, reference })
    expect(await online.document({ tag: 'latest' })).toMatchObject({ ok: false, kind: 'unavailable' })
    expect(existsSync(proof)).toBe(process.platform !== 'win32')
  })

  it('without one is unknown, and with a wrong one too', async () => {
    const { host } = await dockerRegistry('htpasswd')
    const wrong = loginWith('alice', 'hunter22')
    for (const login of [() => undefined, () => wrong]) {
      const source = reading(host, desk({ login }))
      const reads = [
        await source.document({ tag: 'latest' }),
        await source.referrers({ algorithm: 'sha256', hex: '0'.repeat(64) }),
      ]
      expect(reads).toMatchObject([{ kind: 'unavailable' }, { kind: 'unavailable' }])
      const written = await attachReferrer(writing(host, { login }), (await pushed(host)).manifest.descriptor, SBOM)
      expect(written).toMatchObject({ kind: 'unavailable' })
      expect(JSON.stringify([reads, written])).not.toContain('hunter22')
    }
  })

  const pushed = (host: string): ReturnType<typeof pushImage> => pushImage(writing(host, { login: alice() }), 'the layer')
})

describe.skipIf(!HAS_DOCKER_REGISTRY)(`a registry that wants tokens ${WITH_DOCKER_REGISTRY}`, () => {
  /** Everybody reads, known users write. */
  const grants: Grants = (user, _, actions) =>
    actions.filter((action) => action === 'pull' || user === 'alice' || user === 'token:identity')

  it('is read without a login, and written with one', async () => {
    const tokens = await tokenServer(grants)
    const { host } = await dockerRegistry(tokens.auth)
    const http = client({ login: alice() })
    const { manifest } = await pushImage(writing(host, { http }), 'the layer', 'latest')
    expect(got(await attachReferrer(writing(host, { http }), manifest.descriptor, SBOM)).listedBy).toBe('fallback-tag')
    // Reading first asks for less than writing then needs.
    expect(tokens.asked).toEqual([`alice repository:${REPOSITORY}:pull`, `alice repository:${REPOSITORY}:pull,push`])

    const run = desk()
    const { digest } = got(await reading(host, run).document({ tag: 'latest' }))
    expect(got(await reading(host, run).referrers(digest)).descriptors).toHaveLength(1)
    expect(tokens.asked.slice(2)).toEqual([`nobody repository:${REPOSITORY}:pull`])

    const denied = await attachReferrer(writing(host), manifest.descriptor, sbom('other'))
    expect(denied.ok ? '' : denied.why).toMatch(/log in as somebody who may push there/)
  })

  it('takes those that an identity token gives', async () => {
    const tokens = await tokenServer(grants)
    const { host } = await dockerRegistry(tokens.auth)
    const login = loginWith('<token>', 'identity')
    await pushImage(writing(host, { login: () => login }), 'the layer', 'latest')
    expect(tokens.asked.every((asked) => asked.startsWith('token:identity '))).toBe(true)
  })

  it('is unknown where its server of tokens refuses the login', async () => {
    const tokens = await tokenServer(grants)
    const { host } = await dockerRegistry(tokens.auth)
    const login = loginWith('wrong', 'hunter22')
    const read = await reading(host, desk({ login: () => login })).document({ tag: 'latest' })
    expect(read).toEqual({
      ok: false,
      kind: 'unavailable',
      why: `${new URL(tokens.auth.realm).host} refuses this with the credential that was sent (status 401: it gives no token)`,
    })
  })

  const sbom = (text: string): typeof SBOM =>
    sbomReferrer({ format: 'spdx', bytes: Buffer.from(text), title: 'x', created: '2026-11-01T00:00:00Z' })
})
