/**
 * A URL as its tool reads it: transport prefixes such as `git+` aside, the `git@host:path` form of ssh written out, dot
 * segments resolved. Undefined for what is none. All judgements of a URL go through here, so that no other way of writing
 * it gets past a rule.
 */
function parseSourceUrl(text: string): URL | undefined {
  const scp = /^(?:[^\s/@:]+@)?([^\s/@:]+):(?!\/\/)([^\s]+)$/.exec(text)
  const written =
    scp !== null && !/^[a-z]:[\\/]/i.test(text)
      ? `ssh://${scp[1] ?? ''}/${scp[2] ?? ''}`
      : text.replace(/^[a-z]+\+(?=[a-z]+:\/\/)/i, '')
  return URL.canParse(written) ? new URL(written) : undefined
}

/** The host of a source URL, lower-case, without brackets and final dot; undefined where it names none. */
export function hostOf(text: string): string | undefined {
  const host = parseSourceUrl(text)
    ?.hostname.replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
  return host === '' ? undefined : host
}

const PLAIN_TRANSPORTS: ReadonlySet<string> = new Set(['http:', 'git:', 'ftp:', 'svn:', 'ws:', 'rsync:', 'bzr:'])

/** True where everybody on the way can read and change what is transferred. */
export function isPlainTransport(text: string): boolean {
  const protocol = parseSourceUrl(text)?.protocol
  return protocol !== undefined && PLAIN_TRANSPORTS.has(protocol)
}

/** True for an address, and for a name that only means something on a local network. */
export function isLocalHost(host: string): boolean {
  return (
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ||
    host.includes(':') ||
    !host.includes('.') ||
    host.endsWith('.localhost') ||
    host.endsWith('.local')
  )
}

/** True when a git URL is the repository or lies below the organisation that `org` names, as in `github.com/example-org`. */
export function isBelowOrg(text: string, org: string): boolean {
  const url = parseSourceUrl(text)
  if (url === undefined) return false
  const path = `${url.host}${url.pathname}`
    .toLowerCase()
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
  const wanted = org.toLowerCase().replace(/\/$/, '')
  return path === wanted || path.startsWith(`${wanted}/`)
}

/** One form for the spellings of a registry URL that mean the same registry. */
export function bareRegistryUrl(url: string): string {
  return url.replace(/^sparse\+/, '').replace(/\/$/, '')
}
