import { daysBetween } from '../../evidence/days.js'
import { isHexDigest } from '../../model/digest.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject } from '../strict-json.js'

/**
 * What assay adds to a verification summary of its own, in fields that begin with `assay_`. Whoever does not know them reads
 * the same summary without them (in-toto: fields that are not known are ignored).
 */
export interface AssaySummary {
  /** RFC 3339 in UTC; from then on it stands for no audit. */
  readonly expires?: string | undefined
  /** Everything that reading the tree looked at: SHA-256 over its list, and how many files. */
  readonly inputs?: { readonly sha256: string; readonly files: number } | undefined
  /** SHA-256 of the evidence pack from which the audit can be replayed. */
  readonly evidenceSha256?: string | undefined
  readonly sboms: readonly { readonly name: string; readonly sha256: string }[]
}

export type ParsedAssaySummary =
  | { readonly ok: true; readonly summary: AssaySummary }
  | { readonly ok: false; readonly why: string }

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/
const MAX_SBOMS = 256

/** The fields of the predicate. */
export function assaySummaryFields({ expires, inputs, evidenceSha256, sboms }: AssaySummary): JsonObject {
  return {
    ...(expires === undefined ? {} : { assay_expires: expires }),
    ...(inputs === undefined ? {} : { assay_inputs: { digest: { sha256: inputs.sha256 }, files: inputs.files } }),
    ...(evidenceSha256 === undefined ? {} : { assay_evidence: { digest: { sha256: evidenceSha256 } } }),
    ...(sboms.length === 0 ? {} : { assay_sboms: sboms.map(({ name, sha256 }) => ({ name, digest: { sha256 } })) }),
  }
}

/** Reads the fields of a verified predicate. A field that is there and not sound is refused: it may be the expiry. */
export function parseAssaySummary(predicate: JsonObject): ParsedAssaySummary {
  const expires = fieldOf(predicate, 'assay_expires')
  if (
    expires !== undefined &&
    !(typeof expires === 'string' && TIME.test(expires) && !Number.isNaN(daysBetween(expires, expires)))
  )
    return refused('assay_expires is no time')
  const inputs = fieldOf(predicate, 'assay_inputs')
  const read = inputs === undefined ? undefined : inputsOf(inputs)
  if (inputs !== undefined && read === undefined) return refused('assay_inputs has no sound digest')
  const evidence = fieldOf(predicate, 'assay_evidence')
  const evidenceSha256 = evidence === undefined ? undefined : sha256Of(evidence)
  if (evidence !== undefined && evidenceSha256 === undefined) return refused('assay_evidence has no SHA-256')
  const sboms = sbomsOf(fieldOf(predicate, 'assay_sboms') ?? [])
  if (sboms === undefined) return refused('assay_sboms is no list of names with SHA-256')
  return { ok: true, summary: { expires, inputs: read, evidenceSha256, sboms } }
}

function refused(why: string): ParsedAssaySummary {
  return { ok: false, why }
}

function inputsOf(value: unknown): AssaySummary['inputs'] {
  const sha256 = sha256Of(value)
  const files = isJsonObject(value) ? fieldOf(value, 'files') : undefined
  if (sha256 === undefined || typeof files !== 'number' || !Number.isSafeInteger(files) || files < 0) return undefined
  return { sha256, files }
}

function sbomsOf(value: unknown): AssaySummary['sboms'] | undefined {
  if (!Array.isArray(value) || value.length > MAX_SBOMS) return undefined
  const sboms: { name: string; sha256: string }[] = []
  for (const each of value) {
    const name = isJsonObject(each) ? fieldOf(each, 'name') : undefined
    const sha256 = sha256Of(each)
    if (typeof name !== 'string' || sha256 === undefined) return undefined
    sboms.push({ name, sha256 })
  }
  return sboms
}

function sha256Of(value: unknown): string | undefined {
  const digest = isJsonObject(value) ? fieldOf(value, 'digest') : undefined
  const sha256 = isJsonObject(digest) ? fieldOf(digest, 'sha256') : undefined
  return typeof sha256 === 'string' && isHexDigest('sha256', sha256) ? sha256 : undefined
}
