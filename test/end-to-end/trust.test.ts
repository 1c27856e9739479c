import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gitBackend } from '../evidence/git/support/git-server.js'
import { hasBackend, hasGit } from '../evidence/git/support/repository.js'
import { AUTHORITY, LOCALHOST } from '../evidence/http/support/certificates.js'
import { assay, withScratch } from '../support/assay.js'
import { AUTHOR, has, Workshop } from '../trust/git/signing.js'
import { SigstoreInstance } from '../trust/support/sigstore-instance.js'
import { TufRepository } from '../trust/support/tuf-repository.js'

describe('assay trust', () => {
  it('update fetches from a mirror, and a release is verified by what was fetched', () =>
    withScratch(async (folder) => {
      const instance = await SigstoreInstance.start()
      const repository = new TufRepository(JSON.stringify(instance.rootJson()))
      const mirror = await repository.start()
      try {
        writeFileSync(join(folder, 'root.json'), repository.root)
        const env = { ASSAY_OFFLINE: '', ASSAY_CACHE: join(folder, 'cache') }
        const ran = await assay(['trust', 'update', '--mirror', mirror, '--root', 'root.json', '-o', 'trusted.json'], {
          cwd: folder,
          env,
        })
        expect(ran).toMatchObject({ code: 0, stderr: '' })
        expect(ran.stdout).toContain('fetched by assay trust update')
        writeFileSync(join(folder, 'widget.tar'), 'bytes')
        writeFileSync(join(folder, 'widget.tar.sigstore.json'), JSON.stringify(await instance.signMessage(Buffer.from('bytes'))))
        const verified = await assay(
          [
            ...['verify', '--artifact', 'widget.tar', '--trusted-root', 'trusted.json'],
            ...['--certificate-oidc-issuer', 'https://token.actions.githubusercontent.com'],
            ...['--source-repository', 'https://github.com/Acme/widget'],
          ],
          { cwd: folder, env },
        )
        expect(verified).toMatchObject({ code: 0 })
        repository.tamper('/timestamp.json', (text) => text.replace('"version":1', '"version":9'))
        const refused = await assay(['trust', 'update', '--mirror', mirror, '--json'], { cwd: folder, env })
        expect(refused.code).toBe(1)
        expect(JSON.parse(refused.stdout).problems[0].reason).toBe('trust/root-not-valid')
      } finally {
        await repository.stop()
      }
    }))

  it('update asks nobody offline, and nobody without being told whom to trust', () =>
    withScratch(async (folder) => {
      const offline = await assay(['trust', 'update'], { cwd: folder })
      expect(offline).toMatchObject({ code: 2, stdout: '' })
      const unknown = await assay(['trust', 'update', '--mirror', 'http://127.0.0.1:9'], {
        cwd: folder,
        env: { ASSAY_OFFLINE: '', ASSAY_CACHE: join(folder, 'cache') },
      })
      expect(unknown.code).toBe(2)
      expect(unknown.stderr).toContain('Give its initial root.json with --root')
    }))

  it('show tells what would be used, and stops where it cannot be', () =>
    withScratch(async (folder) => {
      const ran = await assay(['trust', 'show'], { cwd: folder })
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      expect(ran.stdout).toContain('comes with assay')
      writeFileSync(join(folder, 'assay.toml'), 'version = 1\n[trust]\nonline-roots = true\n')
      const env = { ASSAY_CACHE: join(folder, 'cache') }
      const missing = await assay(['trust', 'show'], { cwd: folder, env })
      expect(missing.code).toBe(1)
      expect(missing.stdout).toContain('trust/root-expired: no trusted root was fetched on this machine')
      writeFileSync(join(folder, 'widget.tar'), 'bytes')
      const used = await assay(
        [
          ...['verify', '--artifact', 'widget.tar', '--online-roots'],
          ...['--certificate-oidc-issuer', 'https://issuer.example', '--certificate-identity', 'me'],
        ],
        { cwd: folder, env },
      )
      expect(used.code).toBe(2)
      expect(used.stderr).toContain('assay trust update')
    }))
})

