/**
 * Globs over `/`-separated paths: `?` one character, `*` inside a segment, `**` across segments, `[a-z]`, `[!a]`,
 * `{a,b}` is not supported. Matching is linear in pattern × path; no regular expression is built from what a stranger
 * wrote.
 */
export function matchGlob(pattern: string, path: string): boolean {
  return matchSegments(pattern.split('/'), path === '.' ? [] : path.split('/'))
}

/** True when the text holds a character that `matchGlob` treats specially. */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern)
}

function matchSegments(pattern: readonly string[], path: readonly string[]): boolean {
  // Row by row over the pattern: reached[j] says whether the first i pattern segments can match the first j path segments.
  let reached = new Array<boolean>(path.length + 1).fill(false)
  reached[0] = true
  for (const segment of pattern) {
    const next = new Array<boolean>(path.length + 1).fill(false)
    if (segment === '**') {
      let any = false
      for (let j = 0; j <= path.length; j++) {
        any ||= reached[j] === true
        next[j] = any
      }
    } else {
      for (let j = 0; j < path.length; j++) {
        if (reached[j] === true && matchSegment(segment, path[j] ?? '')) next[j + 1] = true
      }
    }
    reached = next
  }
  return reached[path.length] === true
}

/** One segment; the classic two-pointer walk that goes back only to the last star. */
export function matchSegment(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    const one = p < pattern.length ? matchOne(pattern, p, text[t] ?? '') : undefined
    if (pattern[p] === '*') {
      star = p++
      mark = t
    } else if (one !== undefined && one > 0) {
      p = one
      t += 1
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}

/** Position after the pattern item at `p` when it matches `character`, else 0. */
function matchOne(pattern: string, p: number, character: string): number {
  const item = pattern[p]
  if (item === '?') return p + 1
  if (item !== '[') return item === character ? p + 1 : 0
  const close = pattern.indexOf(']', p + 2)
  if (close < 0) return item === character ? p + 1 : 0
  const negated = pattern[p + 1] === '!' || pattern[p + 1] === '^'
  let inside = false
  for (let i = p + (negated ? 2 : 1); i < close; i++) {
    const low = pattern[i] ?? ''
    if (pattern[i + 1] === '-' && i + 2 < close) {
      const high = pattern[i + 2] ?? ''
      inside ||= low <= character && character <= high
      i += 2
    } else inside ||= low === character
  }
  return inside !== negated ? close + 1 : 0
}
