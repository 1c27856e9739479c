// Makes a fresh clone ready: installs the locked packages when they are not there or not the locked ones, and builds
// when a source is newer than the build. Both say so. Nothing is done twice.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runNode, runNpm, step } from './steps.mjs'

const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
const stamp = join(ROOT, 'node_modules', '.assay-lock')
const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock
if (!installed) {
  step('installing the locked packages (npm ci)', () => runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']))
  writeFileSync(stamp, lock)
}

const built = join(ROOT, 'dist', '.built')
const newest = Math.max(
  ...['src', 'schemas', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'].map((name) =>
    newestIn(join(ROOT, name)),
  ),
)
if (!existsSync(built) || statSync(built).mtimeMs < newest) {
  rmSync(built, { force: true })
  step('building', () => runNode(['scripts/build.mjs']))
}

function newestIn(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(
    stats.mtimeMs,
    ...readdirSync(path)
      .filter((name) => name !== 'generated')
      .map((name) => newestIn(join(path, name))),
  )
}
