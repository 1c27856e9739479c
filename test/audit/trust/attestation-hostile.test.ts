import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SIGNATURE_OUTCOMES } from '../../../src/model/signature-fact.js'
import { component } from '../../support/graphs.js'
import { AttestationFolder, lookAt } from '../support/attestations.js'

const hex = createHash('sha256').update('x').digest('hex')
const crate = component('x', '1.0.0', {
  claims: [
    {
      digest: { of: 'artifact', algorithm: 'sha256', value: hex },
      statedBy: 'lock',
      location: { file: 'Cargo.lock', line: 1, column: 1 },
    },
  ],
})
const WORDS = [
  '{',
  '}',
  '"mediaType"',
  ':',
  '"application/vnd.dev.sigstore.bundle.v0.3+json"',
  ',',
  '"dsseEnvelope"',
  '"payloadType"',
  '"base64Signature"',
  '\n',
  '[',
  ']',
  '1',
  'null',
  '"__proto__"',
  'untrusted comment: x\n',
  '-----BEGIN PGP SIGNATURE-----\n',
]

it('whatever somebody puts where signatures are looked for accepts nothing and ends nothing', async () => {
  const folder = new AttestationFolder()
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(fc.constantFrom(...WORDS), { maxLength: 30 }).map((parts) => parts.join('')),
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc.json(),
        ),
        async (text) => {
          folder.put('sha256', hex, text)
          const { standing, bundles, evidence } = await lookAt([crate], {
            folders: [folder.path],
            require: [{ match: 'pkg:cargo/x', kind: 'signature' }],
          })
          expect(SIGNATURE_OUTCOMES).toContain(standing?.outcome)
          expect(standing?.unmet).toEqual(['signature'])
          expect(bundles.flatMap(({ counts }) => counts)).toEqual([])
          expect(evidence.length).toBe(1)
          expect(evidence[0]?.verdict).not.toBe('match')
        },
      ),
      { numRuns: 300 },
    )
  } finally {
    folder.close()
  }
}, 120_000)
