'use strict'
// Runs the built command over the examples in one process, so that what these runs need is compiled, and keeps that.
process.env.ASSAY_BUILD_CODE_CACHE = '1'
process.env.ASSAY_OFFLINE = '1'
process.env.SOURCE_DATE_EPOCH = '0'
const { mkdtempSync, readdirSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

// The chunks load the entry; asked for its version it does nothing else.
process.argv = [process.argv[0], 'assay', '--version']

const root = join(__dirname, '..')
const cache = require(join(root, 'dist', 'code-cache.cjs'))
const chunks = join(root, 'dist', 'chunks')
const program = readdirSync(chunks).find((name) => /^program-.*\.cjs$/.test(name))
const { run } = require(join(chunks, program))

async function main() {
  const scratch = mkdtempSync(join(tmpdir(), 'assay-build-'))
  const at = (name) => join(scratch, name)
  const example = (name) => join(root, 'examples', name)
  try {
    for (const name of ['cargo', 'polyglot']) {
      await run(['sbom', example(name), '-q', '-o', `cyclonedx-1.6-json=${at('a')}`, '-o', `spdx-2.3-json=${at('b')}`])
      await run(['audit', example(name), '-q', '-o', `json=${at('c')}`, '-o', `sarif=${at('d')}`, '-o', `text=${at('e')}`])
      await run(['graph', example(name), '-q', '-o', at('f')])
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  cache.write()
  process.exitCode = 0
}

void main()
