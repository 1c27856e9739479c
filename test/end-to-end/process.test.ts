import { spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assay, COMMAND, PROJECT, withScratch } from '../support/assay.js'

/** Written into a scratch folder and preloaded: any attempt to reach the network ends the process with a code of its own. */
const FORBID_SOCKETS = `
const forbid = (what) => () => { require('node:fs').writeSync(2, 'SOCKET ' + what + '\\n'); process.exit(99) }
const net = require('node:net'), dns = require('node:dns'), dgram = require('node:dgram'), tls = require('node:tls')
net.Socket.prototype.connect = forbid('net.connect'); net.Server.prototype.listen = forbid('listen')
tls.connect = forbid('tls'); dns.lookup = forbid('dns'); dns.resolve = forbid('dns'); dgram.createSocket = forbid('dgram')
`

/** Preloaded: prints at exit which files of the build were loaded, without their content hashes. */
const LIST_MODULES = `
process.on('exit', () => {
  const names = Object.keys(require('node:module')._cache).map((f) => f.split(/[\\\\/]/).pop().replace(/-[A-Za-z0-9_-]{8}\\.cjs$/, ''))
  require('node:fs').writeSync(2, 'MODULES ' + names.join(' ') + '\\n')
})
`

function preload(folder: string, text: string): readonly string[] {
  const file = join(folder, 'preload.cjs')
  writeFileSync(file, text)
  return ['--require', file]
}

describe('sockets', () => {
  it.each([
    [['audit', 'examples/polyglot']],
    [['audit', 'examples/polyglot', '--offline', '--json']],
    [['sbom', 'examples/polyglot', '--validate']],
    [['graph', 'examples/polyglot']],
    [['explain', 'serde', 'examples/polyglot']],
    [['baseline', 'examples/polyglot', '-o', '/dev/null/x']],
  ])('%j opens none', (args) =>
    withScratch(async (folder) => {
      const ran = await assay(args, { node: preload(folder, FORBID_SOCKETS) })
      expect(ran.stderr).not.toContain('SOCKET')
      expect([0, 1, 2]).toContain(ran.code)
    }),
  )

  it('would see one', () =>
    withScratch(async (folder) => {
      const node = preload(folder, `${FORBID_SOCKETS}\nrequire('node:http').get('http://127.0.0.1:9/')`)
      expect((await assay(['--version'], { node })).code).toBe(99)
    }))
})

describe('what a command loads', () => {
  const modules = (args: readonly string[]): Promise<readonly string[]> =>
    withScratch(async (folder) => {
      const ran = await assay(args, { node: preload(folder, LIST_MODULES) })
      const line = ran.stderr.split('\n').find((one) => one.startsWith('MODULES ')) ?? ''
      return line.split(' ').slice(1)
    })

  it('--version loads the entry alone', async () => {
    expect((await modules(['--version'])).filter((name) => name !== 'preload.cjs')).toEqual(['cli.cjs'])
  })

  it('sbom of a Cargo.lock loads neither rules nor configuration nor the other ecosystems nor a TOML parser', async () => {
    const loaded = await withScratch(async (folder) => {
      writeFileSync(join(folder, 'Cargo.lock'), 'version = 4\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n')
      return modules(['sbom', folder])
    })
    expect(loaded).toContain('cargo')
    for (const absent of [
      'go',
      'zig',
      'nimble',
      'rules',
      'judge',
      'config-load',
      'toml',
      'manifest',
      'expression',
      'sarif',
      'report-text',
      'git-tree',
    ])
      expect(loaded).not.toContain(absent)
    expect(loaded.filter((name) => name.includes('validator'))).toEqual([])
  })

  it('audit without a configuration loads no schema validator', async () => {
    const loaded = await withScratch((folder) => {
      writeFileSync(join(folder, 'Cargo.lock'), 'version = 4\n')
      return modules(['audit', folder])
    })
    expect(loaded).toContain('judge')
    expect(loaded.filter((name) => name.includes('validator'))).toEqual([])
    for (const absent of ['sarif', 'report-json', 'toml', 'git-tree']) expect(loaded).not.toContain(absent)
  })
})

describe('streams and signals', () => {
  it('keeps its exit code when the reader of stdout goes away', async () => {
    const child = spawn(process.execPath, [COMMAND, 'graph', 'examples/polyglot', '--json'], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it.skipIf(process.platform === 'win32')('ends with 130 on Ctrl-C', () =>
    withScratch(async (folder) => {
      // Enough to read that the signal meets it at work.
      const rows = Array.from({ length: 300_000 }, (_, i) => `[[package]]\nname = "p${i}"\nversion = "1.0.0"\n`).join('\n')
      writeFileSync(join(folder, 'Cargo.lock'), `version = 4\n\n${rows}`)
      const child = spawn(process.execPath, [COMMAND, 'sbom', folder, '-o', `cyclonedx-1.6-json=${folder}/bom.json`], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let stderr = ''
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString()
      })
      setTimeout(() => child.kill('SIGINT'), 250)
      const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)))
      expect(stderr).not.toMatch(/\n\s+at /)
      // What a shell reports as 130.
      expect(signal).toBe('SIGINT')
      expect(readdirSync(folder)).toEqual(['Cargo.lock'])
    }),
  )
})

describe('the library', () => {
  it('does the same as the command', async () => {
    const library = (await import(join(PROJECT, 'dist', 'lib', 'index.js'))) as typeof import('../../src/index.js')
    const timestamp = '2026-01-01T00:00:00Z'
    const folder = join(PROJECT, 'examples', 'polyglot')
    const env = { SOURCE_DATE_EPOCH: '1767225600' }
    const graph = await library.readGraph(folder)
    const subject = { name: 'parcel-service', version: '2.4.0' }
    expect(await library.toCycloneDX(graph, { timestamp, subject })).toBe((await assay(['sbom', folder], { env })).stdout)
    expect(await library.toSpdx(graph, { timestamp, subject })).toBe(
      (await assay(['sbom', folder, '--format', 'spdx'], { env })).stdout,
    )
    const result = await library.audit(folder, { timestamp })
    const ran = await assay(['audit', folder, '--json'], { env })
    expect(result.verdict.exitCode).toBe(ran.code)
    expect(await result.report('json')).toBe(ran.stdout)
    await expect(library.audit(join(folder, 'nowhere'))).rejects.toBeInstanceOf(library.AssayError)
  })

  it('verifies a file as the command does', async () => {
    const library = (await import(join(PROJECT, 'dist', 'lib', 'index.js'))) as typeof import('../../src/index.js')
    const timestamp = '2026-11-01T00:00:00Z'
    const release = join(PROJECT, 'examples', 'clean', 'release')
    const [file, keys] = [join(release, 'labels-1.0.0.tar.gz'), [join(release, 'release.pub')]]
    const sboms = [join(release, 'labels-1.0.0.cdx.json')]
    const report = await library.verifyArtifact(file, { keys, sboms, timestamp })
    expect(report.outcome).toBe('verified')
    const args = [
      'verify',
      '--artifact',
      file,
      ...keys.flatMap((key) => ['--key', key]),
      ...sboms.flatMap((sbom) => ['--sbom', sbom]),
    ]
    const ran = await assay([...args, '--json'], { env: { SOURCE_DATE_EPOCH: '1793491200' } })
    expect(JSON.parse(ran.stdout)).toMatchObject(
      JSON.parse(JSON.stringify({ demands: report.demands, signatures: report.signatures, sboms: report.sboms })),
    )
    await expect(library.verifyArtifact(file, { timestamp })).rejects.toMatchObject({ code: 'usage' })
  })
})
