import type { ConfiguredSource, SourceProblem } from '../../model/configured-source.js'
import { isCratesIo } from '../../model/endpoints.js'
import { folderOf, joinPath } from '../../model/tree.js'
import { decodeUtf8 } from '../../syntax/text.js'
import { judgeUrl } from '../source-problems.js'
import type { KnownSource, SourcesInput, SourcesReader, UserFilePlace } from '../sources.js'
import type { ConfigFile } from './config.js'
import { configChain } from './config.js'
import { mergeConfig, parseConfigFile } from './config-read.js'
import { lockedSources } from './lock-sources.js'
import { registryProbes, registryRepeat } from './registry-probe.js'
import { namedRegistries, replacedSources, sourceTables } from './source-chains.js'
import { settingSources } from './source-settings.js'
import { isSamePlace, mirrorPlace, type Place, PUBLIC_PLACE } from './verify/place.js'
import { cargoCredentials } from './verify/tokens.js'

const MAX_CONFIG_BYTES = 8 * 1024 * 1024

/** What cargo's configuration says about where crates come from (spec/cargo.md §3, §4). */
export const cargoSources: SourcesReader = { userFiles, credentials: cargoCredentials, read }

/** `$CARGO_HOME/config.toml`; of two spellings the one without ending wins. */
function userFiles(environment: ReadonlyMap<string, string>): readonly UserFilePlace[] {
  const home = environment.get('CARGO_HOME')
  const [folder, shown] =
    home !== undefined && home !== '' ? [home, '$CARGO_HOME'] : [`${environment.get('HOME') ?? ''}/.cargo`, '~/.cargo']
  if (folder === '/.cargo') return []
  return ['config', 'config.toml'].map((name) => ({ path: `${folder}/${name}`, shown: `${shown}/${name}` }))
}

async function read(input: SourcesInput): Promise<readonly KnownSource[]> {
  const unreadable: KnownSource[] = []
  const files = await configFiles(input, unreadable)
  const [user] = input.userFiles
  const parsed = user === undefined ? undefined : parseConfigFile(user.text, user.shown)
  if (parsed?.ok === false) unreadable.push(unreadableConfig(user?.shown ?? '', parsed.diagnostic.message, 1))
  const home = parsed?.ok === true ? [parsed.file] : []
  const found: KnownSource[] = [...unreadable]
  const folders = projectFolders(input)
  const held: { readonly source: KnownSource; readonly folder: string }[] = []
  for (const folder of folders) {
    const config = mergeConfig([...configChain(files, folder), ...home], input.environment)
    const lock = joinPath(folder, 'Cargo.lock')
    const locked = input.files.some(({ path }) => path === lock) ? await lockedSources(input, lock, config) : []
    const sources = [
      ...replacedSources(config),
      ...sourceTables(config),
      ...namedRegistries(config, input.environment),
      ...locked,
    ]
    held.push(...sources.map((source) => ({ source, folder })))
  }
  found.push(...withFolders(held, folders.length))
  found.push(...[...files, ...home].flatMap(settingSources), ...environmentSettings(input.environment), ...mirrors(input))
  const known = found.map((source) => fromUserFile(source, user?.shown))
  return Promise.all(known.map((source) => withFolder(source, input)))
}

async function configFiles(input: SourcesInput, unreadable: KnownSource[]): Promise<readonly ConfigFile[]> {
  const files: ConfigFile[] = []
  for (const { path, format } of input.files) {
    if (format !== 'cargo-config') continue
    const bytes = await input.tree.read(path, MAX_CONFIG_BYTES)
    const decoded = bytes.ok ? decodeUtf8(bytes.bytes) : undefined
    const parsed = decoded?.ok === true ? parseConfigFile(decoded.text, path) : undefined
    if (parsed?.ok === true) files.push(parsed.file)
    else {
      const why = parsed?.diagnostic.message ?? (bytes.ok ? 'it is no UTF-8 text' : bytes.why)
      unreadable.push(unreadableConfig(path, why, parsed?.diagnostic.location?.line ?? 1))
    }
  }
  return files
}

function unreadableConfig(file: string, why: string, line: number): KnownSource {
  return {
    role: 'setting',
    name: file,
    from: { kind: 'file', location: { file, line, column: 1 } },
    meaning: 'Nobody can tell what this file configures.',
    problems: [{ code: 'config-unreadable', weight: 'unreadable', why, fix: 'mend the file; cargo refuses it too' }],
    repeat: ['cargo metadata --locked --format-version 1'],
    probes: [],
  }
}

/** Where cargo would be called: at every lockfile, else at the top. */
function projectFolders({ files }: SourcesInput): readonly string[] {
  const folders = files.filter(({ format }) => format === 'cargo-lock').map(({ path }) => folderOf(path))
  return folders.length === 0 ? ['.'] : [...new Set(folders)]
}

