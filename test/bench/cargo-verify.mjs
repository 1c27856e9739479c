// Verifying a lockfile of 3,000 crates against a registry on loopback, in a process of its own, nothing known before: reading
// the lockfile, asking for every index file, comparing checksums. The floor is a bare loop over undici's `request` that gets the same
// files, parses their rows and compares the same checksums. A fresh process for each measurement, the two taken in turn, whole time
// of the process's life; the ratio is the median of the pairwise ratios.
// Run with `node test/bench/cargo-verify.mjs`; `ASSAY_BENCH_RUNS` sets the number of pairs.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Node 20 reads that file at every start, which would make the floor of the warm run twice as high.
delete process.env['NODE_EXTRA_CA_CERTS']

const ROOT = join(import.meta.dirname, '..', '..')
const OUT = join(import.meta.dirname, 'out', 'cargo-verify')
const CRATES = 3000
/** Versions in each index file; the last one is locked. */
const VERSIONS = 12
const AT_A_TIME = 64
/** Times an empty Node. */
const WARM_LIMIT = 15

const nameOf = (i) => `bench-crate-${i}`
const checksumOf = (i, version) => `${i}`.padStart(8, '0').repeat(8).slice(0, 62) + `${version}`.padStart(2, '0')
const pathOf = (name) => `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`

function indexFile(i) {
  const row = (version) => ({
    name: nameOf(i),
    vers: `1.${version}.0`,
    deps: Array.from({ length: 4 }, (_, d) => ({
      name: nameOf((i + d + 1) % CRATES),
      req: '^1.0',
      features: [],
      optional: false,
      default_features: true,
      target: null,
      kind: 'normal',
    })),
    cksum: checksumOf(i, version),
    features: { default: ['std'], std: [] },
    yanked: false,
  })
  return Buffer.from(Array.from({ length: VERSIONS }, (_, version) => `${JSON.stringify(row(version))}\n`).join(''))
}

function lockfile(origin) {
  const source = `sparse+${origin}/`
  const entries = Array.from({ length: CRATES }, (_, i) =>
    [
      '[[package]]',
      `name = "${nameOf(i)}"`,
      `version = "1.${VERSIONS - 1}.0"`,
      `source = "${source}"`,
      `checksum = "${checksumOf(i, VERSIONS - 1)}"`,
    ].join('\n'),
  )
  const needs = Array.from({ length: CRATES }, (_, i) => ` "${nameOf(i)}",\n`).join('')
  return `version = 4\n\n${entries.join('\n\n')}\n\n[[package]]\nname = "root"\nversion = "0.0.0"\ndependencies = [\n${needs}]\n`
}

