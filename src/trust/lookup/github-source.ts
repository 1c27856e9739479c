import type { Answer, Desk } from '../../evidence/desk/desk.js'
import { checkRedirect } from '../../evidence/http/url-policy.js'
import { BundleCollector, foundBundle, MAX_BUNDLE_BYTES, MOST_BUNDLES } from './found-bundle.js'
import { nextPage, PAGE_LIMITS, PER_PAGE, readAttestationPage, readRepositoryName } from './github-api.js'
import { keyText, lookupKeys } from './lookup-key.js'
import { unpackSnappy } from './snappy.js'
import type { FoundBundle, LookupAnswer, LookupSource, LookupSubject } from './source.js'

export interface GithubOptions {
  readonly desk: Desk
  /** Of the API, without a slash at its end. */
  readonly api: string
  /** The host of repositories whose attestations this API has, `github.com`. */
  readonly host: string
}

/** Pages of one digest at most; each holds as many as the API gives. */
const MOST_PAGES = 10
const ACCEPT = 'application/vnd.github+json'
const OPEN_BRACE = 0x7b

/**
 * GitHub's artifact attestations (spec/trust.md §3.2), by the SHA-256 of a component and the repository of its source. Nothing
 * is recorded by the desk: lists carry pre-signed URLs. `recordedSource` keeps what came of it.
 */
export function githubSource({ desk, api, host }: GithubOptions): LookupSource {
  const name = `GitHub attestations (${new URL(api).host})`
  /** Once it has had enough, it is left alone for the rest of the run. */
  let limited: string | undefined

  const ask = async (url: string): Promise<Answer> => {
    if (limited !== undefined) return { kind: 'unavailable', failure: 'rate-limited', why: limited, help: '' }
    const limitBytes = PAGE_LIMITS.maxBytes
    const answer = await desk.ask({
      url,
      keep: 'run',
      accept: ACCEPT,
      auth: 'always',
      compressed: true,
      limitBytes,
      unrecorded: true,
    })
    if (answer.kind === 'unavailable' && answer.failure === 'rate-limited') limited = answer.why
    return answer
  }

  return {
    name,
    async ask({ anchors, sourceRepository }: LookupSubject): Promise<LookupAnswer> {
      const repository = repositoryOn(host, sourceRepository)
      if (repository === undefined)
        return { kind: 'not-applicable', source: name, why: `its source is in no repository on ${host}` }
      const keys = lookupKeys(anchors).filter(({ algorithm }) => algorithm === 'sha256')
      if (keys.length === 0) return { kind: 'not-applicable', source: name, why: 'no SHA-256 of it is known' }
      const collected = new BundleCollector()
      for (const key of keys) {
        const address = `${api}/repos/${repository}/attestations/${keyText(key)}`
        await readPages(address, { api, desk, ask, collected })
      }
      const { bundles, incomplete } = collected
      if (bundles.length > 0) return { kind: 'found', source: name, bundles, incomplete }
      return incomplete === undefined ? { kind: 'none', source: name } : { kind: 'unknown', source: name, why: incomplete }
    },
  }
}

interface Reading {
  readonly api: string
  readonly desk: Desk
  readonly ask: (url: string) => Promise<Answer>
  readonly collected: BundleCollector
}

async function readPages(address: string, { api, desk, ask, collected }: Reading): Promise<void> {
  let url: string | undefined = `${address}?per_page=${PER_PAGE}`
  for (let page = 0, count = 0; url !== undefined; page += 1) {
    if (page === MOST_PAGES) return collected.missing(`it has more than ${MOST_PAGES} pages`)
    const answer = await ask(url)
    if (answer.kind === 'absent') return page === 0 ? undefined : collected.missing('one of its pages is not there')
    if (answer.kind !== 'ok') return collected.missing(answer.kind === 'mismatch' ? 'another answer was expected' : answer.why)
    const read = readAttestationPage(answer.bytes)
    if (!read.ok) return collected.missing(`its answer cannot be read: ${read.why}`)
    for (const listed of read.page.attestations) {
      count += 1
      if (count > MOST_BUNDLES) return collected.missing(`it has more than ${MOST_BUNDLES} attestations of one digest`)
      const from = `${address} (${count})`
      const bundle =
        listed.kind === 'inline'
          ? sized(from, listed.bundle)
          : listed.kind === 'missing'
            ? 'an attestation comes without its bundle'
            : await fetchBundle(desk, api, from, listed.url)
      if (typeof bundle === 'string') collected.missing(bundle)
      else if (!collected.add(bundle)) return
    }
    const next = nextPage(answer.headers?.get('link'), api)
    if (next === 'elsewhere') return collected.missing('its next page is somewhere else')
    url = next
  }
}

function sized(from: string, bytes: Uint8Array): FoundBundle | string {
  return bytes.length > MAX_BUNDLE_BYTES ? `a bundle is larger than ${MAX_BUNDLE_BYTES} bytes` : foundBundle(from, bytes)
}

/**
 * A bundle at a pre-signed URL: without any credential, under the rules for redirects, so that no answer of an API leads to
 * plain http or into a private network. Of the URL nothing but its host is ever said.
 */
async function fetchBundle(desk: Desk, api: string, from: string, address: string): Promise<FoundBundle | string> {
  const target = checkRedirect(new URL(api), address, {})
  if (!target.ok) return 'a bundle is at an address that is not asked'
  const { url } = target
  const answer = await desk.ask({ url: url.href, keep: 'run', auth: 'never', limitBytes: MAX_BUNDLE_BYTES, unrecorded: true })
  if (answer.kind !== 'ok') return `a bundle could not be fetched from ${url.host}: ${reasonOf(answer)}`
  if (answer.bytes[0] === OPEN_BRACE) return foundBundle(from, answer.bytes)
  const unpacked = unpackSnappy(answer.bytes, MAX_BUNDLE_BYTES)
  return unpacked.ok ? foundBundle(from, unpacked.bytes) : `a bundle from ${url.host} cannot be unpacked: ${unpacked.why}`
}

/** Not the words of the server: it may quote the query it was asked with. */
function reasonOf(answer: Exclude<Answer, { kind: 'ok' }>): string {
  switch (answer.kind) {
    case 'absent':
    case 'refused':
      return `status ${answer.status}`
    case 'mismatch':
      return 'other bytes came than were expected'
    case 'unavailable':
      return answer.failure
  }
}

/** `owner/name` of a repository on this host; undefined for any other place. */
function repositoryOn(host: string, url: string | undefined): string | undefined {
  const plain = url?.replace(/^git\+/, '')
  if (plain === undefined || !URL.canParse(plain)) return undefined
  const parsed = new URL(plain)
  if (parsed.protocol !== 'https:' || parsed.host !== host) return undefined
  // What comes after the name is a place inside the repository.
  const [owner = '', repo = ''] = parsed.pathname.slice(1).split('/')
  const known = readRepositoryName(`${owner}/${repo.replace(/\.git$/, '')}`)
  return known === undefined ? undefined : `${known.owner}/${known.name}`
}
