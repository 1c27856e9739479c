/** How a signature in a git object is made, by its first line (gitformat-signature, "SIGNATURE FORMATS"). */
export type GitSignatureForm = 'openpgp' | 'ssh' | 'x509'

export interface GitSignature {
  readonly form: GitSignatureForm
  /** With its armor. */
  readonly armored: string
  /** The exact bytes it is over. */
  readonly payload: Uint8Array
}

/** What a tag or commit says of itself, and its signature where it has one. */
export interface SignedObject {
  /** Of a tag: what it names itself and points to. */
  readonly tag?: { readonly name: string; readonly object: string; readonly type: string } | undefined
  /** When tagger or committer say they wrote it, seconds since 1970; their word alone. */
  readonly writtenAt?: number | undefined
  /** `malformed`: something of a signature is there that git would not take for one. */
  readonly signature: GitSignature | 'unsigned' | 'malformed'
}

const FORMS: ReadonlyMap<string, GitSignatureForm> = new Map([
  ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
])
/** Begins a signature for git as well, and is a whole message that need not be of this object. */
const INLINE_MESSAGE = '-----BEGIN PGP MESSAGE-----'
const HEADERS = ['gpgsig', 'gpgsig-sha256'] as const
const LF = 0x0a
const SPACE = 0x20

/**
 * Finds the signature of a raw commit: the header of the repository's hash. Signed is everything but the signature headers
 * (gitformat-signature, "COMMIT SIGNATURES").
 */
export function readSignedCommit(bytes: Uint8Array, algorithm: 'sha1' | 'sha256'): SignedObject {
  const { rest, values, body, writtenAt } = splitHeader(bytes, 'committer')
  const found = values.get(algorithm === 'sha1' ? 'gpgsig' : 'gpgsig-sha256') ?? []
  const [text] = found
  const foreign = [...values.values()].some((list) => list.length > 0)
  if (text === undefined) return { writtenAt, signature: foreign ? 'malformed' : 'unsigned' }
  const armored = Buffer.from(text).toString('latin1')
  const form = formOf(armored)
  // git joins repeated headers: whose signature that is, its tools disagree about.
  if (found.length > 1 || form === undefined) return { writtenAt, signature: 'malformed' }
  return { writtenAt, signature: { form, armored, payload: Buffer.concat([...rest, body]) } }
}

/** Finds the signature of a raw tag: everything from the last line that begins one (gitformat-signature, "TAG SIGNATURES"). */
export function readSignedTag(bytes: Uint8Array): SignedObject {
  const { rest, fields, body, writtenAt } = splitHeader(bytes, 'tagger')
  const [object = '', type = '', name] = ['object', 'type', 'tag'].map((field) => fields.get(field))
  const tag = name === undefined ? undefined : { name, object, type }
  const at = lastSignature(body)
  if (at === undefined) return { tag, writtenAt, signature: 'unsigned' }
  const armored = Buffer.from(body.subarray(at)).toString('latin1')
  const form = formOf(armored)
  if (form === undefined) return { tag, writtenAt, signature: 'malformed' }
  return { tag, writtenAt, signature: { form, armored, payload: Buffer.concat([...rest, body.subarray(0, at)]) } }
}

interface SplitHeader {
  /** Lines of the header that are no signature, with their line ends. */
  readonly rest: readonly Uint8Array[]
  /** Values of the signature headers, with the blank that continues them taken away. */
  readonly values: ReadonlyMap<string, readonly Uint8Array[]>
  /** The other fields; the first of a name counts. */
  readonly fields: ReadonlyMap<string, string>
  readonly writtenAt: number | undefined
  /** From the empty line on, that line included. */
  readonly body: Uint8Array
}

function splitHeader(bytes: Uint8Array, writer: string): SplitHeader {
  const rest: Uint8Array[] = []
  const values = new Map<string, Uint8Array[][]>()
  const fields = new Map<string, string>()
  let open: Uint8Array[] | undefined
  let start = 0
  while (start < bytes.length && bytes[start] !== LF) {
    const newline = bytes.indexOf(LF, start)
    const end = newline < 0 ? bytes.length : newline + 1
    const line = bytes.subarray(start, end)
    start = end
    if (open !== undefined && line[0] === SPACE) {
      open.push(line.subarray(1))
      continue
    }
    open = undefined
    const text = Buffer.from(line).toString('utf8')
    const signature = HEADERS.find((name) => text.startsWith(`${name} `))
    if (signature === undefined) {
      rest.push(line)
      const space = text.indexOf(' ')
      const field = text.slice(0, Math.max(space, 0))
      if (!fields.has(field)) fields.set(field, text.slice(space + 1).replace(/\n$/, ''))
      continue
    }
    open = [line.subarray(signature.length + 1)]
    values.set(signature, [...(values.get(signature) ?? []), open])
  }
  return {
    rest,
    values: new Map([...values].map(([name, lists]) => [name, lists.map((list) => Buffer.concat(list))])),
    fields,
    writtenAt: timeOf(fields.get(writer)),
    body: bytes.subarray(start),
  }
}

function timeOf(line: string | undefined): number | undefined {
  const seconds = line === undefined ? undefined : /> (\d{1,12}) [+-]\d{1,7}$/.exec(line)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}

function formOf(armored: string): GitSignatureForm | undefined {
  const end = armored.indexOf('\n')
  return FORMS.get((end < 0 ? armored : armored.slice(0, end)).trimEnd())
}

function lastSignature(body: Uint8Array): number | undefined {
  const text = Buffer.from(body).toString('latin1')
  let last: number | undefined
  for (const begin of [...FORMS.keys(), INLINE_MESSAGE]) {
    const at = text.lastIndexOf(`\n${begin}`)
    if (at >= 0 && at + 1 > (last ?? -1)) last = at + 1
  }
  return last
}
