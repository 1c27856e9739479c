import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CommitEntry } from '../../../src/evidence/git/commit-files.js'
import type { FetchedCommit } from '../../../src/evidence/git/fetched-commit.js'
import { VerifiedObjects } from '../../../src/evidence/git/objects.js'
import { advertiseRefs, type GitServer, serveGit } from './support/git-server.js'
import { pack, packEntry, repeatingDelta, servePack } from './support/packs.js'
import { Bench, hasGit, listAll, type Repository } from './support/repository.js'

async function entries(commit: FetchedCommit): Promise<readonly CommitEntry[]> {
  const all: CommitEntry[] = []
  for await (const entry of commit.files()) all.push(entry)
  return all
}

/** Processes of git whose arguments hold this. */
function running(text: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'latin1') : ''
      return line.startsWith('git') && line.includes(text)
    } catch {
      return false
    }
  })
}

describe.skipIf(hasGit)('hostile repositories', () => {
  it('need git', (context) => context.skip('git is not there'))
})

describe.skipIf(!hasGit)('hostile repositories', () => {
  const bench = new Bench()
  const touch = `touch '${bench.marker}'`
  const surroundings = { ...process.env }
  let server: GitServer
  let outside: readonly string[] = []
  const elsewhere = (): readonly string[] => listAll(bench.root).filter((path) => !path.includes('/scratch-'))

  beforeAll(async () => {
    server = await serveGit(bench.served)
  })
  beforeEach(() => server.intercept(undefined))
  afterEach(() => {
    process.env = { ...surroundings }
    const ran = existsSync(bench.marker)
    rmSync(bench.marker, { force: true })
    expect(ran).toBe(false)
  })
  afterAll(async () => {
    await server?.close()
    bench.end()
  })

  /** Between the two calls nothing but scratch folders may change. */
  const watch = (): void => {
    outside = elsewhere()
  }
  const unchanged = (): void => expect(elsewhere()).toEqual(outside)

  const URLS = [
    '',
    '-oProxyCommand=touch',
    '--upload-pack=touch',
    '-u',
    `ext::sh -c "${touch}"`,
    `ext::sh%20-c%20touch`,
    'fd::17',
    'file::/etc',
    'git://127.0.0.1/x',
    'ftp://127.0.0.1/x',
    'ssh://-oProxyCommand=touch/x',
    'ssh://user@-oProxyCommand=touch/x',
    'ssh://-x@host/x',
    'ssh://host/-oProxyCommand=touch',
    'ssh://user:hunter22@host/x',
    'git@-oProxyCommand=touch:x',
    '-x@host:path',
    'git@host:-path',
    '/etc',
    '../up',
    './here',
    'C:\\repository',
    'javascript:alert(1)',
    'host:path',
    'http://127.0.0.1/a\n-c',
    ' http://127.0.0.1/a',
    'http://127.0.0.1/a b',
    'http://127.0.0.1/\u0000',
    'http://',
    'https://[::1',
    `https://host/${'x'.repeat(10_000)}`,
    'file:///',
    'file:///etc%00/x',
    'file://host/share',
  ]
  it.each(URLS)('git is not called with the URL %j', async (url) => {
    const remote = await bench.remote({ policy: { file: true, ssh: true, http: 'any' } })
    // Were git called, it would be this.
    const folder = join(bench.scratch(), 'bin')
    mkdirSync(folder)
    writeFileSync(join(folder, 'git'), `#!/bin/sh\n${touch}\n`)
    chmodSync(join(folder, 'git'), 0o755)
    process.env['PATH'] = `${folder}:${process.env['PATH']}`
    const outcome = await remote.refs(url)
    expect(outcome).toMatchObject({ kind: 'unavailable' })
    expect(outcome.kind === 'unavailable' && ['bad-url', 'scheme-not-allowed']).toContain(
      outcome.kind === 'unavailable' ? outcome.failure : '',
    )
    expect(JSON.stringify(outcome)).not.toContain('hunter22')
    expect((await remote.reachable(url, '1'.repeat(40))).kind).toBe('unavailable')
    expect((await remote.fetchCommit(url, '1'.repeat(40))).kind).toBe('unavailable')
  })

  it.each(['1234567', 'HEAD', '-x', `${'1'.repeat(39)}G`, '1'.repeat(41), 'A'.repeat(40), `${'1'.repeat(40)}\n`, ''])(
    'no fetch of %j, which is no full id',
    async (commit) => {
      const remote = await bench.remote()
      expect(await remote.fetchCommit('https://host.invalid/x', commit)).toMatchObject({ failure: 'bad-commit-id' })
      expect(await remote.reachable('https://host.invalid/x', commit)).toMatchObject({ failure: 'bad-commit-id' })
    },
  )

  it('only the protocols of the policy are spoken', async () => {
    bench.repository('plain.git')
    const none = await bench.remote({ policy: { http: 'never' } })
    for (const url of [bench.file('plain.git'), `${server.origin}/plain.git`, 'ssh://git@host/x', 'git@host:x'])
      expect(await none.refs(url)).toMatchObject({ kind: 'unavailable', failure: 'scheme-not-allowed' })
    const some = await bench.remote({ policy: { http: 'any', ssh: true, allowHosts: ['*.example.org'] } })
    for (const url of [`${server.origin}/plain.git`, 'ssh://git@host/x', 'git@host:x', 'https://example.com/x'])
      expect(await some.refs(url)).toMatchObject({ kind: 'unavailable', failure: 'host-not-allowed' })
    expect(server.requests).toEqual([])
  })

  it('ssh is called with a fixed line, and without the configuration of the user', async () => {
    const folder = join(bench.scratch(), 'bin')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'ssh'),
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${folder}/called'\necho 'git@host.example: Permission denied (publickey).' >&2\nexit 255\n`,
    )
    chmodSync(join(folder, 'ssh'), 0o755)
    process.env['PATH'] = `${folder}:${process.env['PATH']}`
    process.env['GIT_SSH_COMMAND'] = touch
    process.env['GIT_SSH'] = 'touch'
    const remote = await bench.remote({ policy: { ssh: true } })
    expect(await remote.refs('git@host.example:group/lib.git')).toMatchObject({
      kind: 'refused',
      url: 'ssh://host.example/group/lib.git',
    })
    const called = readFileSync(join(folder, 'called'), 'utf8').split('\n')
    expect(called.slice(0, 4)).toEqual(['-F', '/dev/null', '-o', 'BatchMode=yes'])
    expect(called).toContain('StrictHostKeyChecking=yes')
    expect(called).toContain('ProxyCommand=none')
    expect(called.slice(-3)).toEqual(['git@host.example', "git-upload-pack 'group/lib.git'", ''])
  })

  it('what the surroundings configure is not read', async () => {
    const commit = bench.repository('calm.git').commit({ a: '1' })
    const home = bench.scratch()
    writeFileSync(
      join(home, '.gitconfig'),
      `[core]\n\tfsmonitor = ${touch}\n\tsshCommand = ${touch}\n[url "ext::${touch}"]\n\tinsteadOf = http\n\tinsteadOf = file\n`,
    )
    writeFileSync(join(home, '.netrc'), 'machine 127.0.0.1 login stray password stray\n')
    Object.assign(process.env, {
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.fsmonitor',
      GIT_CONFIG_VALUE_0: touch,
      GIT_CONFIG_PARAMETERS: `'core.fsmonitor=${touch}'`,
      GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
      GIT_ASKPASS: touch,
      SSH_ASKPASS: touch,
      GIT_PROXY_COMMAND: touch,
      GIT_EXEC_PATH: home,
      GIT_DIR: home,
      GIT_TEMPLATE_DIR: home,
      GIT_ALLOW_PROTOCOL: 'ext',
      GIT_TRACE: join(home, 'trace'),
      http_proxy: 'http://127.0.0.1:1',
      GIT_SSL_NO_VERIFY: '1',
    })
    const remote = await bench.remote()
    watch()
    expect(await remote.fetchCommit(bench.file('calm.git'), commit)).toMatchObject({ kind: 'ok' })
    expect(await remote.refs(`${server.origin}/calm.git`)).not.toMatchObject({ failure: 'connect-failed' })
    expect(server.headers.at(-1)?.authorization).toBeUndefined()
    server.intercept(
      (_request, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end() !== undefined,
    )
    const before = server.headers.length
    expect(await remote.refs(`${server.origin}/calm2.git`)).toMatchObject({ kind: 'refused' })
    expect(server.headers.slice(before).map((headers) => headers.authorization)).toEqual([undefined])
    expect(readdirSync(home).sort()).toEqual(['.gitconfig', '.netrc'])
    unchanged()
  })

  it('a repository around the scratch folder is not looked at', async () => {
    const commit = bench.repository('inner.git').commit({ a: '1' })
    const around = bench.scratch()
    execFileSync('git', ['init', '-q', around], { env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null' } })
    const config = join(around, '.git', 'config')
    writeFileSync(config, `${readFileSync(config, 'utf8')}\tfsmonitor = ${touch}\n[url "ext::${touch} "]\n\tinsteadOf = file\n`)
    const folder = join(around, 'work')
    mkdirSync(folder)
    const remote = await bench.remote({ folder })
    expect(await remote.refs(bench.file('inner.git'))).toMatchObject({ kind: 'ok' })
    expect(await remote.fetchCommit(bench.file('inner.git'), commit)).toMatchObject({ kind: 'ok' })
  })

  it('runs nothing that the served repository configures', async () => {
    const evil = bench.repository('evil.git')
    const commit = evil.commit({
      a: '1',
      '.gitattributes': '* filter=evil diff=evil merge=evil export-subst\n',
      '.gitmodules': `[submodule "s"]\n\tpath = s\n\turl = ext::sh -c "${touch}"\n\tupdate = !${touch}\n`.replace(
        /\tupdate.*\n/,
        '',
      ),
    })
    const child = evil.commit({ a: '2' }, [commit])
    for (const key of [
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'core.editor',
      'core.askPass',
      'core.gitProxy',
      'core.alternateRefsCommand',
      'uploadpack.packObjectsHook',
      'filter.evil.smudge',
      'filter.evil.clean',
      'filter.evil.process',
      'diff.evil.textconv',
      'merge.evil.driver',
      'gpg.program',
      'remote.origin.uploadpack',
      'remote.origin.vcs',
    ])
      evil.git(['config', key, touch])
    evil.git(['config', 'credential.helper', `!${touch}`])
    evil.git(['config', 'alias.upload-pack', `!${touch}`])
    evil.git(['config', 'core.hooksPath', join(evil.folder, 'hooks')])
    mkdirSync(join(evil.folder, 'hooks'))
    for (const hook of [
      'pre-receive',
      'post-checkout',
      'post-update',
      'reference-transaction',
      'pre-auto-gc',
      'fsmonitor-watchman',
      'update',
    ]) {
      writeFileSync(join(evil.folder, 'hooks', hook), `#!/bin/sh\n${touch}\n`)
      chmodSync(join(evil.folder, 'hooks', hook), 0o755)
    }
    watch()
    const remote = await bench.remote()
    const outcome = await remote.fetchCommit(bench.file('evil.git'), commit)
    expect(outcome).toMatchObject({ kind: 'ok' })
    if (outcome.kind !== 'ok') return
    expect(await entries(outcome.fetched)).toHaveLength(3)
    expect(await outcome.fetched.source()).toMatchObject({ ok: true })
    expect(await outcome.fetched.reachableFrom('refs/heads/main')).toMatchObject({ reach: 'reachable' })
    expect(await remote.reachable(bench.file('evil.git'), child)).toMatchObject({ reach: 'reachable' })
    unchanged()
  })

  it('does not let a served repository fetch its missing objects through a program', async () => {
    const evil = bench.repository('promised.git')
    const commit = evil.commit({ a: 'lost' })
    const lost = evil.git(['rev-parse', `${commit}:a`])
    execFileSync('rm', [join(evil.folder, 'objects', lost.slice(0, 2), lost.slice(2))])
    evil.git(['config', 'remote.origin.url', `ext::sh -c "${touch}"`])
    evil.git(['config', 'remote.origin.promisor', 'true'])
    evil.git(['config', 'extensions.partialClone', 'origin'])
    evil.git(['config', 'core.repositoryformatversion', '1'])
    const outcome = await (await bench.remote()).fetchCommit(bench.file('promised.git'), commit)
    expect(outcome.kind).toBe('unavailable')
  })

  it('is not led elsewhere by a file in the place of .git, by alternates or links', async () => {
    const secret = bench.repository('secret.git')
    const hidden = secret.commit({ key: 'secret' })
    const folder = join(bench.served, 'pointed')
    mkdirSync(folder)
    writeFileSync(join(folder, '.git'), 'gitdir: /nowhere/at/all\n')
    const remote = await bench.remote()
    expect((await remote.refs(bench.file('pointed'))).kind).toBe('absent')
    const borrowed = bench.repository('borrowed.git')
    mkdirSync(join(borrowed.folder, 'objects', 'info'), { recursive: true })
    writeFileSync(join(borrowed.folder, 'objects', 'info', 'alternates'), `${join(secret.folder, 'objects')}\n`)
    watch()
    const outcome = await remote.fetchCommit(bench.file('borrowed.git'), hidden)
    // It is the served side that reads its alternates; the scratch folder holds no way to them.
    if (outcome.kind === 'ok')
      expect(existsSync(join(outcome.fetched.fetched.folder, 'objects', 'info', 'alternates'))).toBe(false)
    unchanged()
  })

  describe('refs', () => {
    const id = '1'.repeat(40)
    const bad = [
      'refs/heads/a\u001b[31mred',
      'refs/heads/a\rb',
      'refs/heads/../../x',
      'refs/heads/.hidden',
      'refs/heads/x.lock',
      'refs/heads/x/',
      'refs/heads//x',
      'refs/heads/a~1',
      'refs/heads/a^{commit}',
      'refs/heads/a:b',
      'refs/heads/*',
      'refs/heads/a@{1}',
      'refs/heads/a\\b',
      'refs/heads/a\u007f',
      '-x',
      '--upload-pack=touch',
      'nothing',
    ]
    it('whose names git would not accept are counted and left out', async () => {
      server.intercept(
        advertiseRefs([
          ...bad.map((name) => `${id} ${name}\n`),
          Buffer.concat([Buffer.from(`${id} refs/heads/`), Buffer.from([0xff, 0xfe, 0x0a])]),
          `${id} refs/heads/good\n`,
          `${'2'.repeat(40)} refs/heads/good\n`,
        ]),
      )
      const refs = await (await bench.remote()).refs(`${server.origin}/x.git`)
      expect(refs).toMatchObject({ kind: 'ok', malformed: bad.length + 2 })
      expect(refs.kind === 'ok' && [...refs.branches]).toEqual([['good', id]])
    })

    it('beyond the limit end the question', async () => {
      const many = Array.from({ length: 5000 }, (_, at) => `${id} refs/heads/b${at}\n`)
      server.intercept(advertiseRefs(many))
      const url = `${server.origin}/x.git`
      expect(await (await bench.remote()).refs(url)).toMatchObject({ kind: 'ok' })
      expect(await (await bench.remote({ limits: { refs: 2000 } })).refs(url)).toMatchObject({ failure: 'too-large' })
      expect(await (await bench.remote({ limits: { refsBytes: 100_000 } })).refs(url)).toMatchObject({ failure: 'too-large' })
    })

    it('without end are stopped by the bound on memory or time', async () => {
      server.intercept((request, response) => {
        if (request.method === 'GET') return advertiseRefs([])(request, response)
        request.resume()
        response.setHeader('content-type', 'application/x-git-upload-pack-result')
        const line = Buffer.from(`0100${id} refs/heads/`.padEnd(255, 'x').concat('\n'))
        const lines = Buffer.concat(Array.from({ length: 1000 }, () => line))
        const more = (): void => {
          while (!response.destroyed && response.write(lines));
          if (!response.destroyed) response.once('drain', more)
        }
        more()
        return true
      })
      const remote = await bench.remote({ limits: { memoryBytes: 400 * 1024 * 1024 }, timeouts: { refsMs: 8000 } })
      const outcome = await remote.refs(`${server.origin}/x.git`)
      expect(outcome.kind === 'unavailable' && ['too-large', 'timeout-total', 'git-crashed']).toContain(
        outcome.kind === 'unavailable' ? outcome.failure : '',
      )
    })

    it('with names for a shell or for options are only names', async () => {
      const odd = bench.repository('odd.git')
      const base = odd.commit({ a: '1' })
      const tip = odd.commit({ a: '2' }, [base])
      const names = [
        `$(touch\${IFS}'${bench.marker.replaceAll('/', '_')}')`,
        '--upload-pack=touch',
        '-x',
        ';touch',
        '`touch`',
        "'quote",
        base,
        'refs/heads/main',
      ]
      for (const name of names) odd.git(['update-ref', `refs/heads/${name}`, tip])
      for (const name of ['--upload-pack=touch', base]) odd.git(['update-ref', `refs/tags/${name}`, tip])
      const remote = await bench.remote()
      watch()
      const outcome = await remote.fetchCommit(bench.file('odd.git'), base)
      expect(outcome).toMatchObject({ kind: 'ok' })
      expect(
        outcome.kind === 'ok' &&
          (await entries(outcome.fetched)).map((entry) => entry.kind === 'file' && Buffer.from(entry.bytes).toString()),
      ).toEqual(['1'])
      for (const name of names)
        expect(await remote.reachable(bench.file('odd.git'), base, `refs/heads/${name}`)).toMatchObject({
          reach: 'reachable',
          tip: false,
        })
      expect(await remote.reachable(bench.file('odd.git'), base)).toMatchObject({ reach: 'reachable', tip: false })
      unchanged()
    })
  })

  describe('size', () => {
    it('a pack beyond the limit is stopped and removed', async () => {
      const noise = Buffer.alloc(8 * 1024 * 1024)
      let state = 1
      for (let at = 0; at < noise.length; at += 1) noise[at] = (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16
      const commit = bench.repository('large.git').commit({ a: noise })
      const folder = bench.scratch()
      const small = await bench.remote({ folder, limits: { repositoryBytes: 1024 * 1024 } })
      expect(await small.fetchCommit(bench.file('large.git'), commit)).toMatchObject({
        kind: 'unavailable',
        failure: 'too-large',
      })
      expect(readdirSync(folder).filter((name) => name.endsWith('.git'))).toEqual([])
      expect(await (await bench.remote()).fetchCommit(bench.file('large.git'), commit)).toMatchObject({ kind: 'ok' })
    })

    it('a file that unpacks to much more is not held in memory', async () => {
      const bomb = bench.repository('bomb.git')
      const blob = bomb.rawObject('blob', Buffer.alloc(150 * 1024 * 1024))
      const commit = bomb.commitTree(bomb.rawTree([['100644', blob, 'zeros']]))
      const remote = await bench.remote({ limits: { blobBytes: 1024 * 1024, memoryBytes: 1024 * 1024 * 1024 } })
      const outcome = await remote.fetchCommit(bench.file('bomb.git'), commit)
      expect(outcome).toMatchObject({ kind: 'ok' })
      expect(outcome.kind === 'ok' && (await entries(outcome.fetched))).toMatchObject([
        { kind: 'unreadable', path: 'zeros', failure: 'too-large' },
      ])
    })

    it('a commit of 100 MB is refused', async () => {
      const repository = bench.repository('talk.git')
      const tree = repository.tree({ a: '1' })
      const head = `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n`
      const commit = repository.rawObject('commit', Buffer.concat([Buffer.from(head), Buffer.alloc(100 * 1024 * 1024, 'x')]))
      const remote = await bench.remote({ limits: { blobBytes: 1024 } })
      expect(await remote.fetchCommit(bench.file('talk.git'), commit)).toMatchObject({
        kind: 'unavailable',
        failure: 'too-large',
      })
    })

    it('a delta of some kilobytes does not become gigabytes', async () => {
      const base = packEntry({ type: 'blob', content: Buffer.alloc(1024 * 1024) })
      const delta = packEntry({ type: 'offsetDelta', content: repeatingDelta(1024 * 1024, 1024 * 1024, 3000), back: base.length })
      const commit = packEntry({ type: 'blob', content: Buffer.from('x') })
      server.intercept(servePack(pack([base, delta, commit])))
      const outcome = await (await bench.remote()).fetchCommit(`${server.origin}/x.git`, '1'.repeat(40))
      expect(outcome).toMatchObject({ kind: 'unavailable', failure: 'too-large' })
    })

    it('a list of refs that unpacks to a thousand times its size', async () => {
      const packed = gzipSync(Buffer.alloc(300 * 1024 * 1024, '0'))
      server.intercept((_request, response) => {
        response
          .writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement', 'content-encoding': 'gzip' })
          .end(packed)
        return true
      })
      expect(await (await bench.remote()).refs(`${server.origin}/x.git`)).toMatchObject({ failure: 'too-large' })
    })

    it('folders that hold each other ten times over, ten deep, are counted to the limit', async () => {
      const bomb = bench.repository('folders.git')
      let tree = bomb.tree({ leaf: 'x' })
      for (let level = 0; level < 10; level += 1)
        tree = bomb.rawTree(Array.from({ length: 10 }, (_, at) => ['40000', tree, `d${at}`] as const))
      const commit = bomb.commitTree(tree)
      const outcome = await (await bench.remote({ limits: { entries: 5000 } })).fetchCommit(bench.file('folders.git'), commit)
      expect(outcome).toMatchObject({ kind: 'ok' })
      if (outcome.kind !== 'ok') return
      const all = await entries(outcome.fetched)
      expect(all.at(-1)).toMatchObject({ kind: 'unreadable', failure: 'too-many' })
      expect(all.length).toBeLessThanOrEqual(5001)
      expect(await outcome.fetched.source()).toMatchObject({ ok: false })
    })

    it('depth, length of paths and bytes of all files are bounded', async () => {
      const deep = bench.repository('deep.git')
      let tree = deep.tree({ leaf: 'x' })
      for (let level = 0; level < 200; level += 1) tree = deep.rawTree([['40000', tree, 'd'.repeat(50)]])
      const remote = await bench.remote({ limits: { commitBytes: 15 } })
      const outcome = await remote.fetchCommit(bench.file('deep.git'), deep.commitTree(tree))
      expect(outcome.kind === 'ok' && (await entries(outcome.fetched))).toMatchObject([{ kind: 'unreadable' }])
      const three = deep.commit({ a: '0123456789', b: '0123456789', c: '012' })
      const sum = await remote.fetchCommit(bench.file('deep.git'), three)
      expect(sum.kind === 'ok' && (await entries(sum.fetched)).map((entry) => entry.kind)).toEqual(['file', 'unreadable', 'file'])
    })
  })

  describe('objects', () => {
    const BAD: readonly (readonly [string, (repository: Repository) => string])[] = [
      ['a file .git', (r) => r.rawTree([['100644', r.blob('x'), '.git']])],
      ['a folder .GIT', (r) => r.rawTree([['40000', r.tree({ a: '' }), '.GIT']])],
      ['a file ..', (r) => r.rawTree([['100644', r.blob('x'), '..']])],
      ['a folder .', (r) => r.rawTree([['40000', r.tree({ a: '' }), '.']])],
      ['a path in a name', (r) => r.rawTree([['100644', r.blob('x'), '../../out']])],
      [
        'a name twice',
        (r) =>
          r.rawTree([
            ['100644', r.blob('x'), 'a'],
            ['100644', r.blob('y'), 'a'],
          ]),
      ],
      [
        'a file and a folder of one name',
        (r) =>
          r.rawTree([
            ['100644', r.blob('x'), 'a'],
            ['100644', r.blob('y'), 'a.b'],
            ['40000', r.tree({ a: '' }), 'a'],
          ]),
      ],
      [
        'names out of order',
        (r) =>
          r.rawTree([
            ['100644', r.blob('x'), 'b'],
            ['100644', r.blob('y'), 'a'],
          ]),
      ],
      ['a .git that only some file systems see', (r) => r.rawTree([['40000', r.tree({ a: '' }), 'git~1']])],
      ['.git with an invisible character', (r) => r.rawTree([['40000', r.tree({ a: '' }), '.g\u200cit']])],
      [
        'a submodule whose URL is an option',
        (r) => r.tree({ '.gitmodules': '[submodule "s"]\n\tpath = s\n\turl = -u./payload\n' }),
      ],
      [
        'a submodule whose name climbs',
        (r) => r.tree({ '.gitmodules': '[submodule "../../x"]\n\tpath = s\n\turl = https://e.org/\n' }),
      ],
      [
        'a submodule that updates by a command',
        (r) => r.tree({ '.gitmodules': '[submodule "s"]\n\tpath = s\n\turl = https://e.org/\n\tupdate = !touch\n' }),
      ],
      ['a link in the place of .gitmodules', (r) => r.rawTree([['120000', r.blob('.git/config'), '.gitmodules']])],
    ]
    it.each(BAD)('%s', async (name, tree) => {
      const repository = bench.repository(`bad-${name.replaceAll(/\W/g, '-')}.git`)
      const commit = repository.commitTree(tree(repository))
      const outcome = await (await bench.remote()).fetchCommit(bench.file(`bad-${name.replaceAll(/\W/g, '-')}.git`), commit)
      expect(outcome).toMatchObject({ kind: 'unavailable', failure: 'malformed-objects' })
      expect(outcome.kind === 'unavailable' && outcome.why).toMatch(/\([A-Za-z0-9]+\)$/)
    })

    it.each([
      ['a time zone out of range', 'author A <a@b> 1 +51800\ncommitter A <a@b> 1 +0000\n', '100644'],
      ['no space before the address', 'author A<a@b> 1 +0000\ncommitter A<a@b> 1 +0000\n', '100644'],
      ['modes with a leading zero', 'author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n', '0100644'],
    ])('%s, as old tools wrote it, is no reason to refuse', async (name, people, mode) => {
      const repository = bench.repository(`old-${name.replaceAll(' ', '-')}.git`)
      const tree = repository.rawTree(
        mode.length === 7 ? [['040000', repository.tree({ a: '' }), 'd']] : [['100644', repository.blob('x'), 'a']],
      )
      const commit = repository.rawObject('commit', Buffer.from(`tree ${tree}\n${people}\nold\n`))
      const outcome = await (await bench.remote()).fetchCommit(bench.file(`old-${name.replaceAll(' ', '-')}.git`), commit)
      expect(outcome).toMatchObject({ kind: 'ok', fetched: { committedAt: 1 } })
      expect(outcome.kind === 'ok' && (await entries(outcome.fetched))).toMatchObject([{ kind: 'file' }])
    })

    it('a repository in which the other side finds damage', async () => {
      const repository = bench.repository('damaged.git')
      const commit = repository.commitTree(repository.rawTree([['100644', repository.blob('x'), '']]))
      const outcome = await (await bench.remote()).fetchCommit(bench.file('damaged.git'), commit)
      expect(outcome).toMatchObject({ kind: 'unavailable', failure: 'remote-damaged' })
    })

    it('a pack with another commit than the one asked for', async () => {
      const other = bench.repository('other.git')
      const tree = other.rawTree([])
      const commit = other.commitTree(tree)
      const content = other.git(['cat-file', 'commit', commit])
      server.intercept(
        servePack(
          pack([
            packEntry({ type: 'tree', content: Buffer.alloc(0) }),
            packEntry({ type: 'commit', content: Buffer.from(`${content}\n`) }),
          ]),
        ),
      )
      const remote = await bench.remote()
      expect(await remote.fetchCommit(`${server.origin}/x.git`, commit)).toMatchObject({ kind: 'ok' })
      const outcome = await remote.fetchCommit(`${server.origin}/x.git`, '1'.repeat(40))
      expect(outcome).toMatchObject({ kind: 'unavailable', failure: 'incomplete-pack' })
    })

    it('bytes that do not have their id', async () => {
      const repository = bench.repository('wrong.git')
      const commit = repository.commit({ a: 'right' })
      const id = repository.git(['rev-parse', `${commit}:a`])
      const wrong = repository.blob('wrong')
      const path = (of: string): string => join(repository.folder, 'objects', of.slice(0, 2), of.slice(2))
      chmodSync(path(id), 0o644)
      writeFileSync(path(id), readFileSync(path(wrong)))
      // The other side sends those bytes under the id they really have; the file that was named is missing.
      const outcome = await (await bench.remote()).fetchCommit(bench.file('wrong.git'), commit)
      expect(outcome.kind === 'ok' && (await entries(outcome.fetched))).toMatchObject([
        { kind: 'unreadable', path: 'a', failure: 'absent' },
      ])
      const objects = new VerifiedObjects(repository.folder, { PATH: process.env['PATH'] }, 'sha1', 60_000)
      expect(await objects.read(id, 1000)).toMatchObject({ ok: false, failure: 'hash-mismatch' })
      expect(await objects.read(wrong, 1000)).toMatchObject({ ok: true, type: 'blob' })
      expect(await objects.read(wrong, 4)).toMatchObject({ ok: false, failure: 'too-large' })
      expect(await objects.read('2'.repeat(40), 1000)).toMatchObject({ ok: false, failure: 'absent' })
      expect(await objects.read(wrong, 5)).toMatchObject({ ok: true })
      objects.close()
      expect(await objects.read(wrong, 5)).toMatchObject({ ok: false, failure: 'unreadable' })
    })
  })

  it.runIf(process.platform === 'linux')('leaves no process behind', async () => {
    server.intercept((request) => request.method === 'GET')
    const remote = await bench.remote({ timeouts: { refsMs: 500 } })
    expect(await remote.refs(`${server.origin}/x.git`)).toMatchObject({ failure: 'timeout-total' })
    expect(running(`${server.origin}/x.git`)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('a program that ends in the middle takes git with it', async () => {
    const folder = bench.scratch()
    const { rolldown } = await import('rolldown')
    const bundle = await rolldown({ input: 'src/evidence/git/run-git.ts', platform: 'node' })
    await bundle.write({ file: join(folder, 'run-git.mjs') })
    const silent = await serveGit(bench.served)
    silent.intercept(() => true)
    const url = `${silent.origin}/y.git`
    const program = `
      import { runGit } from ${JSON.stringify(join(folder, 'run-git.mjs'))}
      runGit({ args: ['ls-remote', ${JSON.stringify(url)}], environment: { PATH: process.env.PATH, HOME: ${JSON.stringify(folder)} },
        cwd: ${JSON.stringify(folder)}, timeoutMs: 60000, stdoutLimit: 1000, memoryBytes: 2 ** 32 })
      setTimeout(() => process.exit(3), 1500)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await vi.waitFor(() => expect(running(url)).not.toEqual([]), { timeout: 10_000, interval: 50 })
    expect(await ended).toBe(3)
    await vi.waitFor(() => expect(running(url)).toEqual([]), { timeout: 2000 })
    await silent.close()
  })

  it('sends no cookie back', async () => {
    server.intercept((request, response) => {
      response.setHeader('set-cookie', 'track=1; Path=/')
      return advertiseRefs([`${'1'.repeat(40)} refs/heads/main\n`])(request, response)
    })
    const before = server.headers.length
    expect(await (await bench.remote()).refs(`${server.origin}/x.git`)).toMatchObject({ kind: 'ok' })
    const sent = server.headers.slice(before)
    expect(sent).toHaveLength(2)
    expect(sent.map((headers) => headers.cookie)).toEqual([undefined, undefined])
    expect(sent.map((headers) => headers['user-agent'])).toEqual([
      expect.stringMatching(/^git\/assay-/),
      expect.stringMatching(/^git\/assay-/),
    ])
  })

  it('names a git that is not there', async () => {
    const remote = await bench.remote()
    process.env['PATH'] = bench.scratch()
    expect(await remote.refs(bench.file('plain.git'))).toMatchObject({ kind: 'unavailable', failure: 'git-not-found' })
    expect(await remote.fetchCommit(bench.file('plain.git'), '1'.repeat(40))).toMatchObject({ failure: 'git-not-found' })
  })
})
