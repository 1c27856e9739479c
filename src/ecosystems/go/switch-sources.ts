import type { SourceProblem } from '../../model/configured-source.js'
import type { KnownSource } from '../sources.js'
import { matchesGlobList } from './glob-list.js'
import { parseGoFlags } from './go-flags.js'
import type { GoSetting } from './go-setting.js'

export interface Names {
  /** Patterns that the policy keeps from the public, without `go:`. */
  readonly internal: readonly string[]
  /** What is not asked for at proxies. */
  readonly isPrivate: string
}

interface Judged {
  readonly meaning: string
  readonly problems: readonly SourceProblem[]
}

/** Settings that say for which modules the proxies and the log do not count (spec/go.md §8.4). */
export function switchSources(settings: readonly GoSetting[], names: Names): readonly KnownSource[] {
  const found = settings.flatMap((setting): KnownSource[] => {
    const judged = judge(setting)
    if (judged === undefined) return []
    return [
      { role: 'setting', name: setting.name, from: setting.from, repeat: [`go env ${setting.name}`], probes: [], ...judged },
    ]
  })
  const undeclared = names.internal.filter((pattern) => !isCovered(pattern, names.isPrivate))
  return undeclared.length === 0 ? found : [...found, notPrivate(undeclared)]
}

/** Modules that are nobody's own: a list that holds them holds everything. */
const PUBLIC = ['github.com/owner/repository', 'golang.org/x/text', 'example.com/module']

function judge({ name, value }: GoSetting): Judged | undefined {
  const holdsPublic = PUBLIC.some((path) => matchesGlobList(value, path))
  switch (name) {
    case 'GOPRIVATE':
      return {
        meaning: `Modules that match (${value}) are fetched from their repositories and not looked up in the log, unless GONOPROXY or GONOSUMDB say otherwise.`,
        problems: holdsPublic ? [tooWide(name)] : [],
      }
    case 'GONOSUMDB':
      return {
        meaning: `Modules that match (${value}) are not looked up in the log.`,
        problems: holdsPublic ? [tooWide(name)] : [],
      }
    case 'GONOPROXY':
      return {
        meaning: `Modules that match (${value}) go past the proxies to their repositories, even with GOPROXY=off.`,
        problems: [],
      }
    case 'GOINSECURE':
      return {
        meaning: `Modules that match (${value}) may be fetched over plain http, and from servers with any certificate.`,
        problems: [
          {
            code: 'insecure-fetch',
            weight: 'unsafe',
            why: 'whoever is on the way can change what is fetched; the log alone still holds, for modules that are in it',
            fix: 'give the server a certificate, and name its authority with SSL_CERT_FILE',
          },
        ],
      }
    case 'GOFLAGS':
      return parseGoFlags(value).insecure
        ? {
            meaning: '-insecure: the log is not asked, and plain http will do.',
            problems: [
              {
                code: 'checks-off',
                weight: 'unsafe',
                why: 'every check of what is downloaded is off',
                fix: 'take -insecure out of GOFLAGS',
              },
            ],
          }
        : undefined
    case 'GONOSUMCHECK':
      return {
        meaning: 'The go command does not know this setting any more.',
        problems: [{ code: 'no-effect', weight: 'advice', why: 'it changes nothing', fix: 'unset it' }],
      }
    default:
      return undefined
  }
}

function tooWide(name: string): SourceProblem {
  return {
    code: 'checks-off',
    weight: 'unsafe',
    why: 'it matches modules of the public too, so that nothing compares their hashes with the log',
    fix: `name the private prefixes alone: ${name}=git.example.com,example.com/team`,
  }
}

/** A prefix of the policy's pattern stands for what it matches. */
function isCovered(pattern: string, list: string): boolean {
  const sample = pattern.replace(/\/?\*\*.*$/, '/module').replaceAll('*', 'x')
  return matchesGlobList(list, sample)
}

function notPrivate(patterns: readonly string[]): KnownSource {
  const prefixes = patterns.map((pattern) => pattern.replace(/\/?\*\*.*$/, ''))
  return {
    role: 'setting',
    name: 'GOPRIVATE',
    from: { kind: 'policy', file: 'assay.toml' },
    meaning: `assay never asks the public for ${patterns.join(', ')} (sources.internal); the go command does.`,
    problems: [
      {
        code: 'private-undeclared',
        weight: 'advice',
        why: 'the go command tells the public proxy and the log which private modules there are',
        fix: `go env -w GOPRIVATE=${prefixes.join(',')}`,
      },
    ],
    repeat: ['go env GOPRIVATE'],
    probes: [],
  }
}
