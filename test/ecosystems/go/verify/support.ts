import { existsSync, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CommitFile } from '../../../../src/ecosystems/commit-record.js'
import { claimGo } from '../../../../src/ecosystems/go/claims.js'
import { go } from '../../../../src/ecosystems/go/index.js'
import { treeHash } from '../../../../src/ecosystems/go/tree-hash.js'
import type { Repositories } from '../../../../src/ecosystems/go/verify/direct-tag.js'
import { goVerifier } from '../../../../src/ecosystems/go/verify/verifier.js'
import type { VerifyDepth, VerifyInput } from '../../../../src/ecosystems/verifier.js'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import { openDesk } from '../../../../src/evidence/desk/open-desk.js'
import type { HttpClientOptions } from '../../../../src/evidence/http/http-client.js'
import type { Pack } from '../../../../src/evidence/pack/pack.js'
import type { Store } from '../../../../src/evidence/store/store.js'
import type { Evidence } from '../../../../src/model/evidence.js'
import type { Fact, Inventory } from '../../../../src/model/graph.js'
import type { Settings } from '../../../../src/model/rule.js'
import type { SourceTree } from '../../../../src/model/tree.js'
import { comesFromElsewhere } from '../../../../src/model/verification.js'
import { testClient } from '../../../evidence/http/support/clients.js'
import { http, type Loopback } from '../../../evidence/http/support/servers.js'
import { claimedFiles } from '../../../support/claimed-files.js'
import { makeZip } from '../../../support/make-zip.js'
import { MemoryTree } from '../../../support/memory-tree.js'

const NO_SOURCES: Settings['sources'] = {
  registries: [],
  mirrors: [],
  git: { orgs: [], require: 'any' },
  hosts: [],
  internal: [],
}

export interface Surroundings {
  readonly http?: HttpClientOptions
  readonly store?: Store | undefined
  readonly pack?: Pack | undefined
  readonly now?: number
  readonly offline?: boolean
}

/** A desk over a real client for loopback servers and files. */
export function testDesk({ http: options, store, pack, now = Date.UTC(2026, 0, 1), offline }: Surroundings = {}): Desk {
  const common = { store, pack, clock: { now: () => now } }
  const policy = { file: true }
  const desk =
    offline === true
      ? openDesk({ ...common, offline })
      : openDesk({ ...common, offline: false, http: () => testClient({ policy, ...options }) })
  onTestFinished(() => desk.close())
  return desk
}

export interface VerifyOptions {
  readonly desk?: Desk
  readonly sources?: Partial<Settings['sources']>
  readonly environment: Readonly<Record<string, string>>
  readonly depth?: Partial<VerifyDepth>
  readonly repositories?: Repositories
  readonly supplied?: boolean
  readonly onProgress?: VerifyInput['onProgress']
}

export interface Verification {
  readonly inventory: Inventory
  readonly evidence: readonly Evidence[]
  readonly facts: readonly Fact[]
  /** `check verdict` of one module, in the order of the checks; with `observed` for the log's own. */
  verdicts(module: string): readonly string[]
  /** Of one check of one module; exactly one. */
  one(module: string, check: string): Evidence
  fact(kind: string): readonly Fact['data'][]
}

/** Reads a tree and verifies everything in it that comes from elsewhere. */
export async function verifyTree(tree: SourceTree, options: VerifyOptions): Promise<Verification> {
  const desk = options.desk ?? testDesk()
  const files = await claimedFiles(tree, claimGo)
  const environment = new Map(Object.entries(options.environment))
  const sources = { ...NO_SOURCES, ...options.sources }
  const verifier = goVerifier(options.repositories)
  const caches = options.supplied === true ? verifier.supply?.({ desk, environment, sources, tree, files }) : undefined
  const inventory = await go.read({
    tree,
    files,
    options: { caches: caches ?? new Map(), environment, targets: [], features: undefined },
  })
  const evidence: Evidence[] = []
  const facts: Fact[] = []
  const components = inventory.components.filter(comesFromElsewhere)
  const depth = { bytes: false, source: false, ...options.depth }
  const input = { graph: inventory, components, tree, files, desk, environment, sources, depth, onProgress: options.onProgress }
  for await (const verified of verifier.verify(input)) {
    if (verified.kind === 'evidence') evidence.push(verified.evidence)
    else facts.push(verified.fact)
  }
  const said = new Set(evidence.map(({ subject }) => subject))
  const silent = components.filter(({ id }) => !said.has(id))
  if (silent.length > 0) throw new Error(`nothing is said of ${silent.map(({ id }) => id).join(', ')}`)
  const idOf = (module: string): string =>
    components.find((c) => `${c.name}@${c.version}` === module || c.name === module)?.id ?? ''
  return {
    inventory,
    evidence,
    facts,
    verdicts: (module) =>
      evidence
        .filter(({ subject }) => subject === idOf(module))
        .map(({ check, verdict, observed }) => `${check} ${verdict}${check === 'go/log' ? ` ${observed}` : ''}`)
        .sort(),
    one: (module, check) => {
      const found = evidence.filter((one) => one.subject === idOf(module) && one.check === check)
      const [first] = found
      if (first === undefined || found.length > 1) throw new Error(`${found.length} times ${check} of ${module}`)
      return first
    },
    fact: (kind) => facts.filter((fact) => fact.kind === kind).map((fact) => fact.data),
  }
}

