import { generateKeyPairSync } from 'node:crypto'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assay, PROJECT, type Ran, type RunOptions, withScratch } from '../support/assay.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'
import type { SigstoreServices } from '../trust/support/sigstore-services.js'
import { serveSigstore } from '../trust/support/sigstore-services.js'

function validator(name: string): (json: string) => void {
  const schema: object = JSON.parse(readFileSync(join(PROJECT, 'schemas', name), 'utf8'))
  const validate = new Ajv.default({ strict: true, strictRequired: false }).compile(schema)
  return (json) => expect(validate(JSON.parse(json)), JSON.stringify(validate.errors)).toBe(true)
}
const fitsAttest = validator('attest.schema.json')
const fitsVsa = validator('vsa.schema.json')

/** Preloaded: says which files of the program were loaded. */
const WATCH = `process.on('exit', () => {
  for (const file of Object.keys(require('node:module')._cache)) require('node:fs').writeSync(2, 'LOADED ' + file + '\\n')
})
`
const VSA = 'reports/assay-vsa.sigstore.json'
const PASSPHRASE = 'correct horse battery staple'

interface Folder {
  readonly at: (name: string) => string
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ran>
}

function inFolder(work: (folder: Folder) => Promise<void>): Promise<void> {
  return withScratch(async (scratch) => {
    const folder = join(scratch, 'widget')
    const at = (name: string): string => join(folder, name)
    mkdirSync(at('src'), { recursive: true })
    writeFileSync(at('Cargo.toml'), '[package]\nname = "widget"\nversion = "1.0.0"\nedition = "2021"\n')
    writeFileSync(at('Cargo.lock'), 'version = 4\n\n[[package]]\nname = "widget"\nversion = "1.0.0"\n')
    writeFileSync(at('src/lib.rs'), '')
    writeFileSync(at('assay.toml'), 'version = 1\n\n[project]\nname = "widget"\npurl = "pkg:cargo/widget@1.0.0"\n')
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
    writeFileSync(at('../key.pem'), String(privateKey.export({ type: 'pkcs8', format: 'pem' })), { mode: 0o600 })
    writeFileSync(at('../encrypted.pem'), String(encrypted), { mode: 0o600 })
    writeFileSync(at('../key.pub'), String(publicKey.export({ type: 'spki', format: 'pem' })))
    writeFileSync(at('../watch.cjs'), WATCH)
    await work({ at, run: (args, options) => assay(args, { cwd: folder, ...options }) })
  })
}

const SIGN = ['attest', '--key', '../key.pem', '--timestamp', '2026-11-28T12:00:00Z']
const VERIFY = ['verify', '--vsa', VSA, '--key', '../key.pub', '--as-of', '2026-12-01']

