import { expect } from 'vitest'
import { mergeInventories } from '../../../src/audit/merge.js'
import { claimCargo } from '../../../src/ecosystems/cargo/claims.js'
import { cargo } from '../../../src/ecosystems/cargo/index.js'
import type { OptionValue, Settings } from '../../../src/model/rule.js'
import type { Heard } from '../../policy/support/rule-cases.js'
import { hear } from '../../policy/support/rule-cases.js'
import { claimedFiles } from '../../support/claimed-files.js'
import { MemoryTree } from '../../support/memory-tree.js'

export type Files = Readonly<Record<string, string>>
export interface TreeCase {
  readonly rule: string
  readonly name: string
  readonly files: Files
  readonly options?: Readonly<Record<string, OptionValue>>
  readonly settings?: Partial<Settings>
}

/** Reads the files as the program does and asks the rule. */
export async function hearTree({ files, ...asked }: TreeCase): Promise<Heard> {
  const tree = new MemoryTree(files)
  const options = { caches: new Map(), environment: new Map(), targets: [], features: undefined }
  const inventory = await cargo.read({ tree, files: await claimedFiles(tree, claimCargo), options })
  // A tree that does not read as it is meant to would spare every rule.
  expect(inventory.diagnostics).toEqual([])
  return hear(cargo.rules, { ...asked, graph: mergeInventories([inventory]) })
}

export const PUBLIC = 'registry+https://github.com/rust-lang/crates.io-index'
export const CORP = 'sparse+https://crates.corp.example/index/'
export const COMMIT = 'c'.repeat(40)
export const SUM = 'a'.repeat(64)

interface Entry {
  readonly version?: string
  readonly source?: string
  readonly checksum?: string
  readonly dependencies?: readonly string[]
}

export function entry(name: string, { version = '1.0.0', source, checksum, dependencies = [] }: Entry = {}): string {
  const lines = ['[[package]]', `name = "${name}"`, `version = "${version}"`]
  if (source !== undefined) lines.push(`source = "${source}"`)
  if (checksum !== undefined) lines.push(`checksum = "${checksum}"`)
  if (dependencies.length > 0) lines.push('dependencies = [', ...dependencies.map((d) => ` "${d}",`), ']')
  return `${lines.join('\n')}\n`
}

export const lockOf = (format: number | undefined, ...entries: string[]): string =>
  [format === undefined ? '' : `version = ${format}\n`, ...entries].join('\n')
