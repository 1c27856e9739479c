import type { Location } from '../../model/location.js'
import type { JsonDocument, JsonNode, JsonObjectNode } from '../../syntax/json.js'
import { findMergeConflict } from '../../syntax/merge-conflict.js'
import { SourceText } from '../../syntax/text.js'
import { readAtlasEntries } from './atlas.js'
import type { Field } from './json-fields.js'
import { duplicateKey, fieldsOf, memberOf, objectOf, parseNimJson, textOf } from './json-fields.js'
import { lockFlags } from './lock-flags.js'
import type { LockEntry, LockError, LockErrorCode, LockFlag, LockResult } from './lock-model.js'
import { NEWEST_LOCK_VERSION } from './lock-model.js'

const SHA1 = /^[0-9A-Fa-f]{40}$/
const CODE = 'input/lock-unparseable'

/**
 * Reads a lockfile of nimble (version 1 and 2) or of Atlas; which one it is says the content, not the name
 * (spec/nimble.md §3, §7). Never throws on content; a file with an error is refused whole, with every error it has.
 */
export function parseNimLock(text: string, file: string, hadBom = false): LockResult {
  const source = new SourceText(file, text)
  const conflict = findMergeConflict(source)
  if (conflict !== undefined) return { ok: false, errors: [{ code: 'merge-conflict', where: undefined, diagnostic: conflict }] }
  const parsed = parseNimJson(text, file, CODE)
  if (!parsed.ok) return { ok: false, errors: [{ code: 'json', where: undefined, diagnostic: parsed.diagnostic }] }
  const { document } = parsed
  const twice = duplicateKey(document, file, 'input/lock-merge-conflict')
  if (twice !== undefined) {
    const where = document.duplicates[0]?.path.join('.')
    return { ok: false, errors: [{ code: 'duplicate-key', where, diagnostic: twice }] }
  }
  const reader = new LockReader(document, file)
  const flags: LockFlag[] = document.departures.map((d) => ({ code: d.kind, location: document.locate(d) }))
  if (hadBom) flags.push({ code: 'byte-order-mark', location: { file, line: 1, column: 1 } })
  return reader.read(flags)
}

class LockReader {
  readonly errors: LockError[] = []
  readonly entries: LockEntry[] = []

  constructor(
    readonly document: JsonDocument,
    readonly file: string,
  ) {}

  read(flags: LockFlag[]): LockResult {
    const { root } = this.document
    const isAtlas =
      objectOf(root) !== undefined && memberOf(root, 'packages') === undefined && memberOf(root, 'items') !== undefined
    const rootObject = objectOf(root)
    if (rootObject === undefined) this.fail('not-an-object', undefined, root, 'is no JSON object')
    else if (isAtlas) readAtlasEntries(rootObject, this)
    else this.#nimble(rootObject)
    const [first, ...rest] = this.errors
    if (first !== undefined) return { ok: false, errors: [first, ...rest] }
    const version = memberOf(root, 'version')
    const number = version?.kind === 'number' ? Number(version.text) : undefined
    if (!isAtlas && version !== undefined && (number === undefined || number < 1 || number > NEWEST_LOCK_VERSION)) {
      const stated = version.kind === 'number' ? version.text : (textOf(version) ?? version.kind)
      flags.push({ code: 'unknown-version', version: stated, location: this.document.locate(version) })
    }
    if (isAtlas && !this.file.endsWith('atlas.lock'))
      flags.push({ code: 'atlas-format-in-nimble-lock', location: { file: this.file, line: 1, column: 1 } })
    flags.push(...lockFlags(this.entries, isAtlas))
    return {
      ok: true,
      lock: {
        format: isAtlas ? 'atlas' : 'nimble',
        path: this.file,
        version: isAtlas ? undefined : number,
        entries: this.entries,
        flags,
        hasEdges: !isAtlas,
        nimbleFile: isAtlas ? this.#nimbleFile(memberOf(root, 'nimbleFile')) : undefined,
      },
    }
  }

