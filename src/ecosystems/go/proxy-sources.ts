import { Secret } from '../../evidence/http/secret.js'
import type { SourceProblem } from '../../model/configured-source.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { curl, judgeUrl, shellWord } from '../source-problems.js'
import type { KnownSource, Probe } from '../sources.js'
import type { GoSetting } from './go-setting.js'
import { type ProxyEntry, parseProxyList } from './proxy-list.js'
import { WITNESS, WITNESS_SUBJECT } from './source-witness.js'
import { goModHash } from './verify/dirhash.js'

/** The list of proxies, entry by entry: what each separator really does (spec/go.md §8.3). */
export function proxySources({ value, from }: GoSetting): readonly KnownSource[] {
  const list = parseProxyList(value)
  if (list.kind === 'invalid') {
    const problem: SourceProblem = {
      code: 'chain-ends-nowhere',
      weight: 'unsafe',
      why: `the go command cannot read the list (${list.why}) and downloads nothing`,
      fix: 'write URLs with https://, direct or off, with commas or pipes between',
    }
    return [
      { role: 'proxy', name: 'GOPROXY', from, meaning: 'No list of proxies.', problems: [problem], repeat: REPEAT, probes: [] },
    ]
  }
  const entries = list.kind === 'default' ? DEFAULT : list.entries
  const dead = list.kind === 'list' ? list.ignored : []
  return [
    ...entries.map((entry, i): KnownSource => proxySource(entry, i, entries, from)),
    ...dead.map((text): KnownSource => {
      const { shown, problems } = text.includes('/') ? judgeUrl(text) : { shown: undefined, problems: [] }
      const end = entries.at(-1)?.url ?? ''
      return {
        role: 'proxy',
        name: 'GOPROXY, never reached',
        url: shown,
        from,
        meaning: `It stands after ${end}, which ends the list.`,
        problems: [
          {
            code: 'dead-entry',
            weight: 'advice',
            why: `the go command never goes beyond ${end}`,
            fix: `move ${end} to the end, or take what follows out`,
          },
          ...problems,
        ],
        repeat: REPEAT,
        probes: [],
      }
    }),
  ]
}

const REPEAT = ['go env GOPROXY']
const DEFAULT: readonly ProxyEntry[] = [{ url: ENDPOINTS.go.proxy, fallbackOnAnyError: false }, { url: 'direct' }]

function proxySource(entry: ProxyEntry, i: number, entries: readonly ProxyEntry[], from: KnownSource['from']): KnownSource {
  const name = `GOPROXY, ${i + 1} of ${entries.length}`
  if (entry.url === 'direct') {
    const first: SourceProblem = {
      code: 'direct-first',
      weight: 'advice',
      why: 'no proxy is ever asked: every build needs every repository, and what was deleted upstream is gone',
      fix: `GOPROXY=${ENDPOINTS.go.proxy},direct`,
    }
    const meaning = 'direct: the go command fetches from the repositories themselves, wherever the module paths lead.'
    return { role: 'proxy', name, from, meaning, problems: i === 0 ? [first] : [], repeat: REPEAT, probes: [] }
  }
  if (entry.url === 'off') {
    const meaning = i === 0 ? 'off: nothing is downloaded.' : 'off: what no proxy before has is not downloaded.'
    return { role: 'proxy', name, from, meaning, problems: [], repeat: REPEAT, probes: [] }
  }
  const next = entries[i + 1]
  const { shown, problems, probes, repeat } = proxyProbes(entry.url)
  return {
    role: 'proxy',
    name,
    url: shown,
    from,
    meaning: meaningOf(entry, next),
    problems: [...problems, ...separatorProblems(entry, next)],
    repeat,
    probes,
  }
}

function meaningOf(entry: ProxyEntry, next: ProxyEntry | undefined): string {
  if (next === undefined) return 'The last of the list: what it does not answer cannot be had.'
  const then = next.url === 'direct' || next.url === 'off' ? next.url : judgeUrl(next.url).shown
  return entry.fallbackOnAnyError === true
    ? `"|" stands after it: after any error, an outage and a refusal too, the go command goes on to ${then}.`
    : `"," stands after it: only when it answers 404 or 410 does the go command go on to ${then}; any other error ends the look-up.`
}

function separatorProblems(entry: ProxyEntry, next: ProxyEntry | undefined): readonly SourceProblem[] {
  if (next === undefined || next.url === 'off') return []
  const isProxy = next.url !== 'direct'
  const isPublic = !isProxy || next.url.replace(/\/+$/, '') === ENDPOINTS.go.proxy
  if (entry.fallbackOnAnyError !== true)
    return isProxy
      ? [
          {
            code: 'comma-stops-at-errors',
            weight: 'advice',
            why: 'the next proxy is no stand-in: when this one is down, times out or answers 5xx, the build ends',
            fix: 'put "|" between the two if the second shall help out; keep "," if this one decides what may be used',
          },
        ]
      : []
  return isPublic && entry.url.replace(/\/+$/, '') !== ENDPOINTS.go.proxy
    ? [
        {
          code: 'pipe-passes-refusals',
          weight: 'advice',
          why: 'what this proxy refuses (403) or fails to answer comes in from the public instead, and private names are asked for there',
          fix: 'put "," after a proxy that decides what may be used, and set GOPRIVATE',
        },
      ]
    : []
}

/** The proxies of the list, as they stand there. */
export function proxyUrls({ value }: GoSetting): readonly string[] {
  const list = parseProxyList(value)
  const entries = list.kind === 'list' ? list.entries : list.kind === 'default' ? DEFAULT : []
  return entries.flatMap(({ url }) => (url === 'direct' || url === 'off' ? [] : [url.replace(/\/+$/, '')]))
}

/** One proxy by itself. */
export function proxyProbes(url: string): Pick<KnownSource, 'problems' | 'probes' | 'repeat'> & { readonly shown: string } {
  const bare = url.replace(/\/+$/, '')
  const { shown, problems } = judgeUrl(bare)
  const asked = `${shown}/${BELOW}`
  const probe: Probe = {
    what: `${WITNESS.path} ${WITNESS.version} .mod`,
    address: new Secret(`${bare}/${BELOW}`),
    limitBytes: 16 * 1024 * 1024,
    read: (bytes) => ({ ok: true, value: goModHash(bytes).value }),
    ifAbsent: `it works, and does not have ${WITNESS.path}, which the public proxy has`,
    subject: WITNESS_SUBJECT,
  }
  const module = `${WITNESS.path}@${WITNESS.version}`
  return {
    shown,
    problems,
    repeat: [
      ...(/^https?:/i.test(bare) ? [curl(asked)] : []),
      `GOPROXY=${shellWord(shown)} GOFLAGS=-mod=mod go list -m -json ${module}`,
    ],
    probes: [probe],
  }
}

const BELOW = `${WITNESS.path}/@v/${WITNESS.version}.mod`
