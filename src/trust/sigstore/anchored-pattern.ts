/** A pattern that must match a whole text, made so that no text makes it slow. */
export interface AnchoredPattern {
  readonly source: string
  readonly matches: (text: string) => boolean
}

export type ParsedPattern =
  | { readonly ok: true; readonly pattern: AnchoredPattern }
  | { readonly ok: false; readonly why: string }

const MAX_PATTERN_LENGTH = 1024
/** No identity that is known is longer; with at most three repetitions the search stays below 10^8 steps. */
const MAX_TEXT_LENGTH = 512
const MAX_REPETITIONS = 3
/** Each may double the search, and so may each group, by its alternatives. */
const MAX_OPTIONAL = 8
const MAX_GROUPS = 8

/**
 * Compiles an owner's pattern for an identity, anchored at both ends (spec/trust.md §1.7: an unanchored one accepts
 * look-alikes). Repeated groups, back references and look-around are refused: the text that is matched is a stranger's,
 * and these are what makes a search exponential.
 */
export function parseAnchoredPattern(source: string): ParsedPattern {
  if (source.length > MAX_PATTERN_LENGTH) return { ok: false, why: `the pattern is longer than ${MAX_PATTERN_LENGTH} characters` }
  const refusal = findSlowPart(source)
  if (refusal !== undefined) return { ok: false, why: refusal }
  let whole: RegExp
  try {
    whole = new RegExp(`^(?:${source})$`, 'u')
    // Parses alone as well: `a)(?:b` would otherwise open the anchors.
    new RegExp(source, 'u')
  } catch {
    return { ok: false, why: 'the pattern is no regular expression' }
  }
  return { ok: true, pattern: { source, matches: (text) => text.length <= MAX_TEXT_LENGTH && whole.test(text) } }
}

function findSlowPart(source: string): string | undefined {
  let repetitions = 0
  let optional = 0
  let groups = 0
  let inClass = false
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at]
    if (character === '\\') {
      if (/[1-9k]/.test(source[at + 1] ?? '')) return 'the pattern refers back to a group'
      at += 1
    } else if (inClass) {
      inClass = character !== ']'
    } else if (character === '[') {
      inClass = true
    } else if (character === '(' && source[at + 1] === '?' && source[at + 2] !== ':') {
      return 'the pattern looks around or names a group'
    } else if (character === ')' && /[*+?{]/.test(source[at + 1] ?? '')) {
      return 'the pattern repeats a group'
    } else if (character === '(') {
      groups += 1
      if (groups > MAX_GROUPS) return `the pattern has more than ${MAX_GROUPS} groups`
      // The question mark of `(?:`.
      if (source[at + 1] === '?') at += 1
    } else if (character === '?' && !isLazy(source, at)) {
      optional += 1
      if (optional > MAX_OPTIONAL) return `the pattern has more than ${MAX_OPTIONAL} parts that may be left out`
    } else if (character === '*' || character === '+' || character === '{') {
      repetitions += 1
      if (repetitions > MAX_REPETITIONS) return `the pattern repeats more than ${MAX_REPETITIONS} times`
    }
  }
  return undefined
}

/** Whether the question mark at `at` only says that the quantifier before it takes little. */
function isLazy(source: string, at: number): boolean {
  return /[*+?}]/.test(source[at - 1] ?? '') && source[at - 2] !== '\\'
}
