import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { provenance, REPOSITORY } from '../audit/support/artifact-release.js'
import { CYCLONEDX, expectDocument, ImageRelease } from '../audit/support/image-release.js'
import { assay, type Ran, withScratch } from '../support/assay.js'
import { dockerRegistry, HAS_DOCKER_REGISTRY, WITH_DOCKER_REGISTRY } from '../trust/oci/registry/support/docker-registry.js'
import { pushLayout } from '../trust/oci/support/push-layout.js'
import { ISSUER, SigstoreInstance, WORKFLOW } from '../trust/support/sigstore-instance.js'

let instance: SigstoreInstance
beforeAll(async () => {
  instance = await SigstoreInstance.start()
})

const BY = ['--certificate-oidc-issuer', ISSUER, '--certificate-identity', WORKFLOW, '--trusted-root', 'root.json']
const BOM = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [] }

/** A folder to run in, and an image in the making in `layout`. */
function inFolder(
  run: (
    own: ImageRelease,
    ran: (args: readonly string[], env?: Record<string, string>) => Promise<Ran>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  return withScratch(async (folder) => {
    const own = new ImageRelease(instance, join(folder, 'layout'))
    writeFileSync(join(folder, 'root.json'), JSON.stringify(instance.rootJson()))
    await run(own, (args, env = {}) => assay(args, { cwd: folder, env }), folder)
  })
}

describe('assay verify oci-layout:', () => {
  it('0, 1, 3 and 4: for people and as JSON by its schema', () =>
    inFolder(async (own, ran) => {
      const [good, bare] = [own.add(own.image('good'), 'v1'), own.add(own.image('bare'), 'bare')]
      await own.release(good)
      own.write(own.folder)
      const pass = await ran(['verify', `oci-layout:layout@${good.digest}`, ...BY])
      expect(pass).toMatchObject({ code: 0, stderr: '' })
      expect(pass.stdout).toContain(good.digest)
      expect(pass.stdout.trimEnd().split('\n').at(-1)).toBe(
        'PASS. Verified: 1 signature, 1 provenance (SLSA build level 2), 0 SBOMs.',
      )
      for (const [args, code, outcome] of [
        [[`oci-layout:layout@${good.digest}`], 0, 'pass'],
        [['oci-layout:layout:v1'], 0, 'warn'],
        [['oci-layout:layout:v1', '--strict'], 1, 'warn'],
        [[`oci-layout:layout@${good.digest}`, '--source-repository', 'https://github.com/acme/other'], 1, 'fail'],
        [[`oci-layout:layout@${bare.digest}`], 3, 'unknown'],
      ] as const) {
        const { code: ended, stdout } = await ran(['verify', ...args, ...BY, '--json'])
        expectDocument(stdout)
        expect([ended, JSON.parse(stdout).exitCode, JSON.parse(stdout).outcome]).toEqual([code, code, outcome])
      }
      const none = await ran(['verify', 'oci-layout:layout:none', ...BY])
      expect(none).toMatchObject({ code: 4, stdout: '' })
      expect(none.stderr).toContain('nothing in layout has the tag none')
      expect((await ran(['verify', 'oci-layout:nowhere', ...BY])).code).toBe(4)
    }))

  it.each([
    { name: 'no policy', args: ['oci-layout:layout:v1'], says: 'nothing says who may have signed' },
    {
      name: 'an option of trees',
      args: ['oci-layout:layout:v1', ...BY, '--target', 'x'],
      says: '--target means nothing for an image',
    },
    {
      name: 'an option of artifacts',
      args: ['oci-layout:layout:v1', ...BY, '--bundle', 'x'],
      says: '--bundle means nothing for an image',
    },
    { name: 'a malformed name', args: ['oci:UPPER/x', ...BY], says: 'oci:UPPER/x names nothing' },
    { name: 'a malformed digest', args: ['oci:a.example/x@sha256:abc', ...BY], says: 'names nothing' },
    { name: '--strict of a tree', args: ['.', '--strict'], says: '--strict is about an image' },
  ])('2: $name', ({ args, says }) =>
    inFolder(async (own, ran) => {
      own.add(own.image('good'), 'v1')
      own.write(own.folder)
      const { code, stdout, stderr } = await ran(['verify', ...args])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(says)
    }),
  )

  it('3: a registry that does not answer', () =>
    inFolder(async (_own, ran, folder) => {
      const asked = { ASSAY_OFFLINE: '', XDG_CACHE_HOME: join(folder, 'cache') }
      writeFileSync(join(folder, 'assay.toml'), 'version = 1\n[verify]\nretries = 0\n')
      const { code, stdout } = await ran(['verify', 'oci:127.0.0.1:1/acme/app:v1', ...BY, '--json'], asked)
      expectDocument(stdout)
      expect([code, JSON.parse(stdout).outcome, JSON.parse(stdout).reasons[0].reason]).toEqual([
        3,
        'unknown',
        'trust/oci-unavailable',
      ])
    }))

  it('3: a registry that nobody may ask', () =>
    inFolder(async (_own, ran) => {
      const { code, stdout } = await ran(['verify', 'oci:registry.example/acme/app:v1', ...BY, '--offline', '--json'])
      expectDocument(stdout)
      expect([code, JSON.parse(stdout).reasons[0].reason]).toEqual([3, 'trust/oci-unavailable'])
    }))
})

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

describe('what is loaded', () => {
  it('a folder is verified without a socket; other commands load nothing of it', () =>
    inFolder(async (own, _ran, folder) => {
      const image = own.add(own.image('good'))
      await own.release(image)
      own.write(own.folder)
      writeFileSync(join(folder, 'watch.cjs'), WATCH)
      writeFileSync(join(folder, 'Cargo.lock'), 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n')
      const watched = (args: readonly string[]): Promise<Ran> =>
        assay(args, { cwd: folder, node: ['--require', join(folder, 'watch.cjs')], env: { ASSAY_OFFLINE: '' } })
      const ran = await watched(['verify', `oci-layout:layout@${image.digest}`, ...BY])
      expect([ran.code, ran.stderr.includes('SOCKET')]).toEqual([0, false])
      expect(ran.stderr).toMatch(/MODULES .*verify-image-/)
      for (const args of [['--version'], ['sbom', 'Cargo.lock'], ['graph', 'Cargo.lock'], ['audit', 'Cargo.lock', '--offline']]) {
        const { stderr } = await watched(args)
        const modules = /^MODULES (.*)$/m.exec(stderr)?.[1]?.split(' ') ?? []
        expect(modules).toContain('cli.cjs')
        expect(modules.filter((name) => /image|oci|layout|open-registry|container-file/.test(name))).toEqual([])
      }
    }))
})

describe('assay sbom oci-layout:', () => {
  it('prints what is attested, else what nobody signed with a notice, else says what is there', () =>
    inFolder(async (own, ran) => {
      const [attested, plain] = [own.add(own.image('attested'), 'attested'), own.add(own.image('plain'), 'plain')]
      own.attachBundle(attested, await own.attest(attested, BOM, CYCLONEDX))
      own.attach(plain, 'application/vnd.cyclonedx+json', [{ mediaType: 'application/vnd.cyclonedx+json', content: BOM }])
      own.write(own.folder)
      const signed = await ran(['sbom', 'oci-layout:layout:attested', ...BY])
      expect([signed.code, signed.stderr, JSON.parse(signed.stdout)]).toEqual([0, '', BOM])
      const named = await ran(['sbom', 'oci-layout:layout:plain', ...BY, '--format', 'cyclonedx'])
      expect([named.code, JSON.parse(named.stdout)]).toEqual([3, BOM])
      expect(named.stderr).toContain('nobody vouches for this SBOM')
      expect((await ran(['sbom', 'oci-layout:layout:plain'])).code).toBe(0)
      const spdx = await ran(['sbom', 'oci-layout:layout:plain', '--format', 'spdx'])
      expect([spdx.code, spdx.stdout]).toEqual([4, ''])
      expect(spdx.stderr).toContain('CycloneDX 1.6 (json), unsigned')
      expect((await ran(['sbom', '.', '--key', 'k'])).code).toBe(2)
    }))
})

describe.skipIf(!HAS_DOCKER_REGISTRY)(`${WITH_DOCKER_REGISTRY}`, () => {
  it(
    'verify, sbom and audit ask it, and a pack answers the same without it',
    () =>
      inFolder(async (own, ran, folder) => {
        const { host, origin } = await dockerRegistry()
        const image = own.add(own.image('app'), 'v1')
        await own.release(image)
        own.attachBundle(image, await own.attest(image, BOM, CYCLONEDX))
        own.add(own.image('bare'), 'bare')
        await pushLayout(own, origin, 'acme/app')
        const online = { ASSAY_OFFLINE: '', XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder }
        const named = `oci://${host}/acme/app@${image.digest}`
        const pass = await ran(['verify', named, ...BY, '--json'], online)
        expect(pass).toMatchObject({ code: 0, stderr: '' })
        expectDocument(pass.stdout)
        expect(JSON.parse(pass.stdout)).toMatchObject({
          outcome: 'pass',
          provenance: { verified: 1, level: 2 },
          sboms: { verified: 1 },
        })
        expect((await ran(['verify', `oci:${host}/acme/app:v1`, ...BY, '--bytes'], online)).stdout).toContain('WARN')
        expect((await ran(['verify', `oci:${host}/acme/app:bare`, ...BY], online)).code).toBe(3)
        expect((await ran(['verify', `oci:${host}/acme/app:none`, ...BY], online)).code).toBe(4)
        expect(JSON.parse((await ran(['sbom', named, ...BY], online)).stdout)).toEqual(BOM)

        mkdirSync(join(folder, 'repo'))
        writeFileSync(join(folder, 'repo', 'Dockerfile'), 'FROM debian:12\n')
        writeFileSync(
          join(folder, 'repo', 'assay.toml'),
          `version = 1
[trust]
roots = ["../root.json"]
identities = [{ match = "oci://${host}/acme/**", issuer = "${ISSUER}", san = "${WORKFLOW}" }]
[release]
images = ["${named}", "oci://${host}/acme/app:bare"]
[rules]
"input/nothing-found" = { allow-empty = true }
`,
        )
        const repo = join(folder, 'repo')
        const rules = (out: string): string[] =>
          JSON.parse(out).findings.flatMap(({ rule, message }: { rule: string; message: string }) =>
            rule.startsWith('oci/') ? [`${rule} ${message.replaceAll(host, 'HOST')}`] : [],
          )
        const expected = [
          'oci/referrer-missing oci://HOST/acme/app:bare has no provenance',
          'oci/referrer-missing oci://HOST/acme/app:bare has no sbom',
          'oci/referrer-missing oci://HOST/acme/app:bare has no signature',
          'oci/tag-reference published as oci://HOST/acme/app:bare, which can move',
          'oci/tag-reference built from debian:12, which can move',
        ]
        const audited = await ran(['audit', 'repo', '--json'], online)
        expect(rules(audited.stdout).sort()).toEqual([...expected].sort())
        // Who signs is said in assay.toml alone.
        expect((await assay(['verify', named], { cwd: repo, env: online })).code).toBe(0)

        // What the registry said to one run answers the next, for the same artifact alone.
        const kept = await ran(['verify', named, ...BY, '--evidence-out', 'image.tar', '--no-store'], online)
        expect(kept.code, kept.stderr).toBe(0)
        expect(kept.stderr).toMatch(/^wrote image\.tar with \d+ answers, sha256 [0-9a-f]{64}\n$/)
        expect((await ran(['verify', named, ...BY, '--evidence', 'image.tar'])).code).toBe(0)
        expect((await ran(['verify', `oci:${host}/acme/app:bare`, ...BY, '--evidence', 'image.tar'])).code).toBe(3)
        expect((await ran(['verify', named, ...BY, '--evidence-out', 'x.tar', '--offline'])).code).toBe(2)

        const pack = await ran(['evidence', 'export', 'repo', '-o', 'evidence.tar', '--no-store'], online)
        expect(pack.code, pack.stderr).toBe(0)
        expect(existsSync(join(folder, 'evidence.tar'))).toBe(true)
        const replay = await ran(['audit', 'repo', '--json', '--evidence', 'evidence.tar', '--offline'])
        expect(rules(replay.stdout).sort()).toEqual([...expected].sort())
        const again = await ran(['verify', named, ...BY, '--json', '--evidence', 'evidence.tar'])
        const plain = (text: string): object => ({ ...JSON.parse(text), timestamp: '' })
        expect(again.code).toBe(0)
        expect(plain(again.stdout)).toEqual(plain(pass.stdout))
      }),
    60_000,
  )

  it(
    'a contradiction between statement and certificate is told with what to do',
    () =>
      inFolder(async (own, ran, folder) => {
        const { host, origin } = await dockerRegistry()
        const image = own.add(own.image('app'), 'v1')
        own.attachBundle(image, await own.attest(image, provenance(`${REPOSITORY}-other`)))
        await pushLayout(own, origin, 'acme/app')
        const { code, stdout } = await ran(['verify', `oci:${host}/acme/app@${image.digest}`, ...BY], {
          ASSAY_OFFLINE: '',
          XDG_CACHE_HOME: join(folder, 'cache'),
        })
        expect(code).toBe(1)
        expect(stdout).toMatch(/trust\/provenance-contradiction[\s\S]*Fix: Do not use the artifact/)
      }),
    60_000,
  )
})
