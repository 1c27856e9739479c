import { Session } from 'node:inspector/promises'
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/audit/judge.js'
import { toDocument } from '../../src/audit/library.js'
import { MemoryTree } from '../support/memory-tree.js'

/** `count` Cargo projects and as many Go modules, no package in two of them. */
function monorepo(count: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = {}
  for (let i = 0; i < count; i++) {
    const names = Array.from({ length: 40 }, (_, j) => `crate-${i}-${String(j).padStart(2, '0')}`)
    const entries = names.map((name, j) => {
      const next = names[j + 1]
      const dependencies = next === undefined ? '' : `dependencies = [\n "${next}",\n]\n`
      return `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${'a'.repeat(64)}"\n${dependencies}`
    })
    files[`cargo-${i}/Cargo.toml`] = `[package]\nname = "app-${i}"\nversion = "0.1.0"\n\n[dependencies]\n${names[0]} = "1"\n`
    files[`cargo-${i}/Cargo.lock`] =
      `version = 4\n\n[[package]]\nname = "app-${i}"\nversion = "0.1.0"\ndependencies = [\n "${names[0]}",\n]\n\n${entries.join('\n')}`
    const modules = Array.from({ length: 40 }, (_, j) => `example.org/m${i}x${j}`)
    files[`go-${i}/go.mod`] =
      `module example.org/app${i}\n\ngo 1.21\n\nrequire (\n${modules.map((m) => `\t${m} v1.0.0\n`).join('')})\n`
    files[`go-${i}/go.sum`] = modules
      .map((m) => `${m} v1.0.0 h1:${'A'.repeat(43)}=\n${m} v1.0.0/go.mod h1:${'A'.repeat(43)}=\n`)
      .join('')
  }
  return files
}

/** How often functions and blocks of ours were entered, by the engine's own count. */
async function operations(run: () => Promise<unknown>): Promise<number> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  await run()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  await session.post('Profiler.stopPreciseCoverage')
  session.disconnect()
  return result
    .filter(({ url }) => url.includes('/src/'))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
    .reduce((sum, count) => sum + count, 0)
}

describe('work grows with what there is to look at, and no faster', () => {
  it('audit and SBOM of a monorepo', { timeout: 120_000 }, async () => {
    const run = (count: number) => async (): Promise<void> => {
      const tree = new MemoryTree(monorepo(count))
      const judged = await judge({ tree }, { input: { tree }, config: false, rules: [], raiseOnly: false, today: '2026-01-02' })
      expect(judged.graph.components.length).toBeGreaterThan(count * 80)
      await toDocument(judged.graph.graph, 'cyclonedx-1.6-json', { timestamp: '2026-01-02T03:04:05Z' })
      await toDocument(judged.graph.graph, 'spdx-2.3-json', { timestamp: '2026-01-02T03:04:05Z' })
    }
    await run(1)()
    const small = await operations(run(8))
    const large = await operations(run(32))
    expect(small).toBeGreaterThan(50_000)
    // Four times as much; sorting adds its logarithm.
    expect(large / small).toBeLessThan(4.8)
  })
})
