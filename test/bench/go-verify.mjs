// 1,000 modules with proofs of a checksum log, cold, from a loopback server in a process of its own, against a bare loop over
// undici's `request` that fetches the same files and hashes them. A fresh process for each measurement, the two taken in turn,
// whole time of the process's life; the ratio is the median of the pairwise ratios. The server counts: a tile is fetched once.
// Without latency it is processor against processor, and the proofs alone are 70,000 hashes that the floor does not make.
// Run with `node test/bench/go-verify.mjs`; `ASSAY_BENCH_RUNS` sets the number of pairs.
import { spawn, spawnSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')
const OUT = join(import.meta.dirname, 'out')
const BUNDLE = join(OUT, 'go-verify-bundle.mjs')
const ENTRY = join(OUT, 'go-verify-entry.mjs')
const MODULES = 1000
/** Records in the log: three levels of tiles. */
const RECORDS = 70_000
const AT_A_TIME = 16
const NAME = 'sum.bench.example'

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leafOf = (record) => sha256(Buffer.of(0), record)
const nodeOf = (left, right) => sha256(Buffer.of(1), left, right)
const h1 = (text) => `h1:${sha256(text).toString('base64')}`
/** Spread over the log, as the modules of a project are. */
const idOf = (module) => Math.floor((module * RECORDS) / MODULES)
const pathOf = (id) => `example.com/m${id}`
const recordOf = (id) => `${pathOf(id)} v1.0.0 ${h1(`zip ${id}`)}\n${pathOf(id)} v1.0.0/go.mod ${h1(`mod ${id}`)}\n`

/** A key that is the same in every process: PKCS #8 around 32 bytes. */
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), sha256('bench')]),
  format: 'der',
  type: 'pkcs8',
})
const publicBytes = Buffer.concat([
  Buffer.of(1),
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32),
])
const keyHash = sha256(`${NAME}\n`, publicBytes).subarray(0, 4)
const VERIFIER_KEY = `${NAME}+${keyHash.toString('hex')}+${publicBytes.toString('base64')}`

function rootOf(row) {
  if (row.length === 1) return row[0]
  let k = 1
  while (k * 2 < row.length) k *= 2
  return nodeOf(rootOf(row.slice(0, k)), rootOf(row.slice(k)))
}

/** Every file of the log, and of a proxy that has .info, list and go.mod of each module. */
function filesOf() {
  const files = new Map()
  let row = Array.from({ length: RECORDS }, (_, id) => leafOf(recordOf(id)))
  const text = `go.sum database tree\n${RECORDS}\n${rootOf(row).toString('base64')}\n`
  const signature = Buffer.concat([keyHash, sign(null, Buffer.from(text), privateKey)]).toString('base64')
  for (let module = 0; module < MODULES; module += 1) {
    const id = idOf(module)
    files.set(`/lookup/${pathOf(id)}@v1.0.0`, Buffer.from(`${id}\n${recordOf(id)}\n${text}\n— ${NAME} ${signature}\n`))
    files.set(`/${pathOf(id)}/@v/v1.0.0.info`, Buffer.from('{"Version":"v1.0.0","Time":"2023-01-02T03:04:05Z"}'))
    files.set(`/${pathOf(id)}/@v/list`, Buffer.from('v1.0.0\n'))
    files.set(`/${pathOf(id)}/@v/v1.0.0.mod`, Buffer.from(`module ${pathOf(id)}\n\ngo 1.20\n`))
  }
  for (let level = 0; row.length > 0; level += 1) {
    for (let at = 0; at < row.length; at += 256) {
      const tile = row.slice(at, at + 256)
      const number = String(at / 256).padStart(3, '0')
      files.set(`/tile/8/${level}/${number}${tile.length === 256 ? '' : `.p/${tile.length}`}`, Buffer.concat(tile))
    }
    row = Array.from({ length: Math.floor(row.length / 256) }, (_, at) => rootOf(row.slice(at * 256, (at + 1) * 256)))
  }
  return files
}

/** Tells what it was asked since the last time, and forgets it. */
const ASKED = '/asked'

function serve(latencyMs) {
  const files = filesOf()
  let asked = []
  const server = createServer((request, response) => {
    if (request.url === ASKED) {
      response.end(JSON.stringify(asked))
      asked = []
      return
    }
    asked.push(request.url)
    const answer = () => {
      const file = files.get(request.url)
      response.writeHead(file === undefined ? 404 : 200)
      response.end(file)
    }
    if (latencyMs === 0) answer()
    else setTimeout(answer, latencyMs)
  })
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
}

/** The same files as a verification asks for, hashed and nothing else. */
async function floor(origin, paths) {
  const { Pool } = await import('undici')
  const { hash } = await import('node:crypto')
  const pool = new Pool(origin, { connections: AT_A_TIME })
  let next = 0
  let count = 0
  const loop = async () => {
    while (next < paths.length) {
      const { statusCode, body } = await pool.request({ path: paths[next++], method: 'GET' })
      const bytes = new Uint8Array(await body.arrayBuffer())
      if (statusCode === 200 && hash('sha256', bytes).length === 64) count += 1
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, loop))
  await pool.close()
  return count
}

