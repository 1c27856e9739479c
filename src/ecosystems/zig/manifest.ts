import type { Location } from '../../model/location.js'
import { SourceText } from '../../syntax/text.js'
import type { Fingerprint } from './fingerprint.js'
import { hex32, isReservedId, nameChecksum, splitFingerprint } from './fingerprint.js'
import type { ZigDependency } from './manifest-dependency.js'
import { readDependency } from './manifest-dependency.js'
import { FieldReader, fieldsOf, lastByName, tokenOf } from './manifest-fields.js'
import type { ManifestProblem } from './manifest-problem.js'
import { isSemVer } from './semver.js'
import { parseZon } from './zon.js'
import type { ZonField, ZonValue } from './zon-value.js'

/** A build.zig.zon of any release from 0.11 on (spec/zig.md §3). What could not be read is absent and told. */
export interface ZigManifest {
  readonly file: string
  readonly name: string | undefined
  /** Releases before 0.14 write a string, later ones an enum literal. */
  readonly nameForm: 'string' | 'enum' | undefined
  readonly version: string | undefined
  readonly fingerprint: { readonly value: bigint; readonly parts: Fingerprint; readonly location: Location } | undefined
  readonly minimumZigVersion: string | undefined
  /** As written; undefined when there is no such field, which means everything. */
  readonly paths: readonly string[] | undefined
  /** `paths`, resolved as zig does; `.` stands for everything. */
  readonly effectivePaths: readonly string[]
  readonly pathsLocation: Location | undefined
  readonly dependencies: readonly ZigDependency[]
  /** Entries that zig would refuse, so that nothing says what they need. */
  readonly unreadDependencies: number
  /** The name, or where the manifest begins. */
  readonly location: Location
}

export interface ManifestReading {
  /** Undefined after a syntax error, or when the file holds no struct. */
  readonly manifest: ZigManifest | undefined
  readonly problems: readonly ManifestProblem[]
}

const MAX_NAME_LENGTH = 32
const MAX_DEPENDENCIES = 1000
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'version',
  'fingerprint',
  'minimum_zig_version',
  'paths',
  'dependencies',
])

/** Reads a manifest. Never throws; collects every problem and keeps what is readable beside it. */
export function parseZigManifest(text: string, file: string): ManifestReading {
  const source = new SourceText(file, text)
  const fields = new FieldReader(source)
  const { value, problems } = parseZon(text)
  for (const { code, message, start, end } of problems) fields.problem(code, '(root)', message, { start, end })
  const manifest = value === undefined ? undefined : new ManifestReader(fields).read(value)
  return { manifest, problems: fields.problems }
}

class ManifestReader {
  constructor(readonly fields: FieldReader) {}

  read(value: ZonValue): ZigManifest | undefined {
    const { fields } = this
    const all = fieldsOf(value)
    if (all === undefined)
      return fields.problem('zig.manifest.expected-object', '(root)', 'the manifest must be one struct: .{ … }', value)
    const known = lastByName(all)
    const name = this.#name(known.get('name'), value)
    const version = this.#version(known.get('version'), value)
    const fingerprint = this.#fingerprint(known.get('fingerprint'), name.text, value)
    const minimum = known.get('minimum_zig_version')
    const paths = this.#paths(known.get('paths'), value)
    const dependencies = this.#dependencies(known.get('dependencies'))
    for (const { name: field } of all)
      if (!KNOWN_FIELDS.has(field.text))
        fields.problem('zig.manifest.unknown-field', field.text, `zig knows no field '${field.text}' and passes over it`, field)
    return {
      file: fields.source.file,
      name: name.text,
      nameForm: name.form,
      version,
      fingerprint,
      minimumZigVersion: minimum === undefined ? undefined : this.#semVer(minimum.value, 'minimum_zig_version'),
      ...paths,
      ...dependencies,
      location: fields.locate(known.get('name')?.value ?? { start: value.start, end: value.at + 1 }),
    }
  }

