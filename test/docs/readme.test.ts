import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assay, PROJECT, withScratch } from '../support/assay.js'

const README = readFileSync(join(PROJECT, 'README.md'), 'utf8')
const SIGNATURES = readFileSync(join(PROJECT, 'docs', 'signatures.md'), 'utf8')

function blocks(language: string): string[] {
  return [...`${README}\n${SIGNATURES}`.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1] ?? '',
  )
}

const commands = blocks('sh')
  .flatMap((block) => block.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, ''))
  .filter((line) => line !== '')

describe('the README', () => {
  it.each(commands)('%s', (line) =>
    withScratch(async (folder) => {
      cpSync(join(PROJECT, 'examples'), join(folder, 'examples'), { recursive: true })
      const [program, ...args] = line.split(' ')
      expect(program).toBe('assay')
      const ran = await assay(args, { cwd: folder })
      expect(ran.stderr).not.toMatch(/error:|internal error/)
      expect([0, 1]).toContain(ran.code)
      expect(ran.stdout.length + (line.includes(' -o ') ? 1 : 0)).toBeGreaterThan(0)
    }),
  )

  it('shows commands', () => expect(commands.length).toBeGreaterThan(5))

  it('shows a configuration that holds', () =>
    withScratch(async (folder) => {
      cpSync(join(PROJECT, 'examples', 'cargo'), folder, { recursive: true })
      for (const block of blocks('toml')) {
        writeFileSync(join(folder, 'assay.toml'), block)
        const ran = await assay(['audit', folder, '--as-of', '2026-11-01'])
        // Whether the gate passes is the example's own business; a wrong configuration ends with 2.
        expect(ran.stderr).toBe('')
        expect([0, 1]).toContain(ran.code)
      }
    }))

  it('names every command there is, and none else', async () => {
    const { stdout } = await assay(['--help'])
    const real = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[| <| {2,})/gm)]
      .map((match) => match[1])
      .filter((name) => name !== 'help' && name !== 'assay')
    const named = [...README.matchAll(/^\| `assay ([a-z]+)/gm)].map((match) => match[1])
    expect(named.sort()).toEqual(real.sort())
  })

  it.each([
    ['README.md', README],
    ['docs/signatures.md', SIGNATURES],
  ])('%s links to files that are there', (page, text) => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '')
    expect(links.length).toBeGreaterThan(1)
    expect(links.filter((link) => !existsSync(join(PROJECT, page, '..', link)))).toEqual([])
  })

  it('its two commands are scripts of the package', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']))
  })
})

describe('what is written by the program', () => {
  it('docs/rules.md and the sample reports are what it writes today', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, 'scripts', 'write-docs.mjs'), '--check'], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
})
