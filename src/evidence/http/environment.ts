import { type Authorities, authoritiesOf } from './authorities.js'
import { type ProxySettings, proxySettings } from './proxy.js'

/** What the surroundings prescribe for every connection. */
export interface HttpEnvironment {
  readonly proxies: ProxySettings
  readonly authorities: Authorities
}

/** Reads `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` (lower case too), `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS`. */
export async function httpEnvironment(env: Readonly<Record<string, string | undefined>>): Promise<HttpEnvironment> {
  return { proxies: proxySettings(env), authorities: await authoritiesOf(env) }
}
