import { createHash } from 'node:crypto'
import type { Component } from '../../../model/component.js'
import { ENDPOINTS } from '../../../model/endpoints.js'
import type { Source } from '../../../model/source.js'
import { sourceKey } from '../../../model/source.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { Held, MirrorInput, MirrorItem, MirrorOutcome, MirrorPlan, Pinned } from '../../mirror.js'
import { indexPath } from '../index-file.js'
import { parseIndexRow } from '../index-row.js'
import { readCrate } from '../verify/crate.js'
import { placeName, sourcePlace } from '../verify/place.js'
import type { Registry } from '../verify/registry.js'
import type { GitOrigin } from './configuration.js'
import { GIT_FOLDER, storeConfiguration } from './configuration.js'
import { gitPackage } from './git-package.js'
import type { PinnedCrate } from './pinned-crate.js'
import { pinnedCrate, pinnedOf } from './pinned-crate.js'
import { Registries } from './registries.js'

/** Below this folder of the store, with one local registry for each registry of the lockfiles. */
const FOLDER = 'cargo'
/** Problems of an archive with which it is not stored: cargo unpacks it, and others see another tree. */
const HOSTILE: ReadonlySet<string> = new Set(['unreadable', 'escapes', 'prefix', 'no-manifest'])

/** A store of local registries (spec/cargo.md §3.7): index rows and archives, each archive with the checksum of its lockfile. */
export async function planCargo(input: MirrorInput): Promise<MirrorPlan> {
  const registries = await Registries.open(input)
  const store = new CrateStore(registries, input)
  const items = input.components.map((component): MirrorItem => {
    const crate = pinnedCrate(component)
    const pinned = pinnedOf(component)
    const { source } = component
    if (source.kind === 'git') return { pinned, fetch: () => store.fetchGit(component, source) }
    if (crate === undefined) return { pinned, fetch: async () => ({ kind: 'not-covered', why: NO_CRATE }) }
    return { pinned, fetch: (held) => store.fetch(crate, held) }
  })
  const crates = input.components.flatMap((component) => pinnedCrate(component) ?? [])
  return { items, finish: (stored) => finish(crates, stored, registries, store.repositories) }
}

const NO_CRATE = 'it is no crate that a registry can hold'

function finish(
  crates: readonly PinnedCrate[],
  stored: readonly Pinned[],
  registries: Registries,
  repositories: readonly GitOrigin[],
): ReturnType<MirrorPlan['finish']> {
  const there = new Set(stored.map(({ name, version }) => `${name} ${version ?? ''}`))
  const sources = crates.filter(({ name, version }) => there.has(`${name} ${version}`)).map(({ source }) => source)
  const folders = new Map(sources.map((source) => [registryFolder(source), source]))
  const text = storeConfiguration(folders, repositories, registries.whereabouts)
  return {
    files: [{ path: `${FOLDER}/.cargo/config.toml`, bytes: Buffer.from(text) }],
    guide: {
      title: 'Cargo',
      lines: [
        'cargo build --offline --locked --config DIR/cargo/.cargo/config.toml',
        'or copy DIR/cargo/.cargo/config.toml into the project with the paths in it made absolute.',
        'Index rows state the checksums of Cargo.lock; what they say of features and dependencies is the word of the registry.',
      ],
    },
  }
}

