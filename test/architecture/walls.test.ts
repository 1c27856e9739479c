import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')

interface Lint {
  readonly code: number | null
  /** What the linter says of each file, by path. */
  readonly said: ReadonlyMap<string, string>
}

/** Lints files in a scratch project with the project's own configuration; one run for all. */
function lint(files: ReadonlyMap<string, string>): Lint {
  const folder = mkdtempSync(join(tmpdir(), 'assay-walls-'))
  try {
    const config: { vcs?: unknown } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'))
    delete config.vcs
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(config))
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const { status, stdout } = spawnSync(process.execPath, [BIOME, 'lint', '--reporter=github', '--max-diagnostics=none', '.'], {
      cwd: folder,
      encoding: 'utf8',
    })
    const said = new Map<string, string>()
    for (const line of stdout.split('\n')) {
      const absolute = /file=([^,]+),/.exec(line)?.[1]
      if (absolute === undefined) continue
      const file = relative(realpathSync(folder), absolute).replaceAll('\\', '/')
      said.set(file, `${said.get(file) ?? ''}${line}\n`)
    }
    return { code: status, said }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Design §3, who may import whom: each row is an import that must fail. */
const FORBIDDEN = [
  ['src/model/x.ts', '../policy/gate.js'],
  ['src/model/x.ts', 'node:fs'],
  ['src/syntax/x.ts', '../formats/index.js'],
  ['src/formats/x.ts', '../policy/gate.js'],
  ['src/formats/x.ts', '../evidence/folder-tree.js'],
  ['src/formats/cyclonedx/x.ts', '../../licenses/expression.js'],
  ['src/policy/rules/x.ts', '../../evidence/folder-tree.js'],
  ['src/policy/x.ts', 'node:fs'],
  ['src/ecosystems/cargo/x.ts', '../go/index.js'],
  ['src/ecosystems/cargo/x.ts', '../../policy/gate.js'],
  ['src/trust/x.ts', '../ecosystems/index.js'],
  ['src/trust/x.ts', 'undici'],
  ['src/evidence/x.ts', '../trust/note.js'],
  ['src/audit/x.ts', '../cli/terminal.js'],
  ['src/audit/x.ts', 'node:fs'],
  ['src/cli/x.ts', '../policy/gate.js'],
  ['src/cli/commands/x.ts', '../../formats/index.js'],
] as const

const ALLOWED = [
  ['src/ecosystems/cargo/x.ts', '../../model/component.js'],
  ['src/policy/rules/x.ts', '../../model/rule.js'],
  ['src/audit/x.ts', '../policy/gate.js'],
  ['src/cli/commands/x.ts', '../../audit/read-graph.js'],
  ['src/evidence/x.ts', 'node:fs'],
] as const

const importing = (target: string): string => `import { thing } from '${target}'\n\nexport const x = thing\n`

describe('the walls between the rooms', () => {
  const wrong = new Map<string, string>(
    FORBIDDEN.map(([path, target], i) => [path.replace('x.ts', `x${i}.ts`), importing(target)]),
  )
  wrong.set('src/formats/dynamic.ts', "export const x = () => import('../policy/gate.js')\n")
  for (const name of ['process', 'console', 'Date']) wrong.set(`src/policy/uses-${name}.ts`, `export const x = ${name}\n`)
  const forbidden = lint(wrong)
  const allowed = lint(new Map(ALLOWED.map(([path, target], i) => [path.replace('x.ts', `x${i}.ts`), importing(target)])))

  it('make the lint step fail', () => {
    expect(forbidden.code).not.toBe(0)
  })

  it.each(FORBIDDEN.map(([path, target], i) => [path.replace('x.ts', `x${i}.ts`), target]))('%s must not import %s', (path) => {
    expect(forbidden.said.get(path)).toContain('noRestrictedImports')
  })

  it('count a dynamic import as an import', () => {
    expect(forbidden.said.get('src/formats/dynamic.ts')).toContain('noRestrictedImports')
  })

  it.each(['process', 'console', 'Date'])('%s is not touched by pure rooms', (name) => {
    expect(forbidden.said.get(`src/policy/uses-${name}.ts`)).toContain('noRestrictedGlobals')
  })

  it('let through what design §3 allows', () => {
    expect([...allowed.said.values()].join('')).toBe('')
    expect(allowed.code).toBe(0)
  })
})

describe('the package', () => {
  it('prints the version of package.json', async () => {
    const { VERSION } = await import('../../src/version.js')
    const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ version: VERSION })
  })
})