describe.skipIf(!hasGit || !hasBackend || !has('ssh-keygen', '-V'))('signatures of pinned commits', () => {
  it('are looked at where the configuration names signers, and replayed from a pack', async () => {
    const shop = new Workshop()
    // Repositories are asked over TLS alone.
    const server = createServer({ key: LOCALHOST.key, cert: LOCALHOST.cert }, gitBackend(shop.folder))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const origin = `https://localhost:${typeof address === 'object' ? address?.port : ''}`
    try {
      const key = shop.sshKey('own', 'ed25519')
      shop.git('commit', '--quiet', '--allow-empty', '-m', 'unsigned')
      const unsigned = shop.git('rev-parse', 'HEAD')
      shop.git(...shop.ssh(key), 'commit', '--quiet', '--allow-empty', '-S', '-m', 'signed')
      const signed = shop.git('rev-parse', 'HEAD')
      const entry = (name: string, commit: string): string =>
        `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "git+${origin}/repository?rev=${commit}#${commit}"\n\n`
      shop.write('Cargo.lock', `version = 4\n\n${entry('one', signed)}${entry('two', unsigned)}`)
      shop.write('signers', `${AUTHOR} namespaces="git" ${key.public}\n`)
      shop.write('assay.toml', 'version = 1\n[trust]\nallowed-signers = ["signers"]\n')
      const options = {
        cwd: shop.folder,
        env: {
          ASSAY_OFFLINE: '',
          ASSAY_CACHE: join(shop.folder, 'cache'),
          SSL_CERT_FILE: shop.write('authority.pem', AUTHORITY.cert),
        },
      }
      const ran = await assay(['verify', 'Cargo.lock', '--json'], options)
      expect(ran.stderr).toBe('')
      const { evidence } = JSON.parse(ran.stdout)
      const found = evidence.filter(({ check }: { check: string }) => check === 'git/commit-signature')
      expect(found.map(({ verdict, why }: { verdict: string; why: string }) => `${verdict}: ${why}`)).toEqual([
        `match: the commit is signed by ${AUTHOR} (SSH)`,
        'not-checkable: the commit is unsigned',
      ])
      await assay(['evidence', 'export', 'Cargo.lock', '-o', 'evidence.tar'], options)
      const audited = [
        'audit',
        'Cargo.lock',
        '--json',
        '--offline',
        '--evidence',
        'evidence.tar',
        '--profile',
        'strict',
        '--as-of',
        '2026-11-28',
      ]
      const replayed = await assay(audited, options)
      const { findings } = JSON.parse(replayed.stdout)
      const rules = findings.map(({ rule, message }: { rule: string; message: string }) => `${rule}: ${message}`)
      expect(rules.filter((text: string) => text.startsWith('trust/'))).toEqual([
        'trust/tag-unsigned: two@1.0.0: the commit is unsigned',
      ])
    } finally {
      server.closeAllConnections()
      server.close()
      shop.close()
    }
  })
})

describe.skipIf(!has('git', '--version') || !has('ssh-keygen', '-V'))('assay verify --git-ref', () => {
  it('says who signed, in words and as JSON, and refuses options that mean nothing', async () => {
    const shop = new Workshop()
    try {
      const key = shop.sshKey('own', 'ed25519')
      const allowed = shop.write('allowed', `${AUTHOR} ${key.public}\n`)
      shop.git(...shop.ssh(key), 'commit', '--quiet', '--allow-empty', '-S', '-m', 'x')
      shop.git(...shop.ssh(key), 'tag', '-s', '-m', 'x', 'v1')
      const verify = (...args: readonly string[]): ReturnType<typeof assay> =>
        assay(['verify', ...args], { cwd: shop.repository })
      const ran = await verify('--git-ref', 'v1', '--allowed-signers', allowed)
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      expect(ran.stdout).toMatch(/✓ verified {2}tag [0-9a-f]{40} \(SSH\)\n {4}by release@example.org, key SHA256:/)
      const json = await verify('--git-ref', 'v1', '--allowed-signers', allowed, '--json', '.')
      expect(JSON.parse(json.stdout)).toMatchObject({ outcome: 'verified', exitCode: 0 })
      writeFileSync(join(shop.folder, 'nobody'), readFileSync(allowed, 'utf8').replace(AUTHOR, '# '))
      expect((await verify('--git-ref', 'v1', '--allowed-signers', '../nobody')).code).toBe(1)
      for (const args of [
        ['--git-ref', 'v1'],
        ['--allowed-signers', allowed],
        ['--git-ref', 'v1', '--allowed-signers', allowed, '--bundle', 'x'],
        ['--git-ref', 'v1', '--allowed-signers', allowed, '--artifact', 'x'],
      ])
        expect([args, (await verify(...args)).code]).toEqual([args, 2])
    } finally {
      shop.close()
    }
  })
})
