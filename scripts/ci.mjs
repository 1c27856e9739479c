// The steps of .ci/run that need no shell: checks, all tests on this Node, the tests of the built program on newer
// ones, and the closing line.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, runNode, runNpm, runPackage } from './steps.mjs'

const counts = { passed: 0, failed: 0, skipped: 0 }
const scratch = mkdtempSync(join(tmpdir(), 'assay-ci-'))

/** One named thing that passes or fails as a whole. */
function single(title, run) {
  process.stderr.write(`\n== ${title}\n`)
  const code = run()
  if (code === 0) counts.passed += 1
  else {
    counts.failed += 1
    process.stderr.write(`== ${title}: FAILED (exit code ${code})\n`)
  }
  return code === 0
}

/** A vitest run, counted by its own report; a run without a report is a failure. */
function tests(title, node, args) {
  process.stderr.write(`\n== ${title}\n`)
  const report = join(scratch, `${title.replaceAll(/\W+/g, '-')}.json`)
  const words = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args]
  const code =
    node === process.execPath
      ? runPackage('vitest', 'vitest', words)
      : runNode([join(ROOT, 'scripts', 'with-node.mjs'), node, ...words])
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined
  counts.passed += result?.numPassedTests ?? 0
  counts.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0)
  counts.failed += result?.numFailedTests ?? 0
  if (code !== 0 && (result?.numFailedTests ?? 0) === 0) counts.failed += 1
}

try {
  if (single('set-up', () => runNode(['scripts/setup.mjs']))) {
    single('types, lint, format, walls', () => runNode(['scripts/check.mjs']))
    tests(`tests on Node ${process.versions.node}`, process.execPath, [])
    for (const major of [22, 24]) {
      const node = newerNode(major)
      if (node === undefined) {
        process.stderr.write(`\n== tests on Node ${major}: skipped, that Node could not be installed\n`)
        counts.skipped += 1
      } else tests(`tests on Node ${major}`, node, [])
    }
    single('the example of the README', () => runNode(['scripts/demo.mjs']))
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1

/** Another Node, from the package registry (its platform packages hold the binary itself); undefined where it cannot be had. */
function newerNode(major) {
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const folder = join(scratch, `node-${major}`)
  const code = runNpm([
    'install',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--force',
    `node-${platform}@${major}`,
  ])
  const binary = join(folder, 'node_modules', `node-${platform}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return code === 0 && existsSync(binary) ? binary : undefined
}
