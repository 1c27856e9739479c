import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const environment = { ...process.env }
delete environment['NODE_EXTRA_CA_CERTS']

/** Wall milliseconds of one Node process from start to end; its output is read and thrown away. */
function once(args) {
  const started = process.hrtime.bigint()
  const { error, status } = spawnSync(process.execPath, args, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 30,
  })
  if (error) throw error
  if (status !== 0 && status !== 1) throw new Error(`${args.join(' ')} ended with ${status}`)
  return Number(process.hrtime.bigint() - started) / 1e6
}

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** Runs the two in turn after one warm-up each; the ratio is the median of the pairwise ratios. */
export function compare(command, floor, runs) {
  once(command)
  once(floor)
  const pairs = Array.from({ length: runs }, () => [once(command), once(floor)])
  return {
    ratio: medianOf(pairs.map(([a, b]) => a / b)),
    median: medianOf(pairs.map(([a]) => a)),
    floor: medianOf(pairs.map(([, b]) => b)),
  }
}

/** Peak resident memory in MB, as the process itself reports it on leaving (`process.resourceUsage().maxRSS`, kB). */
export function peakMemory(args) {
  const probe = join(import.meta.dirname, 'report-memory.cjs')
  const { stderr } = spawnSync(process.execPath, ['--require', probe, ...args], {
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  const kilobytes = /PEAK (\d+)/.exec(stderr)?.[1]
  if (kilobytes === undefined) throw new Error('the process reported no memory')
  return Number(kilobytes) / 1024
}
