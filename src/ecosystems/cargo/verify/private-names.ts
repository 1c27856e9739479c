import { matchSegment } from '../../../syntax/glob.js'

const PREFIX = 'cargo:'

/**
 * Tells names that are never asked for in public: those that a pattern of `sources.internal` means. The public registry
 * takes names that differ in case or in `-` and `_` for one, so such spellings are private too.
 */
export function privateNames(internal: readonly string[]): (name: string) => boolean {
  const patterns = internal.flatMap((text) => (text.startsWith(PREFIX) ? [canonical(text.slice(PREFIX.length))] : []))
  return (name) => patterns.some((pattern) => matchSegment(pattern, canonical(name)))
}

function canonical(text: string): string {
  return text.toLowerCase().replaceAll('_', '-')
}
