import type { Location } from '../../model/location.js'
import { resolvePath } from '../../model/tree.js'
import type { FieldReader } from './manifest-fields.js'
import { fieldsOf, lastByName, tokenOf } from './manifest-fields.js'
import type { HashResult } from './package-hash.js'
import { parsePackageHash } from './package-hash.js'
import type { UrlReading } from './url.js'
import { readZigUrl } from './url.js'
import type { Span, ZonField, ZonValue } from './zon-value.js'

/** One usable entry of `dependencies`: a URL or a path, exactly one of them. */
export interface ZigDependency {
  /** The name the consumer gives it; need not be the package's own. */
  readonly key: string
  readonly keyLocation: Location
  readonly lazy: boolean
  readonly from:
    | {
        readonly kind: 'url'
        readonly reading: UrlReading
        readonly location: Location
        readonly hash: { readonly text: string; readonly result: HashResult; readonly location: Location } | undefined
      }
    | {
        readonly kind: 'path'
        readonly path: string
        readonly location: Location
        /** A hash stands beside it, which zig refuses. */
        readonly hashLocation: Location | undefined
      }
}

const KNOWN_FIELDS: ReadonlySet<string> = new Set(['url', 'path', 'hash', 'lazy'])

/** Reads one entry; undefined when zig would refuse it, which is told. */
export function readDependency(entry: ZonField, fields: FieldReader): ZigDependency | undefined {
  fields.dependency = entry.name.text
  const dependency = new DependencyReader(entry, fields).read()
  fields.dependency = undefined
  return dependency
}

class DependencyReader {
  readonly where: string

  constructor(
    readonly entry: ZonField,
    readonly fields: FieldReader,
  ) {
    this.where = `dependencies.${entry.name.text}`
  }

  read(): ZigDependency | undefined {
    const { entry, fields, where } = this
    const { value } = entry
    const all = fieldsOf(value)
    if (all === undefined)
      return fields.problem('zig.manifest.expected-object', where, 'a dependency must be a struct', tokenOf(value))
    for (const { name } of all)
      if (!KNOWN_FIELDS.has(name.text))
        fields.problem(
          'zig.manifest.unknown-field',
          `${where}.${name.text}`,
          `zig knows no field '${name.text}' of a dependency and passes over it`,
          name,
        )
    const known = lastByName(all)
    const url = this.#text(known.get('url'))
    const path = this.#text(known.get('path'))
    const hash = this.#hash(known.get('hash'))
    const lazy = known.get('lazy')
    const isLazy = lazy === undefined ? false : fields.boolean(lazy.value, `${where}.lazy`)
    const [urlField, pathField] = [known.get('url'), known.get('path')]
    if (urlField !== undefined && pathField !== undefined)
      return fields.problem(
        'zig.manifest.url-and-path',
        where,
        "dependency names both 'url' and 'path'",
        urlField.value.start > pathField.value.start ? urlField.value : pathField.value,
      )
    if (url === undefined && path === undefined)
      return fields.problem('zig.manifest.no-location', where, "dependency has neither 'url' nor 'path'", tokenOf(value))
    if (isLazy === undefined || hash === 'unreadable') return undefined
    const { name: key } = entry
    const shared = { key: key.text, keyLocation: fields.locate(key), lazy: isLazy }
    if (url !== undefined) return { ...shared, from: this.#fromUrl(url, hash, value) }
    return path === undefined ? undefined : { ...shared, from: this.#fromPath(path, hash) }
  }

  #text(field: ZonField | undefined): { readonly text: string; readonly value: ZonValue } | undefined {
    if (field === undefined) return undefined
    const text = this.fields.string(field.value, `${this.where}.${field.name.text}`)
    return text === undefined ? undefined : { text, value: field.value }
  }

  #hash(field: ZonField | undefined): Hash | 'unreadable' | undefined {
    if (field === undefined) return undefined
    const read = this.#text(field)
    if (read === undefined) return 'unreadable'
    const result = parsePackageHash(read.text)
    if (!result.ok) this.fields.problem('zig.hash.malformed', `${this.where}.hash`, result.why, read.value)
    return { text: read.text, result, value: read.value }
  }

  #fromUrl(url: { text: string; value: ZonValue }, hash: Hash | undefined, entry: ZonValue): ZigDependency['from'] {
    const { fields, where } = this
    const reading = readZigUrl(url.text)
    this.#urlProblems(reading, url.value)
    if (hash === undefined)
      fields.problem('zig.dep.missing-hash', where, 'a dependency by URL has no hash', { start: entry.start, end: entry.at + 1 })
    else if (hash.result.ok) {
      const { hash: decoded } = hash.result
      if (decoded.form === 'legacy')
        fields.problem('zig.dep.legacy-hash', `${where}.hash`, 'the hash has the form of zig before 0.14', hash.value)
      else if (decoded.form === 'new' && decoded.name !== this.entry.name.text)
        fields.problem('zig.dep.name-differs-from-hash', where, `the hash is of a package named ${decoded.name}`, this.entry.name)
    }
    return {
      kind: 'url',
      reading,
      location: fields.locate(url.value),
      hash: hash === undefined ? undefined : { text: hash.text, result: hash.result, location: fields.locate(hash.value) },
    }
  }

  #urlProblems({ url, credential }: UrlReading, span: Span): void {
    const { fields } = this
    const where = `${this.where}.url`
    if (credential) fields.problem('zig.dep.url-credentials', where, 'the URL holds a credential', span)
    switch (url.kind) {
      case 'unsupported':
        fields.problem('zig.dep.unsupported-scheme', where, url.why, span)
        return
      case 'file':
        fields.problem('zig.dep.file-url', where, 'the archive is a file on disk', span)
        return
      case 'git':
        if (url.revision === undefined) fields.problem('zig.dep.git-no-ref', where, 'the git URL names no commit', span)
        else if (url.commit === undefined)
          fields.problem('zig.dep.git-mutable-ref', where, `the git URL follows ${url.revision}`, span)
        break
      case 'archive':
        if (url.forge?.ref?.kind === 'moving')
          fields.problem('zig.dep.mutable-archive-url', where, `the archive is of ${url.forge.ref.value}, which moves`, span)
        else if (url.forge?.ref?.kind === 'tag' && !url.path.includes('/releases/'))
          fields.problem('zig.dep.tag-archive-url', where, `the archive is of the tag ${url.forge.ref.value}`, span)
    }
    if (url.transport === 'http') fields.problem('zig.dep.cleartext-url', where, 'the transport is not secured', span)
  }

  #fromPath(path: { text: string; value: ZonValue }, hash: Hash | undefined): ZigDependency['from'] {
    const { fields, where } = this
    const { text, value } = path
    if (text.startsWith('/') || /^[A-Za-z]:/.test(text) || text.startsWith('\\'))
      fields.problem('zig.dep.path-absolute', where, 'the path must be relative to the package', value)
    else if (resolvePath('.', text) === undefined)
      fields.problem('zig.dep.path-escape', where, `${text} leaves the package`, value)
    if (text.includes('\\'))
      fields.problem('zig.dep.path-backslash', `${where}.path`, 'a backslash separates folders on Windows alone', value)
    if (hash !== undefined) fields.problem('zig.dep.path-with-hash', where, 'dependencies by path are not hashed', hash.value)
    return {
      kind: 'path',
      path: text,
      location: fields.locate(value),
      hashLocation: hash === undefined ? undefined : fields.locate(hash.value),
    }
  }
}

interface Hash {
  readonly text: string
  readonly result: HashResult
  readonly value: ZonValue
}
