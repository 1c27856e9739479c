import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/audit/judge.js'
import { openInput } from '../../src/evidence/open-input.js'
import type { Finding } from '../../src/model/finding.js'
import type { AttestedProject } from './support/attested-project.js'
import { inProject, NOW } from './support/attested-project.js'

const SBOM = '{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"name":"widget"}},"n":1}'
const FILE = 'dist/widget.cdx.json'

/** The configuration that names the SBOM and, unless told otherwise, whose key signs it. */
function publish({ put, at }: AttestedProject, keys: readonly string[] | undefined = ['key.pub'], more = ''): void {
  const identity = `[[trust.identities]]\nmatch = "release:sbom"\nkeys = ${JSON.stringify(keys)}\n${more}`
  put('key.pub', publicKey(at))
  put(
    'assay.toml',
    `version = 1\n\n[project]\nname = "widget"\npurl = "pkg:cargo/widget@1.0.0"\n\n[release]\nsboms = ["${FILE}"]\n\n${keys.length === 0 ? '' : identity}`,
  )
}

function publicKey(at: AttestedProject['at']): string {
  return readFileSync(at('../key.pub'), 'utf8')
}

async function findings({ at }: AttestedProject): Promise<readonly string[]> {
  const input = await openInput(at('.'))
  const { verdict } = await judge(
    { tree: input.tree },
    { input, config: true, profile: 'strict', rules: [], raiseOnly: false, today: NOW.slice(0, 10) },
  )
  const about = (finding: Finding): boolean => finding.rule.startsWith('sbom/')
  return verdict.findings.filter(about).map(({ rule, severity, state, message }) => `${severity} ${rule} ${state}: ${message}`)
}

interface Case {
  readonly name: string
  readonly make: (project: AttestedProject) => Promise<void> | void
  readonly finds: readonly RegExp[]
}

const MISSING = /^warn sbom\/signature-missing fail: dist\/widget\.cdx\.json has no signature/
const INVALID = /^error sbom\/signature-invalid fail: the signature of dist\/widget\.cdx\.json does not verify: /
const UNDECIDED = /^warn sbom\/signature-missing unverified: the signature of dist\/widget\.cdx\.json cannot be judged: /

const CASES: readonly Case[] = [
  { name: 'no SBOM', make: (project) => publish(project), finds: [new RegExp(`${UNDECIDED.source}it is not there$`)] },
  {
    name: 'no signature',
    make: (project) => {
      publish(project)
      project.put(FILE, SBOM)
    },
    finds: [MISSING],
  },
  {
    name: 'attested by the key',
    make: async (project) => {
      publish(project)
      await project.attest({ sboms: [project.put(FILE, SBOM)] })
    },
    finds: [],
  },
  {
    name: 'attested for an artifact',
    make: async (project) => {
      publish(project)
      const built = project.put('dist/widget', 'the program')
      await project.attest({ artifacts: [built], sboms: [project.put(FILE, SBOM)] })
    },
    finds: [],
  },
  {
    name: 'its bytes signed by the key',
    make: async (project) => {
      publish(project)
      await project.attest({ files: [project.put(FILE, SBOM)] })
    },
    finds: [],
  },
  {
    name: 'written anew after it was attested, the same document',
    make: async (project) => {
      publish(project)
      await project.attest({ sboms: [project.put(FILE, SBOM)] })
      project.put(FILE, `${SBOM}\n`)
    },
    finds: [],
  },
  {
    name: 'changed after it was attested',
    make: async (project) => {
      publish(project)
      await project.attest({ sboms: [project.put(FILE, SBOM)] })
      project.put(FILE, SBOM.replace('"n":1', '"n":2'))
    },
    finds: [new RegExp(`${INVALID.source}.*attests another document$`)],
  },
  {
    name: 'changed after its bytes were signed',
    make: async (project) => {
      publish(project)
      await project.attest({ files: [project.put(FILE, SBOM)] })
      project.put(FILE, `${SBOM}\n`)
    },
    finds: [INVALID],
  },
  {
    name: 'by another key',
    make: async (project) => {
      publish(project, ['other.pub'])
      const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      project.put('other.pub', String(key.export({ type: 'spki', format: 'pem' })))
      await project.attest({ policy: { config: false }, resource: 'pkg:cargo/widget@1', sboms: [project.put(FILE, SBOM)] })
    },
    finds: [INVALID],
  },
  {
    name: 'a bundle that is none, beside one that verifies',
    make: async (project) => {
      publish(project)
      await project.attest({ sboms: [project.put(FILE, SBOM)] })
      project.put(`${FILE}.sigstore`, '{"mediaType":"x"}')
    },
    finds: [],
  },
  {
    name: 'a bundle that is none, alone',
    make: (project) => {
      publish(project)
      project.put(FILE, SBOM)
      project.put(`${FILE}.sigstore.json`, '{"mediaType":"x"}')
    },
    finds: [INVALID],
  },
  {
    name: 'signed, and nothing says by whom',
    make: async (project) => {
      publish(project, [])
      await project.attest({ sboms: [project.put(FILE, SBOM)] })
    },
    finds: [new RegExp(`${UNDECIDED.source}it is signed, and nothing says who may sign it$`)],
  },
  {
    name: 'the decision in the place of the attestation',
    make: async (project) => {
      publish(project)
      project.put(FILE, SBOM)
      await project.attest({ output: project.at(`${FILE}.sigstore.json`) })
    },
    finds: [MISSING],
  },
  {
    name: 'a statement of a type that the signer may not attest',
    make: async (project) => {
      publish(project, ['key.pub'], 'predicate-types = ["https://slsa.dev/provenance/v1"]\n')
      await project.attest({ sboms: [project.put(FILE, SBOM)] })
    },
    finds: [MISSING],
  },
]

describe('signatures of published SBOMs', () => {
  for (const { name, make, finds } of CASES)
    it(name, () =>
      inProject(async (project) => {
        await make(project)
        const found = await findings(project)
        expect(found).toEqual(finds.map((pattern) => expect.stringMatching(pattern)))
      }),
    )
})
