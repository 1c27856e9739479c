// Benchmarks of the built program: every figure is a ratio against a floor measured in the same run, the two taken in
// turn (A B A B …), medians. Run with `npm run bench`; the table is printed and written to test/bench/out/table.md.
// `NODE_EXTRA_CA_CERTS` is taken away: Node 20 reads that file at every start (spec of Node, not ours to fix).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cargoLock, cargoManifest, monorepo } from './generate.mjs'
import { compare, peakMemory } from './measure.mjs'

const ROOT = join(import.meta.dirname, '..', '..')
const CLI = join(ROOT, 'dist', 'cli.cjs')
const runs = Number(process.env['ASSAY_BENCH_RUNS'] ?? 15)
const scratch = mkdtempSync(join(tmpdir(), 'assay-bench-'))
const rows = []

function project(name, packages) {
  const folder = join(scratch, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'Cargo.toml'), cargoManifest(packages))
  writeFileSync(join(folder, 'Cargo.lock'), cargoLock(packages))
  return folder
}

/** One line of the table: the command against an empty Node. */
function bench(title, args, limit, options = {}) {
  const { ratio, floor, median } = compare([CLI, ...args], ['-e', '0'], options.runs ?? runs)
  const memory = options.memory ? peakMemory([CLI, ...args]) : undefined
  rows.push([
    title,
    `${median.toFixed(1)} ms`,
    `${floor.toFixed(1)} ms`,
    ratio.toFixed(2),
    limit,
    memory === undefined ? '' : `${Math.round(memory)} MB`,
  ])
  process.stderr.write(`${rows.at(-1).join(' | ')}\n`)
}

try {
  const small = project('p300', 300)
  const large = project('p30000', 30_000)
  const mono = join(scratch, 'mono')
  monorepo(mono, 200, 500)
  bench('assay --version', ['--version'], 'floor + 5 ms')
  bench('assay sbom, 300 packages', ['sbom', small, '-o', `cyclonedx-1.6-json=${join(scratch, 'a.json')}`, '-q'], '1.6')
  bench(
    'assay sbom, 30,000 packages',
    ['sbom', large, '-o', `cyclonedx-1.6-json=${join(scratch, 'b.json')}`, '-q'],
    '16, 150 MB',
    { runs: 7, memory: true },
  )
  bench(
    'assay audit --offline, 200 lockfiles, 100,000 components',
    ['audit', mono, '--offline', '-q', '-o', `json=${join(scratch, 'c.json')}`],
    '500 MB',
    { runs: 3, memory: true },
  )
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

const header = ['case', 'median', 'empty Node', 'ratio', 'limit', 'peak memory']
const table = [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
mkdirSync(join(import.meta.dirname, 'out'), { recursive: true })
writeFileSync(join(import.meta.dirname, 'out', 'table.md'), `${table}\n`)
process.stdout.write(`${table}\n`)