async function ours(origin) {
  const { createHttpClient, openDesk, goVerifier, componentId } = await import(pathToFileURL(BUNDLE).href)
  const desk = openDesk({
    offline: false,
    http: () => createHttpClient({ limits: { perHost: AT_A_TIME } }),
    clock: { now: () => Date.UTC(2026, 0, 1) },
  })
  const source = { kind: 'registry', protocol: 'go-proxy', url: 'https://proxy.golang.org' }
  const location = { file: 'go.sum', line: 1, column: 1 }
  const claim = (scheme, value) => ({ digest: { of: 'tree', scheme, value }, statedBy: 'lock', location })
  const components = Array.from({ length: MODULES }, (_, module) => {
    const id = idOf(module)
    const name = pathOf(id)
    return {
      ...{ id: componentId('go', name, 'v1.0.0', source), ecosystem: 'go', name, version: 'v1.0.0', source },
      claims: [claim('go-h1', h1(`zip ${id}`)), claim('go-mod-h1', h1(`mod ${id}`))],
      occurrences: [{ location, role: 'lock' }],
    }
  })
  const graph = { projects: [], components, edges: [], replacements: [], facts: [], diagnostics: [], files: [] }
  let matches = 0
  const input = {
    ...{ graph, components, tree: undefined, files: [], desk, depth: { bytes: false, source: false } },
    environment: new Map([
      ['GOPROXY', origin],
      ['GOSUMDB', `${VERIFIER_KEY} ${origin}`],
    ]),
    sources: { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] },
  }
  for await (const one of goVerifier().verify(input))
    if (one.kind === 'evidence' && one.evidence.check.startsWith('go/sumdb') && one.evidence.verdict === 'match') matches += 1
  await desk.close()
  if (matches !== 2 * MODULES) throw new Error(`${matches} of ${2 * MODULES} hashes were proved`)
  return matches
}

async function measure(which, origin) {
  let input = ''
  if (which === 'floor') for await (const chunk of process.stdin) input += chunk
  const count = await (which === 'floor' ? floor(origin, JSON.parse(input)) : ours(origin))
  const { user, system } = process.cpuUsage()
  process.stdout.write(JSON.stringify({ ms: performance.now(), cpu: (user + system) / 1000, count }))
}

function child(which, origin, input = '') {
  const env = { ...process.env }
  delete env['NODE_EXTRA_CA_CERTS']
  const { stdout, status } = spawnSync(process.execPath, [import.meta.filename, which, origin], {
    ...{ env, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] },
  })
  if (status !== 0) throw new Error(`${which} ended with ${status}`)
  return JSON.parse(stdout)
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

async function compare(latencyMs, runs) {
  const server = spawn(process.execPath, [import.meta.filename, 'serve', String(latencyMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(String(data).split('\n'))))
    const origin = `http://127.0.0.1:${port}`
    const asked = async () => (await fetch(origin + ASKED)).json()
    child('ours', origin)
    const paths = await asked()
    const tiles = paths.filter((path) => path.startsWith('/tile/'))
    if (new Set(paths).size !== paths.length) throw new Error('something was fetched twice')
    child('floor', origin, JSON.stringify(paths))
    const pairs = Array.from({ length: runs }, () => [child('ours', origin), child('floor', origin, JSON.stringify(paths))])
    if (pairs.some(([, b]) => b.count !== paths.length)) throw new Error('the floor did not get every file')
    const ratios = pairs.map(([a, b]) => a.ms / b.ms)
    return {
      ...{ files: paths.length, tiles: tiles.length, range: [Math.min(...ratios), Math.max(...ratios)], ratio: median(ratios) },
      ours: median(pairs.map(([a]) => a.ms)),
      floor: median(pairs.map(([, b]) => b.ms)),
      cpu: median(pairs.map(([a, b]) => a.cpu / b.cpu)),
    }
  } finally {
    server.kill()
  }
}

async function main() {
  const { rolldown } = await import('rolldown')
  mkdirSync(OUT, { recursive: true })
  const from = (path) => JSON.stringify(join(ROOT, 'src', path))
  writeFileSync(
    ENTRY,
    `export { createHttpClient } from ${from('evidence/http/client.ts')}
export { openDesk } from ${from('evidence/desk/open-desk.ts')}
export { goVerifier } from ${from('ecosystems/go/verify/verifier.ts')}
export { componentId } from ${from('model/component.ts')}
`,
  )
  const bundle = await rolldown({ cwd: ROOT, input: ENTRY, platform: 'node', external: ['undici', 'fzstd', 'smol-toml'] })
  await bundle.write({ file: BUNDLE, format: 'esm', codeSplitting: false })
  const runs = Number(process.env['ASSAY_BENCH_RUNS'] ?? 9)
  const lines = []
  let missed = false
  for (const [title, latency, allowed] of [
    ['no latency', 0, 1.4],
    ['30 ms of latency', 30, 1.4],
  ]) {
    const {
      files,
      tiles,
      ours: own,
      floor: bare,
      ratio,
      range,
      cpu,
    } = await compare(latency, latency === 0 ? runs : Math.ceil(runs / 3))
    missed ||= ratio > allowed
    if (lines.length === 0)
      lines.push(
        `${MODULES} modules, a log of ${RECORDS} records: ${files} files, ${tiles} of them tiles, each fetched once; median of ${runs} pairs`,
        '',
        '| | ours | undici `request` | ratio (range) | allowed | ratio of CPU time |',
        '| --- | --- | --- | --- | --- | --- |',
      )
    lines.push(
      `| ${title} | ${own.toFixed(0)} ms | ${bare.toFixed(0)} ms | ${ratio.toFixed(2)} (${range.map((r) => r.toFixed(2)).join('-')}) | ${allowed} | ${cpu.toFixed(2)} |`,
    )
  }
  const table = `${lines.join('\n')}\n`
  writeFileSync(join(OUT, 'go-verify.md'), table)
  process.stdout.write(table)
  if (missed) process.exitCode = 1
}

const [mode, argument] = process.argv.slice(2)
if (mode === 'serve') serve(Number(argument))
else if (mode !== undefined) await measure(mode, argument)
else await main()
