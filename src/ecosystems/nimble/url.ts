/** What one URL of a lockfile or requirement says, with nothing secret in it. */
export interface PackageUrl {
  /** Without user name and password, without `?subdir=`. */
  readonly url: string
  /** `?subdir=x`: the package is that folder of the repository. */
  readonly subdirectory: string | undefined
  /** It carried a password or a token. */
  readonly hadCredential: boolean
  /** It names a folder of the machine instead of a host. */
  readonly isLocal: boolean
  /** What in it a shell would take for more than a URL; undefined when nothing is. */
  readonly injection: string | undefined
}

const SECRET_PARAMETER = /^(?:access_token|private_token|token|auth|key|api_key|password)=/i

/** Reads a URL as nimble's files have it: with a scheme, as `git@host:path`, or a path. */
export function readPackageUrl(raw: string): PackageUrl {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(raw)?.[0]
  const { text, hadUser } = scheme === undefined ? { text: raw, hadUser: false } : withoutUserInfo(raw, scheme)
  const question = text.indexOf('?')
  const parameters = question < 0 ? [] : text.slice(question + 1).split('&')
  const subdirectory = parameters.find((p) => p.startsWith('subdir='))?.slice('subdir='.length)
  const kept = parameters.filter((p) => !p.startsWith('subdir=') && !SECRET_PARAMETER.test(p))
  const bare = question < 0 ? text : text.slice(0, question)
  return {
    url: kept.length === 0 ? bare : `${bare}?${kept.join('&')}`,
    subdirectory: subdirectory === undefined ? undefined : cleanFolder(subdirectory),
    hadCredential: hadUser || parameters.some((p) => SECRET_PARAMETER.test(p)),
    isLocal: scheme === undefined ? !isScpForm(raw) : /^file:/i.test(raw),
    injection: injectionIn(raw),
  }
}

/** `git@host:path`, the form of ssh that has no scheme; a single letter before the colon is a drive. */
function isScpForm(raw: string): boolean {
  return /^(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9.-]{2,}:[^/\\]/.test(raw)
}

/** A bare user name before an ssh host says who logs in and is no secret; everything else before an `@` goes. */
function withoutUserInfo(raw: string, scheme: string): { readonly text: string; readonly hadUser: boolean } {
  const end = raw.slice(scheme.length).search(/[/?#]/)
  const authorityEnd = end < 0 ? raw.length : scheme.length + end
  const at = raw.lastIndexOf('@', authorityEnd - 1)
  if (at < scheme.length) return { text: raw, hadUser: false }
  const user = raw.slice(scheme.length, at)
  const isSsh = /^(?:git\+)?ssh:/i.test(scheme)
  if (isSsh && !user.includes(':')) return { text: raw, hadUser: false }
  const kept = isSsh ? `${user.slice(0, user.indexOf(':'))}@` : ''
  return { text: scheme + kept + raw.slice(at + 1), hadUser: user.includes(':') || user.length >= 16 }
}

function cleanFolder(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.length === 0 ? undefined : parts.join('/')
}

/** Versions of nimble up to 0.20 hand the URL to a shell (spec/nimble.md §1, §11). */
function injectionIn(raw: string): string | undefined {
  if (raw.startsWith('-')) return 'a dash at its start, which git takes for an option'
  const found = /[;&|`$()<>{}'"\\\s]/.exec(raw)?.[0] ?? /[^!-~]/.exec(raw)?.[0]
  return found === undefined ? undefined : `the character ${JSON.stringify(found)}`
}

/** Without the slashes and the `.git` at its end, which say nothing. */
export function repositoryPath(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end).replace(/\.git$/, '')
}

/** What two URLs have in common when they name one repository: host and path, without scheme, user, `.git`, trailing slash. */
export function repositoryKey(url: string): string {
  const { url: clean } = readPackageUrl(url)
  const scp = /^(?:[A-Za-z0-9_.-]+@)?([A-Za-z0-9.-]{2,}):([^/\\].*)$/.exec(clean)
  const whole = scp === null || clean.includes('://') ? clean : `ssh://${scp[1] ?? ''}/${scp[2] ?? ''}`
  const rest = whole.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/@]*@)?/, '')
  const slash = rest.indexOf('/')
  const host = (slash < 0 ? rest : rest.slice(0, slash)).toLowerCase().replace(/^www\./, '')
  const path = repositoryPath(slash < 0 ? '' : rest.slice(slash))
  // These hosts do not tell upper from lower case.
  return host + (host === 'github.com' || host === 'gitlab.com' || host === 'bitbucket.org' ? path.toLowerCase() : path)
}
