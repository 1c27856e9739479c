import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trustStages } from '../../src/audit/trust/stage.js'
import type { Desk } from '../../src/evidence/desk/desk.js'
import { openDesk } from '../../src/evidence/desk/open-desk.js'
import type { GitRemote } from '../../src/evidence/git/remote.js'
import { openGitRemote } from '../../src/evidence/git/remote.js'
import { openPack } from '../../src/evidence/pack/read-pack.js'
import { savePack } from '../../src/evidence/pack/save-pack.js'
import type { Component } from '../../src/model/component.js'
import type { Evidence } from '../../src/model/evidence.js'
import type { GitRef } from '../../src/model/source.js'
import type { TrustSettings } from '../../src/model/trust-settings.js'
import { NO_TRUST_SETTINGS } from '../../src/model/trust-settings.js'
import { DEFAULT_CONFIG } from '../../src/policy/config.js'
import { TRUST_GIT_RULES } from '../../src/policy/rules/trust-git.js'
import type { GitServer } from '../evidence/git/support/git-server.js'
import { serveGit } from '../evidence/git/support/git-server.js'
import { hasBackend, hasGit } from '../evidence/git/support/repository.js'
import { appWith, hear } from '../policy/support/rule-cases.js'
import { component } from '../support/graphs.js'
import { AUTHOR, has, Workshop } from '../trust/git/signing.js'

const CLOCK = { now: () => Date.UTC(2026, 0, 1) }
const hasTools = hasGit && hasBackend && has('ssh-keygen', '-V')