export const app = (...dependencies: string[]): string => entry('app', { version: '0.1.0', dependencies })
export const serde = entry('serde', { source: PUBLIC, checksum: SUM })
export const manifest = (rest = '', name = 'app'): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${rest}`
const withSerde = manifest('\n[dependencies]\nserde = "1"\n')
export const PLAIN: Files = { 'Cargo.toml': withSerde, 'Cargo.lock': lockOf(4, app('serde'), serde) }

/** `file:line:column` of a piece of a file. */
export function at(files: Files, file: string, piece: string, column?: number): string {
  const lines = (files[file] ?? '').split('\n')
  const line = lines.findIndex((text) => text.includes(piece))
  if (line < 0) throw new Error(`${file} does not hold ${piece}`)
  return `${file}:${line + 1}:${column ?? (lines[line] ?? '').indexOf(piece) + 1}`
}

export const REGENERATE = 'let cargo write the lockfile again (cargo update -w) and review the difference'

export const patched: Files = {
  'Cargo.toml': `${withSerde}\n[patch.crates-io]\nserde = { git = "https://git.example.com/serde" }\n`,
  'Cargo.lock': lockOf(4, app('serde'), entry('serde', { source: `git+https://git.example.com/serde#${COMMIT}` })),
}
export const replaced: Files = {
  'Cargo.toml': `${withSerde}\n[replace]\n"serde:1.0.0" = { path = "own" }\n`,
  'own/Cargo.toml': manifest('', 'serde').replace('0.1.0', '1.0.0'),
  'Cargo.lock': lockOf(4, app('serde'), `${serde}replace = "serde 1.0.0"\n`, entry('serde')),
}
export const wild: Files = { ...PLAIN, 'Cargo.toml': manifest('\n[dependencies]\nserde = "*"\n') }
export const wildPath: Files = {
  'Cargo.toml': manifest('\n[dependencies]\nown = { path = "own", version = "*" }\n'),
  'own/Cargo.toml': manifest('', 'own'),
  'Cargo.lock': lockOf(4, app('own'), entry('own', { version: '0.1.0' })),
}
export const old = (format: 1 | 2): Files => ({
  'Cargo.toml': withSerde,
  'Cargo.lock':
    format === 2
      ? lockOf(undefined, app('serde'), serde)
      : lockOf(
          undefined,
          app(`serde 1.0.0 (${PUBLIC})`),
          entry('serde', { source: PUBLIC }),
          `[metadata]\n"checksum serde 1.0.0 (${PUBLIC})" = "${SUM}"\n`,
        ),
})
export const configured = (text: string): Files => ({ ...PLAIN, '.cargo/config.toml': text })
export const wrapper = configured('[build]\nrustc-wrapper = "./own.sh"\n')
export const token = configured('[registries.corp]\nindex = "https://crates.corp.example/index"\ntoken = "secret"\n')
export const deadEnd = configured(
  '[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "nowhere"\nregistry = "https://a.example/"\n',
)
export const ring = configured('[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "crates-io"\n')
export const unreached = configured('[source.lonely]\nregistry = "https://a.example/index"\n')
export const overridden = configured('paths = ["own"]\n')
export const gitLock = (format: number, source: string): Files => ({
  'Cargo.toml': manifest('\n[dependencies]\nx = { git = "https://git.example.com/x" }\n'),
  'Cargo.lock': lockOf(format, app('x'), entry('x', { source })),
})
export const ambiguous = gitLock(3, `git+https://git.example.com/x?branch=a%2Fb#${COMMIT}`)
export const abbreviated = gitLock(4, 'git+https://git.example.com/x#abc1234')
export const twoRegistries: Files = {
  'Cargo.toml': withSerde,
  'Cargo.lock': lockOf(
    4,
    app(`serde 1.0.0 (${PUBLIC})`, `serde 1.0.0 (${CORP})`),
    serde,
    entry('serde', { source: CORP, checksum: 'b'.repeat(64) }),
  ),
}
export const dangling: Files = { ...PLAIN, 'Cargo.lock': lockOf(4, app('serde', 'gone'), serde) }
export const mixed: Files = {
  ...PLAIN,
  'Cargo.lock': lockOf(3, app('serde'), serde, `[metadata]\n"checksum serde 1.0.0 (${PUBLIC})" = "${SUM}"\n`),
}
export const summed = (checksum: string): Files => ({
  ...PLAIN,
  'Cargo.lock': lockOf(4, app('serde'), entry('serde', { source: PUBLIC, checksum })),
})
export const members = (...locked: string[]): Files => ({
  'Cargo.toml': `[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n`,
  'a/Cargo.toml': manifest('', 'a'),
  'b/Cargo.toml': manifest('', 'b'),
  'Cargo.lock': lockOf(4, ...locked.map((name) => entry(name, { version: '0.1.0' }))),
})
export const stranger: Files = { 'Cargo.lock': lockOf(4, serde) }
export const lostPath: Files = {
  'Cargo.toml': manifest('\n[dependencies]\nlost = { path = "lost" }\n'),
  'Cargo.lock': lockOf(4, app('lost'), entry('lost', { version: '0.1.0' })),
}
export const corporate: Files = {
  'Cargo.toml': manifest('\n[dependencies]\nauth = { version = "1", registry = "corp" }\n'),
  'Cargo.lock': lockOf(4, app('auth'), entry('auth', { source: CORP, checksum: SUM })),
}

export const unused: Files = {
  'Cargo.toml': patched['Cargo.toml'] ?? '',
  'Cargo.lock': lockOf(
    4,
    app('serde'),
    serde,
    `[[patch.unused]]\nname = "serde"\nversion = "0.9.0"\nsource = "git+https://git.example.com/serde#${COMMIT}"\n`,
  ),
}
export const mirror = '[source.crates-io]\nreplace-with = "a"\n[source.a]\nregistry = "sparse+https://a.example/index/"\n'
export const registryAndGit: Files = {
  ...twoRegistries,
  'Cargo.lock': lockOf(
    4,
    app(`serde 1.0.0 (${PUBLIC})`, 'serde 1.0.0 (git+https://git.example.com/serde)'),
    serde,
    entry('serde', { source: `git+https://git.example.com/serde#${COMMIT}` }),
  ),
}
export const bothIndexes: Files = {
  ...twoRegistries,
  'Cargo.lock': lockOf(
    4,
    app('serde 1.0.0', 'serde 2.0.0'),
    serde,
    entry('serde', { version: '2.0.0', source: 'sparse+https://index.crates.io/', checksum: SUM }),
  ),
}
