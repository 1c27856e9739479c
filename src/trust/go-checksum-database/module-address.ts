/** What an import path may be made of (Go's module package); `!` is the escape and never part of a path. */
const PATH_ELEMENT = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/
const VERSION = /^v[A-Za-z0-9][A-Za-z0-9.+_~-]*$/
const MAX_LENGTH = 1024

/**
 * The path of a look-up, `lookup/<escaped path>@<escaped version>` (spec/go.md §9.6): each upper-case letter as `!` and
 * its lower-case form. Undefined for what can be no module version: a stranger's text must not shape a URL.
 */
export function lookupPath(modulePath: string, version: string): string | undefined {
  if (modulePath.length > MAX_LENGTH || version.length > MAX_LENGTH || !VERSION.test(version)) return undefined
  const elements = modulePath.split('/')
  if (!elements.every((element) => PATH_ELEMENT.test(element) && !element.endsWith('.'))) return undefined
  return `lookup/${escapeUpperCase(modulePath)}@${escapeUpperCase(version)}`
}

function escapeUpperCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
}
