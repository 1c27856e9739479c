import { createHash, generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RecordingTree } from '../../../src/audit/attest/recording-tree.js'
import { openInput } from '../../../src/evidence/open-input.js'
import type { FileBytes } from '../../../src/model/tree.js'
import { MemoryTree } from '../../support/memory-tree.js'
import type { AttestedProject, AttestGiven } from '../support/attested-project.js'
import { inProject, NOW, RESOURCE, told } from '../support/attested-project.js'

const PASSPHRASE = 'correct horse battery staple'
const SBOM = `{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,\n  "metadata": {"component": {"name": "widget", "type": "application"}}, "exact": 1.10, "big": 12345678901234567890}\n`

function statementIn(file: string): Record<string, unknown> {
  return JSON.parse(payloadIn(file))
}

function payloadIn(file: string): string {
  const bundle: { dsseEnvelope: { payload: string } } = JSON.parse(readFileSync(file, 'utf8'))
  return Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8')
}

/** Every text in a folder. */
function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

describe('the statement', () => {
  it('says what was decided, and nothing that is not known', () =>
    inProject(async ({ attest, at }) => {
      const { report } = await attest()
      const lock = createHash('sha256')
        .update(readFileSync(at('Cargo.lock')))
        .digest('hex')
      expect(statementIn(at('out/vsa.sigstore.json'))).toEqual({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'Cargo.lock', digest: { sha256: lock } }],
        predicateType: 'https://slsa.dev/verification_summary/v1',
        predicate: {
          verifier: { id: 'pkg:generic/assay', version: { assay: '0.0.0' } },
          timeVerified: NOW,
          resourceUri: RESOURCE,
          policy: { uri: 'assay:policy/v1', digest: { sha256: report.policySha256 } },
          // None was used; and dependencies have no level, so that no count is given.
          inputAttestations: [],
          verificationResult: 'PASSED',
          verifiedLevels: ['ASSAY_AUDITED', 'SLSA_BUILD_LEVEL_UNEVALUATED'],
          slsaVersion: '1.1',
          assay_expires: '2026-12-28T12:00:00Z',
          assay_inputs: { digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }, files: expect.any(Number) },
        },
      })
    }))

  it('has the same bytes for the same tree, wherever it lies', async () => {
    const texts: string[] = []
    for (let run = 0; run < 2; run += 1)
      await inProject(async ({ attest, put }) => {
        put('dist/b', 'b')
        put('dist/a', 'a')
        const { statements } = await attest({ timestamp: NOW })
        texts.push(Buffer.from(statements[0] ?? []).toString('utf8'))
      })
    expect(texts[0]).toBe(texts[1])
  })

  it('is about the files that are named, in one order, each once', () =>
    inProject(async ({ attest, put, at }) => {
      const [b, a] = [put('dist/b', 'b'), put('dist/a', 'a')]
      await attest({ artifacts: [b, a, b] })
      expect(statementIn(at('out/vsa.sigstore.json'))['subject']).toMatchObject([{ name: 'a' }, { name: 'b' }])
    }))

  it('names the commit of a commit, and none of a folder', () =>
    inProject(async ({ attest, verify, at }) => {
      const { execFileSync } = await import('node:child_process')
      const git = (...args: string[]): string =>
        execFileSync('git', ['-C', at('.'), '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { encoding: 'utf8' })
      git('init', '-q')
      git('add', '.')
      git('commit', '-q', '-m', 'first')
      const input = await openInput(`git:${at('.')}#HEAD`)
      const { report } = await attest({ read: { tree: input.tree } })
      expect(report.subjects.map(({ name, algorithm }) => `${name} ${algorithm}`)).toEqual([
        'Cargo.lock sha256',
        'commit gitCommit',
      ])
      expect(report.subjects[1]?.digest).toBe(git('rev-parse', 'HEAD').trim())
      // Of the commit, the files of a checkout are the same.
      expect(told(await verify({ read: { tree: input.tree } }))).toBe('accepted 0')
      expect(told(await verify())).toBe('accepted 0')
      expect((await attest()).report.subjects.map(({ name }) => name)).toEqual(['Cargo.lock'])
    }))

  it('lasts no longer than a waiver that it rests on', () =>
    inProject(async ({ attest, put, at }) => {
      put('Cargo.lock', `${readFileSync(at('Cargo.lock'), 'utf8')}\n[[package]]\nname = "left-over"\nversion = "1.0.0"\n`)
      const [finding] = (await attest({ policy: { profile: 'strict' } })).judged.verdict.findings
      if (finding === undefined) throw new Error('nothing to waive')
      const config = `${readFileSync(at('assay.toml'), 'utf8')}\n[rules]\n"${finding.rule}" = "error"\n`
      put('assay.toml', config)
      expect((await attest()).report.result).toBe('FAILED')
      const waiver = `id = "w1"\nrule = "${finding.rule}"\nsubject = "${finding.subject}"\nreason = "until it is released again"\n`
      put('assay.toml', `${config}\n[[waiver]]\n${waiver}owner = "team@example.org"\nexpires = 2026-12-05\n`)
      const { report, judged } = await attest()
      expect(judged.verdict.findings.map(({ rule, status }) => `${rule} ${status}`)).toContain(`${finding.rule} waived`)
      expect(report).toMatchObject({ result: 'PASSED', expires: '2026-12-05T23:59:59Z' })
    }))
})

