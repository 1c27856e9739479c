import type { Diagnostic } from '../model/diagnostic.js'
import type { Location } from '../model/location.js'

/** A text with cheap look-up of lines and columns. Lines end at LF; a CR before it belongs to the line end. */
export class SourceText {
  #starts: number[] | undefined

  constructor(
    readonly file: string,
    readonly text: string,
  ) {}

  /** Offset of the first character of every line. */
  get lineStarts(): readonly number[] {
    if (this.#starts === undefined) {
      const starts = [0]
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
      this.#starts = starts
    }
    return this.#starts
  }

  /** The place of a range of offsets (UTF-16 code units); without `end`, of one point. */
  locate(start: number, end?: number): Location {
    const [line, column] = this.#position(start)
    if (end === undefined) return { file: this.file, line, column }
    const [endLine, endColumn] = this.#position(end)
    return { file: this.file, line, column, endLine, endColumn }
  }

  /** Text of a line (counted from 1) without its line end. */
  line(number: number): string {
    const start = this.lineStarts[number - 1]
    if (start === undefined) return ''
    const next = this.lineStarts[number]
    const end = next === undefined ? this.text.length : next - 1
    return this.text.slice(start, this.text[end - 1] === '\r' && end > start ? end - 1 : end)
  }

  #position(offset: number): [number, number] {
    const starts = this.lineStarts
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return [low + 1, offset - (starts[low] ?? 0) + 1]
  }
}

export type Decoded =
  | { readonly ok: true; readonly text: string; readonly hadBom: boolean }
  | { readonly ok: false; readonly problem: 'utf-16' | 'not-utf-8' | 'nul-byte'; readonly line: number; readonly column: number }

/**
 * Decodes a file that its format says is UTF-8. A byte-order mark is taken off and told. UTF-16 is recognised by its
 * mark, invalid UTF-8 is refused with its place: a replacement character would silently change a name or a digest.
 */
export function decodeUtf8(bytes: Uint8Array): Decoded {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { ok: false, problem: 'utf-16', line: 1, column: 1 }
  }
  const hadBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const body = hadBom ? bytes.subarray(3) : bytes
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return { ok: false, problem: 'not-utf-8', ...firstInvalid(body) }
  }
  const nul = text.indexOf('\0')
  if (nul >= 0) {
    const { line, column } = new SourceText('', text).locate(nul)
    return { ok: false, problem: 'nul-byte', line, column }
  }
  return { ok: true, text, hadBom }
}

/** Finds the first invalid sequence line by line: no UTF-8 sequence contains a line feed. */
function firstInvalid(bytes: Uint8Array): { line: number; column: number } {
  let line = 1
  let start = 0
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline < 0 ? bytes.length : newline + 1
    const lenient = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end))
    if (!isUtf8(bytes.subarray(start, end))) return { line, column: Math.max(1, lenient.indexOf('\ufffd') + 1) }
    if (newline < 0) break
    start = end
    line += 1
  }
  return { line, column: 1 }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

const PROBLEM: Readonly<Record<'utf-16' | 'not-utf-8' | 'nul-byte', readonly [string, string]>> = {
  'utf-16': [
    'is UTF-16, its format asks for UTF-8',
    'Save it as UTF-8 without a byte-order mark, or regenerate it with its tool.',
  ],
  'not-utf-8': ['is not valid UTF-8', 'Regenerate it with its tool; the bytes here belong to no text.'],
  'nul-byte': ['holds a NUL byte', 'Regenerate it with its tool; this is a damaged or binary file.'],
}

/** The diagnostic for a file that `decodeUtf8` refused. */
export function decodeDiagnostic(decoded: Decoded & { ok: false }, file: string, code = 'input/lock-unparseable'): Diagnostic {
  const [message, help] = PROBLEM[decoded.problem]
  return {
    code,
    severity: 'error',
    message: `${file} ${message}`,
    help,
    location: { file, line: decoded.line, column: decoded.column },
  }
}
