import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assay, withScratch } from '../support/assay.js'

/** A file of a hundred megabytes that begins as its format does; the rest is a hole, so that no disk is filled. */
function huge(path: string, start: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const descriptor = openSync(path, 'w')
  writeSync(descriptor, start)
  ftruncateSync(descriptor, 100_000_000)
  closeSync(descriptor)
}

const LIMIT_MB = 150

/** Preloaded: the most memory the process held. Not `maxRSS`, which on Linux begins with what the parent held at the fork. */
const REPORT_PEAK = `
process.on('exit', () => {
  const fs = require('node:fs')
  let kilobytes = process.memoryUsage().rss / 1024
  try { kilobytes = Number(/VmHWM:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) } catch {}
  fs.writeSync(2, 'PEAK ' + Math.round(kilobytes) + String.fromCharCode(10))
})
`

describe('a file of 100 MB', () => {
  it.each([
    ['Cargo.lock', 'version = 4\n'],
    ['Cargo.toml', '[package]\n'],
    ['.cargo/config.toml', '[build]\n'],
    ['go.mod', 'module example.org/a\n'],
    ['go.sum', 'example.org/a v1.0.0 h1:'],
    ['go.work', 'go 1.21\n'],
    ['build.zig.zon', '.{\n'],
    ['a.nimble', 'version = "0.1.0"\n'],
    ['nimble.lock', '{\n'],
  ])('%s is refused by its name and size, with its memory bounded, and the rest is read', (name, start) =>
    withScratch(async (folder) => {
      huge(join(folder, 'huge', name), start)
      if (name === 'go.sum') writeFileSync(join(folder, 'huge', 'go.mod'), 'module example.org/a\n\ngo 1.21\n')
      writeFileSync(join(folder, 'Cargo.lock'), 'version = 4\n\n[[package]]\nname = "kept"\nversion = "1.0.0"\n')
      const probe = join(folder, 'probe.cjs')
      writeFileSync(probe, REPORT_PEAK)
      const ran = await assay(['audit', folder, '--json'], { node: ['--require', probe] })
      const report = JSON.parse(ran.stdout) as {
        findings: readonly { rule: string; location?: { file: string } }[]
        coverage: { components: readonly { components: number }[] }
      }
      expect(report.findings.map(({ rule, location }) => `${rule} ${location?.file}`)).toContain(`input/too-large huge/${name}`)
      expect(report.coverage.components.some(({ components }) => components > 0)).toBe(true)
      expect(ran.code).toBe(4)
      expect(Number(/PEAK (\d+)/.exec(ran.stderr)?.[1]) / 1024).toBeLessThan(LIMIT_MB)
    }),
  )
})
