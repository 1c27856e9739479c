import type { ComponentId, EdgeKnowledge, Scope } from '../../model/component.js'
import { componentId } from '../../model/component.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import type { Source } from '../../model/source.js'
import { folderOf, resolvePath } from '../../model/tree.js'
import type { ModuleId } from './build-list.js'
import { moduleKey } from './build-list.js'
import type { Replace, Requirement } from './mod-file.js'
import { modulePurl } from './purl.js'
import type { VendoredModule } from './vendor-list.js'

/**
 * How a module got into the list: `direct` and `indirect` as the require lines of main modules say, `implied` by
 * requirements of others only, `vendored` and `recorded` where the real list cannot be computed and modules.txt or
 * go.sum is the next best.
 */
export type Relation = 'direct' | 'indirect' | 'implied' | 'vendored' | 'recorded'

/** One module of a build list with all that is known of it; what components, facts and the ledger are made from. */
export interface KnownModule {
  /** Path and version as they are asked for. */
  readonly module: ModuleId
  /** The code that is built: the module itself or what replaces it. */
  readonly code: Code
  readonly replace: Replace | undefined
  readonly id: ComponentId
  readonly relation: Relation
  readonly requirements: readonly Requirement[]
  /** Packages of it that a `tool` line names. */
  readonly tools: readonly string[]
  readonly scopes: readonly Scope[]
  readonly edges: EdgeKnowledge
  readonly vendored: VendoredModule | undefined
}

export type Code =
  | { readonly kind: 'module'; readonly path: string; readonly version: string }
  /** `folder` is undefined when it is outside of the repository. */
  | { readonly kind: 'directory'; readonly written: string; readonly folder: string | undefined }

const PROXY: Source = { kind: 'registry', protocol: 'go-proxy', url: ENDPOINTS.go.proxy }

export function codeOf(module: ModuleId, replace: Replace | undefined): Code {
  if (replace === undefined) return { kind: 'module', ...module }
  const { target } = replace
  if (target.kind === 'module') return target
  return { kind: 'directory', written: target.path, folder: resolvePath(folderOf(replace.location.file), target.path) }
}

/** Name, version, source and package URL: those of the code, since that is what is built and what advisories speak of. */
export function identityOf(module: ModuleId, code: Code) {
  if (code.kind === 'module') {
    const { path: name, version } = code
    return { id: componentId('go', name, version, PROXY), name, version, source: PROXY, purl: modulePurl(name, version) }
  }
  const name = module.path
  const source: Source =
    code.folder === undefined
      ? { kind: 'path', path: code.written.replaceAll('\\', '/'), outside: true }
      : { kind: 'path', path: code.folder, outside: false }
  return { id: componentId('go', name, undefined, source), name, version: undefined, source, purl: modulePurl(name, undefined) }
}

/** `path@version` as asked for, which is how the go command speaks of it. */
export function labelOf(known: KnownModule): string {
  return moduleKey(known.module)
}
