import { createHash } from 'node:crypto'
import { truncateSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PolicyChoices } from '../../../src/audit/attest/policy-digest.js'
import { exactPolicy } from '../../../src/audit/attest/policy-digest.js'
import { openInput } from '../../../src/evidence/open-input.js'
import type { AttestedProject } from '../support/attested-project.js'
import { inProject } from '../support/attested-project.js'

const NOTHING: PolicyChoices = { config: false, rules: [], exclude: [], include: [], targets: [] }
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

async function digest({ at }: AttestedProject, choices: Partial<PolicyChoices>): Promise<string> {
  return (await exactPolicy(await openInput(at('.')), { ...NOTHING, ...choices })).sha256
}

describe('the digest of a policy', () => {
  it('is over the lines that are documented', () =>
    inProject(async (project) => {
      const { put } = project
      const key = put('keys/team.pub', 'a key')
      const signers = put('keys/allowed', 'signers')
      const base = put('policies/base.toml', 'version = 1\n')
      const main = `version = 1\nextends = ["policies/base.toml"]\n\n[trust]\nallowed-signers = ["keys/allowed"]\n\n[[trust.identities]]\nmatch = "pkg:cargo/x"\nkeys = ["keys/team.pub"]\n`
      put('assay.toml', main)
      const baseline = put('baseline.json', '{}')
      expect([key, base, signers]).toHaveLength(3)
      const lines = [
        'policy 1',
        `file ${sha256(main)} "assay.toml"`,
        `file ${sha256('version = 1\n')} "policies/base.toml"`,
        `named ${sha256('a key')}`,
        `named ${sha256('signers')}`,
        `baseline ${sha256('{}')}`,
        'profile "strict"',
        'rule "a/b=off"',
        'rule "c/d=warn"',
        'exclude "x\\ny"',
        'exclude "z"',
        'target "t"',
        'no-features',
        'environment',
        'variable "GOFLAGS=-mod=mod"',
        'variable "GOPROXY=https://proxy.example,direct"',
      ]
      expect(
        await digest(project, {
          config: true,
          profile: 'strict',
          rules: ['c/d=error', 'a/b=off', 'c/d=warn'],
          baseline,
          exclude: ['z', 'x\ny', 'z'],
          targets: ['t'],
          features: [],
          environment: new Map([
            ['GOPROXY', 'https://user:secret@proxy.example,direct'],
            ['GOFLAGS', '-mod=mod'],
          ]),
        }),
      ).toBe(sha256(lines.map((line) => `${line}\n`).join('')))
    }))

  it('without anything is that of the defaults', () =>
    inProject(async (project) => {
      expect(await digest(project, {})).toBe(sha256('policy 1\n'))
    }))

  it('is over the whole of a baseline, or there is none', () =>
    inProject(async (project) => {
      const baseline = project.put('baseline.json', '{}')
      truncateSync(baseline, 16 * 1024 * 1024 + 1)
      await expect(digest(project, { baseline })).rejects.toMatchObject({ code: 'configuration' })
    }))

  it('differs for everything that decides', () =>
    inProject(async (project) => {
      const choices: readonly Partial<PolicyChoices>[] = [
        {},
        { config: true },
        { profile: 'strict' },
        { profile: 'relaxed' },
        { rules: ['a/b=off'] },
        { rules: ['a/b=warn'] },
        { baseline: project.put('b.json', '[]') },
        { exclude: ['a'] },
        { include: ['a'] },
        { targets: ['a'] },
        { features: [] },
        { features: ['a'] },
        { environment: new Map() },
        { environment: new Map([['GOFLAGS', '-mod=mod']]) },
        { environment: new Map([['GOFLAGS', '-mod=vendor']]) },
      ]
      const digests = await Promise.all(choices.map((one) => digest(project, one)))
      expect(new Set(digests).size).toBe(choices.length)
    }))
})