  /** A name that zig refuses is still a name: the fingerprint is checked against it. */
  #name(field: ZonField | undefined, top: ZonValue): { text: string | undefined; form: ZigManifest['nameForm'] } {
    const { fields } = this
    if (field === undefined) {
      fields.problem('zig.manifest.missing-name', '(root)', "missing top-level 'name' field", tokenOf(top))
      return { text: undefined, form: undefined }
    }
    const { value } = field
    if (value.kind === 'enum') {
      if (!value.bare) fields.problem('zig.manifest.bad-name', 'name', 'name must be a bare Zig identifier', tokenOf(value))
      else if (value.name.length > MAX_NAME_LENGTH)
        fields.problem('zig.manifest.bad-name', 'name', `name must have at most ${MAX_NAME_LENGTH} characters`, tokenOf(value))
      return { text: value.name, form: 'enum' }
    }
    const text = fields.string(value, 'name')
    if (text === '') fields.problem('zig.manifest.bad-name', 'name', 'name must not be empty', value)
    else if (text !== undefined) fields.problem('zig.manifest.string-name', 'name', 'the name is a string', value)
    return { text: text === '' ? undefined : text, form: 'string' }
  }

  #version(field: ZonField | undefined, top: ZonValue): string | undefined {
    if (field === undefined)
      return this.fields.problem('zig.manifest.missing-version', '(root)', "missing top-level 'version' field", tokenOf(top))
    return this.#semVer(field.value, 'version')
  }

  #semVer(value: ZonValue, where: string): string | undefined {
    const text = this.fields.string(value, where)
    if (text === undefined || isSemVer(text)) return text
    return this.fields.problem('zig.manifest.bad-version', where, `'${where}' must be MAJOR.MINOR.PATCH[-pre][+build]`, value)
  }

  #fingerprint(field: ZonField | undefined, name: string | undefined, top: ZonValue): ZigManifest['fingerprint'] {
    const { fields } = this
    if (field === undefined)
      return fields.problem('zig.manifest.missing-fingerprint', '(root)', 'it has no fingerprint', tokenOf(top))
    const { value } = field
    const parts = value.kind === 'integer' ? splitFingerprint(value.value) : undefined
    if (value.kind !== 'integer' || parts === undefined)
      return fields.problem('zig.manifest.bad-fingerprint', 'fingerprint', 'its fingerprint is no 64-bit number', tokenOf(value))
    if (isReservedId(parts.id))
      fields.problem('zig.manifest.fingerprint-reserved', 'fingerprint', 'the id in its fingerprint is a reserved one', value)
    const wanted = name === undefined ? parts.checksum : nameChecksum(name)
    if (parts.checksum !== wanted)
      fields.problem(
        'zig.manifest.fingerprint-mismatch',
        'fingerprint',
        `its fingerprint belongs to another name: 0x${hex32(wanted)} is the checksum of this one, 0x${hex32(parts.checksum)} is there`,
        value,
      )
    return { value: value.value, parts, location: fields.locate(value) }
  }

  #paths(field: ZonField | undefined, top: ZonValue): Pick<ZigManifest, 'paths' | 'effectivePaths' | 'pathsLocation'> {
    const { fields } = this
    const everything = { paths: undefined, effectivePaths: ['.'], pathsLocation: undefined }
    if (field === undefined) {
      fields.problem('zig.manifest.missing-paths', '(root)', "it has no 'paths': every file is part of the package", tokenOf(top))
      return everything
    }
    const { value } = field
    const pathsLocation = fields.locate(value)
    if (value.kind === 'empty') {
      fields.problem('zig.paths.empty', 'paths', "'paths' names no file, so the hash covers none", value)
      return { paths: [], effectivePaths: [], pathsLocation }
    }
    if (value.kind !== 'list') {
      fields.problem('zig.manifest.expected-list', 'paths', "'paths' must be a list of strings", tokenOf(value))
      return { ...everything, pathsLocation }
    }
    const paths: string[] = []
    const effectivePaths: string[] = []
    for (const [index, item] of value.items.entries()) {
      const where = `paths[${index}]`
      const path = fields.string(item, where)
      if (path === undefined) continue
      const effective = resolveLexically(path)
      if (effective === '..' || effective.startsWith('../') || effective.startsWith('/'))
        fields.problem('zig.paths.escape', where, `${path} lies outside the package and matches nothing`, item)
      paths.push(path)
      effectivePaths.push(effective)
    }
    return { paths, effectivePaths, pathsLocation }
  }

  #dependencies(field: ZonField | undefined): Pick<ZigManifest, 'dependencies' | 'unreadDependencies'> {
    const { fields } = this
    if (field === undefined) return { dependencies: [], unreadDependencies: 0 }
    const entries = fieldsOf(field.value)
    if (entries === undefined) {
      fields.problem('zig.manifest.expected-object', 'dependencies', "'dependencies' must be a struct", tokenOf(field.value))
      return { dependencies: [], unreadDependencies: 1 }
    }
    const distinct = [...lastByName(entries).values()]
    const [firstLeftOut] = distinct.splice(MAX_DEPENDENCIES)
    if (firstLeftOut !== undefined)
      fields.problem(
        'zig.manifest.too-many-dependencies',
        'dependencies',
        `more than ${MAX_DEPENDENCIES} dependencies are not read`,
        firstLeftOut.name,
      )
    const dependencies = distinct.flatMap((entry) => readDependency(entry, fields) ?? [])
    const unread = new Set(entries.map((entry) => entry.name.text)).size - dependencies.length
    return { dependencies, unreadDependencies: unread }
  }
}

/** `./`, `//`, `a/..` and a last slash folded away; a leading `..` stays, and so does the slash of an absolute path. */
function resolveLexically(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  if (path.startsWith('/')) return `/${parts.join('/')}`
  return parts.length === 0 ? '.' : parts.join('/')
}
