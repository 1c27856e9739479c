import { hash } from 'node:crypto'
import { Secret } from '../../evidence/http/secret.js'
import type { SettingOrigin, SourceProblem } from '../../model/configured-source.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { decodeUtf8 } from '../../syntax/text.js'
import { hostSources, type NamedPlace } from '../host-sources.js'
import { curl, judgeUrl } from '../source-problems.js'
import type { KnownSource, Probe, Reading, SourcesInput, SourcesReader, UserFilePlace } from '../sources.js'
import { reasonNotToAsk } from '../whom-to-ask.js'
import { parseNimLock } from './lock.js'
import { parseManifest } from './manifest.js'
import { parsePackageList } from './registry.js'
import { type IniList, readNimbleIni } from './user-settings.js'

const MAX_BYTES = 64 * 1024 * 1024
const OFFICIAL = 'nim:official'

/** Where nimble looks names up, and where the packages then come from (spec/nimble.md §6). */
export const nimbleSources: SourcesReader = { userFiles, read }

function userFiles(environment: ReadonlyMap<string, string>): readonly UserFilePlace[] {
  const folders: readonly (readonly [variable: string, below: string, shown: string])[] = [
    ['XDG_CONFIG_HOME', 'nimble/nimble.ini', '$XDG_CONFIG_HOME/nimble/nimble.ini'],
    ['APPDATA', 'nimble/nimble.ini', '%APPDATA%/nimble/nimble.ini'],
    ['HOME', '.config/nimble/nimble.ini', '~/.config/nimble/nimble.ini'],
  ]
  return folders.flatMap(([variable, below, shown]) => {
    const folder = environment.get(variable) ?? ''
    return folder === '' ? [] : [{ path: `${folder}/${below}`, shown }]
  })
}

async function read(input: SourcesInput): Promise<readonly KnownSource[]> {
  const { places, unreadable } = await namedPlaces(input)
  const heldBy = 'the commit and the checksum of nimble.lock hold the files fast, where there is one'
  return [...unreadable, ...listSources(input), ...hostSources(places, { ecosystem: 'nimble', heldBy }, input.sources)]
}

function listSources(input: SourcesInput): readonly KnownSource[] {
  const [file] = input.userFiles
  const settings = file === undefined ? undefined : readNimbleIni(file.text)
  const own = (settings?.lists ?? []).map((one) => ({ ...one, name: one.name === '' ? 'without a name' : one.name }))
  const from = (line: number): SettingOrigin => ({ kind: 'user-file', file: file?.shown ?? '', line })
  const official = own.some(({ name }) => name.toLowerCase() === 'official') ? [] : officialLists(input)
  const several = own.length + (official.length > 0 ? 1 : 0) > 1
  return [
    ...official,
    ...own.flatMap((list) => userLists(list, from(list.line), several)),
    ...input.sources.registries.flatMap((registry): KnownSource[] => {
      if (!/^nim:https?:/.test(registry)) return []
      const meaning = 'assay looks names up here too (sources.registries); nimble does only with an entry in nimble.ini.'
      return [list(registry.slice('nim:'.length), 'own list', meaning, { kind: 'policy', file: 'assay.toml' }, 'nimble own list')]
    }),
    ...(settings?.httpProxy === undefined ? [] : [proxySetting(settings.httpProxy.value, from(settings.httpProxy.line))]),
  ]
}

/** The three places of the official list stand in for one another; declared mirrors take their place in an audit. */
function officialLists({ sources }: SourcesInput): readonly KnownSource[] {
  const all = ENDPOINTS.nimble.packageLists
  const places = all.map((url, i) => {
    const meaning =
      i === 0
        ? 'nimble looks names up here first: who can change the list decides which repository a name means.'
        : `Asked when ${i === 1 ? 'the first place fails' : 'both before fail'}.`
    const source = list(url, `Official, ${i + 1} of ${all.length}`, meaning, { kind: 'default' }, 'nimble official list')
    const unasked = reasonNotToAsk({ ecosystem: 'nimble', names: [] }, url, sources)
    return { ...source, alternative: 'nimble official list', ...(unasked === undefined ? {} : { unasked }) }
  })
  const mirrors = sources.mirrors
    .filter(({ of }) => of === OFFICIAL || of === ENDPOINTS.nimble.packageList)
    .map(({ url }) =>
      list(
        url,
        'mirror of Official',
        'assay asks it in place of the official list; nimble knows nothing of it.',
        { kind: 'policy', file: 'assay.toml' },
        'nimble official list',
      ),
    )
  return [...mirrors, ...places]
}

