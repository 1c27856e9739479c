import type { Location } from '../../model/location.js'
import { decodeUtf8 } from '../../syntax/text.js'
import { hostSources, type NamedPlace } from '../host-sources.js'
import { judgeUrl } from '../source-problems.js'
import type { KnownSource, SourcesInput } from '../sources.js'
import type { CargoConfig } from './config.js'
import { parseCargoLock } from './lock.js'
import type { LockPackage } from './lock-model.js'
import { fieldLocation } from './raw-lock.js'
import { registryProbes, registryRepeat } from './registry-probe.js'
import { isPublicPlace, isSamePlace, type Place, registryPlace } from './verify/place.js'

const MAX_LOCK_BYTES = 64 * 1024 * 1024
const HELD = 'the locked commit holds the files fast, and Cargo.lock has no checksum of them'

/** Where a lockfile says that packages come from, beside what is configured: repositories, and registries without a name. */
export async function lockedSources(input: SourcesInput, path: string, config: CargoConfig): Promise<readonly KnownSource[]> {
  const bytes = await input.tree.read(path, MAX_LOCK_BYTES)
  const decoded = bytes.ok ? decodeUtf8(bytes.bytes) : undefined
  const read = decoded?.ok === true ? await parseCargoLock(decoded.text, path) : undefined
  if (read?.ok !== true) return [unreadable(path)]
  const { packages } = read.lock
  const known = [
    ...[...config.registries.values()].map(({ index }) => registryPlace(index)),
    ...[...config.sources.values()].flatMap(({ registry }) => (registry === undefined ? [] : [registryPlace(registry)])),
  ]
  return [
    ...hostSources(
      packages.flatMap((one) => repository(one, path)),
      { ecosystem: 'cargo', heldBy: HELD },
      input.sources,
    ),
    ...unnamed(packages, path, known),
  ]
}

function unreadable(file: string): KnownSource {
  return {
    role: 'setting',
    name: file,
    from: { kind: 'file', location: { file, line: 1, column: 1 } },
    meaning: 'Nobody can tell where its packages come from.',
    problems: [
      {
        code: 'config-unreadable',
        weight: 'unreadable',
        why: 'it is no lockfile that cargo could read',
        fix: 'let cargo write it again',
      },
    ],
    repeat: ['cargo metadata --locked'],
    probes: [],
  }
}

function repository({ name, source, entry }: LockPackage, file: string): readonly NamedPlace[] {
  if (source?.kind !== 'git') return []
  const location = placeOf(entry, file)
  return [{ name, url: source.url, kind: 'repository', location, problems: [] }]
}

function placeOf(entry: LockPackage['entry'], file: string): Location {
  return entry.source === undefined ? { file, line: 1, column: 1 } : fieldLocation(file, entry.source)
}

function unnamed(packages: readonly LockPackage[], file: string, known: readonly Place[]): readonly KnownSource[] {
  const found = new Map<string, KnownSource>()
  for (const { source, entry } of packages) {
    if (source?.kind !== 'registry' && source?.kind !== 'sparse') continue
    const place = registryPlace(source.kind === 'sparse' ? `sparse+${source.url}` : source.url)
    if (isPublicPlace(place) || known.some((other) => isSamePlace(other, place)) || found.has(source.url)) continue
    const { shown, problems } = judgeUrl(source.url)
    found.set(source.url, {
      role: 'registry',
      name: 'without a name here',
      url: shown,
      from: { kind: 'file', location: placeOf(entry, file) },
      meaning: 'Cargo.lock names this registry, and nothing that is configured here does.',
      problems: [
        ...problems,
        {
          code: 'registry-unnamed',
          weight: 'advice',
          why: 'a manifest that names it by registry = "…" cannot be built where no configuration gives that name a URL',
          fix: 'keep [registries] in .cargo/config.toml of the repository',
        },
      ],
      repeat: registryRepeat(place),
      probes: registryProbes(place, false),
    })
  }
  return [...found.values()]
}
