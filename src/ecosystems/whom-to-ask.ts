import { isLoopback, matchesHost } from '../evidence/http/url-policy.js'
import type { Settings } from '../model/rule.js'
import { matchGlob } from '../syntax/glob.js'

type Sources = Settings['sources']

export interface AskedAbout {
  readonly ecosystem: string
  /** Every name that would become known to whoever is asked: of the package, of its repository, the key in a manifest. */
  readonly names: readonly string[]
}

/**
 * Why a URL is not asked about a package; undefined when it may be. Hosts outside the allowed ones are not asked, and a
 * name that the configuration calls internal is told to no public host (design §1, promise 5).
 */
export function reasonNotToAsk(about: AskedAbout, url: string, sources: Sources): string | undefined {
  if (!URL.canParse(url)) return 'its address is no URL'
  const { hostname, pathname } = new URL(url)
  if (sources.mirrors.some((mirror) => isBelow(url, mirror.url))) return undefined
  if (sources.hosts.length > 0 && !sources.hosts.some((pattern) => matchesHost(hostname, pattern)))
    return `${hostname} is not among the allowed hosts (sources.hosts)`
  const isInternal = [...about.names, hostname + pathname].some((name) => isInternalName(about.ecosystem, name, sources.internal))
  if (!isInternal || isOwnHost(hostname, sources.hosts)) return undefined
  return `its name is internal (sources.internal), so the public host ${hostname} is not asked; if the host is yours, list it in sources.hosts`
}

/** Where the configured mirrors hold what is at a URL, in their order. */
export function mirrored(url: string, mirrors: Sources['mirrors']): readonly string[] {
  return mirrors.flatMap((mirror) =>
    isBelow(url, mirror.of) ? [mirror.url.replace(/\/$/, '') + url.slice(mirror.of.replace(/\/$/, '').length)] : [],
  )
}

function isBelow(url: string, prefix: string): boolean {
  const bare = prefix.replace(/\/$/, '')
  return bare !== '' && (url === bare || url.startsWith(`${bare}/`))
}

function isInternalName(ecosystem: string, name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const colon = pattern.indexOf(':')
    return colon > 0 && pattern.slice(0, colon) === ecosystem && matchGlob(pattern.slice(colon + 1), name)
  })
}

/** Hosts where everybody keeps packages: that one of them is allowed makes it nobody's own. */
const PUBLIC_HOSTS = [
  ...['crates.io', '*.crates.io', 'golang.org', '*.golang.org', 'go.dev', '*.go.dev', 'goproxy.io', 'goproxy.cn'],
  ...['github.com', '*.github.com', 'githubusercontent.com', '*.githubusercontent.com', 'github.io', '*.github.io'],
  ...['gitlab.com', '*.gitlab.com', 'bitbucket.org', '*.bitbucket.org', 'codeberg.org', '*.codeberg.org', 'gitea.com'],
  ...[
    'sr.ht',
    '*.sr.ht',
    'sourceforge.net',
    '*.sourceforge.net',
    'ziglang.org',
    '*.ziglang.org',
    'nim-lang.org',
    '*.nim-lang.org',
  ],
]
/** Names that no public resolver knows (RFC 6761, RFC 6762, RFC 8375, and what networks use nevertheless). */
const PRIVATE_ENDINGS = /\.(?:localhost|local|internal|intranet|corp|lan|private|home\.arpa)$/
/** RFC 1918. */
const PRIVATE_ADDRESS = /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/

function isOwnHost(hostname: string, allowed: readonly string[]): boolean {
  if (isLoopback(hostname) || PRIVATE_ENDINGS.test(hostname)) return true
  if (PRIVATE_ADDRESS.test(hostname) || !/[.:]/.test(hostname)) return true
  if (PUBLIC_HOSTS.some((pattern) => matchesHost(hostname, pattern))) return false
  return allowed.some((pattern) => matchesHost(hostname, pattern))
}
