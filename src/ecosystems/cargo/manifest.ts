import type { Diagnostic } from '../../model/diagnostic.js'
import type { Location } from '../../model/location.js'
import type { TomlDocument, TomlPath, TomlTable, TomlValue } from '../../syntax/toml.js'
import { isTable, parseToml } from '../../syntax/toml.js'

export type DependencyKind = 'normal' | 'build' | 'dev'

/** One dependency as a manifest or an index row declares it (spec/cargo.md §2.6). */
export interface DeclaredDependency {
  /** Key in the manifest: the name the code uses. */
  readonly key: string
  /** Real name of the package. */
  readonly package: string
  readonly requirement: string | undefined
  readonly kind: DependencyKind
  /** `[target.…]` expression as written. */
  readonly target: string | undefined
  readonly optional: boolean
  readonly features: readonly string[]
  /** Undefined where it is not stated, which means on. */
  readonly defaultFeatures: boolean | undefined
  readonly path: string | undefined
  readonly git:
    | {
        readonly url: string
        readonly branch?: string | undefined
        readonly tag?: string | undefined
        readonly rev?: string | undefined
      }
    | undefined
  /** Name of an alternative registry, or its index URL in a published manifest. */
  readonly registry: string | undefined
  /** `workspace = true`: the rest comes from `[workspace.dependencies]`. */
  readonly inherited: boolean
  readonly location: Location | undefined
}

/** A `[patch]` or `[replace]` entry. */
export interface ManifestOverride {
  readonly kind: 'patch' | 'replace'
  /** Registry name or URL of the `[patch.…]` table. */
  readonly of: string | undefined
  readonly dependency: DeclaredDependency
}

export interface Workspace {
  readonly members: readonly string[]
  readonly exclude: readonly string[]
  readonly defaultMembers: readonly string[] | undefined
  readonly resolver: string | undefined
  readonly package: TomlTable | undefined
  readonly dependencies: readonly DeclaredDependency[]
}

export interface Package {
  readonly name: string
  /** Undefined when inherited (`inheritsVersion`) or left out, which means 0.0.0. */
  readonly version: string | undefined
  readonly inherits: ReadonlySet<string>
  readonly workspace: string | undefined
  readonly edition: string | undefined
  readonly resolver: string | undefined
  readonly license: string | undefined
  readonly description: string | undefined
  readonly homepage: string | undefined
  readonly repository: string | undefined
  readonly authors: readonly string[] | undefined
  /** `publish = false` or an empty list: it goes to no registry. */
  readonly unpublished: boolean
  /** `build = false` switches the build script off, a path names it; undefined means build.rs if there is one. */
  readonly build: string | false | undefined
  readonly location: Location
}

export interface Manifest {
  /** Path of the Cargo.toml in the tree. */
  readonly path: string
  readonly package: Package | undefined
  readonly workspace: Workspace | undefined
  readonly dependencies: readonly DeclaredDependency[]
  readonly features: ReadonlyMap<string, readonly string[]>
  readonly procMacro: boolean
  readonly overrides: readonly ManifestOverride[]
  /** Place of a value, for findings. */
  readonly locate: TomlDocument['locate']
}

export type ManifestResult =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

/** Reads a Cargo.toml. Values of a wrong type count as absent: cargo would refuse the manifest, and nothing is built. */
export function parseManifest(text: string, path: string): ManifestResult {
  const parsed = parseToml(text, path)
  if (!parsed.ok) return parsed
  return { ok: true, manifest: new ManifestReader(parsed.document, path).read() }
}

const KINDS: readonly (readonly [DependencyKind, readonly string[]])[] = [
  ['normal', ['dependencies']],
  ['build', ['build-dependencies', 'build_dependencies']],
  ['dev', ['dev-dependencies', 'dev_dependencies']],
]

class ManifestReader {
  constructor(
    readonly document: TomlDocument,
    readonly path: string,
  ) {}

  read(): Manifest {
    const { value } = this.document
    return {
      path: this.path,
      package: this.#package(),
      workspace: this.#workspace(table(value['workspace'])),
      dependencies: this.#allDependencies(),
      features: features(table(value['features'])),
      procMacro: isProcMacro(table(value['lib'])),
      overrides: [...this.#patches(table(value['patch'])), ...this.#replaces(table(value['replace']))],
      locate: this.document.locate,
    }
  }

  #package(): Package | undefined {
    const { value } = this.document
    const key = value['package'] === undefined ? 'project' : 'package'
    const fields = table(value[key])
    const name = string(fields?.['name'])
    if (fields === undefined || name === undefined) return undefined
    const inherits = new Set(Object.keys(fields).filter((field) => table(fields[field])?.['workspace'] === true))
    const { publish, build } = fields
    return {
      name,
      version: string(fields['version']),
      inherits,
      workspace: string(fields['workspace']),
      edition: string(fields['edition']),
      resolver: string(fields['resolver']),
      license: string(fields['license']),
      description: string(fields['description']),
      homepage: string(fields['homepage']),
      repository: string(fields['repository']),
      authors: strings(fields['authors']),
      unpublished: publish === false || (Array.isArray(publish) && publish.length === 0),
      build: build === false ? false : string(build),
      location: this.document.locate([key, 'name']),
    }
  }

