#!/usr/bin/env node
// The client that the sigstore conformance suite (github.com/sigstore/sigstore-conformance) drives, run from the source:
//   pytest test --entrypoint=<this file>
// Exit code 0: verified. 1: not. 2: called in a way it does not know.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..')
const folder = join(root, 'node_modules', '.cache', 'assay')
const file = join(folder, `conformance-client-${process.pid}.mjs`)
mkdirSync(folder, { recursive: true })

const bundle = await rolldown({ cwd: root, platform: 'node', input: join(here, 'client-command.ts') })
const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
writeFileSync(file, output[0].code)
try {
  const { runClient } = await import(pathToFileURL(file).href)
  process.exitCode = await runClient(process.argv.slice(2))
} finally {
  rmSync(file, { force: true })
}
