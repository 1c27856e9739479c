import { escapeTerminal } from '../model/escape.js'

interface SchemaError {
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}
type Validator = ((value: unknown) => boolean) & { readonly errors?: readonly SchemaError[] | null }

/** Problems shown of one document; one mistake in a generator shows in every component. */
const MAX_PROBLEMS = 20

/** Validators made at build time (`scripts/generate-validators.mjs`), by the name of the format. */
const VALIDATORS = new Map<string, () => Promise<{ default: Validator }>>([
  ['cyclonedx-1.4-json', () => import('../generated/cyclonedx-1.4-validator.cjs')],
  ['cyclonedx-1.5-json', () => import('../generated/cyclonedx-1.5-validator.cjs')],
  ['cyclonedx-1.6-json', () => import('../generated/cyclonedx-1.6-validator.cjs')],
  ['cyclonedx-1.7-json', () => import('../generated/cyclonedx-1.7-validator.cjs')],
  ['spdx-2.3-json', () => import('../generated/spdx-2.3-written-validator.cjs')],
  ['graph-json', () => import('../generated/graph-validator.cjs')],
  ['evidence-json', () => import('../generated/evidence-validator.cjs')],
  ['report-json', () => import('../generated/report-validator.cjs')],
])

/** What is wrong with a document by the schema of its format; empty when it fits. Throws for a format without schema. */
export async function validateDocument(text: string, format: string): Promise<readonly string[]> {
  const load = VALIDATORS.get(format)
  if (load === undefined) throw new RangeError(`no schema for ${format}`)
  const { default: validate } = await load()
  if (validate(JSON.parse(text))) return []
  return (validate.errors ?? [])
    .slice(0, MAX_PROBLEMS)
    .map((error) => escapeTerminal(`${error.instancePath || '/'} ${error.message ?? 'is wrong'} ${JSON.stringify(error.params)}`))
}
