import { createHash } from 'node:crypto'
import { crc32, gzipSync } from 'node:zlib'
import { mergeInventories } from '../../../../src/audit/merge.js'
import type { VerifyInput } from '../../../../src/ecosystems/verifier.js'
import { claimZig } from '../../../../src/ecosystems/zig/claims.js'
import { zig } from '../../../../src/ecosystems/zig/index.js'
import { ZIG_RULES } from '../../../../src/ecosystems/zig/rules.js'
import { zigVerifier } from '../../../../src/ecosystems/zig/verify/verifier.js'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import type { Evidence } from '../../../../src/model/evidence.js'
import type { Fact, Graph } from '../../../../src/model/graph.js'
import { GraphView } from '../../../../src/model/graph-view.js'
import type { Settings } from '../../../../src/model/rule.js'
import type { SourceTree } from '../../../../src/model/tree.js'
import { DEFAULT_CONFIG } from '../../../../src/policy/config.js'
import { evaluate } from '../../../../src/policy/gate.js'
import { GENERIC_RULES } from '../../../../src/policy/rules/index.js'
import { claimedFiles } from '../../../support/claimed-files.js'
import { makeTar, type TarPart } from '../../../support/make-tar.js'
import { MemoryTree } from '../../../support/memory-tree.js'

export const NO_SOURCES: Settings['sources'] = {
  registries: [],
  mirrors: [],
  git: { orgs: [], require: 'any' },
  hosts: [],
  internal: [],
}

type Files = Readonly<Record<string, string | Uint8Array>>
type Git = VerifyInput['git']

export interface Wish {
  readonly desk: Desk
  readonly git?: Git
  /** Trees of `ReadOptions.caches`. */
  readonly cache?: SourceTree
  readonly sources?: Partial<Settings['sources']>
  readonly depth?: { readonly bytes: boolean; readonly source: boolean }
  /** Read with what the verifier supplies. Default true. */
  readonly supplied?: boolean
}

export interface Run {
  readonly graph: Graph
  readonly evidence: readonly Evidence[]
  readonly facts: readonly Fact[]
}

/** Reads and verifies a tree as the pipeline does. */
export async function run(from: Files | SourceTree, wish: Wish): Promise<Run> {
  const tree = isTree(from) ? from : new MemoryTree(from)
  const { desk, git, cache, depth = { bytes: true, source: true }, supplied = true } = wish
  const files = await claimedFiles(tree, claimZig)
  const sources = { ...NO_SOURCES, ...wish.sources }
  const verifier = zigVerifier()
  const environment = new Map<string, string>()
  const given = { desk, git, environment, sources, tree, files }
  const supply = supplied ? verifier.supply?.(given) : undefined
  const caches = supply ?? new Map()
  const inventory = await zig.read({ tree, files, options: { caches, environment, targets: [], features: undefined } })
  const graph = mergeInventories([inventory])
  const components = graph.components.filter(({ firstParty }) => !firstParty)
  const evidence: Evidence[] = []
  const facts: Fact[] = []
  const told: string[] = []
  const onProgress = (done: number, of: number): void => void told.push(`${done}/${of}`)
  const named = cache === undefined ? undefined : new Map([['zig-cache', cache]])
  const input = { graph, components, tree, files, desk, git, environment, sources, depth, caches: named, onProgress }
  for await (const one of verifier.verify(input)) {
    if (one.kind === 'evidence') evidence.push(one.evidence)
    else facts.push(one.fact)
  }
  const silent = components.filter(({ id }) => !evidence.some(({ subject }) => subject === id))
  if (silent.length > 0) throw new Error(`nothing is said of ${silent.map(({ id }) => id).join(', ')}`)
  const wanted = components.map((_, i) => `${i + 1}/${components.length}`)
  if (told.join() !== wanted.join()) throw new Error(`progress was told as ${told.join()}`)
  return { graph, evidence, facts }
}

function isTree(from: Files | SourceTree): from is SourceTree {
  return typeof from['read'] === 'function'
}

/** `check name verdict`, sorted. */
export function verdicts({ graph, evidence }: Run): readonly string[] {
  const names = new Map(graph.components.map(({ id, name }) => [id, name]))
  return evidence.map(({ check, subject, verdict }) => `${check} ${names.get(subject) ?? ''} ${verdict}`).sort()
}

