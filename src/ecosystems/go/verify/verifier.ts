import type { Component } from '../../../model/component.js'
import type { Evidence } from '../../../model/evidence.js'
import type { SourceTree } from '../../../model/tree.js'
import { GitSource } from '../../git-source.js'
import { Turns } from '../../turns.js'
import type { SupplyInput, Verified, Verifier, VerifyInput } from '../../verifier.js'
import type { ModuleId } from '../build-list.js'
import { modulePathProblem } from '../module-path.js'
import { isPlaceholderVersion } from '../pseudo-version.js'
import { canonicalVersion } from '../version.js'
import { ChecksumLog } from './checksum-log.js'
import type { Repositories } from './direct-tag.js'
import { GoSources } from './go-sources.js'
import { type Gathered, ModuleChecks } from './module-check.js'
import { ModuleProxies } from './module-proxies.js'
import { ProxiedCache } from './proxied-cache.js'
import { findVendoredCopies, type VendoredCopies } from './vendored-copies.js'

/** Modules asked about at a time; the desk bounds what goes to one host. */
const MODULES_AT_A_TIME = 64
const NOTHING = { why: 'it is no module' }

/** The verifier of Go. */
export function goVerifier(repositories?: Repositories): Verifier {
  return { name: 'go', supply, verify: (input) => verify(input, repositories ?? repositoriesOf(input)) }
}

function repositoriesOf({ desk, git }: VerifyInput): Repositories {
  const source = new GitSource(desk)
  source.askThrough(git)
  return source
}

function supply(input: SupplyInput): ReadonlyMap<string, SourceTree> {
  return new Map([['gomodcache', new ProxiedCache(input)]])
}

async function* verify(input: VerifyInput, repositories: Repositories): AsyncIterable<Verified> {
  const sources = new GoSources(input.environment, input.sources)
  const proxies = new ModuleProxies(input.desk, sources)
  const log = new ChecksumLog(input.desk, sources)
  const copies: VendoredCopies = input.depth.bytes ? await findVendoredCopies(input.graph, input.tree) : new Map()
  const checks = new ModuleChecks(input, proxies, log, copies, repositories)
  const turns = new Turns(MODULES_AT_A_TIME)
  const modules = input.components.map(moduleOf)
  // All of them first: whether the log can be believed is known when every look-up has ended.
  for (const module of modules) if (!('why' in module)) void log.lookup(module)
  let done = 0
  const tell = (): void => input.onProgress?.(++done, input.components.length)
  const gather = async (component: Component, module: ModuleId): Promise<Gathered> => {
    const gathered = await turns.take(() => checks.gather(component, module))
    await log.lookup(module)
    return gathered
  }
  const asked = input.components.map((component, i): Evidence | Promise<Gathered> => {
    const module = modules[i] ?? NOTHING
    if (!('why' in module)) return gather(component, module).finally(tell)
    tell()
    return { subject: component.id, check: 'go/sumdb', verdict: 'not-checkable', why: module.why }
  })
  // Whatever is thrown belongs to whoever asks for the next piece.
  for (const one of asked) if (one instanceof Promise) one.catch(() => undefined)
  for (const one of asked) {
    if (!(one instanceof Promise)) {
      yield { kind: 'evidence', evidence: one }
      continue
    }
    const gathered = await one
    const { pieces, facts } = await checks.judge(gathered)
    for (const piece of pieces) yield { kind: 'evidence', evidence: { subject: gathered.component.id, ...piece } }
    for (const fact of facts) yield { kind: 'fact', fact }
  }
}

/** What can be asked about, or why nothing can (spec/go.md §14 step 1). */
function moduleOf({ name, version, source }: Component): ModuleId | { readonly why: string } {
  if (source.kind === 'toolchain') return { why: 'the standard library comes with the toolchain, and nothing states its hash' }
  if (source.kind === 'path') return { why: 'a directory replaces it, and nobody vouches for that' }
  if (version === undefined) return { why: 'it has no version' }
  if (isPlaceholderVersion(version)) return { why: 'its version stands for none, so nobody can have it' }
  if (modulePathProblem(name) !== undefined || canonicalVersion(version) !== version)
    return { why: 'nobody can serve a module of that name and version' }
  return { path: name, version }
}
