import { basicAuthorization, fitsHeader, Secret } from '../http/secret.js'
import { type Fields, fieldsOf, parseFields } from '../store/fields.js'

/** How somebody logs in. */
export type RegistryLogin =
  | { readonly kind: 'basic'; readonly authorization: Secret }
  /** To be exchanged for tokens. */
  | { readonly kind: 'identity-token'; readonly token: Secret }

/** Of one file that docker, podman and their kin read (spec/trust.md §5.3). */
export interface DockerConfig {
  readonly logins: readonly {
    /** `host[:port]`, lower-case. */
    readonly host: string
    /** For repositories at or below this path alone; empty: all. */
    readonly path: string
    readonly login: RegistryLogin
  }[]
  /** Names of helper programs by `host[:port]`, and the one for all others. */
  readonly helpers: ReadonlyMap<string, string>
  readonly store: string | undefined
}

const MAX_ENTRIES = 10_000

/** Reads a `config.json` or `auth.json`; undefined when it is no JSON object. Of its entries the malformed ones do not count. */
export function parseDockerConfig(text: string): DockerConfig | undefined {
  const fields = parseFields(text)
  if (fields === undefined) return undefined
  const logins = entriesOf(fields, 'auths').flatMap(([key, value]) => {
    const place = placeOf(key)
    const entry = fieldsOf(value)
    const login = entry === undefined ? undefined : loginOf(entry)
    return place === undefined || login === undefined ? [] : [{ ...place, login }]
  })
  const helpers = new Map<string, string>()
  for (const [key, name] of entriesOf(fields, 'credHelpers')) {
    const place = placeOf(key)
    if (place !== undefined && place.path === '' && typeof name === 'string' && !helpers.has(place.host))
      helpers.set(place.host, name)
  }
  const store = fields.get('credsStore')
  return { logins, helpers, store: typeof store === 'string' && store !== '' ? store : undefined }
}

/** The login for a repository: the longest path of this very host that holds it. */
export function loginFor(config: DockerConfig, host: string, repository: string): RegistryLogin | undefined {
  const fitting = config.logins.filter(
    ({ host: of, path }) => of === host && (path === '' || repository === path || repository.startsWith(`${path}/`)),
  )
  return fitting.reduce<(typeof fitting)[number] | undefined>(
    (best, each) => (best === undefined || each.path.length > best.path.length ? each : best),
    undefined,
  )?.login
}

/** A login as a helper program or an entry states it; user `<token>` means that the secret is an identity token. */
export function loginWith(user: string, secret: string): RegistryLogin | undefined {
  if (secret === '' || secret.length > 16_384) return undefined
  if (user === '<token>') return { kind: 'identity-token', token: new Secret(secret) }
  const authorization = basicAuthorization(user, secret)
  return user !== '' && fitsHeader(authorization.reveal()) ? { kind: 'basic', authorization } : undefined
}

function loginOf(entry: Fields): RegistryLogin | undefined {
  const identity = entry.get('identitytoken')
  if (typeof identity === 'string' && identity !== '') return loginWith('<token>', identity)
  const auth = entry.get('auth')
  if (typeof auth !== 'string' || auth === '') return undefined
  const decoded = Buffer.from(auth, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  // Docker pads the password with zero bytes in some versions.
  return colon < 0 ? undefined : loginWith(decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, ''))
}

/**
 * What a key of the file is about: `host[:port]`, with a scheme in front (what then follows the host is a path of the
 * server), or `host/path` for repositories at or below a path.
 */
function placeOf(key: string): { readonly host: string; readonly path: string } | undefined {
  const [, scheme, host = '', port = '', rest = ''] = PLACE.exec(key) ?? []
  if (host === '') return undefined
  const path = scheme === undefined ? rest.replace(/\/+$/, '') : ''
  // The usual port goes without saying in a URL.
  return { host: `${host.toLowerCase()}${port === ':443' ? '' : port}`, path }
}

/** Scheme, host, port, path. Compared as text: `0` and `127.1` are addresses to some, and nobody's login is for them. */
const PLACE = /^(https?:\/\/)?([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?(?:\/([^?#\s]{0,255}))?$/

function entriesOf(fields: Fields, name: string): readonly (readonly [string, unknown])[] {
  return [...(fieldsOf(fields.get(name)) ?? [])].slice(0, MAX_ENTRIES)
}
