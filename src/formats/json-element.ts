/** A value as indented JSON, fit to stand inside an array or object that is written by hand at that indent. */
export function jsonElement(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`)
}

/** The elements of a JSON array, one chunk each, with brackets; `[]` when there are none. */
export function* jsonArray(name: string, items: Iterable<unknown>, indent: string): Iterable<string> {
  let first = true
  for (const item of items) {
    yield `${first ? `${indent}"${name}": [\n` : ',\n'}${indent}  ${jsonElement(item, `${indent}  `)}`
    first = false
  }
  yield first ? `${indent}"${name}": []` : `\n${indent}]`
}
