import type { ProjectId } from '../../model/component.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import type { Fact, Replacement } from '../../model/graph.js'
import type { Source } from '../../model/source.js'
import { parseProxyList } from './proxy-list.js'
import type { TrackedSetting } from './settings.js'

/** Facts and ledger lines of the settings that tracked files make. */
export function settingParts(
  settings: readonly TrackedSetting[],
  project: ProjectId | undefined,
): { readonly facts: readonly Fact[]; readonly replacements: readonly Replacement[] } {
  const facts: Fact[] = []
  const replacements: Replacement[] = []
  for (const { name, value, location } of settings) {
    const clean = value.replace(USER_INFO, '$1')
    facts.push({ kind: 'go/setting', location, data: { name, value: clean, file: location.file } })
    if (name !== 'GOPROXY') continue
    if (clean !== value) facts.push({ kind: 'source/credential', location, data: { where: `${name} in ${location.file}` } })
    for (const url of proxyUrls(clean)) {
      facts.push({ kind: 'source/url', location, data: { url, usage: 'registry' } })
      if (url === ENDPOINTS.go.proxy || project === undefined) continue
      replacements.push({
        kind: 'mirror',
        ecosystem: 'go',
        project,
        original: { source: proxy(ENDPOINTS.go.proxy) },
        replacement: { source: proxy(url) },
        active: true,
        disables: [],
        location,
      })
    }
  }
  return { facts, replacements }
}

/** The part of a URL between scheme and host that carries a name or a secret. */
const USER_INFO = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^/@\s,|]*@/gi

function proxyUrls(value: string): readonly string[] {
  const list = parseProxyList(value)
  if (list.kind !== 'list') return []
  return list.entries.flatMap(({ url }) => (url === 'direct' || url === 'off' ? [] : [url.replace(/\/$/, '')]))
}

function proxy(url: string): Source {
  return { kind: 'registry', protocol: 'go-proxy', url }
}
