// A run of 4,000 questions answered without a network: from an evidence pack on disk, from one in memory, from the store.
// Every answer's bytes are hashed again by whoever asked. A fresh process for each measurement, whole time of its life and
// its peak memory; the floor reads the same pack and hashes it twice, as opening it does. Medians.
// Run with `node test/bench/replay.mjs`; `ASSAY_BENCH_RUNS` sets the number of rounds.
import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')
const OUT = join(import.meta.dirname, 'out')
const BUNDLE = join(OUT, 'replay.mjs')
const ENTRY = join(OUT, 'replay-entry.ts')
const ANSWERS = 4000
const ALLOWED_MS = 1000
const ALLOWED_MB = 200
const AT = '2026-11-01T10:00:00Z'

const url = (number) => `https://registry.example/${number}`

/** As a registry has them: many small, some of 100 kB and more; 10 kB in the mean. */
function bodyOf(number) {
  const size = number % 40 === 0 ? 150_000 : 1000 + (number % 50) * 220
  const bytes = Buffer.allocUnsafe(size)
  for (let i = 0; i < size; i += 1) bytes[i] = (number * 31 + i * i * 7 + (i >> 3)) & 0xff
  return bytes
}

async function prepare(scratch) {
  const { openStore, savePack, openDesk } = await import(pathToFileURL(BUNDLE).href)
  const store = openStore(join(scratch, 'store'))
  await Promise.all(
    Array.from({ length: ANSWERS }, async (_, i) => {
      const key = { url: url(i), accept: '*/*' }
      const common = { key, at: AT, keep: 'for-ever' }
      if (i % 100 === 7) return store.putAnswer({ kind: 'absent', ...common, status: 404 })
      const bytes = bodyOf(i)
      const sha256 = hash('sha256', bytes)
      await store.putBlob(sha256, bytes)
      const validators = { etag: `"${i}"` }
      return store.putAnswer({
        kind: 'ok',
        ...common,
        status: 200,
        url: key.url,
        sha256,
        size: bytes.length,
        validators,
        signs: [],
      })
    }),
  )
  const desk = openDesk({ offline: true, store, clock: { now: () => Date.parse(AT) } })
  for (let i = 0; i < ANSWERS; i += 1) await desk.ask({ url: url(i), keep: 'for-ever' })
  return savePack(join(scratch, 'evidence.pack'), desk.used(), { subject: 'benchmark' })
}

async function measure(which, scratch) {
  const path = join(scratch, 'evidence.pack')
  const counts = { ok: 0, absent: 0 }
  if (which === 'floor') {
    const bytes = readFileSync(path)
    hash('sha256', bytes)
    hash('sha256', bytes)
  } else {
    const { openStore, openPack, readPack, openDesk } = await import(pathToFileURL(BUNDLE).href)
    const read = which === 'store' ? undefined : await (which === 'file' ? openPack(path) : readPack(readFileSync(path)))
    if (read?.ok === false) throw new Error(read.problem.why)
    const store = which === 'store' ? openStore(join(scratch, 'store')) : undefined
    const desk = openDesk({ offline: true, pack: read?.pack, store, clock: { now: () => Date.parse(AT) } })
    let next = 0
    const loop = async () => {
      while (next < ANSWERS) {
        const answer = await desk.ask({ url: url(next++), keep: 'for-ever' })
        if (answer.kind === 'ok' && hash('sha256', answer.bytes) !== answer.sha256) throw new Error('wrong bytes')
        counts[answer.kind] += 1
      }
    }
    await Promise.all(Array.from({ length: 16 }, loop))
    if (counts.ok + counts.absent !== ANSWERS) throw new Error(`only ${JSON.stringify(counts)}`)
    await read?.pack.close()
  }
  const mb = process.resourceUsage().maxRSS / 1024
  process.stdout.write(JSON.stringify({ ms: performance.now(), mb }))
}

function child(which, scratch) {
  const env = { ...process.env }
  delete env['NODE_EXTRA_CA_CERTS']
  const options = { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
  const { stdout, status } = spawnSync(process.execPath, [import.meta.filename, which, scratch], options)
  if (status !== 0) throw new Error(`${which} ended with ${status}`)
  return JSON.parse(stdout)
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

async function main() {
  const { rolldown } = await import('rolldown')
  mkdirSync(OUT, { recursive: true })
  writeFileSync(
    ENTRY,
    ['desk/open-desk', 'pack/read-pack', 'pack/save-pack', 'store/open-store']
      .map((module) => `export * from '../../../src/evidence/${module}.js'\n`)
      .join(''),
  )
  const bundle = await rolldown({ cwd: ROOT, input: ENTRY, platform: 'node' })
  await bundle.write({ file: BUNDLE, format: 'esm', codeSplitting: false })
  rmSync(ENTRY)
  const scratch = mkdtempSync(join(tmpdir(), 'assay-replay-'))
  try {
    await prepare(scratch)
    const runs = Number(process.env['ASSAY_BENCH_RUNS'] ?? 7)
    const kinds = ['floor', 'file', 'memory', 'store']
    const found = new Map(kinds.map((kind) => [kind, []]))
    for (let run = 0; run < runs; run += 1) for (const kind of kinds) found.get(kind).push(child(kind, scratch))
    const packMb = statSync(join(scratch, 'evidence.pack')).size / 2 ** 20
    const floor = found.get('floor')
    const lines = [
      `${ANSWERS} answers, a pack of ${packMb.toFixed(0)} MB, median of ${runs}`,
      '',
      '| answered from | time (range) | ratio to the floor | allowed | peak memory | allowed |',
      '| --- | --- | --- | --- | --- | --- |',
    ]
    let missed = false
    const titles = { floor: 'floor: the pack read, hashed twice', file: 'pack on disk', memory: 'pack in memory', store: 'store' }
    for (const kind of kinds) {
      const all = found.get(kind)
      const times = all.map(({ ms }) => ms)
      const ratio = median(all.map(({ ms }, i) => ms / floor[i].ms))
      const mb = median(all.map((one) => one.mb))
      if (kind !== 'floor') missed ||= median(times) > ALLOWED_MS || mb > ALLOWED_MB
      const range = `${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)}`
      const [ms, size] = kind === 'floor' ? ['', ''] : [`${ALLOWED_MS} ms`, `${ALLOWED_MB} MB`]
      lines.push(
        `| ${titles[kind]} | ${median(times).toFixed(0)} ms (${range}) | ${ratio.toFixed(2)} | ${ms} | ${mb.toFixed(0)} MB | ${size} |`,
      )
    }
    const table = `${lines.join('\n')}\n`
    writeFileSync(join(OUT, 'replay.md'), table)
    process.stdout.write(table)
    if (missed) process.exitCode = 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const [mode, argument] = process.argv.slice(2)
if (mode === undefined) await main()
else await measure(mode, argument)
