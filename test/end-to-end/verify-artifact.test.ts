import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { beforeAll, describe, expect, it } from 'vitest'
import { assay, PROJECT, type Ran, withScratch } from '../support/assay.js'
import { bytes, json, server } from '../trust/lookup/support/github-api.js'
import { packSnappy } from '../trust/lookup/support/pack-snappy.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

const schema: object = JSON.parse(readFileSync(join(PROJECT, 'schemas', 'artifact.schema.json'), 'utf8'))
const validate = new Ajv.default({ strict: true, strictRequired: false }).compile(schema)

const CONTENT = 'the bytes of a release'
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')
const TOKEN = 'ghp_neverShownToAnybodyElse'
const BY = ['--certificate-oidc-issuer', ISSUER, '--certificate-identity', WORKFLOW, '--trusted-root', 'root.json']

/** Preloaded: whatever would reach the network ends the process with a code of its own, and the loaded files are listed. */
const WATCH = `
const forbid = (what) => () => { require('node:fs').writeSync(2, 'SOCKET ' + what + '\\n'); process.exit(99) }
const net = require('node:net'), dns = require('node:dns'), tls = require('node:tls')
net.Socket.prototype.connect = forbid('connect'); tls.connect = forbid('tls'); dns.lookup = forbid('dns')
process.on('exit', () => {
  const names = Object.keys(require('node:module')._cache).map((f) => f.split(/[\\\\/]/).pop())
  require('node:fs').writeSync(2, 'MODULES ' + names.join(' ') + '\\n')
})
`

let bundle = ''
let root = ''
beforeAll(async () => {
  const instance = await SigstoreInstance.start()
  bundle = JSON.stringify(await instance.signMessage(Buffer.from(CONTENT)))
  root = JSON.stringify(instance.rootJson())
})

function release(run: (folder: string, verify: (...args: readonly string[]) => Promise<Ran>) => Promise<void>): Promise<void> {
  return withScratch(async (folder) => {
    writeFileSync(join(folder, 'widget.tar'), CONTENT)
    writeFileSync(join(folder, 'widget.tar.sigstore.json'), bundle)
    writeFileSync(join(folder, 'root.json'), root)
    writeFileSync(join(folder, 'watch.cjs'), WATCH)
    await run(folder, (...args) =>
      // No setting keeps it from the network: it does not want to go there.
      assay(['verify', '--artifact', 'widget.tar', ...args], { cwd: folder, env: { ASSAY_OFFLINE: '' } }),
    )
  })
}