describe('assay attest, then assay verify --vsa', () => {
  it('accepts what was attested, and nothing else', () =>
    inFolder(async ({ at, run }) => {
      const signed = await run(SIGN)
      expect(signed).toMatchObject({ code: 0, stderr: '' })
      expect(signed.stdout).toContain(`signed the decision: ${VSA}`)
      const accepted = await run(VERIFY)
      expect(accepted).toMatchObject({ code: 0, stderr: '' })
      expect(accepted.stdout.trimEnd().split('\n').at(-1)).toBe('Accepted: this decision stands for an audit.')
      for (const [args, code, outcome] of [
        [VERIFY, 0, 'accepted'],
        [[...VERIFY, '--level', 'SLSA_BUILD_LEVEL_1'], 1, 'refused'],
        [[...VERIFY, '--profile', 'strict'], 1, 'refused'],
        [[...VERIFY, '--resource', 'pkg:cargo/gadget@1.0.0'], 1, 'refused'],
        [[...VERIFY.slice(0, -1), '2027-01-01'], 1, 'refused'],
      ] as const) {
        const ran = await run([...args, '--json'])
        fitsVsa(ran.stdout)
        expect(ran).toMatchObject({ code, stderr: '' })
        expect(JSON.parse(ran.stdout)).toMatchObject({ exitCode: code, outcome })
      }
      // One byte.
      const lock = readFileSync(at('Cargo.lock'))
      lock[lock.length - 3] = (lock[lock.length - 3] ?? 0) ^ 1
      writeFileSync(at('Cargo.lock'), lock)
      const refused = await run(VERIFY)
      expect(refused).toMatchObject({ code: 1, stderr: '' })
      expect(refused.stdout).toContain('trust/vsa-other-subject')
      expect(await run([...VERIFY, '--quiet'])).toEqual({ code: 1, stdout: '', stderr: '' })
    }))

  it('has ended when it has, whatever time documents are to state', () =>
    inFolder(async ({ run }) => {
      expect((await run(['attest', '--key', '../key.pem', '--timestamp', '2026-01-01T00:00:00Z'])).code).toBe(0)
      const env = { SOURCE_DATE_EPOCH: '1767225600' }
      const ended = await run(['verify', '--vsa', VSA, '--key', '../key.pub'], { env })
      expect(ended).toMatchObject({ code: 1, stderr: '' })
      expect(ended.stdout).toContain('trust/vsa-expired')
      expect((await run(['verify', '--vsa', VSA, '--key', '../key.pub', '--as-of', '2026-01-02'], { env })).code).toBe(0)
    }))

  it('has a code of its own for every way to go wrong', () =>
    inFolder(async ({ at, run }) => {
      expect((await run(SIGN)).code).toBe(0)
      const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
        [['verify', '--vsa', VSA], 2, /nothing says who may have signed/],
        [['verify', '--level', 'X'], 2, /--level is about a signed decision/],
        [[...VERIFY, '--bytes'], 2, /--bytes means nothing with --vsa/],
        [[...VERIFY, '--source-ref', 'refs/heads/main'], 2, /--source-ref is what a certificate must say/],
        [['verify', '--vsa', 'nowhere.json', '--key', '../key.pub'], 4, /nowhere\.json does not exist/],
        [['attest'], 2, /nothing says who signs/],
        [['attest', '--key', '../key.pem', '--expires', 'never'], 2, /whole number of days/],
        [['attest', '--key', '../encrypted.pem'], 2, /encrypted\.pem is encrypted\n.*ASSAY_KEY_PASSWORD/],
        [['attest', '--keyless'], 2, /offline nobody can certify/],
        [['attest', '--key', '../key.pem', '--evidence-out', 'e.tar'], 2, /offline there is nobody to ask/],
        [['attest', '--key', '../key.pem', '--sbom', 'Cargo.lock'], 4, /SBOM Cargo\.lock cannot be read/],
      ]
      for (const [args, code, said] of cases) {
        const ran = await run(args)
        expect(`${args.join(' ')}: ${ran.code}`).toBe(`${args.join(' ')}: ${code}`)
        expect(ran.stderr).toMatch(said)
        expect(ran.stdout).toBe('')
      }
      appendFileSync(at('Cargo.lock'), '[')
      const failed = await run([...SIGN, '-o', 'failed.sigstore.json'])
      expect(failed.code).toBe(4)
      expect(failed.stderr).toMatch(/the policy is not met .* Nothing was signed/)
      expect(readdirSync(at('.'))).not.toContain('failed.sigstore.json')
    }))

  it('opens an encrypted key by a variable, and shows its passphrase to nobody', () =>
    inFolder(async ({ at, run }) => {
      const env = { ASSAY_KEY_PASSWORD: PASSPHRASE }
      const ran = await run(['attest', '--key', '../encrypted.pem', '--json', '-v'], { env })
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      fitsAttest(ran.stdout)
      const wrong = await run(['attest', '--key', '../encrypted.pem'], { env: { COSIGN_PASSWORD: `not ${PASSPHRASE}` } })
      expect(wrong).toMatchObject({ code: 2, stdout: '' })
      for (const text of [ran.stdout, ran.stderr, wrong.stderr, readFileSync(at(VSA), 'utf8')])
        expect(text).not.toContain(PASSPHRASE)
    }))

  it('prints the same statement every time, and signs nothing', () =>
    inFolder(async ({ at, run }) => {
      const printed = ['attest', '--print-statement']
      const env = { SOURCE_DATE_EPOCH: '1767225600' }
      const [first, second] = [await run(printed, { env }), await run(printed, { env })]
      expect(first.code).toBe(0)
      expect(first.stdout).toBe(second.stdout)
      expect(JSON.parse(first.stdout)).toMatchObject({ predicate: { timeVerified: '2026-01-01T00:00:00Z' } })
      expect(readdirSync(at('.'))).not.toContain('reports')
    }))

  it('has help with examples', async () => {
    const { stdout, code } = await assay(['attest', '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples:\n {2}assay attest --key key\.pem\n/)
    expect((await assay(['verify', '--help'])).stdout).toMatch(/assay verify --vsa /)
  })

  it('loads what signs for signing alone', () =>
    inFolder(async ({ at, run }) => {
      const signing = async (args: readonly string[]): Promise<boolean> => {
        const ran = await run(args, { node: ['--require', at('../watch.cjs')] })
        expect(ran.code).toBe(0)
        const loaded = [...ran.stderr.matchAll(/^LOADED (.*)$/gm)].flatMap(([, file]) => file ?? [])
        expect(loaded.length).toBeGreaterThan(0)
        return loaded.some((file) => readFileSync(file, 'utf8').includes('FulcioSigner'))
      }
      expect(await signing(SIGN)).toBe(true)
      for (const args of [VERIFY, ['audit'], ['sbom'], ['attest', '--print-statement'], ['attest', '--help']])
        expect(`${args[0]} ${await signing(args)}`).toBe(`${args[0]} false`)
    }))
})

describe('by the identity of a job', () => {
  let instance: SigstoreInstance
  let services: SigstoreServices
  beforeAll(async () => {
    instance = await SigstoreInstance.start()
    services = await serveSigstore(instance)
  })
  afterAll(() => services.close())

  it('GitHub: signs through the services that are named, and the token is nowhere', () =>
    inFolder(async ({ at, run }) => {
      writeFileSync(at('../root.json'), JSON.stringify(instance.rootJson()))
      const credential = 'the-credential-of-this-job'
      const env = {
        ASSAY_OFFLINE: '',
        ACTIONS_ID_TOKEN_REQUEST_URL: `${services.url}/token?x=1`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: credential,
        ASSAY_CACHE_DIR: at('../cache'),
      }
      const own = ['--fulcio-url', services.url, '--rekor-url', services.url, '--trusted-root', '../root.json', '--no-store']
      const unasked = await run(['attest', '--keyless', ...own], { env })
      expect(unasked).toMatchObject({ code: 2, stdout: '' })
      expect(unasked.stderr).toMatch(/publishes who signed, .* for ever\.\n {2}Add --yes/)
      expect(services.asked).toHaveLength(0)
      const ran = await run(['attest', '--keyless', ...own, '--evidence-out', 'evidence.tar', '-v'], { env: { ...env, CI: '1' } })
      expect(ran.code).toBe(0)
      expect(ran.stdout).toContain(`by ${WORKFLOW}, issuer ${ISSUER}`)
      const verify = ['verify', '--vsa', VSA, '--trusted-root', '../root.json', '--certificate-oidc-issuer', ISSUER]
      expect((await run([...verify, '--certificate-identity', WORKFLOW])).code).toBe(0)
      expect((await run([...verify, '--source-repository', 'https://github.com/acme/widget'])).code).toBe(0)
      expect((await run([...verify, '--source-repository', 'https://github.com/acme/gadget'])).code).toBe(1)
      services.sabotage = ({ path }) =>
        path === '/api/v2/signingCert'
          ? { status: 400, type: 'application/json', body: JSON.stringify({ message: services.token }) }
          : undefined
      const failed = await run(['attest', '--keyless', ...own, '-v'], { env: { ...env, CI: '1', ASSAY_DEBUG: '1' } })
      expect(failed).toMatchObject({ code: 3, stdout: '' })
      const files = readdirSync(at('..'), { recursive: true, encoding: 'utf8' })
        .map((name) => at(join('..', name)))
        .filter((path) => statSync(path).isFile())
        .map((path) => readFileSync(path, 'latin1'))
      const everything = [ran.stdout, ran.stderr, unasked.stderr, failed.stderr, ...files].join('\n')
      for (const secret of [credential, services.token, ...services.token.split('.')])
        expect(everything.includes(secret)).toBe(false)
    }))
})
