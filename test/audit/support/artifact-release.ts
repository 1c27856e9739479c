import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { expect } from 'vitest'
import type { ArtifactRequest } from '../../../src/audit/verify-artifact.js'
import { verifyArtifact } from '../../../src/audit/verify-artifact.js'
import { artifactJson } from '../../../src/formats/artifact-json.js'
import { artifactText } from '../../../src/formats/artifact-text.js'
import type { ArtifactReport } from '../../../src/model/artifact-report.js'
import { PLAIN } from '../../../src/model/style.js'
import { PROJECT, withScratch } from '../../support/assay.js'
import type { SigstoreInstance } from '../../trust/support/sigstore-instance.js'
import { ISSUER, WORKFLOW } from '../../trust/support/sigstore-instance.js'

const schema: object = JSON.parse(readFileSync(join(PROJECT, 'schemas', 'artifact.schema.json'), 'utf8'))
const validate = new Ajv.default({ strict: true, strictRequired: false }).compile(schema)

export const CONTENT = Buffer.from('the bytes of a release')
export const SHA256 = createHash('sha256').update(CONTENT).digest('hex')
export const SHA512 = createHash('sha512').update(CONTENT).digest('hex')
export const REPOSITORY = 'https://github.com/Acme/widget'
export const SIGNER = { certificateOidcIssuer: ISSUER, certificateIdentity: WORKFLOW }

export type Given = Partial<Omit<ArtifactRequest, 'artifact'>>

/** A release folder: the artifact, the instance's root and whatever a test puts beside them. */
export interface Release {
  readonly at: (name: string) => string
  readonly put: (name: string, content: object | string | Uint8Array) => string
  /** Verifies, and holds every report to its schema and its text to one line a line. */
  readonly verify: (given: Given) => Promise<ArtifactReport>
}

/** A folder for one test, with the root of `instance` in it. */
export function inRelease(instance: SigstoreInstance, run: (release: Release) => Promise<void>): Promise<void> {
  return withScratch(async (folder) => {
    const at = (name: string): string => join(folder, name)
    const put = (name: string, content: object | string | Uint8Array): string => {
      const plain = typeof content === 'string' || content instanceof Uint8Array
      writeFileSync(at(name), plain ? content : JSON.stringify(content))
      return at(name)
    }
    const root = put('root.json', instance.rootJson())
    const artifact = put('widget.tar', CONTENT)
    await run({
      at,
      put,
      verify: async (given) => {
        const report = await verifyArtifact({
          artifact,
          bundle: [],
          key: [],
          trustedRoot: [root],
          sbom: [],
          timestamp: '2026-11-28T00:00:00Z',
          ...given,
        })
        expect(validate(JSON.parse(artifactJson(report).join(''))), JSON.stringify(validate.errors)).toBe(true)
        expect(artifactText(report, PLAIN, true).every((line) => !/[\u0000-\u0009\u000b-\u001f\u202e]/.test(line))).toBe(true)
        return report
      },
    })
  })
}

/** Outcome, exit code and the state of every demand, with its reason. */
export function told({ outcome, exitCode, demands }: ArtifactReport): string {
  return [
    `${outcome} ${exitCode}`,
    ...demands.map(({ kind, outcome: one, problem }) => `${kind} ${problem === undefined ? one : `${one} ${problem.reason}`}`),
  ].join('; ')
}

export const statement = (predicate: object = {}, sha256 = SHA256, predicateType = 'https://slsa.dev/provenance/v1'): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'widget.tar', digest: { sha256 } }],
  predicateType,
  predicate,
})

export const provenance = (repository: string, ref = 'refs/tags/v1.0.0'): object => ({
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: { workflow: { repository, ref, path: '.github/workflows/release.yml' } },
    resolvedDependencies: [
      { uri: `git+${repository}@${ref}`, digest: { gitCommit: '0123456789abcdef0123456789abcdef01234567' } },
    ],
  },
  runDetails: { builder: { id: WORKFLOW } },
})
