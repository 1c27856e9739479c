import type { Diagnostic } from '../../model/diagnostic.js'
import type { JsonObjectNode } from '../../syntax/json.js'
import type { Field } from './json-fields.js'
import { fieldOf, memberOf, notAnObject, objectOf, parseNimJson, textOf } from './json-fields.js'
import type { LockSink } from './lock.js'

/** The entries of an `atlas.lock` (spec/nimble.md §7): commits, no checksums, no edges. */
export function readAtlasEntries(root: JsonObjectNode, sink: LockSink): void {
  const items = sink.object(root, 'items', [])
  for (const [name, { key, value }] of items?.members ?? []) {
    const at = ['items', name]
    if (value.kind !== 'object') {
      sink.fail('wrong-type', at.join('.'), value, 'must be an object')
      continue
    }
    const url = sink.text(value, 'url', at)
    const revision = sink.hash(value, 'commit', at, 'invalid-revision')
    if (url === undefined || revision === undefined) continue
    sink.entries.push({
      name,
      version: textOf(memberOf(value, 'version')) ?? '',
      revision: revision.text === '' ? undefined : revision.text,
      url,
      method: 'git',
      dependencies: [],
      sha1: undefined,
      task: undefined,
      location: sink.document.locate(key),
    })
  }
}

/** One line of an Atlas configuration that sends a name or URL somewhere else. */
export interface AtlasOverride {
  readonly kind: 'nameOverrides' | 'urlOverrides' | 'pkgOverrides'
  /** Name or URL, often a pattern. */
  readonly from: Field
  readonly to: Field
}

export interface AtlasConfig {
  readonly path: string
  readonly overrides: readonly AtlasOverride[]
  /** `SemVer`, `MinVer`, `MaxVer`: which version a fresh resolution takes. */
  readonly resolver: Field | undefined
  /** Folder of scripts that Atlas runs. */
  readonly plugins: Field | undefined
  /** Folder of the clones. */
  readonly deps: Field | undefined
}

export type AtlasConfigResult =
  | { readonly ok: true; readonly config: AtlasConfig }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

const KINDS = ['nameOverrides', 'urlOverrides', 'pkgOverrides'] as const

/** Reads an `atlas.config`. */
export function parseAtlasConfig(text: string, file: string): AtlasConfigResult {
  const parsed = parseNimJson(text, file, 'input/config-unparseable')
  if (!parsed.ok) return parsed
  const { document } = parsed
  const root = objectOf(document.root)
  if (root === undefined) return { ok: false, diagnostic: notAnObject(file, document.locate(document.root)) }
  const overrides: AtlasOverride[] = []
  for (const kind of KINDS) {
    for (const [from, { key, value }] of objectOf(memberOf(root, kind))?.members ?? []) {
      const to = fieldOf(document, value)
      if (to !== undefined) overrides.push({ kind, from: { text: from, location: document.locate(key) }, to })
    }
  }
  return {
    ok: true,
    config: {
      path: file,
      overrides,
      resolver: fieldOf(document, memberOf(root, 'resolver')),
      plugins: fieldOf(document, memberOf(root, 'plugins')),
      deps: fieldOf(document, memberOf(root, 'deps')),
    },
  }
}
