// One build: the command as CommonJS with lazy chunks (3 to 5 ms faster to start than ESM), the library as ESM with
// declarations. Types and walls are checked by `npm run check` and in the tests, so that a build stays short.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
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

/** What every command that reads needs anyway: one file starts faster than twenty. The rest is loaded when it is asked for. */
const CORE = new RegExp(
  [
    'src/model/',
    'src/syntax/(?:text|glob|merge-conflict)\\.ts',
    'src/cli/(?:exit-code|input|options|outputs|reading-report|terminal|time)\\.ts',
    'src/audit/(?:clock|config-file|container-file-name|discover|document-info|documents|inputs|merge|only-project|other-manifests|read-graph|subject)\\.ts',
    'src/evidence/(?:clock|folder-tree|ignore|open-input|write-files)\\.ts',
    'src/formats/[a-z-]+\\.ts',
    'src/policy/config\\.ts',
    'node_modules/ignore/',
  ].join('|'),
)
const LAZY_FORMATS =
  /src\/formats\/(?:report|evidence|signature|graph|explain|rule|sarif|validate|coverage|doctor|artifact|oci|mirror|git-ref|trust-roots|attest|vsa)/

/**
 * commander asks for node:child_process when it is loaded, for subcommands that are programs of their own; there are none
 * here, and loading that module is a tenth of an empty Node.
 */
const withoutChildProcesses = {
  name: 'commander-without-child-processes',
  transform(code, id) {
    if (!/[\\/]commander[\\/]lib[\\/]command\.js$/.test(id)) return undefined
    const wanted = "require('node:child_process')"
    if (!code.includes(wanted)) throw new Error('commander no longer asks for node:child_process as this build expects')
    return code.replace(wanted, '{}')
  },
}

const command = await rolldown({ ...common, input: { cli: 'src/cli/main.ts' }, plugins: [withoutChildProcesses] })
await command.write({
  dir: dist,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  // The version is printed without loading anything.
  banner: (chunk) => (chunk.isEntry ? "if(!/^(?:--version|-V)$/.test(process.argv[2]??''))require('./code-cache.cjs')" : ''),
  chunkFileNames: 'chunks/[name]-[hash].cjs',
  // Comments and layout gone, names kept: half the bytes to read, and an internal error still says where.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  codeSplitting: {
    groups: [{ name: 'core', test: (id) => CORE.test(id.replaceAll('\\', '/')) && !LAZY_FORMATS.test(id.replaceAll('\\', '/')) }],
  },
})

copyFileSync(join(ROOT, 'scripts', 'code-cache.cjs'), join(dist, 'code-cache.cjs'))
mustBeZero(runNode([join('scripts', 'make-code-cache.cjs')], { stdio: ['ignore', 'ignore', 'inherit'] }))

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