function serve(latencyMs) {
  const files = new Map(Array.from({ length: CRATES }, (_, i) => [`/${pathOf(nameOf(i))}`, indexFile(i)]))
  files.set('/config.json', Buffer.from('{"dl":"https://dl.example/x"}'))
  const server = createServer((request, response) => {
    const answer = () => {
      const file = files.get(request.url)
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': 'text/plain', etag: `"${request.url}"` })
      response.end(file)
    }
    if (latencyMs === 0) answer()
    else setTimeout(answer, latencyMs)
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
}

/** The same questions and comparisons and nothing else. */
async function floor(origin) {
  const { Pool } = await import('undici')
  const { hash } = await import('node:crypto')
  const pool = new Pool(origin, { connections: 16 })
  let next = 0
  let matches = 0
  const loop = async () => {
    while (next < CRATES) {
      const i = next++
      const { body } = await pool.request({ path: `/${pathOf(nameOf(i))}`, method: 'GET' })
      const bytes = new Uint8Array(await body.arrayBuffer())
      hash('sha256', bytes)
      const rows = Buffer.from(bytes)
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      const row = rows.find(({ vers }) => vers === `1.${VERSIONS - 1}.0`)
      if (row.cksum === checksumOf(i, VERSIONS - 1)) matches += 1
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, loop))
  await pool.close()
  return matches
}

async function ours(origin, folder) {
  const load = (name) => import(pathToFileURL(join(OUT, `${name}.js`)).href)
  const [{ readCargo }, { cargoVerifier }, { openDesk }] = await Promise.all(['read', 'verifier', 'open-desk'].map(load))
  // As the program does: a run that has everything loads nothing of the network.
  const http = async () => (await load('client')).createHttpClient()
  const store = folder !== undefined ? (await load('open-store')).openStore(folder) : undefined
  const desk = openDesk({ offline: false, http, store, clock: { now: () => Date.now() } })
  const text = new TextEncoder().encode(lockfile(origin))
  const tree = {
    label: 'memory',
    list: async () => [],
    stat: async () => undefined,
    read: async (path) => (path === 'Cargo.lock' ? { ok: true, bytes: text } : { ok: false, failure: 'absent', why: '' }),
    link: async () => undefined,
  }
  const files = [{ path: 'Cargo.lock', format: 'cargo-lock' }]
  const environment = new Map()
  const inventory = await readCargo({
    tree,
    files,
    options: { caches: new Map(), environment, targets: [], features: undefined },
  })
  const components = inventory.components.filter(({ firstParty }) => !firstParty)
  const sources = { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] }
  const input = { graph: inventory, components, tree, files, desk, environment, sources, depth: { bytes: false, source: false } }
  let matches = 0
  for await (const { kind, evidence } of cargoVerifier().verify(input))
    if (kind === 'evidence' && evidence.verdict === 'match') matches += 1
  await desk.close()
  return matches
}

async function measure(which, origin, folder) {
  const matches = await (which === 'floor' ? floor(origin) : ours(origin, folder))
  if (matches !== CRATES) throw new Error(`${matches} of ${CRATES} match`)
  const { user, system } = process.cpuUsage()
  process.stdout.write(JSON.stringify({ ms: performance.now(), cpu: (user + system) / 1000 }))
}

function child(which, origin) {
  const folder = which === 'store' ? mkdtempSync(join(tmpdir(), 'assay-bench-')) : undefined
  const { stdout, status } = spawnSync(
    process.execPath,
    [import.meta.filename, which, origin, ...(folder === undefined ? [] : [folder])],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  if (status !== 0) throw new Error(`${which} ended with ${status}`)
  return JSON.parse(stdout)
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

async function compare(which, latencyMs, runs) {
  const server = spawn(process.execPath, [import.meta.filename, 'serve', String(latencyMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(String(data).split('\n'))))
    const origin = `http://127.0.0.1:${port}`
    for (const warm of [which, 'floor']) child(warm, origin)
    const pairs = Array.from({ length: runs }, () => [child(which, origin), child('floor', origin)])
    const ratios = pairs.map(([a, b]) => a.ms / b.ms)
    return {
      ours: median(pairs.map(([a]) => a.ms)),
      floor: median(pairs.map(([, b]) => b.ms)),
      ratio: median(ratios),
      cpu: median(pairs.map(([a, b]) => a.cpu / b.cpu)),
      range: [Math.min(...ratios), Math.max(...ratios)],
    }
  } finally {
    server.kill()
  }
}

/** A second run of the same project: the store has every answer, and the server is gone. The floor is an empty Node. */
async function warm(runs) {
  const server = spawn(process.execPath, [import.meta.filename, 'serve', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(String(data).split('\n'))))
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  const run = (...args) => {
    const start = performance.now()
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
    return performance.now() - start
  }
  const ours = [import.meta.filename, 'store', `http://127.0.0.1:${port}`, folder]
  try {
    run(...ours)
  } finally {
    server.kill()
  }
  try {
    const pairs = Array.from({ length: runs }, () => [run(...ours), run('-e', '0')])
    const [time, empty, ratio] = [pairs.map(([a]) => a), pairs.map(([, b]) => b), pairs.map(([a, b]) => a / b)].map(median)
    const text = `warm, nobody to ask: ${time.toFixed(0)} ms, an empty Node ${empty.toFixed(0)} ms, ratio ${ratio.toFixed(1)}, allowed ${WARM_LIMIT}`
    return { ratio, text }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function main() {
  const { rolldown } = await import('rolldown')
  mkdirSync(OUT, { recursive: true })
  const bundle = await rolldown({
    cwd: ROOT,
    input: {
      read: 'src/ecosystems/cargo/read.ts',
      verifier: 'src/ecosystems/cargo/verify/verifier.ts',
      'open-desk': 'src/evidence/desk/open-desk.ts',
      client: 'src/evidence/http/client.ts',
      'open-store': 'src/evidence/store/open-store.ts',
    },
    platform: 'node',
    external: ['undici', 'fzstd', 'smol-toml', 'xz-decompress'],
  })
  await bundle.write({ dir: OUT, format: 'esm' })
  const runs = Number(process.env['ASSAY_BENCH_RUNS'] ?? 7)
  const lines = [
    `${CRATES} crates, ${VERSIONS} rows each, median of ${runs} pairs`,
    '',
    '| | ours | bare loop | ratio (range) | allowed | ratio of CPU time |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  let missed = false
  for (const [title, which, latency, allowed] of [
    ['cold, nothing kept', 'memory', 0, 1.25],
    ['cold, answers kept in a store', 'store', 0, 1.25],
    ['cold, nothing kept, 30 ms of latency', 'memory', 30, 1.1],
  ]) {
    const { ours, floor, ratio, range, cpu } = await compare(which, latency, latency === 0 ? runs : Math.ceil(runs / 2))
    missed ||= ratio > allowed
    lines.push(
      `| ${title} | ${ours.toFixed(0)} ms | ${floor.toFixed(0)} ms | ${ratio.toFixed(2)} (${range.map((r) => r.toFixed(2)).join('-')}) | ${allowed} | ${cpu.toFixed(2)} |`,
    )
  }
  const second = await warm(runs)
  missed ||= second.ratio > WARM_LIMIT
  lines.push('', second.text)
  const table = `${lines.join('\n')}\n`
  writeFileSync(join(OUT, 'cargo-verify.md'), table)
  process.stdout.write(table)
  if (missed) process.exitCode = 1
}

const [mode, argument, folder] = process.argv.slice(2)
if (mode === 'serve') serve(Number(argument))
else if (mode !== undefined) await measure(mode, argument, folder)
else await main()
