import { parsePurl } from '../../model/purl.js'

/**
 * Whether a package URL of any tool means this module version (spec/go.md §13.1): exact first, then the spellings that
 * are seen in the wild: without `v`, a lower-cased or proxy-escaped path, `/vN` moved to the subpath, `std` for `stdlib`.
 */
export function purlMeansModule(purl: string, path: string, version: string | undefined): boolean {
  const parsed = parsePurl(purl)
  if (!parsed.ok || parsed.purl.type !== 'golang') return false
  const { namespace, name, version: found, subpath } = parsed.purl
  const bare = namespace === undefined ? name : `${namespace}/${name}`
  const whole = subpath !== undefined && /^v[2-9]\d*$|^v1\d+$/.test(subpath) ? `${bare}/${subpath}` : bare
  return samePath(whole, path) && plainVersion(found) === plainVersion(version)
}

function samePath(found: string, path: string): boolean {
  if (found === path || found === path.toLowerCase()) return true
  if (found === 'std') return path === 'stdlib'
  return found.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase()) === path
}

function plainVersion(version: string | undefined): string | undefined {
  return version?.replace(/^(?:go|v)/, '')
}
