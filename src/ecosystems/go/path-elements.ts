/** What a path is for decides which characters and forms its elements may have (spec/go.md §1.3, §7.4). */
export type PathUse = 'module' | 'import' | 'file'

const MODULE_ELEMENT = /^[A-Za-z0-9\-._~]*$/
const IMPORT_ELEMENT = /^[A-Za-z0-9\-._~+]*$/
/** Letters of any script, ASCII digits, and marks that no system treats specially. */
const FILE_ELEMENT = /^[\p{L}0-9 !#$%&()+,\-.=@[\]^_{}~]*$/u
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i
/** Windows' short names: `PROGRA~1`. */
const SHORT_NAME = /~\d+$/

/** Why the elements of a path are not allowed for that use; undefined when they are. */
export function elementsProblem(path: string, use: PathUse): string | undefined {
  if (path === '') return 'it is empty'
  if (use !== 'file' && path.startsWith('-')) return 'it begins with a dash'
  if (path.includes('//')) return 'it has a double slash'
  if (path.endsWith('/')) return 'it ends in a slash'
  for (const element of path.split('/')) {
    const problem = elementProblem(element, use)
    if (problem !== undefined) return problem
  }
  return undefined
}

function elementProblem(element: string, use: PathUse): string | undefined {
  if (element === '') return 'it has an empty element'
  if (/^\.+$/.test(element)) return `it has the element ${JSON.stringify(element)}`
  if (use === 'module' && element.startsWith('.')) return 'an element begins with a dot'
  if (element.endsWith('.')) return 'an element ends in a dot'
  const allowed = use === 'module' ? MODULE_ELEMENT : use === 'import' ? IMPORT_ELEMENT : FILE_ELEMENT
  if (!allowed.test(element)) return `the element ${JSON.stringify(element)} holds a character that is not allowed`
  const dot = element.indexOf('.')
  const stem = dot < 0 ? element : element.slice(0, dot)
  if (DEVICE.test(stem)) return `${JSON.stringify(stem)} is a device name on Windows`
  return use !== 'file' && SHORT_NAME.test(stem) ? `${JSON.stringify(stem)} looks like a short name of Windows` : undefined
}
