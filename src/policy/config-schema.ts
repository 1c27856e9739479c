import type { Location } from '../model/location.js'
import type { TomlDocument, TomlPath, TomlValue } from '../syntax/toml.js'
import { TomlDate } from '../syntax/toml.js'
import type { ConfigProblem } from './config-problem.js'
import { nearest } from './nearest.js'
import { tables } from './toml-values.js'

/** The validator made from `schemas/config.schema.json`. */
export type SchemaValidator = ((value: unknown) => boolean) & {
  readonly errors?: readonly SchemaError[] | null
}

interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly schemaPath?: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
  readonly parentSchema?: { readonly properties?: Readonly<Record<string, unknown>> }
}

/** Sections of the specification that this version does not judge by; ignoring them would look like judging. */
const LATER: ReadonlyMap<string, string> = new Map([
  ['vuln', 'vulnerabilities'],
  ['license', 'licences'],
  ['rule', 'custom rules'],
  ['packs', 'compliance packs'],
])

/** What the schema has against a file: one sentence for each error, with the place of the key or value it is about. */
export function schemaProblems(document: TomlDocument, validate: SchemaValidator): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const [section, about] of LATER) {
    if (document.value[section] !== undefined) {
      problems.push({
        location: locateKey(document, [section], document.value[section]),
        message: `this version of assay does not judge ${about} yet; remove [${section}], so that nobody takes it for a check`,
      })
    }
  }
  const plain = toPlain(Object.fromEntries(Object.entries(document.value).filter(([key]) => !LATER.has(key))))
  if (!validate(plain)) problems.push(...(validate.errors ?? []).flatMap((error) => problemOf(error, document) ?? []))
  return problems
}

function problemOf(error: SchemaError, document: TomlDocument): ConfigProblem | undefined {
  const path = pointerToPath(error.instancePath)
  const { keyword, params } = error
  // `if` says only that a branch failed, and the branches of an `anyOf` what the `anyOf` says better.
  if (keyword === 'if' || error.schemaPath?.includes('/anyOf/') === true) return undefined
  if (keyword === 'additionalProperties') {
    const key = String(params['additionalProperty'])
    const near = nearest(key, Object.keys(error.parentSchema?.properties ?? {}))
    return {
      location: locateKey(document, [...path, key], path.length === 0 ? document.value[key] : undefined),
      message: `unknown key ${key}${near === undefined ? '' : `, did you mean ${near}?`}`,
    }
  }
  const name = path.length === 0 ? 'the file' : path.join('.')
  return { location: document.locate(path), message: `${name} ${complaint(error)}` }
}

/** The place of a key; `[[key]]` has it at its first table. */
function locateKey(document: TomlDocument, path: TomlPath, value: TomlValue | undefined): Location {
  const [first] = tables(value)
  return first === undefined ? document.locate(path, 'key') : document.locate([...path, 0])
}

function complaint({ keyword, params, message }: SchemaError): string {
  switch (keyword) {
    case 'enum': {
      const allowed = params['allowedValues']
      return `must be one of ${Array.isArray(allowed) ? allowed.join(', ') : String(allowed)}`
    }
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`
    case 'required':
      return `has no ${String(params['missingProperty'])}`
    case 'anyOf':
      return 'must name a component or a subject'
    default:
      return message ?? 'is wrong'
  }
}

/** Plain JSON values for the schema; dates become their text. */
function toPlain(value: TomlValue | Readonly<Record<string, TomlValue>>): unknown {
  if (value instanceof TomlDate) return value.text
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]))
  return value
}

/** A JSON pointer (RFC 6901) as a path. */
function pointerToPath(pointer: string): TomlPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