/** The one piece of evidence of a check, and of a package where several have it. */
export function only({ graph, evidence }: Run, check: string, name?: string): Evidence {
  const ids = new Set(graph.components.filter((one) => name === undefined || one.name === name).map(({ id }) => id))
  const found = evidence.filter((one) => one.check === check && ids.has(one.subject))
  const [one] = found
  if (one === undefined || found.length > 1) throw new Error(`${found.length} pieces of evidence are of ${check} ${name ?? ''}`)
  return one
}

/** What all rules together say of a run, as `rule: message`, of the groups that are about it. */
export function findings({ graph, evidence, facts }: Run, groups = ['zig', 'integrity', 'source']): readonly string[] {
  const verdict = evaluate({
    graph: new GraphView({ ...graph, facts: [...graph.facts, ...facts] }),
    evidence,
    verification: { asked: true, offline: false, onUnavailable: 'fail' },
    config: { ...DEFAULT_CONFIG, profile: 'strict' },
    rules: [...GENERIC_RULES, ...ZIG_RULES],
    today: '2026-08-01',
  })
  return verdict.findings
    .filter(({ rule }) => groups.includes(rule.split('/')[0] ?? '') && !QUIET.has(rule))
    .map(({ rule, message }) => `${rule}: ${message}`)
}

/** What is said of any project of these tests. */
const QUIET: ReadonlySet<string> = new Set([
  'source/insecure-transport',
  'source/ip-literal',
  'source/git-floating',
  'integrity/weak-hash',
])

/** One package made for a test, its hash reckoned here and not by the program. */
export interface MadePackage {
  readonly name: string
  readonly version: string
  /** All files, those that `paths` leave out included. */
  readonly files: Readonly<Record<string, string>>
  readonly hash: string
  readonly legacy: string
}

export interface PackageWish {
  readonly version?: string
  readonly dependencies?: string
  readonly files?: Readonly<Record<string, string>>
  /** Top-level names; default everything that is there. */
  readonly paths?: readonly string[]
  readonly id?: number
}

export function makePackage(name: string, wish: PackageWish = {}): MadePackage {
  const {
    version = '1.0.0',
    dependencies = '',
    files = { 'src/root.zig': `pub const name = "${name}";\n` },
    id = crc32(`${name} id`),
  } = wish
  const paths = wish.paths ?? ['build.zig.zon', ...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))]
  const fingerprint = (BigInt(crc32(name)) << 32n) | BigInt(id)
  const manifest = `.{ .name = .${name}, .version = "${version}", .fingerprint = 0x${fingerprint.toString(16)}, .paths = .{ ${paths.map((path) => `"${path}"`).join(', ')} }, .dependencies = .{ ${dependencies} } }\n`
  const all = { 'build.zig.zon': manifest, ...files }
  const counted = Object.entries(all).filter(([path]) => paths.some((one) => path === one || path.startsWith(`${one}/`)))
  const digest = treeDigest(counted)
  const tail = Buffer.alloc(33)
  tail.writeUInt32LE(id, 0)
  tail.writeUInt32LE(
    counted.reduce((sum, [, body]) => sum + Buffer.byteLength(body), 0),
    4,
  )
  digest.copy(tail, 8, 0, 25)
  return {
    ...{ name, version, files: all },
    hash: `${name}-${version}-${tail.toString('base64url')}`,
    legacy: `1220${digest.toString('hex')}`,
  }
}

/** spec/zig.md §4.1, for files alone. */
function treeDigest(files: readonly (readonly [string, string])[]): Buffer {
  const sorted = [...files].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const hashes = sorted.map(([path, body]) => createHash('sha256').update(`${path}\0\0${body}`).digest())
  return createHash('sha256').update(Buffer.concat(hashes)).digest()
}

/** The package as an archive with a root folder; `level` and `mtime` make other bytes of the same files. */
export function archiveOf({ name, files }: MadePackage, level = 6, more: readonly TarPart[] = []): Buffer {
  return gzipSync(makeTar([...Object.entries(files).map(([path, body]) => ({ name: `${name}/${path}`, body })), ...more]), {
    level,
  })
}

/** An entry of `dependencies`. */
export function dependency(key: string, url: string, hash: string, more = ''): string {
  return `.${key} = .{ .url = "${url}", .hash = "${hash}"${more} },`
}

/** A project with these dependencies. */
export function project(dependencies: string): Record<string, string> {
  return {
    'build.zig.zon': `.{ .name = .demo, .version = "1.0.0", .fingerprint = 0xd642dfa000000001, .minimum_zig_version = "0.14.0", .paths = .{"src"}, .dependencies = .{ ${dependencies} } }\n`,
  }
}
