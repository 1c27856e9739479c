import { BlockList, isIP } from 'node:net'
import { basicAuthorization, fitsHeader, type Secret } from './secret.js'
import { decoded, isLoopback } from './url-policy.js'

/** A proxy as it is spoken to; the credentials taken out of its URL. */
export interface ProxyServer {
  readonly url: URL
  readonly authorization?: Secret | undefined
}

/** `invalid`: what is configured cannot be used; going direct instead would leave the way the user prescribed. */
export type ProxyChoice =
  | { readonly kind: 'direct' }
  | { readonly kind: 'proxy'; readonly proxy: ProxyServer }
  | { readonly kind: 'invalid' }

export interface ProxySettings {
  readonly forHttps: ProxyChoice
  readonly forHttp: ProxyChoice
  readonly bypass: ProxyBypass
}

type Environment = Readonly<Record<string, string | undefined>>

const DIRECT: ProxyChoice = { kind: 'direct' }

/**
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; the lower-case name wins, as in curl and Go. `HTTP_PROXY` is not believed
 * where a web server runs the program: there a client can set it by a header (CVE-2016-5385).
 */
export function proxySettings(env: Environment): ProxySettings {
  const read = (name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined
  const inCgi = env['REQUEST_METHOD'] !== undefined && !env['http_proxy']
  return {
    forHttps: parseProxy(read('HTTPS_PROXY')),
    forHttp: inCgi ? DIRECT : parseProxy(read('HTTP_PROXY')),
    bypass: new ProxyBypass(read('NO_PROXY') ?? ''),
  }
}

export function chooseProxy(url: URL, settings: ProxySettings): ProxyChoice {
  if (isLoopback(url.hostname) || settings.bypass.holds(url)) return DIRECT
  return url.protocol === 'https:' ? settings.forHttps : settings.forHttp
}

/** A proxy's address: a URL with http or https, or host and port alone. SOCKS is not spoken. */
function parseProxy(text: string | undefined): ProxyChoice {
  if (text === undefined || text.trim() === '') return DIRECT
  const trimmed = text.trim()
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`
  if (!URL.canParse(full)) return { kind: 'invalid' }
  const url = new URL(full)
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') return { kind: 'invalid' }
  const { username, password } = url
  const authorization = username === '' && password === '' ? undefined : basicAuthorization(decoded(username), decoded(password))
  if (authorization !== undefined && !fitsHeader(authorization.reveal())) return { kind: 'invalid' }
  return { kind: 'proxy', proxy: { url: new URL(url.origin), authorization } }
}

const MOST_ENTRIES = 1000
const DEFAULT_PORT: ReadonlyMap<string, string> = new Map([
  ['http:', '80'],
  ['https:', '443'],
])

interface NameEntry {
  readonly name: string
  readonly below: boolean
  readonly port: string | undefined
}

/**
 * `NO_PROXY` as Go's httpproxy reads it: entries by comma (here also by white space, as curl); `*` for all; a name holds
 * for itself and all below, with a leading dot or `*.` only for those below; addresses and networks; each with a port.
 */
export class ProxyBypass {
  readonly #names: NameEntry[] = []
  readonly #networks = new BlockList()
  readonly #addresses: { readonly address: string; readonly port: string | undefined }[] = []
  #everything = false

  constructor(list: string) {
    for (const entry of list.split(/[\s,]+/, MOST_ENTRIES)) if (entry !== '') this.#add(entry.toLowerCase())
  }

  #add(entry: string): void {
    if (entry === '*') {
      this.#everything = true
      return
    }
    const slash = entry.indexOf('/')
    if (slash > 0) {
      const bits = Number(entry.slice(slash + 1))
      const family = isIP(entry.slice(0, slash))
      if (family !== 0 && Number.isInteger(bits) && bits >= 0 && bits <= (family === 4 ? 32 : 128))
        this.#networks.addSubnet(entry.slice(0, slash), bits, family === 4 ? 'ipv4' : 'ipv6')
      return
    }
    const { host, port } = splitPort(entry)
    if (isIP(host) !== 0) this.#addresses.push({ address: host, port })
    else {
      const below = host.startsWith('.') || host.startsWith('*.')
      const name = host.replace(/^\*?\./, '')
      if (name !== '') this.#names.push({ name, below, port })
    }
  }

  holds(url: URL): boolean {
    if (this.#everything) return true
    const port = url.port === '' ? (DEFAULT_PORT.get(url.protocol) ?? '') : url.port
    const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname.replace(/\.$/, '')
    const family = isIP(host)
    if (family !== 0)
      return (
        this.#networks.check(host, family === 4 ? 'ipv4' : 'ipv6') ||
        this.#addresses.some((entry) => entry.address === host && (entry.port ?? port) === port)
      )
    return this.#names.some(
      (entry) => (entry.port ?? port) === port && (host.endsWith(`.${entry.name}`) || (!entry.below && host === entry.name)),
    )
  }
}

function splitPort(entry: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[([0-9a-f:.]+)\](?::(\d{1,5}))?$/.exec(entry)
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] }
  const plain = /^([^:]+):(\d{1,5})$/.exec(entry)
  return plain === null ? { host: entry, port: undefined } : { host: plain[1] ?? '', port: plain[2] }
}
