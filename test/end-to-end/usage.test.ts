import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Ran } from '../support/assay.js'
import { assay, copyExample, withScratch } from '../support/assay.js'

/** No mistake of a user may show a stack trace. */
function expectPlain({ stderr, stdout }: Ran): void {
  expect(stderr).not.toMatch(/\n\s+at .*:\d+|assay: internal error/)
  expect(stdout).not.toMatch(/\n\s+at .*\.cjs/)
}

describe('mistakes on the command line', () => {
  it.each([
    [['audti'], 2, 'Did you mean audit?'],
    [['audit', '--formt', 'json'], 2, 'Did you mean --format?'],
    [['audit', '--format', 'yaml'], 2, 'Allowed choices are text, json, sarif'],
    [['sbom', '--format', 'cyclonedx-9.9-json'], 2, 'cyclonedx-1.6-json'],
    [['sbom', '-o', 'bom.json'], 2, 'format=file'],
    [['sbom', '--timestamp', 'yesterday'], 2, '2026-01-02T03:04:05Z'],
    [['audit', '--as-of', '2026-02-30'], 2, '2026-01-02'],
    [['audit', '--rule', 'integrity/unpined=error'], 2, 'integrity/unpinned'],
    [['audit', '--rule', 'integrity/unpinned=fatal'], 2, 'error'],
    [['audit', '--profile', 'harsh'], 2, 'relaxed'],
    [['audit', '--config', 'nowhere.toml'], 2, 'nowhere.toml'],
    [['audit', 'no/such/folder'], 4, 'no/such/folder does not exist'],
    [['audit', 'git:.#no-such-branch'], 4, 'no-such-branch'],
    [['explain'], 2, 'what'],
    [['explain', 'no-such-component', 'examples/clean'], 2, 'no-such-component'],
    [['waive', 'abcdef12', 'examples/clean'], 2, '--owner'],
    [[], 2, 'Usage: assay'],
  ] as const)('assay %j ends with %i and says %j', async (args, code, said) => {
    const ran = await assay(args)
    expect(ran.stderr).toContain(said)
    expect(ran.code).toBe(code)
    expect(ran.stdout).toBe('')
    expectPlain(ran)
  })

  it.each(['audit', 'sbom', 'graph', 'explain', 'init', 'waive', 'baseline'])(
    'assay %s --help shows an example',
    async (command) => {
      const ran = await assay([command, '--help'])
      expect(ran.code).toBe(0)
      expect(ran.stdout).toMatch(new RegExp(`Examples?:\\n  assay ${command}`))
    },
  )

  it('refuses SOURCE_DATE_EPOCH that is no number', async () => {
    const ran = await assay(['sbom', 'examples/clean'], { env: { SOURCE_DATE_EPOCH: '12h' } })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain('SOURCE_DATE_EPOCH')
  })
})

describe('mistakes in the configuration', () => {
  it.each([
    ['version = 1\nprofle = "strict"\n', 'assay.toml:2:1', ''],
    ['version = 1\n[rules]\n"integrity/unpined" = "error"\n', 'assay.toml:3:1', 'integrity/unpinned'],
    ['version = 1\n[discover]\nexcludes = []\n', 'assay.toml:3:1', 'exclude'],
    ['version = 1\n[discover]\nexclude = "a"\n', 'assay.toml:3', ''],
    ['version = \n', 'assay.toml:1', ''],
    ['version = 99\n', 'assay.toml:1', ''],
    ['version = 1\n[[waiver]]\nid = "x"\n', 'assay.toml:2', ''],
  ])('%j is refused at %s', (text, where, hint) =>
    withScratch(async (folder) => {
      const project = copyExample('clean', folder)
      writeFileSync(join(project, 'assay.toml'), text)
      const ran = await assay(['audit', '.'], { cwd: project })
      expect(ran).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr).toContain(where)
      expect(ran.stderr).toContain(hint)
      expectPlain(ran)
    }),
  )
})

