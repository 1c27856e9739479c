/** How a git source names what it wants, beside the commit the lock pins. */
export interface GitRef {
  readonly kind: 'default' | 'branch' | 'tag' | 'rev'
  readonly value?: string | undefined
}

/**
 * Where a component comes from. Two components with one name and version from two sources are two components, so
 * the source is part of the identity (`componentId`).
 */
export type Source =
  /** A package registry or module proxy protocol. `url` in the ecosystem's canonical form. */
  | { readonly kind: 'registry'; readonly protocol: RegistryProtocol; readonly url: string }
  /** A git repository; `commit` where pinned, full and lower-case. */
  | {
      readonly kind: 'git'
      readonly url: string
      readonly ref?: GitRef | undefined
      readonly commit?: string | undefined
      /** Folder inside the repository, `/`-separated. */
      readonly subdirectory?: string | undefined
    }
  /** A Mercurial, Subversion, Fossil or Bazaar repository. */
  | {
      readonly kind: 'vcs'
      readonly system: 'hg' | 'svn' | 'fossil' | 'bzr'
      readonly url: string
      readonly revision?: string | undefined
    }
  /** One archive or file at a URL. */
  | { readonly kind: 'archive'; readonly url: string }
  /** A folder. `path` is relative to the tree's root (`.` for the root itself) unless `outside` is set. */
  | { readonly kind: 'path'; readonly path: string; readonly outside: boolean }
  /** The compiler or standard library itself. */
  | { readonly kind: 'toolchain' }
  /** Cannot be known from what is at hand; `why` says so to a person. */
  | { readonly kind: 'unknown'; readonly why: string }

export type RegistryProtocol = 'cargo-git-index' | 'cargo-sparse' | 'cargo-local' | 'cargo-directory' | 'go-proxy' | 'nimble-list'

/** One string per source; equal strings mean the same source. Part of every component id. */
export function sourceKey(source: Source): string {
  switch (source.kind) {
    case 'registry':
      return `registry+${source.url}`
    case 'git': {
      const ref = source.ref === undefined || source.ref.kind === 'default' ? '' : `?${source.ref.kind}=${source.ref.value ?? ''}`
      const folder = source.subdirectory === undefined ? '' : `#${source.subdirectory}`
      return `git+${source.url}${ref}${source.commit === undefined ? '' : `@${source.commit}`}${folder}`
    }
    case 'vcs':
      return `${source.system}+${source.url}${source.revision === undefined ? '' : `@${source.revision}`}`
    case 'archive':
      return `archive+${source.url}`
    case 'path':
      return `path+${source.outside ? 'outside:' : ''}${source.path}`
    case 'toolchain':
      return 'toolchain'
    case 'unknown':
      return 'unknown'
  }
}