/** Mirrors that the policy declares for a registry of cargo. */
function mirrors({ sources }: SourcesInput): readonly KnownSource[] {
  return sources.mirrors.flatMap(({ url, of }): KnownSource[] => {
    const isPublic = isCratesIo(of) || isSamePlace(mirrorPlace(of), PUBLIC_PLACE)
    if (!isPublic && !of.startsWith('sparse+')) return []
    const place: Place = mirrorPlace(url)
    const { shown, problems } = judgeUrl(url)
    return [
      {
        role: 'mirror',
        name: `mirror of ${isPublic ? 'crates-io' : judgeUrl(of).shown}`,
        url: shown,
        from: { kind: 'policy', file: 'assay.toml' },
        meaning: 'assay asks it before the registry itself; cargo knows nothing of it.',
        problems,
        repeat: registryRepeat(place),
        probes: registryProbes(place, isPublic),
      },
    ]
  })
}

const SETTINGS: readonly (readonly [variable: string, code: string, meaning: string, isOff: (value: string) => boolean])[] = [
  [
    'CARGO_HTTP_CHECK_REVOKE',
    'checks-off',
    'Whether cargo asks if a certificate was revoked (on Windows).',
    (value) => value === 'false',
  ],
  ['CARGO_HTTP_CAINFO', 'own-authority', 'cargo trusts the authorities of this file alone.', () => false],
  [
    'CARGO_NET_GIT_FETCH_WITH_CLI',
    'git-command',
    'cargo fetches repositories with the git command and its settings.',
    () => false,
  ],
]

function environmentSettings(environment: ReadonlyMap<string, string>): readonly KnownSource[] {
  return SETTINGS.flatMap(([name, code, meaning, isOff]): KnownSource[] => {
    const value = environment.get(name)
    if (value === undefined || value === '') return []
    const problems: SourceProblem[] = isOff(value)
      ? [{ code, weight: 'unsafe', why: `${name}=false switches the check off`, fix: `unset ${name}` }]
      : []
    return [
      {
        role: 'setting',
        name,
        from: { kind: 'variable', name },
        meaning,
        problems,
        repeat: [`printenv ${name}`],
        probes: [],
      },
    ]
  })
}

/** A file of the user holds for this user alone, which is worth knowing wherever something else is built or audited. */
function fromUserFile(source: KnownSource, shown: string | undefined): KnownSource {
  const { from } = source
  if (shown === undefined || from.kind !== 'file' || from.location.file !== shown) return source
  const problem: SourceProblem = {
    code: 'user-setting',
    weight: 'advice',
    why: 'it is set in a file of this user: other machines, CI and assay audit do not have it',
    fix: 'set it in .cargo/config.toml of the repository, if all shall build the same way',
  }
  const isSetting = source.role === 'setting'
  return {
    ...source,
    from: { kind: 'user-file', file: shown, line: from.location.line },
    problems: isSetting ? source.problems : [...source.problems, problem],
  }
}

/** Says where a source holds when it does not hold for every project. */
function withFolders(
  held: readonly { readonly source: KnownSource; readonly folder: string }[],
  projects: number,
): readonly KnownSource[] {
  const groups = new Map<string, { readonly source: KnownSource; readonly folders: string[] }>()
  for (const { source, folder } of held) {
    const group = groups.get(identity(source))
    if (group === undefined) groups.set(identity(source), { source, folders: [folder] })
    else group.folders.push(folder)
  }
  return [...groups.values()].map(({ source, folders }) => {
    if (folders.length === projects) return source
    const shown = folders.slice(0, MAX_FOLDERS).join(', ')
    const more = folders.length > MAX_FOLDERS ? ` and ${folders.length - MAX_FOLDERS} more` : ''
    return { ...source, meaning: `${source.meaning} Holds in ${shown}${more}.` }
  })
}

const MAX_FOLDERS = 4

/** Several projects share what is configured above them. */
function identity({ role, name, url, from, meaning }: ConfiguredSource): string {
  return JSON.stringify([role, name, url, from, meaning])
}

/** A folder in the tree must be there. */
async function withFolder(source: KnownSource, { tree }: SourcesInput): Promise<KnownSource> {
  if (source.role !== 'folder' || source.from.kind !== 'file' || source.url === undefined) return source
  if (source.problems.some(({ code }) => code === 'outside-repository')) return source
  const entry = await tree.stat(source.url)
  if (entry?.kind === 'folder') return source
  const problem: SourceProblem = {
    code: 'chain-ends-nowhere',
    weight: 'unsafe',
    why: `there is no folder ${source.url}`,
    fix: 'make it (cargo vendor), or take the replacement away',
  }
  return { ...source, problems: [...source.problems, problem] }
}
