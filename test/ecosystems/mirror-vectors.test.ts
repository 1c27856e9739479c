import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { mergeInventories } from '../../src/audit/merge.js'
import { claimCargo } from '../../src/ecosystems/cargo/claims.js'
import { planCargo } from '../../src/ecosystems/cargo/mirror/plan.js'
import { readCargo } from '../../src/ecosystems/cargo/read.js'
import { planGo } from '../../src/ecosystems/go/mirror/plan.js'
import type { MirrorFile, MirrorOutcome, MirrorPlan } from '../../src/ecosystems/mirror.js'
import type { Graph } from '../../src/model/graph.js'
import { comesFromElsewhere } from '../../src/model/verification.js'
import { claimedFiles } from '../support/claimed-files.js'
import { MemoryTree } from '../support/memory-tree.js'
import { describeShared, readSharedBytes, readSharedJson, sharedPath } from '../support/shared.js'
import { lockOf, NO_SOURCES, serve, testDesk } from './cargo/verify/support.js'

/** Outcomes by `name version`, each asked for with an empty store. */
async function outcomes({ items }: MirrorPlan): Promise<ReadonlyMap<string, MirrorOutcome>> {
  const found = new Map<string, MirrorOutcome>()
  for (const { pinned, fetch } of items) found.set(`${pinned.name} ${pinned.version ?? ''}`, await fetch(async () => undefined))
  return found
}

function bytesAt(files: readonly MirrorFile[], path: string): Buffer {
  const file = files.find((one) => one.path === path)
  return file !== undefined && 'bytes' in file ? Buffer.from(file.bytes) : Buffer.from('nothing')
}

describeShared('vectors/cargo/registry', 'a store from the fixture registry', () => {
  interface Row {
    readonly registry: string
    readonly name: string
    readonly version: string
    readonly downloadPath?: string
    readonly sha256?: string
    readonly indexCksum?: string
    readonly checksumMatches?: boolean
  }
  it('has each crate whose archive is what the lock states, byte for byte, and no other', async () => {
    const { crates } = readSharedJson<{ readonly crates: readonly Row[] }>('vectors/cargo/registry/expected.json')
    const rows = crates.filter(
      ({ registry, indexCksum, sha256 }) => registry === 'fixture-a' && indexCksum !== undefined && sha256 !== undefined,
    )
    const tree = new MemoryTree({
      'Cargo.lock': lockOf(rows.map(({ name, version, indexCksum }) => ({ name, version, checksum: indexCksum }))),
    })
    const files = await claimedFiles(tree, claimCargo)
    const options = { caches: new Map(), environment: new Map(), targets: [], features: undefined }
    const graph = mergeInventories([await readCargo({ tree, files, options })])
    const { origin } = await serve((own, request, response) => {
      const path = sharedPath('vectors/cargo/registry', decodeURIComponent((request.url ?? '').slice(1)))
      if (!existsSync(path)) response.writeHead(404).end()
      else if (path.endsWith('config.json')) response.end(readFileSync(path, 'utf8').replaceAll('http://127.0.0.1:8765', own))
      else response.end(readFileSync(path))
    })
    const plan = await planCargo({
      ...{ graph, tree, files, environment: new Map(), desk: testDesk({ policy: { allowHosts: ['127.0.0.1'] } }) },
      components: graph.components.filter(comesFromElsewhere),
      sources: { ...NO_SOURCES, mirrors: [{ url: `sparse+${origin}/index/`, of: 'crates.io' }] },
    })
    const found = await outcomes(plan)
    for (const { name, version, checksumMatches, downloadPath = '' } of rows) {
      const outcome = found.get(`${name} ${version}`)
      expect([name, version, outcome?.kind]).toEqual([name, version, checksumMatches === true ? 'verified' : 'refused'])
      if (outcome?.kind !== 'verified') continue
      const stored = bytesAt(outcome.files, `cargo/crates.io/${name}-${version}.crate`)
      expect(stored.equals(readSharedBytes('vectors/cargo/registry', downloadPath))).toBe(true)
    }
    process.stdout.write(`cargo mirror vectors: ${rows.length} rows\n`)
    expect(rows.length).toBeGreaterThan(5)
  })
})

describeShared('vectors/go/proxy', 'a store from the proxy of the vectors', () => {
  interface Module {
    readonly path: string
    readonly version: string
    readonly escaped: string
    readonly zipH1: string
    readonly goModH1: string
    readonly zipFileSha256: string
  }
  let stored = 0
  let wanted = 0
  afterAll(() => void process.stdout.write(`go mirror vectors: ${stored} of ${wanted} modules stored\n`))

  it('has each module whose files have the hashes of go.sum', async () => {
    const { modules } = readSharedJson<{ readonly modules: readonly Module[] }>('vectors/go/hashes.json')
    wanted = modules.length
    const lines = modules.flatMap(({ path, version, zipH1, goModH1 }) => [
      `${path} ${version} ${zipH1}`,
      `${path} ${version}/go.mod ${goModH1}`,
    ])
    const tree = new MemoryTree({ 'go.sum': `${lines.join('\n')}\n` })
    const graph: Graph = { projects: [], components: [], edges: [], replacements: [], facts: [], diagnostics: [], files: [] }
    const plan = await planGo({
      ...{ graph, tree, components: [], files: [{ path: 'go.sum', format: 'go-sum' }], desk: testDesk(), sources: NO_SOURCES },
      environment: new Map([
        ['GOPROXY', pathToFileURL(sharedPath('vectors/go/proxy')).href],
        ['GOSUMDB', 'off'],
      ]),
    })
    const found = await outcomes(plan)
    for (const { path, version, zipFileSha256 } of modules) {
      const outcome = found.get(`${path} ${version}`)
      expect([path, version, outcome]).toMatchObject([path, version, { kind: 'verified' }])
      if (outcome?.kind !== 'verified') continue
      const zip = outcome.files.find((file) => file.path.endsWith('.zip'))
      const bytes = bytesAt(outcome.files, zip?.path ?? '')
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(zipFileSha256)
      // Where the proxy of the vectors has it, the store has it.
      const below = zip?.path.slice('go/cache/download/'.length) ?? ''
      expect(existsSync(join(sharedPath('vectors/go/proxy'), ...below.split('/')))).toBe(true)
      stored += 1
    }
  })
})
