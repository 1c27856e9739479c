// Coverage-guided fuzzing of the parsers: `npm run fuzz` runs every target for a few seconds, `npm run fuzz -- zon 600`
// one of them for ten minutes. An input that reaches a block of our code no input reached before is kept and changed
// further; the engine's own block coverage says so (no package does it on every system this runs on: jazzer.js wants a
// newer C library or a compiler). A find is written to test/fuzz/out and becomes a case of the adversarial corpus.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { ROOT } from './steps.mjs'

const [only, seconds = only === undefined ? '10' : '60', seed = '1'] = process.argv.slice(2)
const out = join(ROOT, 'test', 'fuzz', 'out')
mkdirSync(out, { recursive: true })
const bundle = await rolldown({
  cwd: ROOT,
  platform: 'node',
  input: { targets: 'test/fuzz/targets.ts' },
  onLog: () => undefined,
})
await bundle.write({ dir: join(out, 'build'), format: 'esm', entryFileNames: '[name].mjs', codeSplitting: false })
const entry = pathToFileURL(join(out, 'build', 'targets.mjs')).href

const session = new Session()
session.connect()
const ask = (method, parameters) =>
  new Promise((resolve, reject) => {
    session.post(method, parameters, (error, result) => (error ? reject(new Error(error.message)) : resolve(result)))
  })
await ask('Profiler.enable')
await ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
const { targets, seeds: texts } = await import(entry)

/** File names whose content is a seed for a target. */
const SEEDS = {
  'cargo-lock': /^Cargo\.lock$/,
  'cargo-manifest': /^Cargo\.toml$/,
  'cargo-config': /^config\.toml$/,
  'go-mod': /^go\.mod$/,
  'go-sum': /^go\.sum$/,
  'go-work': /^go\.work$/,
  'go-vendor': /^modules\.txt$/,
  zon: /\.zon$/,
  nimble: /\.nimble$/,
  'nimble-lock': /^nimble\.lock$/,
  toml: /\.toml$/,
}
const PIECES = [
  '"',
  '\\',
  '\n',
  '\r\n',
  '\u0000',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '=',
  ',',
  '#',
  '//',
  ' ',
  '\ufeff',
  '99999999999999999999',
  '-1',
  '1e999',
  '__proto__',
  '../..',
  '\\u0000',
  '\\ud800',
  '"""',
  '@',
  '=>',
  ':',
  '.{',
  '.',
  'v1.2.3',
  '%00',
  '+',
  '|',
]

/** Small, seeded and good enough: the same seed gives the same run on the same build. */
let state = Number(seed) >>> 0 || 1
function random(below) {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % below
}

let finds = 0
for (const [name, target] of Object.entries(targets)) {
  if (only === undefined || only === name) finds += await fuzz(name, target)
}
process.stderr.write(finds === 0 ? 'no find\n' : `${finds} finds; see test/fuzz/out\n`)
process.exit(finds === 0 ? 0 : 1)

async function fuzz(name, target) {
  const covered = new Set()
  const queue = seeds(name)
  let runs = 0
  let found = 0
  const run = async (input) => {
    runs += 1
    const started = performance.now()
    try {
      await target(input)
    } catch (error) {
      found += 1
      const path = join(out, `${name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`)
      writeFileSync(path, input)
      process.stderr.write(
        `FIND ${path}\n  ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 6).join('\n  ') : error}\n`,
      )
      return false
    }
    const took = performance.now() - started
    if (took > 2000) {
      found += 1
      const path = join(out, `${name}-slow-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`)
      writeFileSync(path, input)
      process.stderr.write(`SLOW ${path}: ${took.toFixed(0)} ms for ${input.length} bytes\n`)
    }
    return hasNew(covered, await ask('Profiler.takePreciseCoverage'))
  }
  await ask('Profiler.takePreciseCoverage')
  for (const input of queue) await run(input)
  const end = performance.now() + Number(seconds) * 1000
  while (performance.now() < end && found < 5) {
    const input = mutate(queue[random(queue.length)] ?? Buffer.alloc(0), queue)
    if (await run(input)) queue.push(input)
  }
  process.stderr.write(`${name}: ${runs} runs, ${covered.size} blocks, ${queue.length} inputs kept, ${found} finds\n`)
  return found
}

/** Adds what was reached to the set; true when any of it is new. Counts are kept in powers of two, as AFL does. */
function hasNew(covered, { result }) {
  let isNew = false
  for (const script of result) {
    if (script.url !== entry) continue
    for (const { ranges } of script.functions) {
      for (const { startOffset, endOffset, count } of ranges) {
        if (count === 0) continue
        const key = `${startOffset}-${endOffset}-${Math.min(Math.floor(Math.log2(count)), 6)}`
        if (covered.has(key)) continue
        covered.add(key)
        isNew = true
      }
    }
  }
  return isNew
}

function seeds(name) {
  const pattern = SEEDS[name]
  const files = [join(ROOT, 'test', 'adversarial', 'corpus'), join(ROOT, 'examples')].flatMap(filesBelow)
  const chosen = pattern === undefined ? [] : files.filter((file) => pattern.test(basename(file)) && statSync(file).size < 8192)
  return [Buffer.alloc(0), ...(texts[name] ?? []).map((text) => Buffer.from(text)), ...chosen.map((file) => readFileSync(file))]
}

function mutate(input, queue) {
  let bytes = Buffer.from(input)
  for (let i = 1 + random(4); i > 0; i--) {
    const at = random(bytes.length + 1)
    const length = random(3) === 0 ? random(64) : random(6)
    const other = queue[random(queue.length)] ?? input
    const from = random(other.length + 1)
    const middle =
      random(6) === 0
        ? Buffer.from([random(256)])
        : random(3) === 0
          ? other.subarray(from, from + random(80))
          : random(8) === 0
            ? Buffer.concat([bytes.subarray(at, at + length), bytes.subarray(at, at + length)])
            : Buffer.from(PIECES[random(PIECES.length)] ?? '')
    bytes = Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + (random(2) === 0 ? length : 0))])
  }
  return bytes.subarray(0, 8192)
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}