describe('an SBOM', () => {
  it('is attested as it stands, to the last digit', () =>
    inProject(async ({ attest, put, at }) => {
      const sbom = put('dist/widget.cdx.json', SBOM)
      const { report } = await attest({ sboms: [sbom] })
      expect(report.signed.map(({ kind, bundle, predicateType }) => ({ kind, bundle, predicateType }))).toEqual([
        { kind: 'decision', bundle: at('out/vsa.sigstore.json'), predicateType: 'https://slsa.dev/verification_summary/v1' },
        { kind: 'sbom', bundle: `${sbom}.sigstore.json`, predicateType: 'https://cyclonedx.org/bom' },
      ])
      expect(payloadIn(`${sbom}.sigstore.json`)).toContain(`"predicate":${SBOM.trim()}}`)
      const decision = statementIn(at('out/vsa.sigstore.json'))
      expect(decision['predicate']).toMatchObject({
        assay_sboms: [{ name: 'widget.cdx.json', digest: { sha256: createHash('sha256').update(SBOM).digest('hex') } }],
      })
    }))

  it('of SPDX has its version in the type', () =>
    inProject(async ({ attest, put }) => {
      const sbom = put('a.spdx.json', '{"spdxVersion":"SPDX-2.3","packages":[]}')
      expect((await attest({ sboms: [sbom] })).report.signed[1]?.predicateType).toBe('https://spdx.dev/Document/v2.3')
    }))

  it('of other bytes than the artifact is refused, and one that is none', () =>
    inProject(async ({ attest, put }) => {
      const artifact = put('dist/widget', 'the program')
      const hashes = (content: string): string =>
        JSON.stringify({
          bomFormat: 'CycloneDX',
          specVersion: '1.6',
          metadata: { component: { hashes: [{ alg: 'SHA-256', content }] } },
        })
      const right = put('right.json', hashes(createHash('sha256').update('the program').digest('hex')))
      const wrong = put('wrong.json', hashes('0'.repeat(64)))
      expect((await attest({ artifacts: [artifact], sboms: [right] })).report.signed).toHaveLength(2)
      await expect(attest({ artifacts: [artifact], sboms: [wrong] })).rejects.toMatchObject({ code: 'configuration' })
      await expect(attest({ sboms: [put('x.json', '{}')] })).rejects.toMatchObject({ code: 'input-unreadable' })
      await expect(attest({ sboms: [put('y.json', `${SBOM.trim()}{}`)] })).rejects.toMatchObject({ code: 'input-unreadable' })
    }))

  it('and the bytes of a file can be signed, not both to one bundle', () =>
    inProject(async ({ attest, put, at }) => {
      const [sbom, built] = [put('a.cdx.json', SBOM), put('dist/widget', 'the program')]
      const { report } = await attest({ sboms: [sbom], files: [built] })
      expect(report.signed.map(({ kind }) => kind)).toEqual(['decision', 'sbom', 'file'])
      expect(JSON.parse(readFileSync(`${built}.sigstore.json`, 'utf8'))).toMatchObject({ messageSignature: {} })
      await expect(attest({ sboms: [sbom], files: [sbom] })).rejects.toMatchObject({ code: 'usage' })
      const { privateKey } = generateKeyPairSync('ed25519')
      const key = put('../ed25519.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
      chmodSync(key, 0o600)
      expect((await attest({ signing: { key } })).report.signer).toMatchObject({ kind: 'key' })
      await expect(attest({ signing: { key }, files: [built] })).rejects.toMatchObject({ code: 'configuration' })
      expect(existsSync(at('out/vsa.sigstore.json'))).toBe(true)
    }))
})

describe('a key', () => {
  const encryptedKey = ({ put }: AttestedProject): string => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
    const key = put('../encrypted.pem', String(pem))
    chmodSync(key, 0o600)
    return key
  }

  it('that is encrypted: the passphrase comes from a variable, or a person', () =>
    inProject(async (project) => {
      const { attest, at } = project
      const signing = { key: encryptedKey(project) }
      for (const variable of ['ASSAY_KEY_PASSWORD', 'COSIGN_PASSWORD']) {
        const { report } = await attest({ signing, surroundings: { environment: { [variable]: PASSPHRASE } } })
        expect(report.signed).toHaveLength(1)
      }
      const asked: string[] = []
      const askPassphrase = (question: string): Promise<string> => {
        asked.push(question)
        return Promise.resolve(PASSPHRASE)
      }
      expect((await attest({ signing, surroundings: { askPassphrase } })).report.signed).toHaveLength(1)
      expect(asked).toEqual([expect.stringMatching(/^Passphrase of .*encrypted\.pem: $/)])
      await expect(attest({ signing })).rejects.toMatchObject({
        code: 'configuration',
        message: 'encrypted.pem is encrypted',
        help: expect.stringContaining('ASSAY_KEY_PASSWORD'),
      })
      const wrong = attest({ signing, surroundings: { environment: { ASSAY_KEY_PASSWORD: 'wrong passphrase' } } })
      await expect(wrong).rejects.toMatchObject({ message: 'encrypted.pem does not open with this passphrase' })
      await expect(wrong).rejects.not.toMatchObject({ message: expect.stringContaining('wrong passphrase') })
      expect(everythingIn(at('.'))).not.toContain(PASSPHRASE)
    }))

  it.skipIf(process.platform === 'win32')('that others can read is warned about', () =>
    inProject(async ({ attest, at, warnings }) => {
      await attest()
      expect(warnings).toEqual([])
      chmodSync(at('../key.pem'), 0o644)
      await attest()
      expect(warnings).toEqual([expect.stringContaining('chmod 600')])
    }),
  )

  const refused: readonly (readonly [string, AttestGiven, string])[] = [
    ['no key and no identity', { signing: {} }, 'usage'],
    ['both', { signing: { key: 'k', keyless: true } }, 'usage'],
    ['a key that is not there', { signing: { key: 'nowhere.pem' } }, 'input-unreadable'],
    ['a log of version 2 with a key', { signing: { key: 'k', rekorUrl: 'https://log.example', rekorVersion: 2 } }, 'usage'],
    ['options of an identity with a key', { signing: { key: 'k', oidcProvider: 'gitlab' } }, 'usage'],
    ['a log offline', { signing: { key: 'k', rekorUrl: 'https://log.example' }, surroundings: { offline: true } }, 'usage'],
    ['plain http', { signing: { key: 'k', tsaUrl: 'http://tsa.example' } }, 'usage'],
    ['a credential in an address', { signing: { key: 'k', tsaUrl: 'https://u:p@tsa.example' } }, 'usage'],
  ]
  for (const [name, given, code] of refused)
    it(`refuses ${name}`, () =>
      inProject(async ({ attest, at }) => {
        await expect(attest(given)).rejects.toMatchObject({ code })
        await expect(attest(given)).rejects.not.toMatchObject({ message: expect.stringContaining('u:p') })
        expect(existsSync(at('out'))).toBe(false)
      }))
})

