import { matchSegment } from '../../syntax/glob.js'

/**
 * Whether a module path begins with what one of the patterns matches, as GOPRIVATE and its kin mean it (spec/go.md
 * §8.4): a pattern of n slashes is held against the first n+1 elements; a malformed one matches nothing.
 */
export function matchesGlobList(list: string, path: string): boolean {
  const elements = path.split('/')
  return list.split(',').some((entry) => {
    const pattern = entry.endsWith('/') ? entry.slice(0, -1) : entry
    if (pattern === '' || isMalformed(pattern)) return false
    const parts = pattern.split('/')
    return parts.length <= elements.length && parts.every((part, i) => matchSegment(part, elements[i] ?? ''))
  })
}

function isMalformed(pattern: string): boolean {
  for (const part of pattern.split('/')) {
    const open = part.lastIndexOf('[')
    if (open >= 0 && !part.includes(']', open + 2)) return true
  }
  return false
}
