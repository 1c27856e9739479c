import type { FileBytes, SourceTree, TreeEntry } from '../../../model/tree.js'
import type { SupplyInput } from '../../verifier.js'
import type { ModuleId } from '../build-list.js'
import { escapePath, unescapePath } from '../module-path.js'
import { DocumentWalk, type Manifests, readManifests } from './document-walk.js'
import { GoSources } from './go-sources.js'
import { MAX_MOD_BYTES } from './mod-document.js'
import { ModuleProxies } from './module-proxies.js'

/**
 * A module cache that holds every go.mod the configured proxies have (spec/go.md §6.4): what is read from it is fetched.
 * Code is not in it; that is fetched only where it is verified.
 */
export class ProxiedCache implements SourceTree {
  readonly label = 'module proxies'
  readonly #proxies: ModuleProxies
  #manifests: Promise<Manifests> | undefined

  constructor(readonly input: SupplyInput) {
    this.#proxies = new ModuleProxies(input.desk, new GoSources(input.environment, input.sources))
  }

  async read(path: string, limit = MAX_MOD_BYTES): Promise<FileBytes> {
    const module = moduleOf(path)
    if (module === undefined) return { ok: false, failure: 'absent', why: `${path} is not among what proxies have` }
    const { members } = await this.#begin()
    // Whoever builds it builds what is in the repository, so no other version of it is anybody's business.
    if (members.has(module.path))
      return { ok: false, failure: 'absent', why: `${module.path} is a module of this repository, and no proxy is asked for it` }
    const asked = await this.#ask(module)
    if (asked.kind === 'none') return { ok: false, failure: asked.verdict === 'absent' ? 'absent' : 'unreadable', why: asked.why }
    const { bytes } = asked.answer
    if (bytes.length <= limit) return { ok: true, bytes }
    return { ok: false, failure: 'too-large', why: `${path} has ${bytes.length} bytes, the limit is ${limit}` }
  }

  async list(): Promise<readonly TreeEntry[]> {
    return []
  }

  async stat(): Promise<TreeEntry | undefined> {
    return undefined
  }

  async link(): Promise<string | undefined> {
    return undefined
  }

  /** The first read starts to fetch everything that is going to be read. */
  #begin(): Promise<Manifests> {
    this.#manifests ??= readManifests(this.input.tree, this.input.files).then((manifests) => {
      void new DocumentWalk(manifests, async (module) => {
        const asked = await this.#ask(module)
        return asked.kind === 'ok' ? asked.answer.bytes : undefined
      }).run()
      return manifests
    })
    return this.#manifests
  }

  #ask({ path, version }: ModuleId) {
    return this.#proxies.ask(path, { version, kind: 'mod' }, { keep: 'for-ever', limitBytes: MAX_MOD_BYTES })
  }
}

const DOCUMENT = /^cache\/download\/([^@]+)\/@v\/([^/]+)\.mod$/

function moduleOf(path: string): ModuleId | undefined {
  const match = DOCUMENT.exec(path)
  const module = unescapePath(match?.[1] ?? '')
  const escaped = match?.[2] ?? ''
  if (module === undefined || escapePath(module) !== match?.[1] || !/^(?:[^A-Z!]|![a-z])*$/.test(escaped)) return undefined
  return { path: module, version: escaped.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase()) }
}
