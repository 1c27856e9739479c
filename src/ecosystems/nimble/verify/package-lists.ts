import type { Desk } from '../../../evidence/desk/desk.js'
import { ENDPOINTS } from '../../../model/endpoints.js'
import type { Settings } from '../../../model/rule.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { NoAnswer } from '../../no-answer.js'
import { noAnswer } from '../../no-answer.js'
import { reasonNotToAsk } from '../../whom-to-ask.js'
import type { PackageList } from '../registry.js'
import { parsePackageList } from '../registry.js'

/** A package list as a file of a package cache: what nimble keeps of a list in `packages_<name>.json`. */
export interface HeldList {
  readonly file: string
  /** Who served it. */
  readonly url: string
  readonly bytes: Uint8Array
  readonly list: PackageList
  readonly at: string
  readonly stored: string
}

export interface AskedLists {
  readonly held: readonly HeldList[]
  /** Why there is none, of the list that could not be had. */
  readonly missing: readonly ({ readonly url: string } & NoAnswer)[]
}

/** The official list has 1.5 MB. */
const MAX_LIST_BYTES = 64 * 1024 * 1024
const OFFICIAL = 'nim:official'

/**
 * Asks for the package lists: the official one at its places in nimble's order, or at the mirrors that the configuration
 * names for `nim:official`, and every `nim:https://…` among its registries. A list is asked for as a whole, so that no name
 * becomes known to anybody.
 */
export async function askLists(desk: Desk, sources: Settings['sources']): Promise<AskedLists> {
  const mirrors = sources.mirrors.filter(({ of }) => of === OFFICIAL || of === ENDPOINTS.nimble.packageList)
  const official = mirrors.length > 0 ? mirrors.map(({ url }) => url) : ENDPOINTS.nimble.packageLists
  const own = sources.registries.flatMap((registry) => (/^nim:https?:/.test(registry) ? [registry.slice('nim:'.length)] : []))
  const wanted = [
    ...(sources.registries.length === 0 || sources.registries.includes(OFFICIAL)
      ? [{ file: 'packages_official.json', urls: official }]
      : []),
    ...own.map((url, i) => ({ file: `packages_${i + 1}.json`, urls: [url] })),
  ]
  const answers = await Promise.all(wanted.map(({ file, urls }) => firstOf(desk, file, urls, sources)))
  return {
    held: answers.flatMap((answer) => ('list' in answer ? [answer] : [])),
    missing: answers.flatMap((answer) => ('list' in answer ? [] : [answer])),
  }
}

async function firstOf(
  desk: Desk,
  file: string,
  urls: readonly string[],
  sources: Settings['sources'],
): Promise<HeldList | ({ readonly url: string } & NoAnswer)> {
  let last: { readonly url: string } & NoAnswer = { url: '', verdict: 'not-checkable', why: 'no package list is configured' }
  for (const url of urls) {
    const why = reasonNotToAsk({ ecosystem: 'nimble', names: [] }, url, sources)
    const answer = why === undefined ? await askOne(desk, file, url) : { url, verdict: 'not-checkable' as const, why }
    if ('list' in answer) return answer
    // That the first place does not answer is told; the others are only tried in its stead.
    if (last.url === '') last = answer
  }
  return last
}

async function askOne(desk: Desk, file: string, url: string): Promise<HeldList | ({ readonly url: string } & NoAnswer)> {
  const answer = await desk.ask({
    url,
    keep: 'day',
    limitBytes: MAX_LIST_BYTES,
    compressed: true,
    accepts: (bytes) => read(bytes, file) !== undefined,
  })
  if (answer.kind !== 'ok') return { url, ...noAnswer(answer, url) }
  const list = read(answer.bytes, file)
  if (list === undefined) return { url, verdict: 'unavailable', why: 'what it serves is no list of packages', at: answer.at }
  return { file, url, bytes: answer.bytes, list, at: answer.at, stored: answer.sha256 }
}

function read(bytes: Uint8Array, file: string): PackageList | undefined {
  const decoded = decodeUtf8(bytes)
  const parsed = decoded.ok ? parsePackageList(decoded.text, file) : undefined
  return parsed?.ok === true ? parsed.list : undefined
}