/** Files of a commit, by their paths. */
export function commitOf(files: Readonly<Record<string, string>>): readonly CommitFile[] {
  return Object.entries(files).map(([path, body]) => ({ kind: 'file', path, bytes: bytes(body) }))
}

/** A module as its author would publish it. */
export interface MadeModule {
  readonly path: string
  readonly version: string
  readonly mod: string
  readonly zip: Uint8Array
  readonly info: string
  /** Lines of go.sum. */
  readonly sum: string
  readonly zipHash: string
  readonly modHash: string
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export interface Making {
  readonly files?: Readonly<Record<string, string>>
  readonly mod?: string
  readonly time?: string
}

export function makeModule(path: string, version: string, making: Making = {}): MadeModule {
  const mod = making.mod ?? `module ${path}\n\ngo 1.20\n`
  const files = { 'go.mod': mod, 'a.go': 'package a\n', ...making.files }
  const parts = Object.entries(files).map(([name, body]) => ({ name: `${path}@${version}/${name}`, body: bytes(body) }))
  // Hashed by the reader's own form of it, which the vectors hold against the go command.
  const zipHash = treeHash(parts.map(({ name, body }) => ({ name, content: body })))
  const modHash = treeHash([{ name: 'go.mod', content: bytes(mod) }])
  return {
    ...{ path, version, mod, zipHash, modHash, zip: makeZip(parts) },
    info: JSON.stringify({ Version: version, Time: making.time ?? '2023-01-02T03:04:05Z' }),
    sum: `${path} ${version} ${zipHash}\n${path} ${version}/go.mod ${modHash}\n`,
  }
}

export type Files = Map<string, string | Uint8Array>

/** The files of a static proxy with these modules; names are lower-case. */
export function proxyFiles(modules: readonly MadeModule[]): Files {
  const files: Files = new Map()
  for (const { path, version, mod, zip, info } of modules) {
    const base = `/${path}/@v`
    files.set(`${base}/${version}.mod`, mod)
    files.set(`${base}/${version}.zip`, zip)
    files.set(`${base}/${version}.info`, info)
    files.set(`${base}/list`, `${files.get(`${base}/list`) ?? ''}${version}\n`)
    files.set(`/${path}/@latest`, info)
  }
  return files
}

export type Special = (path: string, request: IncomingMessage, response: ServerResponse) => boolean

/** A server of files; `special` may answer first and then says true. */
export function serveFiles(files: ReadonlyMap<string, string | Uint8Array>, special: Special = () => false): Promise<Loopback> {
  return http((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    if (special(path, request, response)) return
    const body = files.get(path)
    if (body === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
    else response.writeHead(200).end(body)
  })
}

/** A server of a folder. */
export function serveFolder(folder: string): Promise<Loopback> {
  return http((request, response) => {
    const file = join(folder, decodeURIComponent(request.url ?? ''))
    const isThere = file.startsWith(folder) && existsSync(file) && statSync(file).isFile()
    if (isThere) response.writeHead(200).end(readFileSync(file))
    else response.writeHead(404).end()
  })
}

/** A project that requires these modules directly, with the go.sum their authors' tools would write. */
export function projectOf(modules: readonly MadeModule[], sum = modules.map((module) => module.sum).join('')): MemoryTree {
  const lines = modules.map(({ path, version }) => `require ${path} ${version}\n`)
  return new MemoryTree({ 'go.mod': `module example.com/project\n\ngo 1.20\n\n${lines.join('')}`, 'go.sum': sum })
}

/** A client that gives up at once. */
export const FAST: HttpClientOptions = { timeouts: { connectMs: 300, headersMs: 150, bodyMs: 150 }, retry: { attempts: 1 } }

/** Answers what ends in this with a status, with words that a gatekeeper would send. */
export const status =
  (ending: string, code: number, headers: Record<string, string> = {}): Special =>
  (path, _request, response) => {
    if (!path.endsWith(ending)) return false
    response.writeHead(code, { 'content-type': 'text/plain', ...headers }).end('no')
    return true
  }
export const silence =
  (ending: string): Special =>
  (path) =>
    path.endsWith(ending)
export const cutOff =
  (ending: string): Special =>
  (path, _request, response) => {
    if (!path.endsWith(ending)) return false
    response.writeHead(200, { 'content-length': '5000' }).write('half of it')
    setTimeout(() => response.destroy(), 10)
    return true
  }
