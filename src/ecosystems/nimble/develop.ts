import type { Diagnostic } from '../../model/diagnostic.js'
import { SourceText } from '../../syntax/text.js'
import type { Field } from './json-fields.js'
import { fieldOf, fieldsOf, memberOf, notAnObject, objectOf, parseNimJson } from './json-fields.js'

/** A `nimble.develop` (spec/nimble.md §5): packages that come from working copies, whatever the lock says. */
export interface DevelopFile {
  readonly path: string
  /** Other develop files. */
  readonly includes: readonly Field[]
  /** Folders of packages. */
  readonly dependencies: readonly Field[]
}

type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly diagnostic: Diagnostic }

/** Reads a `nimble.develop`. */
export function parseDevelop(text: string, file: string): Result<DevelopFile> {
  const parsed = parseNimJson(text, file, 'input/config-unparseable')
  if (!parsed.ok) return parsed
  const { document } = parsed
  if (objectOf(document.root) === undefined) return { ok: false, diagnostic: notAnObject(file, document.locate(document.root)) }
  return {
    ok: true,
    value: {
      path: file,
      includes: fieldsOf(document, memberOf(document.root, 'includes')),
      dependencies: fieldsOf(document, memberOf(document.root, 'dependencies')),
    },
  }
}

/** The `nimblemeta.json` of an installed package: where its files came from. */
export interface InstalledMeta {
  readonly url: Field | undefined
  readonly method: 'git' | 'hg'
  /** Full commit, lower-case. */
  readonly revision: string | undefined
  readonly files: readonly string[]
  readonly specialVersions: readonly string[]
}

/** Reads a `nimblemeta.json`. */
export function parseInstalledMeta(text: string, file: string): Result<InstalledMeta> {
  const parsed = parseNimJson(text, file, 'input/config-unparseable')
  if (!parsed.ok) return parsed
  const { document } = parsed
  const meta = objectOf(memberOf(document.root, 'metaData')) ?? objectOf(document.root)
  if (meta === undefined) return { ok: false, diagnostic: notAnObject(file, document.locate(document.root)) }
  const field = (name: string): Field | undefined => fieldOf(document, memberOf(meta, name))
  const revision = field('vcsRevision')?.text.toLowerCase() ?? ''
  return {
    ok: true,
    value: {
      url: field('url'),
      method: field('downloadMethod')?.text === 'hg' ? 'hg' : 'git',
      revision: /^[0-9a-f]{40}$/.test(revision) ? revision : undefined,
      files: fieldsOf(document, memberOf(meta, 'files')).map((f) => f.text),
      specialVersions: fieldsOf(document, memberOf(meta, 'specialVersions')).map((f) => f.text),
    },
  }
}

export interface InstalledFolder {
  readonly name: string
  readonly version: string
  readonly sha1: string
}

/** Splits `NAME-VERSION-SHA1`, the folder name of an installed package, from the right; names may hold dashes. */
export function parseInstalledFolder(folder: string): InstalledFolder | undefined {
  const match = /^(.+)-([0-9a-f]{40})$/.exec(folder)
  const rest = match?.[1]
  if (rest === undefined) return undefined
  // A special version (`head`, a branch) begins with no digit; then the last dash decides.
  const digit = /^.*(?=-[0-9])/.exec(rest)?.[0].length ?? 0
  const at = digit > 0 ? digit : rest.lastIndexOf('-')
  if (at <= 0) return undefined
  return { name: rest.slice(0, at), version: rest.slice(at + 1), sha1: match?.[2] ?? '' }
}

/** The search paths in the block that nimble writes into a `config.nims`; those outside are the project's own. */
export function configuredPaths(text: string, file: string): readonly Field[] {
  const from = text.indexOf('# begin Nimble config')
  const to = from < 0 ? -1 : text.indexOf('# end Nimble config', from)
  if (to < 0) return []
  const first = new SourceText(file, text).locate(from).line
  const last = new SourceText(file, text).locate(to).line
  return searchPaths(text, file).filter(({ location }) => location.line > first && location.line < last)
}

/** The `--path` switches of a `nimble.paths`. */
export function searchPaths(text: string, file: string): readonly Field[] {
  const source = new SourceText(file, text)
  const found: Field[] = []
  for (const match of text.matchAll(/^[ \t]*--path:[ \t]*"([^"\r\n]*)"/gm)) {
    const start = match.index + match[0].length - 1 - (match[1] ?? '').length
    found.push({ text: match[1] ?? '', location: source.locate(start, start + (match[1] ?? '').length) })
  }
  return found
}
