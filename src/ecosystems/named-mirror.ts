import { matchesHost } from '../evidence/http/url-policy.js'
import type { Settings } from '../model/rule.js'

/**
 * The sources of the configuration, as they hold for a URL that the user named for a comparison: that allows its host, and
 * makes nobody's private name public.
 */
export function namedMirror(sources: Settings['sources'], url: string): Settings['sources'] {
  const { hostname } = new URL(url)
  return { ...sources, hosts: sources.hosts.filter((pattern) => matchesHost(hostname, pattern)) }
}