  #nimble(root: JsonObjectNode): void {
    const packages = this.object(root, 'packages', [])
    if (packages !== undefined) this.#entries(packages, ['packages'], undefined)
    const tasks = root.members.get('tasks')?.value
    if (tasks === undefined) return
    if (tasks.kind !== 'object') {
      this.fail('wrong-type', 'tasks', tasks, 'must be an object')
      return
    }
    for (const [task, { value }] of tasks.members) {
      if (value.kind === 'object') this.#entries(value, ['tasks', task], task)
      else this.fail('wrong-type', `tasks.${task}`, value, 'must be an object')
    }
  }

  #entries(packages: JsonObjectNode, path: readonly string[], task: string | undefined): void {
    for (const [name, { key, value }] of packages.members) {
      const at = [...path, name]
      if (value.kind !== 'object') {
        this.fail('wrong-type', at.join('.'), value, 'must be an object')
        continue
      }
      const version = this.text(value, 'version', at)
      const revision = this.hash(value, 'vcsRevision', at, 'invalid-revision')
      const url = this.text(value, 'url', at)
      const method = this.text(value, 'downloadMethod', at)
      const dependencies = this.#dependencies(value, at)
      const checksums = this.object(value, 'checksums', at)
      const sha1 = checksums === undefined ? undefined : this.hash(checksums, 'sha1', [...at, 'checksums'], 'invalid-sha1')
      if (method !== undefined && method.text !== 'git' && method.text !== 'hg')
        this.fail(
          'bad-method',
          [...at, 'downloadMethod'].join('.'),
          memberOf(value, 'downloadMethod') ?? value,
          'is neither "git" nor "hg"',
        )
      if (version === undefined || revision === undefined || url === undefined) continue
      this.entries.push({
        name,
        version: version.text,
        revision: revision.text === '' ? undefined : revision.text,
        url,
        method: method?.text === 'hg' ? 'hg' : 'git',
        dependencies,
        sha1: sha1 === undefined || sha1.text === '' ? undefined : sha1,
        task,
        location: this.document.locate(key),
      })
    }
  }

  #dependencies(entry: JsonObjectNode, at: readonly string[]): readonly Field[] {
    const where = [...at, 'dependencies']
    const node = entry.members.get('dependencies')?.value
    if (node === undefined) this.#missing(entry, where)
    else if (node.kind !== 'array') this.fail('wrong-type', where.join('.'), node, 'must be a list')
    else {
      for (const [i, item] of node.items.entries())
        if (item.kind !== 'string') this.fail('wrong-type', [...where, i].join('.'), item, 'must be text')
    }
    return fieldsOf(this.document, node)
  }

  /** A member that must be an object. */
  object(parent: JsonObjectNode, name: string, at: readonly string[]): JsonObjectNode | undefined {
    const node = parent.members.get(name)?.value
    if (node === undefined) this.#missing(parent, [...at, name])
    else if (node.kind !== 'object') this.fail('wrong-type', [...at, name].join('.'), node, 'must be an object')
    return objectOf(node)
  }

  /** A member that must be text. */
  text(parent: JsonObjectNode, name: string, at: readonly string[]): Field | undefined {
    const node = parent.members.get(name)?.value
    if (node === undefined) this.#missing(parent, [...at, name])
    else if (node.kind !== 'string') this.fail('wrong-type', [...at, name].join('.'), node, 'must be text')
    return node?.kind === 'string' ? { text: node.value, location: this.document.locate(node) } : undefined
  }

  /** A member that must be empty or 40 hexadecimal digits; lower-case in the result. */
  hash(parent: JsonObjectNode, name: string, at: readonly string[], code: LockErrorCode): Field | undefined {
    const field = this.text(parent, name, at)
    if (field === undefined || field.text === '' || SHA1.test(field.text))
      return field === undefined ? undefined : { ...field, text: field.text.toLowerCase() }
    this.fail(code, [...at, name].join('.'), memberOf(parent, name) ?? parent, 'is not 40 hexadecimal digits')
    return undefined
  }

  #missing(parent: JsonNode, at: readonly string[]): void {
    this.fail('missing-field', at.join('.'), parent, 'is missing')
  }

  fail(code: LockErrorCode, where: string | undefined, node: JsonNode, why: string): void {
    const place = this.document.locate(node)
    this.errors.push({
      code,
      where,
      diagnostic: {
        code: CODE,
        severity: 'error',
        message: where === undefined ? `${this.file} ${why}` : `${this.file}: ${where} ${why}`,
        help: 'Let nimble write the file again (nimble lock); do not edit it by hand.',
        location: { file: place.file, line: place.line, column: place.column },
      },
    })
  }

  #nimbleFile(node: JsonNode | undefined): { name: string; lines: readonly string[]; location: Location } | undefined {
    const name = textOf(memberOf(node, 'filename'))
    const content = memberOf(node, 'content')
    if (name === undefined || node === undefined) return undefined
    const lines = content?.kind === 'string' ? content.value.split('\n') : fieldsOf(this.document, content).map((f) => f.text)
    return { name, lines, location: this.document.locate(node) }
  }
}

/** What readers of the formats need of the reader. */
export type LockSink = Pick<LockReader, 'text' | 'hash' | 'fail' | 'entries' | 'document' | 'object'>
