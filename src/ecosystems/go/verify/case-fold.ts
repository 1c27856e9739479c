/**
 * Simple case folding, for telling names that one file exists under on systems that ignore case (spec/go.md §7.4).
 * Each code point goes to upper and then to lower case when both are single: that brings KELVIN SIGN to `k` and LONG S
 * to `s`, which lower-casing alone does not. The dotted and dotless I fold only in Turkish.
 */
export function foldCase(text: string): string {
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toLowerCase()
  let folded = ''
  for (const character of text) folded += foldOne(character)
  return folded
}

function foldOne(character: string): string {
  if (character === '\u0130' || character === '\u0131') return character
  const upper = one(character.toUpperCase()) ?? character
  return one(upper.toLowerCase()) ?? upper
}

function one(text: string): string | undefined {
  return [...text].length === 1 ? text : undefined
}
