import { mergeInventories } from '../../../../src/audit/merge.js'
import { claimNimble } from '../../../../src/ecosystems/nimble/claims.js'
import { nimble } from '../../../../src/ecosystems/nimble/index.js'
import { nimbleVerifier } from '../../../../src/ecosystems/nimble/verify/verifier.js'
import type { VerifyInput } from '../../../../src/ecosystems/verifier.js'
import type { Desk } from '../../../../src/evidence/desk/desk.js'
import type { Evidence } from '../../../../src/model/evidence.js'
import type { Fact, Graph } from '../../../../src/model/graph.js'
import { GraphView } from '../../../../src/model/graph-view.js'
import { DEFAULT_CONFIG } from '../../../../src/policy/config.js'
import { evaluate } from '../../../../src/policy/gate.js'
import { GENERIC_RULES } from '../../../../src/policy/rules/index.js'
import { file, type Source, source } from '../../../evidence/desk/support/source.js'
import type { Repository } from '../../../evidence/git/support/repository.js'
import { claimedFiles } from '../../../support/claimed-files.js'
import { MemoryTree } from '../../../support/memory-tree.js'
import { lock, manifest } from '../support.js'

export interface Wish {
  readonly desk: Desk
  readonly git?: VerifyInput['git']
  readonly sources?: Partial<VerifyInput['sources']>
  readonly depth?: VerifyInput['depth']
  /** Read with what the verifier supplies. Default true. */
  readonly supplied?: boolean
}

export interface Run {
  readonly graph: Graph
  readonly evidence: readonly Evidence[]
  readonly facts: readonly Fact[]
}

/** Reads and verifies a tree as the pipeline does. */
export async function run(content: Readonly<Record<string, string>>, wish: Wish): Promise<Run> {
  const tree = new MemoryTree(content)
  const { desk, git, depth = { bytes: true, source: true }, supplied = true } = wish
  const files = await claimedFiles(tree, claimNimble)
  const environment = new Map<string, string>()
  const none = { registries: [], mirrors: [], git: { orgs: [], require: 'any' }, hosts: [], internal: [] } as const
  const sources = { ...none, ...wish.sources }
  const verifier = nimbleVerifier()
  const given = { desk, git, environment, sources, tree, files }
  const caches = supplied ? (verifier.supply?.(given) ?? new Map()) : new Map()
  const inventory = await nimble.read({ tree, files, options: { caches, environment, targets: [], features: undefined } })
  const graph = mergeInventories([inventory])
  const components = graph.components.filter(({ firstParty }) => !firstParty)
  const evidence: Evidence[] = []
  const facts: Fact[] = []
  for await (const one of verifier.verify({ ...given, graph, components, depth })) {
    if (one.kind === 'evidence') evidence.push(one.evidence)
    else facts.push(one.fact)
  }
  const silent = components.filter(({ id }) => !evidence.some(({ subject }) => subject === id))
  if (silent.length > 0) throw new Error(`nothing is said of ${silent.map(({ id }) => id).join(', ')}`)
  return { graph, evidence, facts }
}

/** `check verdict` of one package, sorted. */
export function verdicts({ graph, evidence }: Run, name: string): readonly string[] {
  const ids = new Set(graph.components.filter((one) => one.name === name).map(({ id }) => id))
  return evidence.flatMap(({ check, subject, verdict }) => (ids.has(subject) ? [`${check} ${verdict}`] : [])).sort()
}

/** The one piece of evidence of a check, and of a package where several have it. */
export function only({ graph, evidence }: Run, check: string, name?: string): Evidence {
  const ids = new Set(graph.components.filter((one) => name === undefined || one.name === name).map(({ id }) => id))
  const found = evidence.filter((one) => one.check === check && ids.has(one.subject))
  const [one] = found
  if (one === undefined || found.length > 1) throw new Error(`${found.length} pieces of evidence are of ${check} ${name ?? ''}`)
  return one
}

/** What is said of any project of these tests. */
const QUIET: ReadonlySet<string> = new Set(['source/insecure-transport', 'source/ip-literal', 'integrity/weak-hash'])

/** What all rules together say of a run, as `rule: message`, of the groups that are about it. */
export function findings({ graph, evidence, facts }: Run, groups = ['nimble', 'integrity', 'source']): readonly string[] {
  const verdict = evaluate({
    graph: new GraphView({ ...graph, facts: [...graph.facts, ...facts] }),
    evidence,
    verification: { asked: true, offline: false, onUnavailable: 'fail' },
    config: { ...DEFAULT_CONFIG, profile: 'strict' },
    rules: [...GENERIC_RULES, ...nimble.rules],
    today: '2026-08-01',
  })
  return verdict.findings
    .filter(({ rule }) => groups.includes(rule.split('/')[0] ?? '') && !QUIET.has(rule))
    .map(({ rule, message }) => `${rule}: ${message}`)
}

export interface Row {
  readonly path: string
  readonly kind: 'file' | 'symlink' | 'submodule'
  readonly executable?: boolean
  readonly base64?: string
  readonly target?: string
}

/** A commit of these rows, with links, modes and submodules as a repository has them. */
export function commitRows(repository: Repository, rows: readonly Row[], parents: readonly string[] = []): string {
  return repository.commitTree(treeOf(repository, rows), parents)
}

function treeOf(repository: Repository, rows: readonly Row[]): string {
  const folders = new Map<string, Row[]>()
  const lines: string[] = []
  for (const row of rows) {
    const slash = row.path.indexOf('/')
    if (slash >= 0) {
      const folder = row.path.slice(0, slash)
      folders.set(folder, [...(folders.get(folder) ?? []), { ...row, path: row.path.slice(slash + 1) }])
    } else if (row.kind === 'submodule') lines.push(`160000 commit ${'1'.repeat(40)}\t${row.path}\0`)
    else if (row.kind === 'symlink') lines.push(`120000 blob ${repository.blob(row.target ?? '')}\t${row.path}\0`)
    else {
      const id = repository.blob(Buffer.from(row.base64 ?? '', 'base64'))
      lines.push(`${row.executable === true ? '100755' : '100644'} blob ${id}\t${row.path}\0`)
    }
  }
  for (const [name, inner] of folders) lines.push(`040000 tree ${treeOf(repository, inner)}\t${name}\0`)
  return repository.git(['mktree', '-z'], lines.join(''))
}

/** A project that locks these packages. */
export function project(packages: Readonly<Record<string, object>>): Record<string, string> {
  return {
    'app.nimble': manifest(...Object.keys(packages).map((name) => `requires "${name}"`)),
    'nimble.lock': lock(packages),
  }
}

/** A place for package lists, and the sources that name it. */
export async function lists(
  content: readonly object[] = [],
): Promise<Source & { readonly sources: { mirrors: { url: string; of: string }[] } }> {
  const served = await source()
  served.paths.set('/packages.json', file(JSON.stringify(content)))
  return { ...served, sources: { mirrors: [{ url: `${served.origin}/packages.json`, of: 'nim:official' }] } }
}
