import { LOCAL_SOURCE } from '../../model/signature-fact.js'
import type { SourceTree } from '../../model/tree.js'
import { folderOf } from '../../model/tree.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'
import { BundleCollector, foundBundle, MAX_BUNDLE_BYTES } from './found-bundle.js'
import type { LookupKey } from './lookup-key.js'
import { keyText, lookupKeys } from './lookup-key.js'
import type { LookupAnswer, LookupSource, LookupSubject } from './source.js'

const ENDINGS = ['.jsonl', '.sigstore.json', '.json']
const INDEX = 'index.json'
const INDEX_LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 4 }
/** Files of one digest that an index may name. */
const MOST_FILES = 100
const LONGEST_FILE = 1024

/**
 * A folder of attestations by digest (spec/trust.md §3.5, source 2): `<alg>/<hex>`, `<alg>-<hex>`, `<alg>:<hex>` with the
 * endings `.jsonl` (as `gh attestation download` writes it), `.sigstore.json` and `.json`, and `index.json`, which maps a
 * digest to files. `tree` does not follow links that leave it. `name` is what reports say.
 */
export function folderSource(tree: SourceTree, name: string): LookupSource {
  let index: Promise<ReadIndex> | undefined
  const listed = new Listing(tree)
  const source = `${LOCAL_SOURCE}${name}`
  return {
    name: source,
    async ask({ anchors }: LookupSubject): Promise<LookupAnswer> {
      const keys = lookupKeys(anchors)
      if (keys.length === 0) return { kind: 'not-applicable', source, why: 'no digest is known by which a folder is asked' }
      index ??= readIndex(tree)
      const read = await index
      const collected = new BundleCollector()
      if (!read.ok) collected.missing(`${INDEX} cannot be read: ${read.why}`)
      const named = read.ok ? keys.flatMap((key) => read.files.get(keyText(key)) ?? []) : []
      if (named.length > MOST_FILES) collected.missing(`${INDEX} names more than ${MOST_FILES} files`)
      const files = [...(await listed.present(keys.flatMap(filesOf))), ...named.slice(0, MOST_FILES)]
      for (const file of new Set(files)) if (!(await addFile(tree, file, named.includes(file), collected))) break
      const { bundles, incomplete } = collected
      if (bundles.length > 0) return { kind: 'found', source, bundles, incomplete }
      return incomplete === undefined ? { kind: 'none', source } : { kind: 'unknown', source, why: incomplete }
    },
  }
}

/** What is in a folder, listed once: a component has nine names under which its attestations may be, and most have none. */
class Listing {
  readonly #folders = new Map<string, Promise<ReadonlySet<string>>>()

  constructor(readonly tree: SourceTree) {}

  async present(files: readonly string[]): Promise<string[]> {
    const present: string[] = []
    for (const file of files) if ((await this.#list(folderOf(file))).has(file)) present.push(file)
    return present
  }

  #list(folder: string): Promise<ReadonlySet<string>> {
    const known = this.#folders.get(folder) ?? this.tree.list(folder).then((entries) => new Set(entries.map(({ path }) => path)))
    this.#folders.set(folder, known)
    return known
  }
}

/** Names with a colon cannot be on Windows; elsewhere GitHub's tool writes them. */
function filesOf({ algorithm, hex }: LookupKey): string[] {
  return ['/', '-', ':'].flatMap((between) => ENDINGS.map((ending) => `${algorithm}${between}${hex}${ending}`))
}

/** False when nothing more need be read. */
async function addFile(tree: SourceTree, file: string, mustBe: boolean, collected: BundleCollector): Promise<boolean> {
  const entry = await tree.stat(file)
  if (entry === undefined && !mustBe && (await tree.link(file)) === undefined) return true
  // Asked first: opening a pipe would wait for whoever writes to it.
  if (entry?.kind !== 'file') {
    collected.missing(`${file} is no file inside the folder`)
    return true
  }
  const read = await tree.read(file, MAX_BUNDLE_BYTES)
  if (read.ok) return collected.add(foundBundle(file, read.bytes))
  collected.missing(read.why)
  return true
}

type ReadIndex =
  | { readonly ok: true; readonly files: ReadonlyMap<string, readonly string[]> }
  | { readonly ok: false; readonly why: string }

/** `{"sha256:HEX": ["file", …]}`. No index is an empty one. */
async function readIndex(tree: SourceTree): Promise<ReadIndex> {
  const entry = await tree.stat(INDEX)
  if (entry === undefined && (await tree.link(INDEX)) === undefined) return { ok: true, files: new Map() }
  if (entry?.kind !== 'file') return { ok: false, why: 'it is no file inside the folder' }
  const read = await tree.read(INDEX, INDEX_LIMITS.maxBytes)
  if (!read.ok) return { ok: false, why: read.why }
  const json = parseStrictJson(read.bytes, INDEX_LIMITS)
  if (!json.ok) return { ok: false, why: json.why }
  if (!isJsonObject(json.value)) return { ok: false, why: 'it is no JSON object' }
  const files = new Map<string, readonly string[]>()
  for (const digest of Object.keys(json.value)) {
    const list = fieldOf(json.value, digest)
    const all = typeof list === 'string' ? [list] : list
    if (!Array.isArray(all) || !all.every(isInnerPath))
      return { ok: false, why: 'a digest in it does not map to paths of files in the folder' }
    files.set(digest, all)
  }
  return { ok: true, files }
}

/** A relative path that goes down only, in the one form that trees have. */
function isInnerPath(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_FILE || /[\\\u0000-\u001f]/.test(value)) return false
  return value.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
