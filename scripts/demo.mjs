// The first result of a newcomer: sets up what is missing, audits examples/polyglot, and says what the exit code means.
import { runNode } from './steps.mjs'

const ready = runNode(['scripts/setup.mjs'])
if (ready !== 0) process.exit(ready)
const args = ['dist/cli.cjs', 'audit', 'examples/polyglot', '--offline', ...process.argv.slice(2)]
process.stderr.write(`> assay ${args.slice(1).join(' ')}\n`)
const code = runNode(args)
if (code === 1) {
  process.stderr.write('> exit code 1: the example is deliberately wrong, and assay found it. In CI this fails the job.\n')
} else {
  process.stderr.write(`> exit code ${code}, but this example should end with 1\n`)
  process.exitCode = 1
}