describe('assay verify --artifact', () => {
  it('0: verified, for people', () =>
    release(async (_, verify) => {
      const ran = await verify(...BY)
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      expect(ran.stdout).toContain(`sha256:${SHA256}`)
      expect(ran.stdout).toContain('✓ verified   signed by')
      expect(ran.stdout.trimEnd().split('\n').at(-1)).toBe('Verified. 1 of 1 demands hold.')
    }))

  it('as JSON by its schema, with the code it ends with', () =>
    release(async (folder, verify) => {
      for (const [args, code, outcome] of [
        [BY, 0, 'verified'],
        [[...BY, '--source-repository', 'https://github.com/acme/other'], 1, 'refused'],
        [[...BY, '--bundle', 'widget.tar', '--sbom', 'bom.json'], 1, 'refused'],
      ] as const) {
        const document = { bomFormat: 'CycloneDX', metadata: { component: { hashes: [{ alg: 'SHA-256', content: SHA256 }] } } }
        writeFileSync(join(folder, 'bom.json'), JSON.stringify(document))
        const ran = await verify(...args, '--json')
        const report = JSON.parse(ran.stdout)
        expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
        expect([ran.code, report.exitCode, report.outcome]).toEqual([code, code, outcome])
      }
    }))

  it('1: an altered artifact, with the reason, both digests and what to do', () =>
    release(async (folder, verify) => {
      writeFileSync(join(folder, 'widget.tar'), `${CONTENT}!`)
      const ran = await verify(...BY)
      expect(ran).toMatchObject({ code: 1, stderr: '' })
      expect(ran.stdout).toMatch(
        new RegExp(`trust/digest-mismatch: signed is sha256:${SHA256}, the artifact is sha256:[0-9a-f]{64}\\n`),
      )
      expect(ran.stdout).toMatch(/Fix: \S/)
      expect((await verify(...BY, '-q')).stdout).toBe('')
    }))

  it.each([
    { name: 'no policy', args: [], code: 2, says: 'nothing says who may have signed' },
    { name: 'an issuer alone', args: ['--certificate-oidc-issuer', ISSUER], code: 2, says: 'an issuer alone' },
    { name: 'a path too', args: [...BY, '.'], code: 2, says: 'a path and --artifact' },
    { name: 'an option of trees', args: [...BY, '--bytes'], code: 2, says: '--bytes means nothing' },
    { name: 'a pack', args: [...BY, '--evidence', 'x.tar'], code: 2, says: '--evidence means nothing' },
    { name: 'a repository that is none', args: ['--repo', 'widget'], code: 2, says: '--repo names no repository' },
    { name: 'a folder that is not there', args: [...BY, '--attestations', 'none'], code: 4, says: 'none' },
    { name: 'a root that is none', args: [...BY, '--trusted-root', 'widget.tar'], code: 2, says: 'no trusted root' },
    { name: 'a bundle that is not there', args: [...BY, '--bundle', 'none'], code: 4, says: 'none does not exist' },
    { name: 'another artifact that is not there', args: [...BY, '--artifact', 'none'], code: 4, says: 'none does not exist' },
  ])('$name: $code, in words', ({ args, code, says }) =>
    release(async (_, verify) => {
      const ran = await verify(...args)
      expect(ran).toMatchObject({ code, stdout: '' })
      expect(ran.stderr).toContain(says)
    }),
  )

  it('2: what is about an artifact, without one', () =>
    release(async (folder) => {
      const ran = await assay(['verify', '--source-ref', 'refs/tags/v1'], { cwd: folder })
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toContain('--source-ref is about one file')
    }))

  it('3: nothing to decide by', () =>
    release(async (folder, verify) => {
      writeFileSync(join(folder, 'other.tar'), CONTENT)
      const ran = await verify(...BY, '--artifact', 'other.tar')
      expect(ran.code).toBe(3)
      expect(ran.stdout).toContain('trust/attestation-missing')
      expect(ran.stdout).toContain('other.tar.sigstore.json')
    }))

  it('opens no socket, also with the root that comes with it', () =>
    release(async (folder) => {
      const node = ['--require', join(folder, 'watch.cjs')]
      for (const args of [BY, BY.slice(0, 4)]) {
        const ran = await assay(['verify', '--artifact', 'widget.tar', ...args], {
          cwd: folder,
          node,
          env: { ASSAY_OFFLINE: '' },
        })
        expect(ran.stderr).not.toContain('SOCKET')
        expect([0, 1, 3]).toContain(ran.code)
        expect(ran.stderr).toMatch(/MODULES .*verify-artifact-/)
      }
    }))

  it('asks those who are named, and nobody offline; the token stays with the API', () =>
    release(async (folder) => {
      const [api, storage] = [await server(), await server()]
      const digest = createHash('sha256').update(CONTENT).digest('hex')
      api.paths.set(
        `/repos/Acme/widget/attestations/sha256:${digest}?per_page=100`,
        json({ attestations: [{ repository_id: 1, bundle: null, bundle_url: `${storage.origin}/1?sig=secretOfTheMoment` }] }),
      )
      storage.paths.set('/1?sig=secretOfTheMoment', bytes(packSnappy(Buffer.from(bundle))))
      rmSync(join(folder, 'widget.tar.sigstore.json'))
      const run = (env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> =>
        assay(['verify', '--artifact', 'widget.tar', '--repo', 'Acme/widget', '--trusted-root', 'root.json', ...args], {
          cwd: folder,
          env: {
            ASSAY_OFFLINE: '',
            ASSAY_CACHE_DIR: join(folder, 'cache'),
            HOME: folder,
            GITHUB_API_URL: api.origin,
            GITHUB_TOKEN: TOKEN,
            ...env,
          },
        })
      const online = await run({})
      expect(online).toMatchObject({ code: 0, stderr: '' })
      expect(online.stdout).toContain('1 found')
      expect(api.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${TOKEN}`])
      expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined])
      const asked = api.seen.length
      for (const ran of [await run({ ASSAY_OFFLINE: '1' }), await run({}, '--offline')]) {
        expect(ran.code).toBe(3)
        expect(ran.stdout).toContain('trust/attestation-unknown')
      }
      expect(api.seen).toHaveLength(asked)
      const packed = await run({}, '--evidence-out', 'said.tar', '--json', '--no-store')
      expect(packed).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^wrote said\.tar with \d+ answers, sha256 [0-9a-f]{64}\n$/),
      })
      const askedAgain = api.seen.length
      const replayed = await run({}, '--evidence', 'said.tar', '--json')
      const { timestamp: _, ...first } = JSON.parse(packed.stdout)
      expect(JSON.parse(replayed.stdout)).toMatchObject(first)
      expect(api.seen).toHaveLength(askedAgain)
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
      for (const file of files.filter((name) => statSync(name).isFile()))
        expect(readFileSync(file, 'latin1'), file).not.toMatch(/secretOfTheMoment|ghp_/)
      expect(files.some((file) => file.includes('cache'))).toBe(true)
    }))

  it('nothing of it is loaded by other commands', () =>
    release(async (folder) => {
      writeFileSync(join(folder, 'Cargo.lock'), 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n')
      for (const args of [['--version'], ['sbom', 'Cargo.lock'], ['graph', 'Cargo.lock'], ['audit', 'Cargo.lock']]) {
        const ran = await assay(args, { cwd: folder, node: ['--require', join(folder, 'watch.cjs')] })
        const modules = /^MODULES (.*)$/m.exec(ran.stderr)?.[1]?.split(' ') ?? []
        expect(modules).toContain('cli.cjs')
        expect(modules.filter((name) => /artifact|sigstore|verifier|noble|minisign|embedded/.test(name))).toEqual([])
      }
    }))
})