describe('inputs', () => {
  it('says that nothing was found, with exit code 4', () =>
    withScratch(async (folder) => {
      for (const command of ['audit', 'sbom', 'graph', 'baseline']) {
        const ran = await assay([command, folder], { cwd: folder })
        expect(ran.code).toBe(4)
        expect(`${ran.stdout}${ran.stderr}`).toMatch(/nothing to audit|no supported lockfile/)
        expectPlain(ran)
      }
      expect(readdirSync(folder)).toEqual([])
    }))

  it('reads one lockfile that is named', async () => {
    const { code, stdout } = await assay(['graph', 'examples/polyglot/gateway/Cargo.lock', '--json'])
    const graph = JSON.parse(stdout) as { projects: readonly { ecosystem: string; folder: string }[] }
    expect(graph.projects.map(({ ecosystem, folder }) => `${ecosystem} ${folder}`)).toEqual(['cargo .'])
    expect(code).toBe(0)
  })

  it('reads a commit without a checkout', () =>
    withScratch(async (folder) => {
      const { execFileSync } = await import('node:child_process')
      const project = copyExample('clean', folder)
      const git = (...args: string[]): void => {
        execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-C', project, ...args], { stdio: 'pipe' })
      }
      git('init', '-q')
      git('add', '.')
      git('commit', '-q', '-m', 'one')
      git('tag', 'v1')
      const { stdout: before } = await assay(['graph', project, '--json'])
      writeFileSync(join(project, 'Cargo.lock'), 'broken')
      const ran = await assay(['graph', `git:${project}#v1`, '--json'])
      expect(ran.code).toBe(0)
      expect(ran.stdout).toBe(before)
      expect((await assay(['graph', project])).code).toBe(4)
    }))

  it('never makes a shorter SBOM with exit code 0', () =>
    withScratch(async (folder) => {
      const project = copyExample('polyglot', folder)
      writeFileSync(join(project, 'tools', 'Cargo.lock'), 'version = 4\n[[package]]\nname = \n')
      const sbom = await assay(['sbom', project])
      expect(sbom.code).toBe(4)
      expect(sbom.stderr).toContain('tools/Cargo.lock:3')
      expect(JSON.parse(sbom.stdout)).toBeTypeOf('object')
      const audit = await assay(['audit', project, '--json'])
      expect(audit.code).toBe(4)
      const report = JSON.parse(audit.stdout) as { findings: readonly { rule: string; location?: { file: string } }[] }
      const rules = report.findings.map((finding) => `${finding.rule} ${finding.location?.file ?? ''}`)
      expect(rules).toContain('input/lock-unparseable tools/Cargo.lock')
      // The other projects are still judged.
      expect(rules).toContain('integrity/checksum-missing gateway/Cargo.lock')
    }))

  it('says so when a file may not be read', () =>
    withScratch(async (folder) => {
      const project = copyExample('clean', folder)
      const lock = join(project, 'Cargo.lock')
      chmodSync(lock, 0o000)
      let readable = true
      try {
        readFileSync(lock)
      } catch {
        readable = false
      }
      // Root reads everything: there the file is made a link to nothing, which no one can read.
      if (readable) {
        const { rmSync } = await import('node:fs')
        rmSync(lock)
        symlinkSync('nowhere', lock)
      }
      const ran = await assay(['audit', project])
      expect(ran.code).not.toBe(0)
      expect(`${ran.stdout}${ran.stderr}`).toContain('Cargo.lock')
      expectPlain(ran)
    }))
})

