import { ENDPOINTS } from '../../../model/endpoints.js'
import type { Settings } from '../../../model/rule.js'
import { mirrored, reasonNotToAsk } from '../../whom-to-ask.js'
import { matchesGlobList } from '../glob-list.js'
import { type ProxyEntry, parseProxyList } from '../proxy-list.js'
import { type DatabaseSetting, parseDatabaseSetting } from './database-setting.js'

/** A proxy that may be asked. */
interface Proxy {
  /** Without a slash at its end; may carry user info. */
  readonly url: string
  /** After any error the next one is asked, not only after "not found". */
  readonly fallbackOnAnyError: boolean
}

/** Hosts that everybody's names are known at; what is declared private never gets there, whatever else is configured. */
const PUBLIC_HOSTS: ReadonlySet<string> = new Set([
  new URL(ENDPOINTS.go.proxy).hostname,
  ENDPOINTS.go.checksumDatabase,
  'sum.golang.google.cn',
  'proxy.golang.com.cn',
  'goproxy.cn',
  'goproxy.io',
])

/** Whom the go command would ask about which module, as its variables and assay's own configuration say (spec/go.md §8.3, §8.4). */
export class GoSources {
  readonly proxies: readonly Proxy[]
  /** What the list of proxies ends in. */
  readonly end: 'direct' | 'off' | 'nothing'
  /** Why GOPROXY cannot be read. */
  readonly proxyProblem: string | undefined
  readonly database: DatabaseSetting
  readonly #private: string
  readonly #noProxy: string
  readonly #noDatabase: string
  /** Nothing is declared private and every host is allowed, as it mostly is. */
  readonly #isOpen: boolean

  constructor(
    environment: ReadonlyMap<string, string>,
    readonly configured: Settings['sources'],
  ) {
    const value = (name: string): string => environment.get(name) ?? ''
    const list = parseProxyList(value('GOPROXY'))
    const entries = list.kind === 'list' ? list.entries : list.kind === 'default' ? DEFAULT_PROXIES : []
    this.proxyProblem = list.kind === 'invalid' ? `GOPROXY cannot be read: ${list.why}` : undefined
    this.proxies = entries.flatMap((entry) => this.#withMirrors(entry))
    const last = entries.at(-1)?.url
    this.end = last === 'direct' || last === 'off' ? last : 'nothing'
    this.database = parseDatabaseSetting(value('GOSUMDB'))
    this.#private = value('GOPRIVATE')
    this.#noProxy = value('GONOPROXY') || this.#private
    this.#noDatabase = value('GONOSUMDB') || this.#private
    this.#isOpen = configured.internal.length === 0 && configured.hosts.length === 0 && this.#private === ''
  }

  /** Why no proxy is asked about a module. */
  reasonForNoProxy(path: string): string | undefined {
    if (matchesGlobList(this.#noProxy, path)) return 'it is private (GONOPROXY, GOPRIVATE): only its own repository may be asked'
    if (this.proxyProblem !== undefined) return this.proxyProblem
    if (this.proxies.length > 0) return undefined
    return this.end === 'off' ? 'GOPROXY=off' : 'GOPROXY has no proxy: only the repository itself may be asked'
  }

  /** Why the checksum database is not asked about a module. */
  reasonForNoDatabase(path: string): string | undefined {
    if (this.database.kind === 'off') return 'GOSUMDB=off'
    if (this.database.kind === 'invalid') return `GOSUMDB cannot be read: ${this.database.why}`
    if (matchesGlobList(this.#noDatabase, path)) return 'it is private (GONOSUMDB, GOPRIVATE)'
    // A proxy that passes on the answers of a database passes on the questions too: whose database it is counts.
    const url = `https://${this.database.verifier.name}`
    if (this.#isInternal(path)) return this.reasonNotToAsk(path, this.database.url ?? url)
    return matchesGlobList(this.#private, path) && isPublic(url) ? PRIVATE_NAME : undefined
  }

  /** Why a URL is not asked about a module; holds beside what names are private to the go command. */
  reasonNotToAsk(path: string, url: string): string | undefined {
    if (this.#isOpen && URL.canParse(url)) return undefined
    const reason = reasonNotToAsk({ ecosystem: 'go', names: [path] }, url, this.configured)
    if (reason !== undefined) return reason
    return isPublic(url) && (matchesGlobList(this.#private, path) || this.#isInternal(path)) ? PRIVATE_NAME : undefined
  }

  /** What the shared question says of a host that certainly is nobody's own. */
  #isInternal(path: string): boolean {
    const { internal } = this.configured
    if (internal.length === 0) return false
    const plain = { ...this.configured, internal, hosts: [], mirrors: [] }
    return reasonNotToAsk({ ecosystem: 'go', names: [path] }, ENDPOINTS.go.proxy, plain) !== undefined
  }

  /** Declared mirrors of a proxy are asked before it; one that fails is passed over. */
  #withMirrors({ url, fallbackOnAnyError = false }: ProxyEntry): readonly Proxy[] {
    if (url === 'direct' || url === 'off') return []
    const bare = url.replace(/\/+$/, '')
    const mirrors = this.configured.mirrors.map((mirror) =>
      mirror.of === SHORT_NAME ? { ...mirror, of: ENDPOINTS.go.proxy } : mirror,
    )
    return [
      ...mirrored(bare, mirrors).map((mirror) => ({ url: mirror.replace(/\/+$/, ''), fallbackOnAnyError: true })),
      { url: bare, fallbackOnAnyError },
    ]
  }
}

const PRIVATE_NAME = 'its name is private, and whoever would be asked is public'

function isPublic(url: string): boolean {
  return URL.canParse(url) && PUBLIC_HOSTS.has(new URL(url).hostname)
}

const DEFAULT_PROXIES: readonly ProxyEntry[] = [{ url: ENDPOINTS.go.proxy, fallbackOnAnyError: false }, { url: 'direct' }]
/** As `sources.registries` calls the public proxy. */
const SHORT_NAME = 'go:proxy'
