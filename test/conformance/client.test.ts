import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EMBEDDED_ROOT_SHA256, embeddedTrustedRoot } from '../../src/trust/sigstore/embedded-root.js'
import { describeShared, readSharedJson, sharedPath } from '../support/shared.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

const CLIENT = join(import.meta.dirname, 'client.mjs')

function client(args: readonly string[]): { code: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [CLIENT, ...args], { encoding: 'utf8' })
  return { code: status, stderr: stderr.trim() }
}

describe('the client for the conformance suite', () => {
  let folder: string
  const path = (name: string): string => join(folder, name)
  const common = (): string[] => ['--bundle', path('bundle.json'), '--trusted-root', path('root.json')]
  const identity = ['--certificate-identity', WORKFLOW, '--certificate-oidc-issuer', ISSUER]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-conformance-'))
    const instance = await SigstoreInstance.start()
    const artifact = Buffer.from('artifact')
    writeFileSync(path('artifact'), artifact)
    writeFileSync(path('root.json'), JSON.stringify(instance.rootJson()))
    writeFileSync(path('bundle.json'), JSON.stringify(await instance.signMessage(artifact)))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('verifies a file and a digest', () => {
    const digest = createHash('sha256').update('artifact').digest('hex')
    expect(client(['verify-bundle', ...common(), ...identity, path('artifact')])).toEqual({ code: 0, stderr: '' })
    expect(client(['verify-bundle', ...common(), ...identity, `sha256:${digest}`])).toEqual({ code: 0, stderr: '' })
  })

  it('refuses with the reason', () => {
    expect(client(['verify-bundle', ...common(), ...identity, `sha256:${'0'.repeat(64)}`])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^trust\/digest-mismatch: /),
    })
    expect(client(['verify-bundle', ...common(), path('artifact')]).stderr).toMatch(/^trust\/identity-unconstrained: /)
    expect(client(['verify-bundle', '--bundle', path('bundle.json'), ...identity, path('artifact')]).stderr).toMatch(
      /^trust\/certificate-untrusted: /,
    )
  })

  it('says what it does not know', () => {
    expect(client(['sign-bundle']).code).toBe(2)
    expect(client(['sign-bundle', '--bundle', path('x'), path('artifact')]).code).toBe(2)
    expect(client(['verify-bundle', '--nonsense']).code).toBe(2)
    expect(client([]).code).toBe(2)
  })
})

describe('the embedded root', () => {
  it('is the pinned one, with the thresholds of the public instance', async () => {
    const root = await embeddedTrustedRoot()
    expect(root).toMatchObject({ sha256: EMBEDDED_ROOT_SHA256, thresholds: { log: 1, sct: 1, time: 1 } })
    expect(root.logIds).toHaveLength(2)
  })
})

describeShared('vectors/sigstore/conformance', 'the client with cases of the suite', () => {
  const folder = 'vectors/sigstore/conformance'
  const { cases } = readSharedJson<{
    cases: readonly {
      name: string
      bundle: string
      artifact: string
      identity: string | null
      issuer: string | null
      key: string | null
      trustedRoot: string
      expected: 'pass' | 'fail'
    }[]
  }>(folder, 'cases.json')
  const chosen = [
    'happy-path-v0.3',
    'rekor2-dsse-happy-path',
    'managed-key-happy-path',
    'managed-key-wrong-key_fail',
    'wrong-material_fail',
    'rekor2-no-timestamp_fail',
  ]
  for (const each of cases.filter(({ name }) => chosen.includes(name))) {
    it(each.name, () => {
      const args = ['verify-bundle', '--bundle', sharedPath(folder, each.bundle)]
      if (each.identity !== null) args.push('--certificate-identity', each.identity)
      if (each.issuer !== null) args.push('--certificate-oidc-issuer', each.issuer)
      if (each.key !== null) args.push('--key', sharedPath(folder, each.key))
      if (each.trustedRoot !== 'trusted-roots/production.json') args.push('--trusted-root', sharedPath(folder, each.trustedRoot))
      expect(client([...args, sharedPath(folder, each.artifact)]).code).toBe(each.expected === 'pass' ? 0 : 1)
    })
  }
})
