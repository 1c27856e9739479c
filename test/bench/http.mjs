// The HTTP layer against a bare loop over undici's `request`: 3,000 small files from a loopback server in a process of its
// own, every file hashed, nothing cached, the same number of requests at a time. A fresh process for each measurement, the
// two taken in turn, whole time of the process's life; the ratio is the median of the pairwise ratios.
// Run with `node test/bench/http.mjs`; `ASSAY_BENCH_RUNS` sets the number of pairs.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')
const OUT = join(import.meta.dirname, 'out')
const BUNDLE = join(OUT, 'http-client.mjs')
const FILES = 3000
const BYTES = 2400
const AT_A_TIME = 16

/** Bytes that differ from file to file and do not compress to nothing. */
function fileOf(number) {
  const bytes = Buffer.allocUnsafe(BYTES)
  for (let i = 0; i < BYTES; i += 1) bytes[i] = (number * 31 + i * i * 7 + (i >> 3)) & 0xff
  return bytes
}

function serve(latencyMs) {
  const files = Array.from({ length: FILES }, (_, i) => fileOf(i))
  const server = createServer((request, response) => {
    const answer = () => {
      const file = files[Number(request.url.slice(1))]
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': 'application/octet-stream', etag: `"${request.url}"` })
      response.end(file)
    }
    if (latencyMs === 0) answer()
    else setTimeout(answer, latencyMs)
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
}

/** Runs `AT_A_TIME` loops that each take the next file until none is left. */
async function inTurn(one) {
  let next = 0
  const loop = async () => {
    while (next < FILES) await one(next++)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, loop))
}

async function floor(origin) {
  const { Pool } = await import('undici')
  const { hash } = await import('node:crypto')
  const pool = new Pool(origin, { connections: AT_A_TIME })
  const sums = new Array(FILES)
  await inTurn(async (i) => {
    const { statusCode, body } = await pool.request({ path: `/${i}`, method: 'GET' })
    const bytes = new Uint8Array(await body.arrayBuffer())
    if (statusCode === 200) sums[i] = hash('sha256', bytes)
  })
  await pool.close()
  return sums
}

async function ours(origin, atOnce) {
  const { createHttpClient } = await import(pathToFileURL(BUNDLE).href)
  const client = createHttpClient({ limits: { perHost: AT_A_TIME } })
  const sums = new Array(FILES)
  const one = async (i) => {
    const outcome = await client.get(`${origin}/${i}`)
    if (outcome.kind === 'ok') sums[i] = outcome.sha256
  }
  if (atOnce) await Promise.all(Array.from({ length: FILES }, (_, i) => one(i)))
  else await inTurn(one)
  await client.close()
  return sums
}

async function measure(which, origin) {
  const { hash } = await import('node:crypto')
  const sums = await (which === 'floor' ? floor(origin) : ours(origin, which === 'at-once'))
  if (sums.includes(undefined)) throw new Error('a file is missing')
  const { user, system } = process.cpuUsage()
  process.stdout.write(JSON.stringify({ ms: performance.now(), cpu: (user + system) / 1000, sum: hash('sha256', sums.join()) }))
}

function child(which, origin) {
  const env = { ...process.env }
  delete env['NODE_EXTRA_CA_CERTS']
  const { stdout, status } = spawnSync(process.execPath, [import.meta.filename, which, origin], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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
    if (pairs.some(([a, b]) => a.sum !== b.sum)) throw new Error('the two did not read the same bytes')
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

async function main() {
  const { rolldown } = await import('rolldown')
  mkdirSync(OUT, { recursive: true })
  const bundle = await rolldown({
    cwd: ROOT,
    input: 'src/evidence/http/client.ts',
    platform: 'node',
    external: ['undici', 'fzstd', 'smol-toml'],
  })
  await bundle.write({ file: BUNDLE, format: 'esm', codeSplitting: false })
  const runs = Number(process.env['ASSAY_BENCH_RUNS'] ?? 11)
  const lines = [
    `${FILES} files of ${BYTES} bytes, ${AT_A_TIME} at a time, median of ${runs} pairs`,
    '',
    '| | ours | undici `request` | ratio (range) | allowed | ratio of CPU time |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
  let missed = false
  for (const [title, which, latency, allowed] of [
    ['the same loop', 'loop', 0, 1.25],
    ['all asked for at once', 'at-once', 0, undefined],
    ['the same loop, 30 ms of latency', 'loop', 30, 1.1],
  ]) {
    const { ours, floor, ratio, range, cpu } = await compare(which, latency, latency === 0 ? runs : Math.ceil(runs / 3))
    missed ||= allowed !== undefined && ratio > allowed
    lines.push(
      `| ${title} | ${ours.toFixed(0)} ms | ${floor.toFixed(0)} ms | ${ratio.toFixed(2)} (${range.map((r) => r.toFixed(2)).join('-')}) | ${allowed ?? ''} | ${cpu.toFixed(2)} |`,
    )
  }
  const table = `${lines.join('\n')}\n`
  writeFileSync(join(OUT, 'http.md'), table)
  process.stdout.write(table)
  if (missed) process.exitCode = 1
}

const [mode, argument] = process.argv.slice(2)
if (mode === 'serve') serve(Number(argument))
else if (mode !== undefined) await measure(mode, argument)
else await main()