describe('outputs', () => {
  it('writes several documents in one run, whole', () =>
    withScratch(async (folder) => {
      const ran = await assay([
        'sbom',
        'examples/clean',
        '-o',
        `cyclonedx-1.6-json=${folder}/a/bom.json`,
        '-o',
        `spdx-2.3-json=${folder}/b.json`,
      ])
      expect(ran).toMatchObject({ code: 0, stdout: '' })
      expect(JSON.parse(readFileSync(join(folder, 'a', 'bom.json'), 'utf8'))).toMatchObject({ bomFormat: 'CycloneDX' })
      expect(JSON.parse(readFileSync(join(folder, 'b.json'), 'utf8'))).toMatchObject({ spdxVersion: 'SPDX-2.3' })
      expect(readdirSync(folder).sort()).toEqual(['a', 'b.json'])
    }))

  it('leaves nothing behind when one of the outputs cannot be written', () =>
    withScratch(async (folder) => {
      mkdirSync(join(folder, 'taken'))
      const ran = await assay([
        'sbom',
        'examples/clean',
        '-o',
        `cyclonedx-1.6-json=${folder}/ok.json`,
        '-o',
        `spdx-2.3-json=${folder}/taken`,
      ])
      expect(ran.code).toBe(2)
      expect(ran.stderr).toContain('taken')
      expectPlain(ran)
      expect(existsSync(join(folder, 'ok.json'))).toBe(false)
      expect(readdirSync(folder)).toEqual(['taken'])
    }))

  it('reports to stdout and files at once', () =>
    withScratch(async (folder) => {
      const ran = await assay([
        'audit',
        'examples/polyglot',
        '-o',
        `sarif=${folder}/r.sarif`,
        '-o',
        `json=${folder}/r.json`,
        '-o',
        `text=${folder}/r.txt`,
      ])
      expect(ran.code).toBe(1)
      expect(readFileSync(join(folder, 'r.txt'), 'utf8')).toContain('Gate failed')
      expect(JSON.parse(readFileSync(join(folder, 'r.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' })
      const quiet = await assay(['audit', 'examples/polyglot', '-q'])
      expect(quiet).toMatchObject({ code: 1, stdout: '', stderr: '' })
    }))

  it('colours only when asked', async () => {
    const escapeCode = String.fromCharCode(27)
    expect((await assay(['audit', 'examples/polyglot'])).stdout).not.toContain(escapeCode)
    expect((await assay(['audit', 'examples/polyglot', '--color', 'always'])).stdout).toContain(`${escapeCode}[`)
    expect((await assay(['audit', 'examples/polyglot', '--color', 'always', '--json'])).stdout).not.toContain(escapeCode)
  })
})

describe('configuration commands', () => {
  it('init writes a configuration that audit accepts, and never over one that is there', () =>
    withScratch(async (folder) => {
      const project = copyExample('clean', folder)
      expect((await assay(['init', project])).code).toBe(0)
      const text = readFileSync(join(project, 'assay.toml'), 'utf8')
      expect((await assay(['audit', project])).code).toBe(0)
      const again = await assay(['init', project])
      expect(again.code).toBe(2)
      expect(again.stderr).toContain('assay.toml')
      expect(readFileSync(join(project, 'assay.toml'), 'utf8')).toBe(text)
    }))

  it('waive adds a waiver that holds, keeps what stands in the file, and lasts as long as it says', () =>
    withScratch(async (folder) => {
      const project = copyExample('polyglot', folder)
      const before = readFileSync(join(project, 'assay.toml'), 'utf8')
      const report = async (day: string): Promise<readonly { fingerprint: string; rule: string; status: string }[]> =>
        (JSON.parse((await assay(['audit', project, '--json', '--as-of', day])).stdout) as { findings: [] }).findings
      const finding = (await report('2026-03-01')).find(({ rule }) => rule === 'source/mirror-undeclared')
      const ran = await assay([
        'waive',
        finding?.fingerprint.slice(0, 8) ?? '',
        project,
        '--owner',
        'a@example.org',
        '--reason',
        'the depot moves to https in spring',
        '--days',
        '30',
        '--as-of',
        '2026-03-01',
      ])
      expect(ran).toMatchObject({ code: 0 })
      expect(readFileSync(join(project, 'assay.toml'), 'utf8').startsWith(before.trimEnd())).toBe(true)
      const status = async (day: string): Promise<string | undefined> =>
        (await report(day)).find(({ fingerprint }) => fingerprint === finding?.fingerprint)?.status
      expect(await status('2026-03-31')).toBe('waived')
      expect(await status('2026-04-01')).toBe('open')
    }))

  it('baseline makes what is there inherited, and only that', () =>
    withScratch(async (folder) => {
      const project = copyExample('polyglot', folder)
      const file = join(folder, 'baseline.json')
      expect((await assay(['baseline', project, '-o', file])).code).toBe(0)
      const first = await assay(['audit', project, '--baseline', file, '--json'])
      const open = (JSON.parse(first.stdout) as { findings: readonly { status: string; rule: string }[] }).findings
      expect(new Set(open.filter(({ status }) => status === 'open').map(({ rule }) => rule))).toEqual(
        new Set(['policy/waiver-expired']),
      )
      expect(open.filter(({ status }) => status === 'inherited').length).toBeGreaterThan(5)
    }))

  it('a baseline only shrinks, unless new findings are accepted by name', () =>
    withScratch(async (folder) => {
      const project = copyExample('polyglot', folder)
      const file = join(folder, 'baseline.json')
      const held = (): number => (JSON.parse(readFileSync(file, 'utf8')) as { findings: readonly unknown[] }).findings.length
      await assay(['baseline', project, '-o', file])
      const first = held()
      writeFileSync(join(project, 'tools', 'Cargo.lock'), 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n')
      writeFileSync(join(project, 'new.nimble'), 'version = "0.1.0"\nrequires "x#head"\n')
      const again = await assay(['baseline', project, '-o', file])
      expect(again.stderr).toContain('--accept-new')
      expect(held()).toBeLessThan(first)
      const shrunk = held()
      expect((await assay(['baseline', project, '-o', file, '--accept-new'])).code).toBe(0)
      expect(held()).toBeGreaterThan(shrunk)
      writeFileSync(file, '{}')
      expect((await assay(['baseline', project, '-o', file])).code).toBe(2)
      expect(readFileSync(file, 'utf8')).toBe('{}')
    }))
})
