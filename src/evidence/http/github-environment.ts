import { ENDPOINTS } from '../../model/endpoints.js'
import type { Credential } from './credentials.js'
import { fitsHeader, Secret } from './secret.js'
import { isLoopback } from './url-policy.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Which GitHub is asked. */
export interface GithubInstance {
  /** Of its API, without a slash at its end. */
  readonly api: string
  /** Of its repositories. */
  readonly host: string
}

const GITHUB_COM: GithubInstance = { api: ENDPOINTS.github.api, host: 'github.com' }

/**
 * `GITHUB_API_URL` and `GITHUB_SERVER_URL`, as a workflow run has them (on an enterprise server they name it); else
 * github.com. Undefined where the first is no https URL: then nobody is asked.
 */
export function githubInstance(environment: Environment): GithubInstance | undefined {
  const url = environment['GITHUB_API_URL'] ?? ''
  if (url === '') return GITHUB_COM
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, username, password, search, hash, origin, pathname } = new URL(url)
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
  if (!isSecure || username !== '' || password !== '' || search !== '' || hash !== '') return undefined
  const server = environment['GITHUB_SERVER_URL'] ?? ''
  const host = URL.canParse(server) ? new URL(server).host : GITHUB_COM.host
  return { api: `${origin}${pathname.replace(/\/+$/, '')}`, host }
}

/** The token of `GH_TOKEN` or `GITHUB_TOKEN`, for the API of that instance alone: no setting of a repository moves it. */
export function githubCredentials(environment: Environment): readonly Credential[] {
  const instance = githubInstance(environment)
  const token = [environment['GH_TOKEN'], environment['GITHUB_TOKEN']].find((one) => one !== undefined && one !== '')
  if (instance === undefined || token === undefined || !fitsHeader(token)) return []
  return [{ scope: { kind: 'url', url: `${instance.api}/` }, authorization: new Secret(`Bearer ${token}`, [token]) }]
}
