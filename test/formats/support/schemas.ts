import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ValidateFunction } from 'ajv'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { sharedPath } from '../../support/shared.js'

export type Schema = { [key: string]: unknown }

export const CYCLONEDX_VERSIONS = ['1.4', '1.5', '1.6', '1.7'] as const
export type CycloneDxName = (typeof CYCLONEDX_VERSIONS)[number]

const LIBRARY = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'))

function readJson(path: string): Schema {
  const parsed: Schema = JSON.parse(readFileSync(path, 'utf8'))
  return parsed
}

/** A schema of the CycloneDX project as the library ships it, which stands in this checkout. */
export function librarySchema(name: string): Schema {
  const schema = readJson(join(LIBRARY, 'res', 'schema', `${name}.SNAPSHOT.schema.json`))
  schema['$id'] = `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`
  return schema
}

/** The official schemas as published, whole, where the shared folder is; else the library's edition of them. */
export function officialCycloneDx(version: CycloneDxName): ValidateFunction {
  const published = existsSync(sharedPath('schemas', 'cyclonedx'))
  const load = (name: string): Schema =>
    published ? readJson(sharedPath('schemas', 'cyclonedx', `${name}.schema.json`)) : librarySchema(name)
  const ajv = strictFormats(new Ajv({ strict: false, allErrors: false }))
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) ajv.addSchema(load(name))
  return ajv.compile(load(`bom-${version}`))
}

/** Undefined where the shared folder is not: nothing else here carries the schema. */
export function officialSpdx(): ValidateFunction | undefined {
  const path = sharedPath('schemas', 'spdx', 'spdx-2.3.schema.json')
  return existsSync(path) ? new Ajv().compile(readJson(path)) : undefined
}

/** SARIF 2.1.0 errata 01; its draft-04 words are put into draft-07 first. Undefined where the shared folder is not. */
export function officialSarif(): ValidateFunction | undefined {
  const path = sharedPath('schemas', 'sarif', 'sarif-2.1.0.schema.json')
  if (!existsSync(path)) return undefined
  const schema = readJson(path)
  schema['$id'] = schema['id']
  delete schema['id']
  schema['$schema'] = 'http://json-schema.org/draft-07/schema#'
  return strictFormats(new Ajv({ strict: false })).compile(schema)
}

function strictFormats(ajv: Ajv): Ajv {
  formats.default(ajv)
  // No package here has them; `email` is the stricter reading.
  ajv.addFormat('iri-reference', true)
  ajv.addFormat('idn-email', /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]+$/i)
  return ajv
}

/** What a validator has against a value, for a message that a person can use. */
export function complaints(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return []
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''} ${JSON.stringify(error.params)}`)
}
