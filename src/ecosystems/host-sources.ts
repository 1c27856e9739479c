import { Secret } from '../evidence/http/secret.js'
import type { SourceProblem } from '../model/configured-source.js'
import type { Location } from '../model/location.js'
import type { Settings } from '../model/rule.js'
import { curl, judgeUrl, lsRemote, shellWord } from './source-problems.js'
import type { KnownSource } from './sources.js'
import { reasonNotToAsk } from './whom-to-ask.js'

/** One place that a manifest or lockfile names for one package. */
export interface NamedPlace {
  readonly name: string
  /** As it stands there; of a repository without `git+`, labels and fragment. */
  readonly url: string
  readonly kind: 'repository' | 'archive'
  readonly location: Location
  /** What is wrong beside the URL itself. */
  readonly problems: readonly SourceProblem[]
}

/** How packages are held fast wherever they come from, for the ecosystem's own sentence. */
export interface HostText {
  readonly ecosystem: string
  readonly heldBy: string
}

const MAX_NAMES = 4
/** A project of a thousand packages has a dozen hosts. */
const MAX_ASKED = 100

/** Where the ecosystem has no registry, the hosts that its packages come from are its sources: one entry a host. */
export function hostSources(places: readonly NamedPlace[], text: HostText, sources: Settings['sources']): readonly KnownSource[] {
  const groups = new Map<string, NamedPlace[]>()
  for (const place of places) {
    const key = `${place.kind} ${originOf(place.url)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [place])
    else group.push(place)
  }
  return [...groups.values()].map((group, i) => {
    const source = hostSource(group, text, sources)
    return i < MAX_ASKED ? source : { ...source, unasked: `no more than ${MAX_ASKED} hosts are asked` }
  })
}

/** `scheme://host:port`; of what is no URL, everything before the path. */
function originOf(url: string): string {
  const { shown } = judgeUrl(url)
  if (!URL.canParse(shown) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(shown)) return shown.split(':')[0] ?? shown
  const { protocol, host } = new URL(shown)
  return `${protocol}//${host}`
}

function hostSource(group: readonly NamedPlace[], { ecosystem, heldBy }: HostText, sources: Settings['sources']): KnownSource {
  const [first] = group
  if (first === undefined) throw new RangeError('a group of places is never empty')
  const names = [...new Set(group.map(({ name }) => name))]
  const listed = names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '')
  const { shown } = judgeUrl(first.url)
  const isWeb = /^https?:\/\//i.test(first.url)
  const unasked = isWeb ? reasonNotToAsk({ ecosystem, names: [first.name] }, first.url, sources) : 'assay asks over http(s) alone'
  const isRepository = first.kind === 'repository'
  return {
    role: isRepository ? 'repository-host' : 'archive-host',
    name: `${names.length} package${names.length === 1 ? '' : 's'}`,
    url: originOf(first.url),
    from: { kind: 'file', location: first.location },
    meaning: `${listed} ${names.length === 1 ? 'comes' : 'come'} from here; ${heldBy}.`,
    problems: merged(group),
    repeat: [isRepository ? lsRemote(shown) : isWeb ? `curl -sSIL ${shellWord(shown)}` : curl(shown)],
    probes: isWeb
      ? [
          {
            what: isRepository ? `refs of ${first.name}` : `archive of ${first.name}`,
            address: new Secret(isRepository ? `${first.url.replace(/\/$/, '')}/info/refs?service=git-upload-pack` : first.url),
            onlyReach: true,
          },
        ]
      : [],
    ...(unasked === undefined ? {} : { unasked }),
  }
}

/** Each problem once, with the packages that have it. */
function merged(group: readonly NamedPlace[]): readonly SourceProblem[] {
  const found = new Map<string, { readonly problem: SourceProblem; readonly names: Set<string> }>()
  for (const { name, url, problems } of group) {
    for (const problem of [...judgeUrl(url).problems, ...problems]) {
      const known = found.get(problem.code)
      if (known === undefined) found.set(problem.code, { problem, names: new Set([name]) })
      else known.names.add(name)
    }
  }
  return [...found.values()].map(({ problem, names }) => ({
    ...problem,
    why: `${[...names].slice(0, MAX_NAMES).join(', ')}${names.size > MAX_NAMES ? ` and ${names.size - MAX_NAMES} more` : ''}: ${problem.why}`,
  }))
}
