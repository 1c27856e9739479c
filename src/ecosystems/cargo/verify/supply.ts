import { ENDPOINTS } from '../../../model/endpoints.js'
import type { Source } from '../../../model/source.js'
import type { FileBytes, SourceTree, TreeEntry } from '../../../model/tree.js'
import { baseName, folderOf } from '../../../model/tree.js'
import type { GitSource } from '../../git-source.js'
import type { SupplyInput } from '../../verifier.js'
import { indexPath } from '../index-file.js'
import { REGISTRIES } from '../third-party.js'
import type { Place } from './place.js'
import { placeName } from './place.js'
import { Registry } from './registry.js'
import { RegistryTokens } from './tokens.js'
import type { Whereabouts } from './whereabouts.js'
import { openWhereabouts } from './whereabouts.js'

/**
 * Indexes behind the desk as a tree: files of the public registry in cargo's layout, those of others below `registries/`
 * (`registryFolder`). Each is asked for when it is read, where the verification would ask; private names never in public.
 */
export function supplyIndex(input: SupplyInput, git: GitSource): SourceTree {
  return new IndexTree(input, git)
}

class IndexTree implements SourceTree {
  readonly label = 'registry indexes'
  readonly #registries = new Map<string, Registry>()
  readonly #folders: readonly string[]
  #opened: Promise<{ readonly whereabouts: Whereabouts; readonly tokens: RegistryTokens }> | undefined

  constructor(
    readonly input: SupplyInput,
    readonly git: GitSource,
  ) {
    const locks = input.files.filter(({ format }) => format === 'cargo-lock').map(({ path }) => folderOf(path))
    this.#folders = locks.length === 0 ? ['.'] : locks
  }

  /** What an index holds cannot be listed over its protocol. */
  async list(): Promise<readonly TreeEntry[]> {
    return []
  }

  async stat(path: string): Promise<TreeEntry | undefined> {
    return path === REGISTRIES ? { path, kind: 'folder' } : undefined
  }

  async read(path: string): Promise<FileBytes> {
    const source = registryOf(path)
    const name = baseName(path)
    if (source === undefined || !path.endsWith(indexPath(name)))
      return { ok: false, failure: 'absent', why: `${path} is no path of an index` }
    let failed: FileBytes = { ok: false, failure: 'absent', why: `nobody is asked for ${name}` }
    for (const registry of await this.#askable(source, name)) {
      const got = await registry.indexFile(name, () => true)
      if (got.kind === 'ok') return { ok: true, bytes: got.bytes }
      if (got.kind !== 'other-bytes')
        failed = { ok: false, failure: got.kind === 'absent' ? 'absent' : 'unreadable', why: got.why }
    }
    return failed
  }

  async link(): Promise<undefined> {
    return undefined
  }

  async #askable(source: Source & { readonly kind: 'registry' }, name: string): Promise<readonly Registry[]> {
    this.#opened ??= this.#open()
    const { whereabouts, tokens } = await this.#opened
    const places = this.#folders.flatMap((folder): readonly Place[] => {
      const { authorities, stead } = whereabouts.registry(source, folder, name)
      return stead === undefined ? authorities : [...authorities, stead]
    })
    const { desk, tree } = this.input
    const found = new Map<string, Registry>()
    for (const place of places) {
      const key = `${place.kind} ${placeName(place)}`
      const registry =
        this.#registries.get(key) ??
        new Registry(place, {
          ...{ desk, tree, tokens, git: this.git },
          reasonNotToAsk: (url) => whereabouts.reasonNotToAskUrl(url),
        })
      this.#registries.set(key, registry)
      found.set(key, registry)
    }
    return [...found.values()]
  }

  async #open(): Promise<{ readonly whereabouts: Whereabouts; readonly tokens: RegistryTokens }> {
    const whereabouts = await openWhereabouts(this.input)
    const { environment, sources } = this.input
    return { whereabouts, tokens: new RegistryTokens(whereabouts.files, environment, sources) }
  }
}

function registryOf(path: string): (Source & { readonly kind: 'registry' }) | undefined {
  if (!path.startsWith(`${REGISTRIES}/`)) return { kind: 'registry', protocol: 'cargo-git-index', url: ENDPOINTS.cargo.gitIndex }
  const [, encoded = ''] = path.split('/', 2)
  try {
    const url = decodeURIComponent(encoded)
    // The model writes sparse indexes with a slash at the end, and repositories without.
    return { kind: 'registry', protocol: url.endsWith('/') ? 'cargo-sparse' : 'cargo-git-index', url }
  } catch {
    return undefined
  }
}
