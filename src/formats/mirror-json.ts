import { VERSION } from '../version.js'
import { jsonElement } from './json-element.js'

/** Raised when a field changes its meaning or goes away. */
const MIRROR_REPORT_FORMAT = 1

/** What a mirror command found as JSON (`schemas/mirror.schema.json`); text of strangers cannot act on a terminal. */
export function mirrorJson(command: 'compare' | 'fetch', found: object): string {
  const document = {
    $schema: 'https://assay.invalid/schemas/mirror.schema.json',
    format: MIRROR_REPORT_FORMAT,
    tool: { name: 'assay', version: VERSION },
    command,
    ...found,
  }
  return `${jsonElement(document, '')}\n`
}