describe.skipIf(!hasTools)('signatures of pinned commits', () => {
  const shop = new Workshop()
  let server: GitServer
  let remote: GitRemote
  let trust: TrustSettings
  const commits = new Map<string, string>()
  const of = (name: string): string => commits.get(name) ?? ''

  beforeAll(async () => {
    const own = shop.sshKey('own', 'ed25519')
    const stranger = shop.sshKey('stranger', 'ed25519')
    trust = { ...NO_TRUST_SETTINGS, allowedSigners: [shop.write('allowed', `${AUTHOR} namespaces="git" ${own.public}\n`)] }
    const commit = (name: string, ...options: readonly string[]): void => {
      shop.git(...options, 'commit', '--quiet', '--allow-empty', '-m', name, ...(options.length > 0 ? ['-S'] : []))
      commits.set(name, shop.git('rev-parse', 'HEAD'))
    }
    const tag = (name: string, ...options: readonly string[]): void =>
      void shop.git(...options, 'tag', ...(options.length > 0 ? ['-s', '-m', name] : []), name)
    commit('unsigned')
    commit('signed', ...shop.ssh(own))
    commit('by-stranger', ...shop.ssh(stranger))
    commit('tagged')
    tag('v1', ...shop.ssh(own))
    commit('light')
    tag('v2')
    commit('tagged-by-stranger')
    tag('v3', ...shop.ssh(stranger))
    commit('altered')
    const id = shop.git('rev-parse', 'refs/tags/v1')
    const copied = Buffer.from(shop.object('tag', id)).toString('latin1').replace(of('tagged'), of('altered'))
    shop.git('update-ref', 'refs/tags/v4', shop.writeObject('tag', Buffer.from(copied.replace('tag v1', 'tag v4'), 'latin1')))
    commit('renamed')
    shop.git(...shop.ssh(own), 'tag', '-s', '-m', 'old', 'v0')
    shop.git('update-ref', 'refs/tags/v5', shop.git('rev-parse', 'refs/tags/v0'))
    shop.git('update-ref', '-d', 'refs/tags/v0')
    commit('gitsign')
    const body = `object ${of('gitsign')}\ntype commit\ntag v6\ntagger R <${AUTHOR}> 1700000000 +0000\n\nrelease\n`
    const cms = '-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n'
    shop.git('update-ref', 'refs/tags/v6', shop.writeObject('tag', Buffer.from(body + cms)))
    server = await serveGit(shop.folder)
    mkdirSync(join(shop.folder, 'scratch'))
    remote = await openGitRemote({ folder: join(shop.folder, 'scratch'), policy: { http: 'loopback' } })
  }, 60_000)
  afterAll(async () => {
    remote?.close()
    await server?.close()
    shop.close()
  })

  const pinned = (name: string, ref?: GitRef, commit = of(name)): Component =>
    component(name, '1.0.0', { source: { kind: 'git', url: `${server.origin}/repository`, ref, commit } })

  async function run(
    components: readonly Component[],
    desk: Desk,
    settings = trust,
    hosts: readonly string[] = [],
  ): Promise<Evidence[]> {
    const input = {
      graph: appWith(components),
      components,
      evidence: [],
      facts: [],
      desk,
      git: async () => remote,
      environment: new Map<string, string>(),
      trust: settings,
      sources: { ...DEFAULT_CONFIG.settings.sources, hosts },
    }
    const found = []
    for (const stage of await trustStages(settings)) found.push(...(await stage(input)))
    return found.flatMap((one) => (one.kind === 'evidence' && one.evidence.check.startsWith('git/') ? [one.evidence] : []))
  }
  const online = (): Desk =>
    openDesk({ offline: false, clock: CLOCK, http: () => Promise.reject(new Error('nothing is asked by HTTP')) })
  const shown = (evidence: readonly Evidence[]): string[] =>
    evidence.map(({ check, verdict, observed, why = '' }) => `${check} ${verdict} ${observed ?? ''}: ${why}`)

  it.each<readonly [string, GitRef | undefined, readonly RegExp[], readonly string[]]>([
    ['signed', undefined, [/^git\/commit-signature match SHA256:\S+: the commit is signed by release@example.org \(SSH\)$/], []],
    [
      'tagged',
      { kind: 'tag', value: 'v1' },
      [
        /^git\/commit-signature not-checkable unsigned: the commit is unsigned$/,
        /^git\/tag-signature match SHA256:\S+: the tag v1 is signed by/,
      ],
      [],
    ],
    ['unsigned', undefined, [/^git\/commit-signature not-checkable unsigned: the commit is unsigned$/], ['trust/tag-unsigned']],
    [
      'light',
      { kind: 'tag', value: 'v2' },
      [
        /commit-signature not-checkable unsigned/,
        /^git\/tag-signature not-checkable unsigned: the tag v2 is a lightweight one, which holds no signature$/,
      ],
      ['trust/tag-unsigned'],
    ],
    [
      'by-stranger',
      undefined,
      [/^git\/commit-signature not-checkable unknown signer: the commit has a signature \(SSH\): it is by the key SHA256:/],
      ['trust/tag-unsigned'],
    ],
    [
      'tagged-by-stranger',
      undefined,
      [/commit-signature not-checkable unsigned/, /^git\/tag-signature not-checkable unknown signer: the tag v3/],
      ['trust/tag-unsigned'],
    ],
    [
      'altered',
      undefined,
      [
        /commit-signature not-checkable unsigned/,
        /^git\/tag-signature mismatch : the tag v4 has a signature \(SSH\): the signature is not over these/,
      ],
      ['trust/git-signature-invalid'],
    ],
    [
      'renamed',
      { kind: 'tag', value: 'v5' },
      [
        /commit-signature not-checkable unsigned/,
        /^git\/tag-signature mismatch : the tag v5 is signed under another name \(v0\)/,
      ],
      ['trust/git-signature-invalid'],
    ],
    [
      'gitsign',
      undefined,
      [
        /commit-signature not-checkable unsigned/,
        /^git\/tag-signature not-checkable not checked: .*\(gitsign\), recognised and not checked: it is CMS/,
      ],
      ['trust/git-signature-unverified'],
    ],
  ])('%s', async (name, ref, expected, findings) => {
    const one = pinned(name, ref)
    const evidence = await run([one], online())
    expect(shown(evidence)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
    for (const { stored, at, expected: pin } of evidence)
      expect([at, stored?.length, pin]).toEqual(['2026-01-01T00:00:00Z', 64, of(name)])
    const graph = appWith([one])
    const said = TRUST_GIT_RULES.filter(({ id }) => hear(TRUST_GIT_RULES, { rule: id, name, graph, evidence }).said.length > 0)
    expect(said.map(({ id }) => id)).toEqual(findings)
  })

  it('a tag that is not followed may have another name: somebody who was named signed this commit', async () => {
    const evidence = await run([pinned('renamed')], online())
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['not-checkable', 'match'])
  })

  it('is told the same by a pack as by the repository', async () => {
    const components = [pinned('tagged', { kind: 'tag', value: 'v1' }), pinned('by-stranger'), pinned('light')]
    const desk = online()
    const told = await run(components, desk)
    const path = join(shop.folder, 'evidence.tar')
    await savePack(path, desk.used())
    const opened = openPack(path)
    if (!opened.ok) throw new Error(opened.problem.why)
    const replay = openDesk({ offline: true, clock: CLOCK, pack: opened.pack })
    expect(await run(components, replay)).toEqual(told)
    opened.pack.close()
  })

  it('asks once for what many packages share, and only where it may', async () => {
    const before = server.requests.length
    const one = pinned('signed')
    const two = { ...one, id: component('two', '2.0.0', { source: one.source }).id }
    const evidence = await run([one, two], online())
    expect(evidence.map(({ verdict }) => verdict)).toEqual(['match', 'match'])
    // One fetch: the refs, and the objects.
    expect(server.requests.length - before).toBeLessThanOrEqual(3)
    const asked = server.requests.length
    const forbidden = await run([one], online(), trust, ['git.example'])
    expect(shown(forbidden)).toEqual([expect.stringMatching(/^git\/commit-signature not-checkable : 127.0.0.1 is not among/)])
    expect(server.requests.length).toBe(asked)
  })

  it('says who does not answer, and what is not there', async () => {
    const offline = openDesk({ offline: true, clock: CLOCK })
    const one = pinned('signed')
    const silent = await run([one], offline)
    expect(shown(silent)).toEqual([expect.stringMatching(/^git\/commit-signature unavailable : the run is offline/)])
    const absent = pinned('signed', undefined, '1'.repeat(40))
    expect(shown(await run([absent], online()))).toEqual([expect.stringMatching(/^git\/commit-signature not-checkable : /)])
    const graph = appWith([one, absent])
    for (const { id } of TRUST_GIT_RULES)
      expect(hear(TRUST_GIT_RULES, { rule: id, name: '', graph, evidence: silent }).said).toEqual([])
  })

  it('asks nothing unless the settings name somebody', async () => {
    const before = server.requests.length
    expect(await run([pinned('signed')], online(), NO_TRUST_SETTINGS)).toEqual([])
    expect(server.requests.length).toBe(before)
    const demanded = { ...NO_TRUST_SETTINGS, require: [{ match: '*', kind: 'signature' } as const] }
    expect(shown(await run([pinned('signed')], online(), demanded))).toEqual([
      expect.stringMatching(/not-checkable not checked: the commit has a signature \(SSH\), recognised and not checked/),
    ])
  })
})