/** The folder of a registry in the store: readable, and one for each URL. */
export function registryFolder(source: Source & { readonly kind: 'registry' }): string {
  const place = sourcePlace(source)
  const name = placeName(place)
  if (name === ENDPOINTS.cargo.sparseIndex) return 'crates.io'
  const host = URL.canParse(name) ? new URL(name).hostname.replace(/[^a-z0-9.-]/g, '') : 'registry'
  return `${host}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/** What a package of a repository is called in the store, where it becomes part of paths. */
const FOLDER_NAME = /^[A-Za-z0-9_.+-]{1,200}$/

class CrateStore {
  /** Those of which a package is stored. */
  readonly repositories: GitOrigin[] = []
  /** A directory source holds a name and version once. */
  readonly #named = new Map<string, string>()
  /** Rows by index file, as they are verified. */
  readonly #rows = new Map<string, Map<string, string>>()
  /** What the store had before this run, read once: the run itself writes these files. */
  readonly #before = new Map<string, Promise<Uint8Array | undefined>>()

  constructor(
    readonly registries: Registries,
    readonly input: MirrorInput,
  ) {}

  async fetch(crate: PinnedCrate, held: Held): Promise<MirrorOutcome> {
    const { name, version, checksums, source } = crate
    const [checksum, other] = checksums
    if (checksum === undefined) return { kind: 'not-covered', why: 'no lockfile states its checksum' }
    if (other !== undefined)
      return {
        ...{ kind: 'refused', source: 'the lockfiles', expected: checksum, observed: other },
        why: 'two lockfiles state two checksums',
      }
    const folder = `${FOLDER}/${registryFolder(source)}`
    const rowsPath = `${folder}/index/${indexPath(name)}`
    const row = await this.#row(crate, checksum, rowsPath, held)
    if (typeof row !== 'string') return row
    const archivePath = `${folder}/${name}-${version}.crate`
    const bytes = await this.#archive(crate, checksum, archivePath, held)
    if ('kind' in bytes) return bytes
    const { problems } = await readCrate(bytes, name, version)
    const problem = problems.find(({ code }) => HOSTILE.has(code))
    if (problem !== undefined) return { kind: 'refused', source: archivePath, why: `the archive is no crate: ${problem.why}` }
    const rows = this.#rows.get(rowsPath) ?? new Map<string, string>()
    this.#rows.set(rowsPath, rows.set(version, row))
    const index = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => `${line}\n`)
    return {
      kind: 'verified',
      files: [
        { path: archivePath, bytes },
        { path: rowsPath, bytes: Buffer.from(index.join('')) },
      ],
      verified: `SHA-256 of Cargo.lock ${checksum}`,
    }
  }

  /** The commit pins the files: git's ids are checked on the way, and nothing else states what they are. */
  async fetchGit({ name, version = '' }: Component, source: GitOrigin): Promise<MirrorOutcome> {
    const { url, commit } = source
    const label = `${name}-${version}`
    if (commit === undefined || !FOLDER_NAME.test(label)) return { kind: 'not-covered', why: 'no full commit of it is locked' }
    const other = this.#named.get(label)
    if (other !== undefined && other !== sourceKey(source))
      return { kind: 'not-covered', why: `a package of that name and version is stored from another repository` }
    this.#named.set(label, sourceKey(source))
    const reason = this.registries.reasonNotToAskRepository(name, url)
    if (reason !== undefined) return { kind: 'unavailable', source: url, why: reason }
    const got = await this.registries.git.files(url, commit)
    if (got.kind === 'mismatch') return { kind: 'refused', source: url, expected: commit, why: got.why }
    if (got.kind === 'no-answer') return { kind: 'unavailable', source: url, why: got.why }
    const found = gitPackage(got.value, name, version)
    if (!found.ok) return { kind: 'not-covered', why: found.why }
    this.repositories.push(source)
    const whole = `${FOLDER}/${GIT_FOLDER}/${label}`
    const files = found.files.map((file) => ({ ...file, path: `${whole}/${file.path}` }))
    return { kind: 'verified', files, verified: `commit ${commit}`, whole }
  }

  async #row(crate: PinnedCrate, checksum: string, path: string, held: Held): Promise<string | MirrorOutcome> {
    const before = this.#before.get(path) ?? held(path)
    this.#before.set(path, before)
    const known = await before
    const own = known === undefined ? undefined : rowIn(known, crate, checksum)
    if (own?.line !== undefined) return own.line
    let failed: MirrorOutcome | undefined
    for (const registry of this.#registriesOf(crate)) {
      const got = await registry.indexFile(crate.name, (bytes) => rowIn(bytes, crate, checksum).line !== undefined)
      if (got.kind === 'ok') {
        const { line, other } = rowIn(got.bytes, crate, checksum)
        if (line !== undefined) return line
        failed ??= differs(registry, checksum, other)
      } else if (got.kind === 'absent') failed ??= { kind: 'unavailable', source: registry.name, why: `it is gone: ${got.why}` }
      else
        failed ??= {
          kind: 'unavailable',
          source: registry.name,
          why: 'why' in got ? got.why : 'the answer is not the one asked for',
        }
    }
    return failed ?? { kind: 'unavailable', why: this.#whyNobody(crate) }
  }

  async #archive(crate: PinnedCrate, checksum: string, path: string, held: Held): Promise<Uint8Array | MirrorOutcome> {
    const known = await held(path)
    if (known !== undefined && sha256(known) === checksum) return known
    let failed: MirrorOutcome | undefined
    for (const registry of this.#registriesOf(crate)) {
      const { name, version } = crate
      const { from, got } = await registry.archive({ name, version, checksum }, checksum)
      // Asked of the desk, and judged here again: what is written rests on these bytes alone.
      if (got.kind === 'ok' && sha256(got.bytes) === checksum) return got.bytes
      const observed = got.kind === 'other-bytes' ? got.observed : got.kind === 'ok' ? got.sha256 : undefined
      if (observed !== undefined)
        failed = {
          kind: 'refused',
          source: from,
          expected: checksum,
          observed,
          why: 'the archive has other bytes than the lockfile states',
        }
      else failed ??= { kind: 'unavailable', source: from, why: 'why' in got ? got.why : 'no answer' }
    }
    return failed ?? { kind: 'unavailable', why: this.#whyNobody(crate) }
  }

  /** Mirrors that are declared, the registry itself, then what cargo downloads from in its place. */
  #registriesOf({ component, source, name }: PinnedCrate): readonly Registry[] {
    const places = this.#foldersOf(component).flatMap((folder) => {
      const { authorities, stead } = this.registries.whereabouts.registry(source, folder, name)
      return stead === undefined ? authorities : [...authorities, stead]
    })
    return [...new Set(places.map((place) => this.registries.at(place)))]
  }

  #whyNobody({ component, source, name }: PinnedCrate): string {
    const [folder = '.'] = this.#foldersOf(component)
    const { unasked, unaskedStead } = this.registries.whereabouts.registry(source, folder, name)
    return unasked ?? unaskedStead ?? 'there is nobody to ask'
  }

  #foldersOf({ projects }: Component): readonly string[] {
    const folders = this.input.graph.projects.filter(({ id }) => projects.includes(id)).map(({ folder }) => folder)
    return folders.length === 0 ? ['.'] : [...new Set(folders)]
  }
}

function differs(registry: Registry, expected: string, observed: string | undefined): MirrorOutcome {
  const source = registry.name
  if (observed === undefined) return { kind: 'unavailable', source, why: 'its index does not have this version' }
  return { kind: 'refused', source, expected, observed, why: 'its index states another checksum than the lockfile' }
}

/** The row of a version with the checksum of the lockfile, as it stands; else what the index states instead. */
function rowIn(
  bytes: Uint8Array,
  { name, version }: PinnedCrate,
  checksum: string,
): { readonly line?: string; readonly other?: string } {
  const decoded = decodeUtf8(bytes)
  if (!decoded.ok) return {}
  let other: string | undefined
  const core = version.split('+', 1)[0] ?? version
  for (const line of decoded.text.split('\n')) {
    if (!line.includes(core)) continue
    const row = parseIndexRow(line)
    if (row === undefined || row.name !== name) continue
    const isIt = row.version === version || (!version.includes('+') && row.version.split('+', 1)[0] === version)
    if (!isIt) continue
    if (row.checksum === checksum) return { line: line.trim() }
    other = row.checksum
  }
  return other === undefined ? {} : { other }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
