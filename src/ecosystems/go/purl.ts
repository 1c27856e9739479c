import { formatPurl } from '../../model/purl.js'

/**
 * The package URL of a module (spec/go.md §13.1): the path as it is, the version with its `v`, a package inside the
 * module as subpath.
 */
export function modulePurl(path: string, version: string | undefined, packagePath?: string): string | undefined {
  const slash = path.lastIndexOf('/')
  return formatPurl({
    type: 'golang',
    namespace: slash < 0 ? undefined : path.slice(0, slash),
    name: path.slice(slash + 1),
    version,
    subpath: packagePath?.startsWith(`${path}/`) ? packagePath.slice(path.length + 1) : undefined,
  })
}

/** The package URL of the standard library, by a version of Go without or with its `go`. */
export function stdlibPurl(goVersion: string): string | undefined {
  return formatPurl({ type: 'golang', name: 'stdlib', version: goVersion.replace(/^go/, '') })
}
