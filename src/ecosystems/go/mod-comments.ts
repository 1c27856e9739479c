import type { Comment, Line } from './mod-syntax.js'

/** Whether the comment behind a requirement says `// indirect` (spec/go.md §2.6). */
export function isIndirect(line: Line): boolean {
  if (line.suffix?.kind !== 'text') return false
  const words = line.suffix.text.split(/\s+/).filter((word) => word !== '')
  return (words.length === 1 && words[0] === 'indirect') || (words.length > 1 && words[0] === 'indirect;')
}

/** The words around a directive: comments above it, then the one behind it; those above its block where it has none. */
export function directiveText(line: Line, blockComments: readonly Comment[] | undefined): string {
  const own = line.suffix === undefined ? line.before : [...line.before, line.suffix]
  const comments = own.length === 0 ? (blockComments ?? []) : own
  return comments.flatMap((comment) => (comment.kind === 'text' ? [comment.text.trim()] : [])).join('\n')
}

/** The message of the first paragraph that begins with `Deprecated:`; empty when there is none. */
export function deprecationOf(text: string): string {
  const mark = 'Deprecated:'
  const paragraph = text.split('\n\n').find((part) => part.startsWith(mark))
  return paragraph === undefined ? '' : paragraph.slice(mark.length).replace(/^ +/, '')
}
