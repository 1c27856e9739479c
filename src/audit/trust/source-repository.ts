import type { Component } from '../../model/component.js'
import type { Evidence } from '../../model/evidence.js'
import type { PublishingFact } from '../../model/publishing-fact.js'

/** Where a component's source is, as its lockfile, its name or its registry say; never as a signature says. */
export interface StatedRepository {
  /** `https://github.com/owner/name`. */
  readonly url: string
  /** Who says so, for a report. */
  readonly by: string
  /** The identity provider of that code host, where it signs builds. */
  readonly issuer?: string | undefined
  /** Of its registry's word: who says it, and the commit that it says was built. */
  readonly registry?: string | undefined
  readonly commit?: string | undefined
}

/** Code hosts whose builds can sign, and who vouches for them (spec/trust.md §3.5). */
const ISSUERS: ReadonlyMap<string, string> = new Map([
  ['github.com', 'https://token.actions.githubusercontent.com'],
  ['gitlab.com', 'https://gitlab.com'],
])

/** The repository that a component says it comes from; undefined where nothing at hand names one. */
export function statedRepository(
  component: Component,
  said: readonly Evidence[],
  publishing: PublishingFact | undefined,
): StatedRepository | undefined {
  const { ecosystem, name, source } = component
  if (source.kind === 'git') return repository(source.url, 'the lockfile')
  if (source.kind === 'archive') return repository(source.url, 'the lockfile')
  if (ecosystem === 'go') return repository(`https://${name}`, 'the module path')
  const packaged = said.find(({ check, verdict }) => check === 'cargo/vcs-info' && verdict === 'match')
  if (packaged?.authority !== undefined) return repository(packaged.authority.name, 'the commit it was packaged from')
  return publishedFrom(publishing?.repository, publishing?.commit, publishing)
}

/** Where a registry says that a version was published from, by trusted publishing; its reader has checked the form. */
export function publishedFrom(
  url: string | undefined,
  commit: string | undefined,
  publishing: Pick<PublishingFact, 'registry'> | undefined,
): StatedRepository | undefined {
  if (url === undefined || publishing === undefined || !URL.canParse(url)) return undefined
  const issuer = ISSUERS.get(new URL(url).hostname)
  const { registry } = publishing
  return issuer === undefined ? undefined : { url, by: `${registry} (trusted publishing)`, issuer, registry, commit }
}

/** Owner and name of a URL on a code host. Groups of GitLab nest: its repository is what comes before `/-/`. */
function repository(text: string, by: string): StatedRepository | undefined {
  const plain = text.replace(/^git\+/, '')
  if (!URL.canParse(plain)) return undefined
  const { protocol, hostname, pathname } = new URL(plain)
  const host = hostname === 'codeload.github.com' ? 'github.com' : hostname
  const issuer = ISSUERS.get(host)
  if (protocol !== 'https:' || issuer === undefined) return undefined
  const parts = pathname.split('/').filter((part) => part !== '')
  const end = host === 'gitlab.com' && parts.includes('-') ? parts.indexOf('-') : 2
  const [owner, ...rest] = parts.slice(0, end)
  if (owner === undefined || rest.length === 0) return undefined
  const path = [owner, ...rest].join('/').replace(/\.git$/, '')
  return { url: `https://${host}/${path}`, by, issuer }
}
