import type { Secret } from './secret.js'
import { isLoopback } from './url-policy.js'

/** A credential and where it belongs. */
export interface Credential {
  /**
   * `url`: this origin and every path below. `host`: every port and path of this host, as netrc has it.
   * Both only over https; an `url` on this machine may be plain http.
   */
  readonly scope: { readonly kind: 'url'; readonly url: string } | { readonly kind: 'host'; readonly host: string }
  /** The whole value of the `Authorization` header. */
  readonly authorization: Secret
}

/** When a credential that fits is sent: never, after the server answered 401, or at once. */
export type SendCredential = 'never' | 'challenged' | 'always'

/** The credential for a URL: the longest scope that holds it; of several hosts the first, as netrc has it. */
export function credentialFor(url: URL, credentials: readonly Credential[]): Secret | undefined {
  let best: { readonly length: number; readonly authorization: Secret } | undefined
  for (const { scope, authorization } of credentials) {
    const length = scope.kind === 'host' ? hostLength(url, scope.host) : urlLength(url, scope.url)
    if (length !== undefined && (best === undefined || length > best.length)) best = { length, authorization }
  }
  return best?.authorization
}

function hostLength(url: URL, host: string): number | undefined {
  return url.protocol === 'https:' && url.hostname === host.toLowerCase() ? 0 : undefined
}

function urlLength(url: URL, scope: string): number | undefined {
  if (!URL.canParse(scope)) return undefined
  const within = new URL(scope)
  if (within.origin !== url.origin || (url.protocol !== 'https:' && !isLoopback(url.hostname))) return undefined
  const folder = within.pathname.endsWith('/') ? within.pathname : `${within.pathname}/`
  return url.pathname === within.pathname || url.pathname.startsWith(folder) ? folder.length : undefined
}
