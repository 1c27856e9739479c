// What the project's own scripts share: running a step without a shell, on every system.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

/** Runs a JavaScript file with this Node; returns the exit code. */
export function runNode(args, options = {}) {
  const { error, status, signal } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', ...options })
  if (error) throw error
  return status ?? (signal === null ? 1 : 130)
}

/** Runs the program an installed package brings, found through its package.json: no shell, no `.cmd` files. */
export function runPackage(name, bin, args, options = {}) {
  const folder = join(ROOT, 'node_modules', ...name.split('/'))
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin]
  return runNode([join(folder, file), ...args], options)
}

/** npm itself is a JavaScript file: run it with this Node where npm told us where it is, else from beside Node. */
export function runNpm(args) {
  const candidates = [
    process.env.npm_execpath,
    join(process.execPath, '..', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(process.execPath, '..', '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  const cli = candidates.find((path) => path?.endsWith('.js') && existsSync(path))
  if (cli === undefined) throw new Error('npm was not found beside Node; run this through `npm run`')
  return runNode([cli, ...args])
}

export function step(title, run) {
  const started = performance.now()
  process.stderr.write(`> ${title}\n`)
  const code = run()
  if (code !== 0) {
    process.stderr.write(`> ${title}: failed (exit code ${code})\n`)
    process.exit(code)
  }
  process.stderr.write(`> ${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}
