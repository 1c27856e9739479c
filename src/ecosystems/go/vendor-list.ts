import type { Location } from '../../model/location.js'
import { SourceText } from '../../syntax/text.js'
import { isDirectory } from './directive-reader.js'
import type { ReplaceTarget } from './mod-file.js'
import { importPathProblem } from './module-path.js'
import { compareVersions, isVersion } from './version.js'

/** A module of vendor/modules.txt (spec/go.md §5.2). */
export interface VendoredModule {
  readonly path: string
  /** Absent for a replacement of every version. */
  readonly version: string | undefined
  readonly explicit: boolean
  readonly go: string | undefined
  readonly packages: readonly string[]
  readonly replacement: ReplaceTarget | undefined
  readonly location: Location
}

export interface VendorList {
  readonly file: string
  readonly workspace: boolean
  /** In the order they are first named; replacements that nothing shows use of have no package and are not explicit. */
  readonly modules: readonly VendoredModule[]
}

interface Draft {
  readonly path: string
  readonly version: string | undefined
  readonly location: Location
  readonly packages: string[]
  explicit: boolean
  go: string | undefined
  replacement: ReplaceTarget | undefined
}

/** Reads vendor/modules.txt. Forms it does not know are passed over, as the go command does. */
export function parseVendorList(text: string, file: string): VendorList {
  const source = new SourceText(file, text)
  const drafts = new Map<string, Draft>()
  let current: Draft | undefined
  for (const start of source.lineStarts) {
    const newline = text.indexOf('\n', start)
    const line = text.slice(start, newline < 0 ? text.length : newline).trimEnd()
    if (line.startsWith('# ')) current = openModule(line, source.locate(start, start + line.length), drafts, current)
    else if (current === undefined) continue
    else if (line.startsWith('## ')) annotate(current, line.slice(3))
    else {
      const name = line.trim()
      if (name !== '' && !/\s/.test(name) && importPathProblem(name) === undefined) current.packages.push(name)
    }
  }
  const first = /^[^\n]*/.exec(text)?.[0].trimEnd()
  return { file, workspace: first === '## workspace', modules: [...drafts.values()] }
}

/** A line of fewer than three fields leaves the module at hand as it is; an unknown form clears it. */
function openModule(line: string, location: Location, drafts: Map<string, Draft>, current: Draft | undefined): Draft | undefined {
  const fields = line.split(/\s+/).filter((field) => field !== '')
  const [, path = '', third] = fields
  if (third === undefined) return current
  const version = isVersion(third) ? third : undefined
  if (version === undefined && third !== '=>') return undefined
  const key = `${path} ${version ?? ''}`
  const draft = drafts.get(key) ?? {
    path,
    version,
    location,
    packages: [],
    explicit: false,
    go: undefined,
    replacement: undefined,
  }
  drafts.set(key, draft)
  const arrow = version === undefined ? 2 : 3
  if (fields[arrow] === '=>') draft.replacement = targetOf(fields.slice(arrow + 1)) ?? draft.replacement
  return draft
}

function targetOf(fields: readonly string[]): ReplaceTarget | undefined {
  const [path, version] = fields
  if (path === undefined || fields.length > 2) return undefined
  if (version === undefined) return { kind: 'directory', path }
  return isVersion(version) && !isDirectory(path) ? { kind: 'module', path, version } : undefined
}

function annotate(draft: Draft, annotations: string): void {
  for (const entry of annotations.split(';').map((text) => text.trim())) {
    if (entry === 'explicit') draft.explicit = true
    else if (entry.startsWith('go ')) draft.go = entry.slice(3)
  }
}

/** The modules that contribute packages; of a path at two versions the higher one. */
export function vendoredCode(list: VendorList): ReadonlyMap<string, VendoredModule> {
  const code = new Map<string, VendoredModule>()
  for (const module of list.modules) {
    if (module.packages.length === 0 || module.version === undefined) continue
    const known = code.get(module.path)
    if (known === undefined || compareVersions(known.version ?? '', module.version) < 0) code.set(module.path, module)
  }
  return code
}