function userLists({ name, urls, path, line }: IniList, from: SettingOrigin, several: boolean): readonly KnownSource[] {
  const problems: SourceProblem[] = several
    ? [
        {
          code: 'lists-without-order',
          weight: 'advice',
          why: 'nimble searches several lists in no set order: a name in two of them may mean either repository',
          fix: 'name packages of your own list by URL, or replace the official list by one that holds both',
        },
      ]
    : []
  if (urls.length === 0) {
    const nowhere: SourceProblem = {
      code: 'chain-ends-nowhere',
      weight: 'unsafe',
      why: 'the list has neither a url nor a path',
      fix: `give [PackageList] ${name} a url (line ${line})`,
    }
    const meaning = path === undefined ? 'A list without a place.' : `A list on this machine: ${path}.`
    return [
      {
        role: 'package-list',
        name,
        from,
        meaning,
        problems: path === undefined ? [...problems, nowhere] : problems,
        repeat: [],
        probes: [],
      },
    ]
  }
  return urls.map((url, i) => {
    const meaning = i === 0 ? `nimble looks names up in this list (${name}).` : 'Asked when the place before fails.'
    const source = list(url, name, meaning, from, `nimble list ${name}`)
    return { ...source, alternative: `nimble list ${name}`, problems: [...source.problems, ...problems] }
  })
}

function list(url: string, name: string, meaning: string, from: SettingOrigin, subject: string): KnownSource {
  const { shown, problems } = judgeUrl(url)
  const probe: Probe = {
    what: 'the list',
    address: new Secret(url),
    limitBytes: MAX_BYTES,
    read: readList,
    subject: { key: subject, isFixed: false },
  }
  return {
    role: 'package-list',
    name,
    url: shown,
    from,
    meaning,
    problems,
    repeat: [`${curl(shown)} | sha256sum`],
    probes: [probe],
  }
}

function readList(bytes: Uint8Array): Reading {
  const decoded = decodeUtf8(bytes)
  const parsed = decoded.ok ? parsePackageList(decoded.text, 'packages.json') : undefined
  if (parsed?.ok !== true) return { ok: false, why: 'what it serves is no list of packages' }
  return { ok: true, value: hash('sha256', bytes), remark: `${parsed.list.packages.size} packages` }
}

function proxySetting(url: string, from: SettingOrigin): KnownSource {
  const { shown, problems } = judgeUrl(url)
  return {
    role: 'setting',
    name: 'httpProxy',
    url: shown,
    from,
    meaning: 'nimble reaches its lists through this proxy; assay takes HTTPS_PROXY.',
    problems: problems.filter(({ code }) => code !== 'plain-http'),
    repeat: [],
    probes: [],
  }
}

async function namedPlaces({ tree, files }: SourcesInput): Promise<{
  readonly places: readonly NamedPlace[]
  readonly unreadable: readonly KnownSource[]
}> {
  const places: NamedPlace[] = []
  const unreadable: KnownSource[] = []
  for (const { path, format } of files) {
    if (format !== 'nimble-lock' && format !== 'atlas-lock' && format !== 'nimble-manifest') continue
    const bytes = await tree.read(path, MAX_BYTES)
    const decoded = bytes.ok ? decodeUtf8(bytes.bytes) : undefined
    if (decoded?.ok !== true) unreadable.push(unreadableFile(path, 'it is no text that could be read'))
    else if (format === 'nimble-manifest') places.push(...manifestPlaces(decoded.text, path))
    else {
      const result = parseNimLock(decoded.text, path)
      if (!result.ok) unreadable.push(unreadableFile(path, result.errors[0].diagnostic.message))
      else
        for (const { name, url, method, location } of result.lock.entries)
          if (url.text !== '' && method === 'git')
            places.push({ name, url: bare(url.text), kind: 'repository', location, problems: [] })
    }
  }
  return { places, unreadable }
}

function manifestPlaces(text: string, path: string): readonly NamedPlace[] {
  return parseManifest(text, path).requires.flatMap(({ requirement, location }): NamedPlace[] =>
    requirement.target === 'url'
      ? [{ name: lastPart(requirement.name), url: bare(requirement.name), kind: 'repository', location, problems: [] }]
      : [],
  )
}

function lastPart(url: string): string {
  return bare(judgeUrl(url).shown).replace(/\/+$/, '').split('/').at(-1) ?? 'a package'
}

/** Without `?subdir=`, which only nimble reads. */
function bare(url: string): string {
  return url.replace(/\?.*$/s, '')
}

function unreadableFile(file: string, why: string): KnownSource {
  return {
    role: 'setting',
    name: file,
    from: { kind: 'file', location: { file, line: 1, column: 1 } },
    meaning: 'Nobody can tell where its packages come from.',
    problems: [{ code: 'config-unreadable', weight: 'unreadable', why, fix: 'let nimble write it again' }],
    repeat: ['nimble check'],
    probes: [],
  }
}
