import { readBoundedFile } from '../../evidence/http/bounded-file.js'
import type { ArtifactSignature } from '../../model/artifact-report.js'
import { AssayError } from '../../model/error.js'
import type { JsonObject } from '../../trust/strict-json.js'
import { DOCUMENT_LIMITS, fieldOf, isJsonObject, parseStrictJson } from '../../trust/strict-json.js'
import { readNamed } from '../named-file.js'

/** One signature, and where it stands. */
export interface FoundSignature {
  readonly file: string
  /** The file, with the line for JSON lines. */
  readonly from: string
  readonly form: ArtifactSignature['form']
  readonly bytes: Uint8Array
  /** The parsed text, of the forms that are JSON. */
  readonly json?: JsonObject | undefined
}

export interface FoundSignatures {
  readonly signatures: readonly FoundSignature[]
  /** Files that are there and cannot be read. */
  readonly unreadable: readonly { readonly file: string; readonly why: string }[]
  /** Where nothing was named: the files that were looked for. */
  readonly lookedFor: readonly string[]
}

/** What producers put beside a release's files (spec/trust.md §3.3); what is in one is decided by its content. */
const BESIDE = ['.sigstore.json', '.sigstore', '.intoto.jsonl', '.minisig']
const MAX_LINES = 256
const TOO_MANY = `more than ${MAX_LINES} signatures`

/** The signatures in the files that were named, or else in those beside the artifact. Throws `input-unreadable` for a named one. */
export async function findSignatures(artifact: string, named: readonly string[]): Promise<FoundSignatures> {
  const signatures: FoundSignature[] = []
  for (const file of new Set(named)) {
    const own = splitSignatures(file, await readNamed(file, DOCUMENT_LIMITS.maxBytes, 'bundle'))
    if (own === 'too-many')
      throw new AssayError('input-unreadable', `${file} holds ${TOO_MANY}`, 'Give a file with those of this artifact alone.')
    signatures.push(...own)
  }
  if (named.length > 0) return { signatures, unreadable: [], lookedFor: [] }
  const unreadable: { file: string; why: string }[] = []
  const lookedFor = BESIDE.map((suffix) => `${artifact}${suffix}`)
  for (const file of lookedFor) {
    const read = await readBoundedFile(file, DOCUMENT_LIMITS.maxBytes)
    const own = read.ok ? splitSignatures(file, read.bytes) : []
    if (own === 'too-many') unreadable.push({ file, why: `it holds ${TOO_MANY}` })
    else signatures.push(...own)
    if (!read.ok && read.failure !== 'absent') unreadable.push({ file, why: read.why })
  }
  return { signatures, unreadable, lookedFor }
}

/** The signatures in one file, each by its content: one document, or JSON lines. */
export function splitSignatures(file: string, bytes: Uint8Array): FoundSignature[] | 'too-many' {
  if (startsWith(bytes, 'untrusted comment:')) return [{ file, from: file, form: 'minisign', bytes }]
  const whole = parseStrictJson(bytes)
  const lines = whole.ok ? [] : linesOf(bytes)
  const [first] = lines
  // A text of several lines whose first is a document of its own is JSON lines; anything else is one broken document.
  if (first === undefined || !parseStrictJson(first.bytes).ok)
    return [{ file, from: file, bytes, ...formOf(whole.ok ? whole.value : undefined) }]
  if (lines.length > MAX_LINES) return 'too-many'
  return lines.map(({ number, bytes: line }) => {
    const parsed = parseStrictJson(line)
    return { file, from: `${file}:${number}`, bytes: line, ...formOf(parsed.ok ? parsed.value : undefined) }
  })
}

function formOf(value: unknown): Pick<FoundSignature, 'form' | 'json'> {
  if (!isJsonObject(value)) return { form: 'unknown' }
  if (fieldOf(value, 'mediaType') !== undefined) return { form: 'sigstore-bundle', json: value }
  if (fieldOf(value, 'payloadType') !== undefined) return { form: 'dsse-envelope', json: value }
  if (fieldOf(value, 'base64Signature') !== undefined) return { form: 'cosign-legacy', json: value }
  return { form: 'unknown' }
}

const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d])

function linesOf(bytes: Uint8Array): { number: number; bytes: Uint8Array }[] {
  const lines: { number: number; bytes: Uint8Array }[] = []
  let number = 0
  for (let start = 0; start < bytes.length && lines.length <= MAX_LINES; ) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline < 0 ? bytes.length : newline
    number += 1
    const line = bytes.subarray(start, end)
    if (line.some((byte) => !BLANK.has(byte))) lines.push({ number, bytes: line })
    start = end + 1
  }
  return lines
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text
}
