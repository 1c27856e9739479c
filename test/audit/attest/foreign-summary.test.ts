import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readSigningKey } from '../../../src/trust/signing/private-key.js'
import { signBundle } from '../../../src/trust/signing/sign.js'
import type { AttestedProject } from '../support/attested-project.js'
import { inProject, told } from '../support/attested-project.js'

type Json = Record<string, unknown>

/** Signs with the project's own key what the decision of an attested project is turned into. */
async function signChanged({ at, put }: AttestedProject, change: (statement: Json, predicate: Json) => Json): Promise<void> {
  const file = at('out/vsa.sigstore.json')
  const bundle: { dsseEnvelope: { payload: string } } = JSON.parse(readFileSync(file, 'utf8'))
  const statement: Json & { predicate: Json } = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8'))
  const key = readSigningKey('key.pem', readFileSync(at('../key.pem'), 'utf8'), undefined)
  if (!key.ok) throw new Error(key.why)
  const bytes = Buffer.from(JSON.stringify(change(statement, statement.predicate)))
  const signed = await signBundle({ kind: 'statement', bytes }, { kind: 'key', key: key.key, services: {} })
  if (!signed.ok) throw new Error(signed.why)
  put('out/vsa.sigstore.json', signed.bundle)
}

const without = (object: Json, name: string): Json => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
const HOSTILE = 'pkg:x/\u001b[2J\u202e::error::\n##[command]'

const CASES: readonly (readonly [string, (statement: Json, predicate: Json) => Json, string])[] = [
  ['the same, signed again', (statement) => statement, 'accepted 0'],
  [
    'no expiry',
    (statement, predicate) => ({ ...statement, predicate: without(predicate, 'assay_expires') }),
    'undecided 3; time: trust/vsa-no-expiry',
  ],
  [
    'nothing about what was read',
    (statement, predicate) => ({ ...statement, predicate: without(predicate, 'assay_inputs') }),
    'undecided 3; inputs: trust/vsa-inputs-unknown',
  ],
  [
    'no expiry, and another policy',
    (statement, predicate) => ({ ...statement, predicate: { ...without(predicate, 'assay_expires'), policy: { uri: 'x:y' } } }),
    'refused 1; policy: trust/vsa-policy; time: trust/vsa-no-expiry',
  ],
  [
    'an expiry that is none',
    (statement, predicate) => ({ ...statement, predicate: { ...predicate, assay_expires: 'never' } }),
    'refused 1; statement: trust/vsa-statement',
  ],
  [
    'a time of which nobody can say that it lies in the future',
    (statement, predicate) => ({ ...statement, predicate: { ...predicate, timeVerified: 'in the year 3000' } }),
    'refused 1; statement: trust/vsa-statement',
  ],
  [
    'a time that acts on terminals',
    (statement, predicate) => ({ ...statement, predicate: { ...predicate, timeVerified: `2026-11-28T12:00:00Z${HOSTILE}` } }),
    'refused 1; statement: trust/vsa-statement',
  ],
  [
    'a time elsewhere on Earth',
    (statement, predicate) => ({ ...statement, predicate: { ...predicate, timeVerified: '2026-11-28T14:00:00.5+02:00' } }),
    'accepted 0',
  ],
  [
    'version 0.2',
    (statement) => ({ ...statement, predicateType: 'https://slsa.dev/verification_summary/v0.2' }),
    'refused 1; statement: trust/vsa-statement',
  ],
  [
    'an SBOM',
    (statement) => ({ ...statement, predicateType: 'https://cyclonedx.org/bom', predicate: { bomFormat: 'CycloneDX' } }),
    'refused 1; statement: trust/vsa-statement',
  ],
  [
    'failed, with levels that say otherwise',
    (statement, predicate) => ({ ...statement, predicate: { ...predicate, verificationResult: 'FAILED' } }),
    'refused 1; result: trust/vsa-failed',
  ],
  [
    'passed, with a level that says otherwise',
    (statement, predicate) => ({ ...statement, predicate: { ...predicate, verifiedLevels: ['ASSAY_AUDITED', 'FAILED'] } }),
    'refused 1; statement: trust/vsa-statement',
  ],
  [
    'texts that act on terminals and logs',
    (statement, predicate) => ({
      ...statement,
      predicate: {
        ...predicate,
        resourceUri: HOSTILE,
        verifier: { id: HOSTILE, version: { [HOSTILE]: HOSTILE } },
        verifiedLevels: [HOSTILE],
      },
    }),
    'refused 1; verifier: trust/vsa-verifier; resource: trust/vsa-resource',
  ],
  [
    'a lockfile beside others that are not here',
    (statement) => ({
      ...statement,
      subject: [...Object.values(statement['subject'] ?? {}), { name: HOSTILE, digest: { sha256: '0'.repeat(64) } }],
    }),
    'refused 1; subject: trust/vsa-lockfile-gone',
  ],
  [
    'a subject that agrees and contradicts',
    (statement) => ({
      ...statement,
      subject: Object.values(statement['subject'] ?? {}).map((one: Json) => ({
        ...one,
        digest: { ...Object(one['digest']), gitCommit: '0'.repeat(40) },
      })),
    }),
    'accepted 0',
  ],
]

describe('a decision that the accepted key has signed, and assay has not made', () => {
  for (const [name, change, expected] of CASES)
    it(name, () =>
      inProject(async (project) => {
        await project.attest()
        await signChanged(project, change)
        expect(told(await project.verify())).toBe(expected)
      }),
    )
})
