import { readBoundedFile } from '../../evidence/http/bounded-file.js'
import type { ArtifactSignature } from '../../model/artifact-report.js'
import { AssayError } from '../../model/error.js'
import { detachedKind } from '../../trust/detached-signature.js'
import type { JsonObject } from '../../trust/strict-json.js'
import { DOCUMENT_LIMITS, fieldOf, isJsonObject, parseStrictJson } from '../../trust/strict-json.js'
import { readNamed } from '../named-file.js'
import type { ChecksumList } from './checksum-list.js'
import { checksumLists } from './checksum-list.js'

/** One signature, and where it stands. */
export interface FoundSignature {
  readonly file: string
  /** The file, with the line for JSON lines. */
  readonly from: string
  readonly form: ArtifactSignature['form']
  readonly bytes: Uint8Array
  /** The parsed text, of the forms that are JSON. */
  readonly json?: JsonObject | undefined
  /** Of a signature in a file of its own: the certificate that lies beside it. */
  readonly certificate?: Uint8Array | undefined
  /** The list of digests that was signed in the place of the artifact. */
  readonly list?: ChecksumList | undefined
}

export interface FoundSignatures {
  readonly signatures: readonly FoundSignature[]
  /** Files that are there and cannot be read. */
  readonly unreadable: readonly { readonly file: string; readonly why: string }[]
  /** Where nothing was named: the files that were looked for. */
  readonly lookedFor: readonly string[]
}

/** What producers put beside a release's files (spec/trust.md §3.3); what is in one is decided by its content. */
const BESIDE = ['.sigstore.json', '.sigstore', '.bundle', '.cosign.bundle', '.intoto.jsonl', '.minisig', '.sig', '.asc']
/** An ending that other tools use too, for what is no signature: bundles of git, folders of applications. */
const AMBIGUOUS = '.bundle'
const CERTIFICATES = ['.pem', '.crt']
const MAX_CERTIFICATE_BYTES = 1024 * 1024
const MAX_LINES = 256
const TOO_MANY = `more than ${MAX_LINES} signatures`

/**
 * The signatures in the files that were named, or else in those beside the artifact and the attestations beside its SBOMs.
 * Throws `input-unreadable` for a named one.
 */
export async function findSignatures(
  artifact: string,
  named: readonly string[],
  sboms: readonly string[] = [],
): Promise<FoundSignatures> {
  const signatures: FoundSignature[] = []
  for (const file of new Set(named)) {
    const own = splitSignatures(file, await readNamed(file, DOCUMENT_LIMITS.maxBytes, 'bundle'))
    if (own === 'too-many')
      throw new AssayError('input-unreadable', `${file} holds ${TOO_MANY}`, 'Give a file with those of this artifact alone.')
    signatures.push(...own)
  }
  if (named.length > 0) return { signatures, unreadable: [], lookedFor: [] }
  const beside = await signaturesBeside(artifact)
  const lists = await Promise.all(
    (await checksumLists(artifact)).map(async (list) => ({ list, of: await signaturesBeside(list.file) })),
  )
  const ofSboms = await Promise.all([...new Set(sboms)].map((file) => signaturesBeside(file)))
  return {
    signatures: [
      ...beside.signatures,
      ...lists.flatMap(({ list, of }) => of.signatures.map((one) => ({ ...one, list }))),
      ...ofSboms.flatMap(({ signatures }) => signatures.filter(carriesStatement)),
    ],
    unreadable: [beside, ...lists.map(({ of }) => of), ...ofSboms].flatMap(({ unreadable }) => unreadable),
    lookedFor: beside.lookedFor,
  }
}

/** What signs the bytes of an SBOM says nothing of the artifact; a statement names what it is about. */
function carriesStatement({ form, json }: FoundSignature): boolean {
  return (
    form === 'dsse-envelope' || (form === 'sigstore-bundle' && json !== undefined && fieldOf(json, 'dsseEnvelope') !== undefined)
  )
}

/** Reads a file of at most `limit` bytes; of a folder on disk or of a tree. */
export type ReadBounded = (
  path: string,
  limit: number,
) => Promise<
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly failure: string; readonly why: string }
>

/** The signatures that lie beside a file, by their endings. */
export async function signaturesBeside(artifact: string, readFile: ReadBounded = readBoundedFile): Promise<FoundSignatures> {
  const signatures: FoundSignature[] = []
  const unreadable: { file: string; why: string }[] = []
  for (const ending of BESIDE) {
    const file = `${artifact}${ending}`
    const read = await readFile(file, DOCUMENT_LIMITS.maxBytes)
    if (!read.ok) {
      if (read.failure !== 'absent' && ending !== AMBIGUOUS) unreadable.push({ file, why: read.why })
      continue
    }
    if (ending === AMBIGUOUS && !isBundleText(read.bytes)) continue
    const own = splitSignatures(file, read.bytes)
    if (own === 'too-many') unreadable.push({ file, why: `it holds ${TOO_MANY}` })
    else
      for (const one of own)
        signatures.push(one.form === 'detached-signature' ? await withCertificate(one, artifact, readFile) : one)
  }
  return { signatures, unreadable, lookedFor: BESIDE.map((ending) => `${artifact}${ending}`) }
}

const OPEN_BRACE = 0x7b

function isBundleText(bytes: Uint8Array): boolean {
  return bytes.find((byte) => byte !== 0x0a && !BLANK.has(byte)) === OPEN_BRACE
}

async function withCertificate(signature: FoundSignature, artifact: string, readFile: ReadBounded): Promise<FoundSignature> {
  for (const ending of CERTIFICATES) {
    const read = await readFile(`${artifact}${ending}`, MAX_CERTIFICATE_BYTES)
    if (read.ok) return { ...signature, certificate: read.bytes }
  }
  return signature
}

/** The signatures in one file, each by its content: one document, or JSON lines. */
export function splitSignatures(file: string, bytes: Uint8Array): FoundSignature[] | 'too-many' {
  if (startsWith(bytes, 'untrusted comment:')) return [{ file, from: file, form: 'minisign', bytes }]
  const whole = parseStrictJson(bytes)
  const lines = whole.ok ? [] : linesOf(bytes)
  const [first] = lines
  // A text of several lines whose first is a document of its own is JSON lines; anything else is one broken document.
  if (first === undefined || !parseStrictJson(first.bytes).ok) {
    const detached = whole.ok ? undefined : detachedForm(file, bytes)
    if (detached !== undefined) return [{ file, from: file, form: detached, bytes }]
    return [{ file, from: file, bytes, ...formOf(whole.ok ? whole.value : undefined) }]
  }
  if (lines.length > MAX_LINES) return 'too-many'
  return lines.map(({ number, bytes: line }) => {
    const parsed = parseStrictJson(line)
    return { file, from: `${file}:${number}`, bytes: line, ...formOf(parsed.ok ? parsed.value : undefined) }
  })
}

/** A signature alone says nothing of itself: only its name tells it from any other bytes. */
function detachedForm(file: string, bytes: Uint8Array): FoundSignature['form'] | undefined {
  const kind = detachedKind(bytes)
  if (kind === 'openpgp') return 'openpgp'
  if (kind === 'ssh') return 'ssh-signature'
  return kind === 'signature' && file.endsWith('.sig') ? 'detached-signature' : undefined
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
