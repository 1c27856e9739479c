import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv'
import { PROJECT } from './assay.js'

const schema: object = JSON.parse(readFileSync(join(PROJECT, 'schemas', 'mirror.schema.json'), 'utf8'))
const validate = new Ajv.default({ strict: true, strictRequired: false }).compile(schema)

/** A JSON document of a mirror command, after a look at its schema. */
export function mirrorDocument(text: string): unknown {
  const document: unknown = JSON.parse(text)
  if (!validate(document)) throw new Error(`not by schemas/mirror.schema.json: ${JSON.stringify(validate.errors, undefined, 2)}`)
  return document
}