describe('nothing is signed', () => {
  it('by a policy that nothing can fail', () =>
    inProject(async ({ attest, at, put }) => {
      await expect(attest({ policy: { profile: 'audit' } })).rejects.toMatchObject({ code: 'configuration' })
      put('assay.toml', `${readFileSync(at('assay.toml'), 'utf8')}\n[gate]\nfail-on = "never"\n`)
      await expect(attest({ allowFailed: true })).rejects.toMatchObject({
        code: 'configuration',
        message: 'nothing fails this policy, so that passing it says nothing',
      })
      expect(existsSync(at('out'))).toBe(false)
    }))

  it('about a tree that changes meanwhile', () =>
    inProject(async ({ attest, at }) => {
      const input = await openInput(at('.'))
      const tree = new (class extends RecordingTree {
        #reads = 0
        override async read(path: string, limit?: number): Promise<FileBytes> {
          const read = await super.read(path, limit)
          if (path !== 'Cargo.lock' || !read.ok) return read
          this.#reads += 1
          // Before the audit, and by it; then once more.
          return this.#reads <= 2 ? read : { ok: true, bytes: Buffer.concat([read.bytes, Buffer.from('\n')]) }
        }
      })(input.tree)
      await expect(attest({ read: { tree } })).rejects.toMatchObject({
        code: 'input-unreadable',
        message: 'Cargo.lock changed while it was read',
      })
      expect(existsSync(at('out'))).toBe(false)
    }))

  it('about a tree to which a project comes while it is audited', () =>
    inProject(async ({ attest, at, put }) => {
      const { tree } = await openInput(at('.'))
      const onProgress = ({ kind }: { readonly kind: string }): void => {
        if (kind !== 'read') return
        put('tools/Cargo.toml', '[package]\nname = "tool"\nversion = "0.1.0"\n')
        put('tools/Cargo.lock', 'version = 4\n\n[[package]]\nname = "tool"\nversion = "0.1.0"\n')
      }
      await expect(attest({ read: { tree, onProgress } })).rejects.toMatchObject({ code: 'input-unreadable' })
      expect(existsSync(at('out'))).toBe(false)
    }))

  it('where authorities gave no answer, unless the policy says that it may be so', () =>
    inProject(async ({ attest, at, put }) => {
      const CFG_IF = `[[package]]\nname = "cfg-if"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${'a'.repeat(64)}"\n`
      put('Cargo.lock', `version = 4\n\n${CFG_IF}\n[[package]]\nname = "widget"\nversion = "1.0.0"\ndependencies = ["cfg-if"]\n`)
      put('Cargo.toml', '[package]\nname = "widget"\nversion = "1.0.0"\nedition = "2021"\n[dependencies]\ncfg-if = "1"\n')
      const config = readFileSync(at('assay.toml'), 'utf8')
      const input = await openInput(at('.'))
      // Nobody listens there.
      const environment = { https_proxy: 'http://127.0.0.1:9', XDG_CACHE_HOME: at('../cache') }
      const depth = { bytes: false, source: false }
      for (const offline of [true, false]) {
        const judging = {
          ...{ input, config: true, rules: [], raiseOnly: false, today: NOW.slice(0, 10) },
          verify: { offline, store: false, depth, environment },
        }
        put('assay.toml', `${config}\n[verify]\nretries = 0\n`)
        const { report } = await attest({ judging })
        expect(report).toMatchObject({ exitCode: 3, result: 'FAILED', signed: [] })
        put('assay.toml', `${config}\n[verify]\nretries = 0\non-unavailable = "warn"\noffline-ok = true\n`)
        expect((await attest({ judging })).report).toMatchObject({
          exitCode: 0,
          result: 'PASSED',
          signed: [{ kind: 'decision' }],
        })
      }
    }))

  it('as of another day than the one it states', () =>
    inProject(async ({ attest, at }) => {
      await expect(attest({ timestamp: '2026-11-29T00:00:00Z' })).rejects.toMatchObject({
        code: 'usage',
        message: 'it would be judged as of 2026-11-28, and the decision would say 2026-11-29',
      })
      expect(existsSync(at('out'))).toBe(false)
    }))

  it('where that would be written over what is signed, or signed with', () =>
    inProject(async ({ attest, at, put }) => {
      const built = put('dist/widget', 'the program')
      const key = at('../key.pem')
      const other = (path: string): string => relative(process.cwd(), path)
      for (const given of [
        { output: key },
        { output: other(key) },
        { artifacts: [built], output: other(built) },
        { files: [built, other(built)] },
        { sboms: [put('a.json', SBOM)], output: other(at('a.json.sigstore.json')) },
      ])
        await expect(attest(given)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('written over') })
      expect(readFileSync(key, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY/)
    }))

  it('about a tree without lockfiles, a resource that is not known, or what is no URI', () =>
    inProject(async ({ attest, put }) => {
      const tree = new MemoryTree({ 'build.zig.zon': '.{ .name = .x, .version = "0.0.0", .paths = .{""} }' })
      await expect(attest({ read: { tree } })).rejects.toMatchObject({ code: 'nothing-found' })
      put('assay.toml', 'version = 1\n')
      await expect(attest()).rejects.toMatchObject({
        code: 'usage',
        message: 'nothing in the tree says what the decision is about',
      })
      await expect(attest({ resource: 'no uri' })).rejects.toMatchObject({ code: 'usage' })
      await expect(attest({ resource: RESOURCE, verifierId: 'me' })).rejects.toMatchObject({ code: 'usage' })
      expect((await attest({ resource: RESOURCE })).report.resourceUri).toBe(RESOURCE)
    }))
})
