import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Ran } from '../support/assay.js'
import { assay, copyExample, withScratch } from '../support/assay.js'

const SERDE = '7253ab4de971e72fb7be983802300c30b5a7f0c2e56fab8abfc6a214307c0094'
const CONFIG =
  'version = 1\nextends = ["assay:strict"]\n[trust]\nreviews = ["supply-chain/audits.toml", "supply-chain/imports.lock"]\n'
const entry = (rest: string): string => `[[audits.serde]]\nwho = "Ada <ada@example.org>"\ncriteria = "safe-to-deploy"\n${rest}\n`

/** Runs a command on the clean example, with the files given. */
function run(files: Readonly<Record<string, string>>, args: readonly string[] = ['audit', '.']): Promise<Ran> {
  return withScratch(async (scratch) => {
    const folder = copyExample('clean', scratch)
    rmSync(join(folder, 'release'), { recursive: true, force: true })
    mkdirSync(join(folder, 'supply-chain'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    return await assay(args, { cwd: folder })
  })
}

/** The files as cargo-vet lays them out. */
function vetted(audits: string, imports = ''): Readonly<Record<string, string>> {
  return {
    'assay.toml': CONFIG,
    'supply-chain/audits.toml': `# cargo-vet audits file\n\n${audits}`,
    'supply-chain/imports.lock': `# cargo-vet imports lock\n\n${imports}`,
  }
}

describe('reviews', () => {
  it('nobody is asked for them under the strictest profile', async () => {
    expect(await run({ 'assay.toml': 'version = 1\nextends = ["assay:strict"]\n' })).toMatchObject({ code: 0 })
  })

  it('of cargo-vet end with 0 where they lead to what is used, and with 1 where they do not', async () => {
    const chain = [entry('version = "1.0.200"'), entry('delta = "1.0.200 -> 1.0.203"')]
    expect(await run(vetted(chain.join('')))).toMatchObject({ code: 0 })
    const short = await run(vetted(chain[0] ?? ''))
    expect(short.code).toBe(1)
    expect(short.stdout).toContain('serde@1.0.203 lacks safe-to-deploy; the nearest reviewed version is 1.0.200')
    expect(short.stdout.replaceAll(/\s+/g, ' ')).toContain(
      '[[audits.serde]] who = "…", criteria = "safe-to-deploy", delta = "1.0.200 -> 1.0.203"',
    )
    expect((await run(vetted(chain[0] ?? ''), ['audit', '.', '--profile', 'recommended'])).code).toBe(0)
  })

  it('of others count as they are imported', async () => {
    const imports = entry('version = "1.0.203"').replace('[[audits.', '[[audits.peer.audits.')
    expect(await run(vetted('[audits]\n', imports))).toMatchObject({ code: 0 })
  })

  it('that reject what is used end with 1 in every profile', async () => {
    const files = vetted(
      entry('version = "1.0.203"'),
      entry('violation = "<=1.0.203"\nnotes = "\\u001b[31mreads freed memory"').replace('[[audits.', '[[audits.peer.audits.'),
    )
    for (const profile of ['relaxed', 'recommended', 'strict']) {
      const { code, stdout } = await run(files, ['audit', '.', '--profile', profile])
      expect(code).toBe(1)
      expect(stdout).toContain('Ada <ada@example.org> rejects serde@1.0.203 (<=1.0.203) as safe-to-deploy')
      expect(stdout).not.toContain('\u001b[31mreads')
    }
  })

  it('of assay’s own form count for the bytes that they name', async () => {
    const files = (digest: string): Readonly<Record<string, string>> => ({
      'assay.toml': 'version = 1\nextends = ["assay:strict"]\n[trust]\nreviews = ["reviews.toml"]\n',
      'reviews.toml': `version = 1\n[[review]]\ncomponent = "pkg:cargo/serde@1.0.203"\ncriteria = "safe-to-deploy"\nwho = "Ada"\ndate = 2026-03-01\ndigest = "sha256:${digest}"\n`,
    })
    expect(await run(files(SERDE))).toMatchObject({ code: 0 })
    const other = await run(files('ab'.repeat(32)))
    expect(other.code).toBe(1)
    expect(other.stdout.replaceAll(/\s+/g, ' ')).toContain('the review of Ada does not count: it is of other bytes: sha256 abab')
  })

  it('that cannot be read are mistakes of the configuration, with their place', async () => {
    const wrong = await run(vetted(entry('delta = "1.0.200"')))
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('supply-chain/audits.toml:6:9: "1.0.200" is no delta')
    const absent = await run({ 'assay.toml': CONFIG })
    expect(absent.code).toBe(2)
    expect(absent.stderr).toContain('assay.toml:4:12: supply-chain/audits.toml cannot be read: it is not there')
    const folder = await run({ 'assay.toml': 'version = 1\n[trust]\nreviews = ["supply-chain"]\n' })
    expect(folder.code).toBe(2)
    expect(folder.stderr).toContain('it is not a regular file')
  })

  it('are shown by explain', async () => {
    const chain = [entry('version = "1.0.200"'), entry('delta = "1.0.200 -> 1.0.203"')].join('')
    const { code, stdout } = await run(vetted(chain), ['explain', 'serde'])
    expect(code).toBe(0)
    expect(stdout).toContain(
      'Reviews\n  meets safe-to-run, safe-to-deploy\n  safe-to-deploy by Ada <ada@example.org> (what changed since 1.0.200), supply-chain/audits.toml:7:1\n',
    )
    const json = await run(vetted(chain), ['explain', 'serde', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      explanations: [{ reviews: ['meets safe-to-run, safe-to-deploy', expect.any(String)] }],
    })
    expect((await run({ 'assay.toml': 'version = 1\n' }, ['explain', 'serde'])).stdout).not.toContain('Reviews')
  })
})
