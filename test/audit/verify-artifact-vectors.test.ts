import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyArtifact } from '../../src/audit/verify-artifact.js'
import { AssayError } from '../../src/model/error.js'
import { withScratch } from '../support/assay.js'
import { describeShared, readSharedJson, sharedPath } from '../support/shared.js'
import { CONFORMANCE, conformanceCases } from '../trust/sigstore/conformance.js'

const NOTHING = { bundle: [], key: [], trustedRoot: [], sbom: [], timestamp: '2026-11-28T00:00:00Z' }

/** The exit code that the command would end with. */
async function exitCode(request: Parameters<typeof verifyArtifact>[0]): Promise<number | string> {
  try {
    return (await verifyArtifact(request)).exitCode
  } catch (error) {
    if (error instanceof AssayError) return error.code
    throw error
  }
}

describeShared(CONFORMANCE, 'the conformance suite of sigstore, through the command', () => {
  const cases = conformanceCases()
  it.each(cases)('$name', async ({ name, bundle, artifact, identity, issuer, key, trustedRoot, expected }) => {
    const file = (path: string): string => sharedPath(CONFORMANCE, path)
    const code = await exitCode({
      ...NOTHING,
      artifact: file(artifact),
      bundle: [file(bundle)],
      key: key === null ? [] : [file(key)],
      trustedRoot: [file(trustedRoot)],
      certificateIdentity: identity ?? undefined,
      certificateOidcIssuer: issuer ?? undefined,
    })
    // Its signature holds. Its provenance names another repository, commit and run than the certificate (spec/trust.md §4.4).
    if (name === 'happy-path-intoto-in-dsse-v3') expect(code).toBe(1)
    else if (expected === 'pass') expect(code).toBe(0)
    // A case that names nobody is wrong usage; one whose root is broken a wrong configuration.
    else expect([1, 3, 'usage', 'configuration']).toContain(code)
  })

  it('verifies by the root that comes with the program', async () => {
    const one = cases.find(({ name }) => name === 'happy-path-v0.3')
    const request = {
      ...NOTHING,
      artifact: sharedPath(CONFORMANCE, one?.artifact ?? ''),
      bundle: [sharedPath(CONFORMANCE, one?.bundle ?? '')],
      certificateIdentity: one?.identity ?? '',
      certificateOidcIssuer: one?.issuer ?? '',
    }
    expect(await verifyArtifact(request)).toMatchObject({
      outcome: 'verified',
      signatures: [{ root: { name: 'embedded root' } }],
    })
  })

  it('has cases of both kinds', () => {
    const passing = cases.filter(({ expected }) => expected === 'pass').length
    expect([passing, cases.length - passing].every((count) => count >= 20)).toBe(true)
  })
})

interface MinisignCase {
  readonly name: string
  readonly publicKey: string
  readonly signature: string
  readonly file: string
  readonly expected: 'pass' | 'fail'
}

describeShared('vectors/minisign', 'the minisign cases, through the command', () => {
  const { cases } = readSharedJson<{ cases: readonly MinisignCase[] }>('vectors/minisign', 'cases.json')
  it.each(cases)('$name', ({ name, publicKey, signature, file, expected }) =>
    withScratch(async (folder) => {
      // The auditor's own rule: the artifact is asked for under another name than the signed one.
      const artifact = join(folder, name === 'wrong-file-name' ? `other-${file}` : file)
      copyFileSync(sharedPath('vectors/minisign', file), artifact)
      copyFileSync(sharedPath('vectors/minisign', signature), `${artifact}.minisig`)
      const code = await exitCode({ ...NOTHING, artifact, key: [sharedPath('vectors/minisign', publicKey)] })
      expect(code).toBe(expected === 'pass' ? 0 : 1)
    }),
  )

  it('has 19 cases', () => expect(cases).toHaveLength(19))
})
