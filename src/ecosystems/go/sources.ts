import { ENDPOINTS } from '../../model/endpoints.js'
import { folderOf } from '../../model/tree.js'
import type { KnownSource, SourcesInput, SourcesReader, UserFilePlace } from '../sources.js'
import { mirrored } from '../whom-to-ask.js'
import { databaseSources } from './database-source.js'
import type { GoSetting } from './go-setting.js'
import { proxyProbes, proxySources, proxyUrls } from './proxy-sources.js'
import { findSettings, type TrackedSetting } from './settings.js'
import { switchSources } from './switch-sources.js'

/** Where the go command takes modules and hashes from, as its settings say (spec/go.md §8, §9). */
export const goSources: SourcesReader = { userFiles, read }

/** `GOENV`, else `go/env` in the folder for settings (spec/go.md §8.4). */
function userFiles(environment: ReadonlyMap<string, string>): readonly UserFilePlace[] {
  const named = environment.get('GOENV') ?? ''
  if (named === 'off') return []
  if (named !== '') return [{ path: named, shown: '$GOENV' }]
  const folders: readonly (readonly [variable: string, below: string, shown: string])[] = [
    ['XDG_CONFIG_HOME', 'go/env', '$XDG_CONFIG_HOME/go/env'],
    ['AppData', 'go/env', '%AppData%/go/env'],
    ['HOME', '.config/go/env', '~/.config/go/env'],
    ['HOME', 'Library/Application Support/go/env', '~/Library/Application Support/go/env'],
  ]
  return folders.flatMap(([variable, below, shown]) => {
    const folder = environment.get(variable) ?? ''
    return folder === '' ? [] : [{ path: `${folder}/${below}`, shown }]
  })
}

const NAMES = ['GOPROXY', 'GOSUMDB', 'GOPRIVATE', 'GONOPROXY', 'GONOSUMDB', 'GOINSECURE', 'GOFLAGS', 'GONOSUMCHECK']

async function read(input: SourcesInput): Promise<readonly KnownSource[]> {
  const here = settingsHere(input)
  const value = (name: string): string => here.get(name)?.value ?? ''
  const goproxy = here.get('GOPROXY') ?? unset('GOPROXY')
  const proxies = proxySources(goproxy)
  const mirrors = mirrorSources(input, proxies)
  const effective = [
    ...proxies,
    ...mirrors,
    ...databaseSources(here.get('GOSUMDB') ?? unset('GOSUMDB'), proxyUrls(goproxy)),
    ...switchSources([...here.values()], { internal: internalNames(input), isPrivate: value('GONOPROXY') || value('GOPRIVATE') }),
  ]
  const folders = input.files.filter(({ format }) => format === 'go-mod').map(({ path }) => folderOf(path))
  const tracked = await findSettings(input.tree, folders)
  return [...effective, ...tracked.flatMap(trackedSources)]
}

/** What holds on this machine: a variable that is not empty, else the user's file, else the default. */
function settingsHere({ environment, userFiles: [file] }: SourcesInput): ReadonlyMap<string, GoSetting> {
  const found = new Map<string, GoSetting>()
  for (const [i, line] of (file?.text ?? '').split(/\r?\n/).entries()) {
    const equals = line.indexOf('=')
    const name = line.slice(0, Math.max(equals, 0))
    if (file !== undefined && NAMES.includes(name))
      found.set(name, { name, value: line.slice(equals + 1), from: { kind: 'user-file', file: file.shown, line: i + 1 } })
  }
  for (const name of NAMES) {
    const value = environment.get(name)
    if (value !== undefined && value !== '') found.set(name, { name, value, from: { kind: 'variable', name } })
  }
  return found
}

function unset(name: string): GoSetting {
  return { name, value: '', from: { kind: 'default' } }
}

/** Patterns of names that the policy keeps from the public. */
function internalNames({ sources }: SourcesInput): readonly string[] {
  return sources.internal.flatMap((pattern) => (pattern.startsWith('go:') ? [pattern.slice('go:'.length)] : []))
}

/** Settings of build files hold where these run, not here: explained, and nobody is asked for them. */
function trackedSources({ name, value, location }: TrackedSetting): readonly KnownSource[] {
  const setting: GoSetting = { name, value, from: { kind: 'file', location } }
  const sources =
    name === 'GOPROXY'
      ? proxySources(setting)
      : name === 'GOSUMDB'
        ? databaseSources(setting, [])
        : switchSources([setting], { internal: [], isPrivate: '' })
  const unasked = `it holds where ${location.file} is used; set ${name} here to ask it`
  return sources.map((source) => ({ ...source, ...(source.probes.length === 0 ? {} : { unasked }), probes: [] }))
}

/** Mirrors that the policy declares for one of the proxies. */
function mirrorSources({ sources }: SourcesInput, proxies: readonly KnownSource[]): readonly KnownSource[] {
  const declared = sources.mirrors.map((mirror) => (mirror.of === 'go:proxy' ? { ...mirror, of: ENDPOINTS.go.proxy } : mirror))
  return proxies.flatMap(({ url }) =>
    url === undefined
      ? []
      : mirrored(url, declared).map((mirror): KnownSource => {
          const { shown, problems, probes, repeat } = proxyProbes(mirror)
          return {
            role: 'mirror',
            name: `mirror of ${url}`,
            url: shown,
            from: { kind: 'policy', file: 'assay.toml' },
            meaning: 'assay asks it before the proxy itself; the go command knows nothing of it.',
            problems,
            repeat,
            probes,
          }
        }),
  )
}
