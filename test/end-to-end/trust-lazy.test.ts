import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assay, PROJECT, withScratch } from '../support/assay.js'

const CHUNKS = join(PROJECT, 'dist', 'chunks')

/** Texts that stand in trust code alone, and where each is from. */
const MARKS: Readonly<Record<string, string>> = {
  'the library that verifies bundles': 'TLOG_BODY_ERROR',
  'the library that reads bundles': 'content.messageSignature.messageDigest.digest',
  'the library that signs': 'IDENTITY_TOKEN_READ_ERROR',
  'the library of TUF': 'Final timestamp.json is expired',
  'the trusted root that comes along': '{"root.json":',
  statements: 'https://in-toto.io/Statement/v1',
  minisign: 'untrusted comment:',
  'signatures of git': '-----BEGIN SSH SIGNATURE-----',
}

/** Preloaded: prints at exit which files were loaded. */
const LIST = `
process.on('exit', () => {
  require('node:fs').writeSync(2, 'FILES ' + JSON.stringify(Object.keys(require('node:module')._cache)) + '\\n')
})
`
const LOCK = 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n'
const CONFIG = 'version = 1\n[rules]\n"graph/build-code" = "off"\n'

/** What of trust code a command has loaded. */
async function loadedBy(args: readonly string[], configured = false): Promise<readonly string[]> {
  return withScratch(async (folder) => {
    writeFileSync(join(folder, 'list.cjs'), LIST)
    writeFileSync(join(folder, 'Cargo.lock'), LOCK)
    if (configured) writeFileSync(join(folder, 'assay.toml'), CONFIG)
    const { stderr } = await assay(args, { cwd: folder, node: ['--require', join(folder, 'list.cjs')] })
    const line = /^FILES (.*)$/m.exec(stderr)?.[1]
    if (line === undefined) throw new Error(`nothing was listed: ${stderr}`)
    const files: readonly string[] = JSON.parse(line)
    const texts = files.map((file) => readFileSync(file, 'utf8'))
    expect(files.some((file) => file.endsWith('cli.cjs'))).toBe(true)
    return Object.entries(MARKS).flatMap(([what, mark]) => (texts.some((text) => text.includes(mark)) ? [what] : []))
  })
}

describe('trust code', () => {
  it('is in the build, by its marks', () => {
    const texts = readdirSync(CHUNKS).map((name) => readFileSync(join(CHUNKS, name), 'utf8'))
    const missing = Object.entries(MARKS).filter(([, mark]) => !texts.some((text) => text.includes(mark)))
    expect(missing).toEqual([])
  })

  it.each([
    [['--help'], false],
    [['audit', '--help'], false],
    [['verify', '--help'], false],
    [['audit', '--offline'], false],
    [['audit', '--offline'], true],
    [['audit', '--offline', '-o', 'json=a.json'], true],
    [['sbom'], false],
    [['sbom', '--validate'], true],
    [['graph', '--json'], false],
    [['explain', 'a'], true],
    [['cache'], false],
  ] as const)('is not loaded by %j (configured: %s)', async (args, configured) => {
    expect(await loadedBy(args, configured)).toEqual([])
  })

  it('would be seen', async () => {
    expect(await loadedBy(['trust', 'show', '--no-config'])).toContain('the trusted root that comes along')
  })

  it('loads the library of TUF for an update alone', async () => {
    expect(await loadedBy(['trust', 'show', '--no-config'])).not.toContain('the library of TUF')
  })
})
