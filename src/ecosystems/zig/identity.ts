import type { GitRef, Source } from '../../model/source.js'
import { baseName } from '../../model/tree.js'
import type { ZigPackage } from './packages.js'
import { manifestOf } from './packages.js'
import { stillRef, zigPurl } from './purl.js'
import type { ZigUrl } from './url.js'

export interface Identity {
  readonly name: string
  readonly version: string | undefined
  readonly source: Source
  readonly purl: string | undefined
}

/** What a package is called, and where it comes from (spec/zig.md §9): its manifest, else its hash, else its URL. */
export function identify(package_: ZigPackage): Identity {
  const { place } = package_
  const manifest = manifestOf(package_)
  const key = package_.mentions[0]?.dependency.key
  switch (place.kind) {
    case 'local': {
      const name = manifest?.name ?? key ?? (place.folder === '.' ? 'package' : baseName(place.folder))
      const version = manifest?.version
      return {
        name,
        version,
        source: { kind: 'path', path: place.folder, outside: false },
        purl: zigPurl({ name, version }, undefined),
      }
    }
    case 'outside':
      return {
        name: key ?? baseName(place.path),
        version: undefined,
        source: { kind: 'path', path: place.path, outside: true },
        purl: undefined,
      }
    case 'inner': {
      const outer = place.of.place
      const url = outer.kind === 'remote' ? outer.url : undefined
      const name = manifest?.name ?? key ?? baseName(place.folder)
      const version = manifest?.version
      return {
        name,
        version,
        source: innerSource(url, place.folder),
        purl: url === undefined ? undefined : zigPurl({ name, version, subpath: place.folder }, url),
      }
    }
    case 'remote': {
      const { url, hash } = place
      const stated = hash?.form === 'new' ? hash : undefined
      const forge = url.kind === 'git' || url.kind === 'archive' ? url.forge : undefined
      const name = manifest?.name ?? stated?.name ?? forge?.repository ?? key ?? 'package'
      const version = manifest?.version ?? stated?.version ?? stillRef(forge?.ref)
      return { name, version, source: sourceOf(url), purl: zigPurl({ name, version }, url) }
    }
  }
}

function sourceOf(url: ZigUrl): Source {
  switch (url.kind) {
    case 'git':
      return { kind: 'git', url: url.repository, ref: gitRef(url.label ?? url.revision, url.commit), commit: url.commit }
    case 'archive':
    case 'file':
      return { kind: 'archive', url: url.url }
    case 'unsupported':
      return { kind: 'unknown', why: `zig cannot fetch ${url.url}: ${url.why}` }
  }
}

/** The label beside a commit, or what the URL follows in place of one. Whether a bare word is a branch or a tag it does not say. */
export function gitRef(text: string | undefined, commit: string | undefined): GitRef | undefined {
  if (text === undefined) return { kind: 'default' }
  if (text.toLowerCase() === commit) return undefined
  if (text.startsWith('refs/heads/')) return { kind: 'branch', value: text.slice('refs/heads/'.length) }
  if (text.startsWith('refs/tags/')) return { kind: 'tag', value: text.slice('refs/tags/'.length) }
  return { kind: 'rev', value: text }
}

/** An archive has no folder of its own in a source; a fragment names it and is never sent to a server. */
function innerSource(url: ZigUrl | undefined, folder: string): Source {
  const source: Source = url === undefined ? { kind: 'unknown', why: 'it is inside a package that is not known' } : sourceOf(url)
  if (source.kind === 'git') return { ...source, subdirectory: folder }
  return source.kind === 'archive' ? { kind: 'archive', url: `${source.url.split('#', 1)[0] ?? ''}#${folder}` } : source
}
