import lists from '../generated/license-lists.cjs'

const ids = byFoldedName(lists.ids)
const exceptions = byFoldedName(lists.exceptions)

/** The listed licence id, current or deprecated, in the case of the list; undefined when none is listed. */
export function listedId(text: string): string | undefined {
  return ids.get(text.toLowerCase())
}

/** The listed exception in the case of the list; undefined when none is listed. */
export function listedException(text: string): string | undefined {
  return exceptions.get(text.toLowerCase())
}

/** No two names of the list differ in case alone. */
function byFoldedName(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]))
}
