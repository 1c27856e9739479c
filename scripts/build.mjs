// One build: the command as CommonJS with lazy chunks (3 to 5 ms faster to start than ESM), the library as ESM with
// declarations. Types and walls are checked by `npm run check` and in the tests, so that a build stays short.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { ROOT, runNode, runPackage } from './steps.mjs'

const dist = join(ROOT, 'dist')
rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })

const generate = join(ROOT, 'scripts', 'generate-validators.mjs')
if (existsSync(generate)) mustBeZero(runNode([generate]))

const common = {
  cwd: ROOT,
  platform: 'node',
  treeshake: true,
  onLog(level, log, handler) {
    if (level === 'warn') throw new Error(`the build warns: ${log.message}`)
    handler(level, log)
  },
}

const command = await rolldown({ ...common, input: { cli: 'src/cli/main.ts' } })
await command.write({
  dir: dist,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
  minify: 'dce-only',
})

const library = await rolldown({ ...common, input: { index: 'src/index.ts' } })
await library.write({
  dir: join(dist, 'lib'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
})

mustBeZero(runPackage('typescript', 'tsc', ['-p', 'tsconfig.build.json']))
writeFileSync(join(dist, '.built'), '')

function mustBeZero(code) {
  if (code !== 0) process.exit(code)
}
