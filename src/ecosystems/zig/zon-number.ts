/** No manifest needs more; the conversion of a longer one costs more than linear time. */
const MAX_NUMBER_LENGTH = 4096

export type ZonNumber =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'invalid'; readonly why: string }

// Digits with single underscores between them. An underscore ends every repetition, so nothing can be matched twice.
const DECIMAL = '[0-9]+(?:_[0-9]+)*'
const HEX = '[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*'
const INTEGER = new RegExp(`^(?:${DECIMAL}|0x${HEX}|0o[0-7]+(?:_[0-7]+)*|0b[01]+(?:_[01]+)*)$`)
const FLOAT = new RegExp(`^(?:${DECIMAL})(?:\\.${DECIMAL})?(?:[eE][+-]?${DECIMAL})?$`)
const HEX_FLOAT = new RegExp(`^0x(${HEX})(?:\\.(${HEX}))?(?:[pP]([+-]?${DECIMAL}))?$`)

/** Reads a number literal without its sign (spec/zig.md §2.1). Integers are exact, floats as near as a double can be. */
export function parseZonNumber(literal: string): ZonNumber {
  if (literal.length > MAX_NUMBER_LENGTH)
    return { kind: 'invalid', why: `a number of more than ${MAX_NUMBER_LENGTH} characters is not read` }
  if (/^0[0-9_]/.test(literal)) return { kind: 'invalid', why: 'a decimal number has no leading zero' }
  if (/^0[XOB]/.test(literal)) return { kind: 'invalid', why: 'the prefix of a number is lower-case: 0x, 0o, 0b' }
  const plain = literal.replaceAll('_', '')
  if (INTEGER.test(literal)) return { kind: 'integer', value: BigInt(plain) }
  if (FLOAT.test(literal)) return { kind: 'float', value: Number(plain) }
  const [matched, whole = '', fraction = '', exponent = '0'] = HEX_FLOAT.exec(literal) ?? []
  if (matched === undefined) return { kind: 'invalid', why: `${JSON.stringify(literal.slice(0, 40))} is no number` }
  const digits = `${whole}${fraction}`.replaceAll('_', '')
  const power = Number(exponent.replaceAll('_', '')) - 4 * fraction.replaceAll('_', '').length
  return { kind: 'float', value: scale(digits, power) }
}

/** `digits` (hexadecimal) times two to the `power`. */
function scale(digits: string, power: number): number {
  const significant = digits.replace(/^0+/, '')
  // A double holds 53 bits: what is past 16 hexadecimal digits cannot be seen in it.
  const kept = significant.slice(0, 16)
  if (kept === '') return 0
  const shift = power + 4 * (significant.length - kept.length)
  // In two steps, because the power alone may leave the range although the product does not.
  const half = Math.trunc(shift / 2)
  return Number(BigInt(`0x${kept}`)) * 2 ** half * 2 ** (shift - half)
}
