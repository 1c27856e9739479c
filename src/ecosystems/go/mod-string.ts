/** The value of a token: unquoted when it is an interpreted string; undefined when it is none (spec/go.md §2.1). */
export function tokenValue(token: string): string | undefined {
  if (token.startsWith('"')) return unquote(token)
  // Raw strings are documented and refused by every release.
  return /["'`]/.test(token) ? undefined : token
}

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 0x5c],
  ['"', 0x22],
])
/** Digits after `\x`, `\u` and `\U`. */
const HEX_DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

/** Escapes of a Go string. `\x` and octal escapes are bytes, so the text is put together as bytes and must be UTF-8. */
function unquote(token: string): string | undefined {
  if (token.length < 2 || !token.endsWith('"')) return undefined
  const encoder = new TextEncoder()
  const bytes: number[] = []
  const end = token.length - 1
  let at = 1
  while (at < end) {
    const code = token.codePointAt(at) ?? 0
    if (code === 0x22) return undefined
    if (code !== 0x5c) {
      const character = String.fromCodePoint(code)
      bytes.push(...encoder.encode(character))
      at += character.length
      continue
    }
    const escaped = readEscape(token, at + 1, end)
    if (escaped === undefined) return undefined
    if (escaped.isByte) bytes.push(escaped.value)
    else bytes.push(...encoder.encode(String.fromCodePoint(escaped.value)))
    at = escaped.next
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}

interface Escape {
  readonly value: number
  readonly isByte: boolean
  readonly next: number
}

function readEscape(token: string, at: number, end: number): Escape | undefined {
  const letter = token.charAt(at)
  const simple = SIMPLE.get(letter)
  if (simple !== undefined) return at < end ? { value: simple, isByte: true, next: at + 1 } : undefined
  const digits = HEX_DIGITS.get(letter)
  if (digits !== undefined) {
    const text = token.slice(at + 1, Math.min(at + 1 + digits, end))
    const value = Number.parseInt(text, 16)
    const isCharacter = value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff)
    const valid = text.length === digits && /^[0-9a-fA-F]+$/.test(text) && isCharacter
    return valid ? { value, isByte: letter === 'x', next: at + 1 + digits } : undefined
  }
  const octal = token.slice(at, Math.min(at + 3, end))
  const value = Number.parseInt(octal, 8)
  return /^[0-7]{3}$/.test(octal) && value <= 255 ? { value, isByte: true, next: at + 3 } : undefined
}