  #workspace(fields: TomlTable | undefined): Workspace | undefined {
    if (fields === undefined) return undefined
    return {
      members: strings(fields['members']) ?? [],
      exclude: strings(fields['exclude']) ?? [],
      defaultMembers: strings(fields['default-members']),
      resolver: string(fields['resolver']),
      package: table(fields['package']),
      dependencies: this.#dependencies(table(fields['dependencies']), ['workspace', 'dependencies'], 'normal', undefined),
    }
  }

  #allDependencies(): DeclaredDependency[] {
    const { value } = this.document
    const found = this.#byKind(value, [], undefined)
    for (const [expr, inner] of Object.entries(table(value['target']) ?? {}))
      found.push(...this.#byKind(table(inner) ?? {}, ['target', expr], expr))
    return found
  }

  #byKind(fields: TomlTable, path: TomlPath, target: string | undefined): DeclaredDependency[] {
    return KINDS.flatMap(([kind, keys]) =>
      keys.flatMap((key) => this.#dependencies(table(fields[key]), [...path, key], kind, target)),
    )
  }

  #dependencies(
    fields: TomlTable | undefined,
    path: TomlPath,
    kind: DependencyKind,
    target: string | undefined,
  ): DeclaredDependency[] {
    return Object.entries(fields ?? {}).map(([key, value]) => this.#dependency(key, value, [...path, key], kind, target))
  }

  #dependency(
    key: string,
    value: TomlValue,
    path: TomlPath,
    kind: DependencyKind,
    target: string | undefined,
  ): DeclaredDependency {
    const fields = table(value) ?? {}
    const git = string(fields['git'])
    return {
      key,
      package: string(fields['package']) ?? key,
      requirement: string(value) ?? string(fields['version']),
      kind,
      target,
      optional: fields['optional'] === true,
      features: strings(fields['features']) ?? [],
      defaultFeatures: boolean(fields['default-features'] ?? fields['default_features']),
      path: string(fields['path']),
      git:
        git === undefined
          ? undefined
          : { url: git, branch: string(fields['branch']), tag: string(fields['tag']), rev: string(fields['rev']) },
      registry: string(fields['registry']) ?? string(fields['registry-index']),
      inherited: fields['workspace'] === true,
      location: this.document.locate(path, 'key'),
    }
  }

  #patches(fields: TomlTable | undefined): ManifestOverride[] {
    return Object.entries(fields ?? {}).flatMap(([of, inner]) =>
      this.#dependencies(table(inner), ['patch', of], 'normal', undefined).map(
        (dependency): ManifestOverride => ({ kind: 'patch', of, dependency }),
      ),
    )
  }

  /** Keys of `[replace]` are `name:version`, or `name` with the version in the value. */
  #replaces(fields: TomlTable | undefined): ManifestOverride[] {
    return this.#dependencies(fields, ['replace'], 'normal', undefined).map((dependency): ManifestOverride => {
      const colon = dependency.key.lastIndexOf(':')
      if (colon <= 0) return { kind: 'replace', of: undefined, dependency }
      const name = dependency.key.slice(0, colon)
      return {
        kind: 'replace',
        of: undefined,
        dependency: { ...dependency, key: name, package: name, requirement: `=${dependency.key.slice(colon + 1)}` },
      }
    })
  }
}

function isProcMacro(lib: TomlTable | undefined): boolean {
  if (lib === undefined) return false
  const crateTypes = strings(lib['crate-type']) ?? strings(lib['crate_type']) ?? []
  return lib['proc-macro'] === true || lib['proc_macro'] === true || crateTypes.includes('proc-macro')
}

function features(fields: TomlTable | undefined): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(fields ?? {}).map(([name, items]) => [name, strings(items) ?? []]))
}

export function table(value: TomlValue | undefined): TomlTable | undefined {
  return isTable(value) ? value : undefined
}

export function string(value: TomlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function boolean(value: TomlValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

export function strings(value: TomlValue | undefined): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item: TomlValue) => typeof item === 'string') : undefined
}
