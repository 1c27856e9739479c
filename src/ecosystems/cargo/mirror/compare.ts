import { isCratesIo } from '../../../model/endpoints.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { CompareInput, Comparison } from '../../mirror.js'
import { readIndexFile } from '../index-file.js'
import type { IndexRow } from '../index-row.js'
import { parseIndexRow } from '../index-row.js'
import { compareSemVer, parseSemVer } from '../semver.js'
import { inParallel } from '../verify/in-parallel.js'
import type { Place } from '../verify/place.js'
import { isPublicPlace, isSamePlace, mirrorPlace, PUBLIC_PLACE, placeName, registryPlace, sourcePlace } from '../verify/place.js'
import type { Registry } from '../verify/registry.js'
import type { PinnedCrate } from './pinned-crate.js'
import { pinnedCrate, pinnedOf } from './pinned-crate.js'
import { Registries } from './registries.js'

const AT_ONCE = 16
const SHA256 = /^[0-9a-f]{64}$/

type Said = Omit<Comparison, 'pinned' | 'source'>

/** Holds every crate of the lockfiles against each index, and with `bytes` against each archive (spec/cargo.md §3). */
export async function* compareCargo(input: CompareInput): AsyncGenerator<Comparison> {
  const registries = await Registries.open(input)
  const places = input.mirrors.map(({ url }) => (url.startsWith('git+') ? registryPlace(url.slice(4)) : mirrorPlace(url)))
  const stands = standsFor(places, input)
  yield* inParallel(input.components, AT_ONCE, async (component, emit: (one: Comparison) => void) => {
    const crate = pinnedCrate(component)
    // Where no lockfile states a checksum, the first source that has the crate is what the others are held against.
    let first: Reference | undefined
    for (const place of places) {
      const registry = registries.at(place)
      const about = { pinned: pinnedOf(component), source: registry.name }
      const reason =
        crate === undefined
          ? 'it is no crate of a registry'
          : stands(place, crate)
            ? registries.reasonNotToName(place, crate.name)
            : 'it comes from another registry than the one that is mirrored here'
      if (crate === undefined || reason !== undefined) {
        emit({ ...about, kind: 'not-comparable', why: reason })
        continue
      }
      const { said, row } = await compareAt(registry, crate, first, input.bytes)
      emit({ ...about, ...said })
      if (row !== undefined) first ??= { row, source: registry.name }
    }
  })
}

/**
 * Which registry's crates a place is held against: its own where the lockfiles name it, that which the configuration says it
 * mirrors, the only one there is; else the public one. Nobody is told what is in the registry of somebody else.
 */
function standsFor(
  places: readonly Place[],
  { components, sources }: CompareInput,
): (place: Place, crate: PinnedCrate) => boolean {
  const crates = components.flatMap((component) => pinnedCrate(component) ?? [])
  const registries = [...new Map(crates.map(({ source }) => [placeName(sourcePlace(source)), sourcePlace(source)])).values()]
  const own = new Map(
    places.map((place): [Place, Place] => {
      if (isPublicPlace(place) || registries.some((one) => isSamePlace(one, place))) return [place, place]
      const declared = sources.mirrors.find(({ url }) => isSamePlace(mirrorPlace(url), place))?.of
      if (declared !== undefined) return [place, isCratesIo(declared) ? PUBLIC_PLACE : mirrorPlace(declared)]
      const [only, ...more] = registries
      return [place, only !== undefined && more.length === 0 ? only : PUBLIC_PLACE]
    }),
  )
  return (place, { source }) => isSamePlace(own.get(place) ?? place, sourcePlace(source))
}

interface Reference {
  readonly row: IndexRow
  readonly source: string
}

async function compareAt(
  registry: Registry,
  crate: PinnedCrate,
  first: Reference | undefined,
  bytes: boolean,
): Promise<{ readonly said: Said; readonly row?: IndexRow }> {
  const { name, version, checksums } = crate
  const got = await registry.indexFile(name, (file) => readIndexFile(file, name, [version]).complete)
  switch (got.kind) {
    case 'absent':
      return { said: { kind: 'missing', why: got.why } }
    case 'silent':
      return { said: { kind: 'unavailable', why: got.why } }
    case 'not-asked':
      return { said: { kind: 'not-comparable', why: got.why } }
    case 'other-bytes':
      return { said: { kind: 'unavailable', why: 'the answer is not the one asked for' } }
    case 'ok':
      break
  }
  const file = readIndexFile(got.bytes, name, [version])
  const rows = file.found.get(version) ?? []
  const expected = checksums[0] ?? first?.row.checksum
  const row = rows.find(({ checksum }) => checksum === expected) ?? rows[0]
  if (row === undefined) {
    if (file.kind !== 'rows') return { said: { kind: 'unavailable', why: `what it answered is no index file of ${name}` } }
    if (got.doubt !== undefined) return { said: { kind: 'unavailable', why: got.doubt } }
    return { said: { expected, ...absence(got.bytes, name, version) } }
  }
  return { said: await judge(registry, crate, row, rows, first, bytes), row }
}

async function judge(
  registry: Registry,
  { name, version, checksums }: PinnedCrate,
  row: IndexRow,
  rows: readonly IndexRow[],
  first: Reference | undefined,
  bytes: boolean,
): Promise<Said> {
  const expected = checksums[0] ?? first?.row.checksum
  const observed = row.checksum
  if (!SHA256.test(observed)) return { kind: 'unavailable', expected, why: 'the checksum of its row is no SHA-256' }
  if (expected !== undefined && observed !== expected) {
    const by = checksums.length > 0 ? 'the lockfile' : (first?.source ?? '')
    return { kind: 'different', expected, observed, why: `its index states another checksum than ${by}` }
  }
  const others = rows.find(({ checksum }) => checksum !== observed)
  if (others !== undefined)
    return { kind: 'different', expected, observed: others.checksum, why: 'its index has two rows for this version' }
  if (bytes) {
    const { from, got } = await registry.archive({ name, version, checksum: observed }, observed)
    if (got.kind === 'other-bytes')
      return { kind: 'different', expected: observed, observed: got.observed, why: `the archive at ${from} has other bytes` }
    if (got.kind === 'absent') return { kind: 'missing', expected, why: `its index has it, the archive is not there: ${got.why}` }
    if (got.kind !== 'ok') return { kind: 'unavailable', expected, why: got.why }
  }
  if (first !== undefined && first.row.yanked !== row.yanked) {
    const state = (yanked: boolean): string => (yanked ? 'yanked' : 'not yanked')
    const why = `${first.source} has it as ${state(first.row.yanked)}`
    return { kind: 'different', expected: state(first.row.yanked), observed: state(row.yanked), why }
  }
  return { kind: 'same', expected, observed }
}

/** A mirror that has no version as new as the one wanted is behind; one that has newer ones left it out. */
function absence(bytes: Uint8Array, name: string, version: string): Said {
  const wanted = parseSemVer(version)
  const decoded = decodeUtf8(bytes)
  const known = (decoded.ok ? decoded.text.split('\n') : []).flatMap((line) => {
    const row = parseIndexRow(line)
    const parsed = row?.name === name ? parseSemVer(row.version) : undefined
    return row === undefined || parsed === undefined ? [] : [{ text: row.version, parsed }]
  })
  const newest = known.reduce<(typeof known)[number] | undefined>(
    (best, one) => (best === undefined || compareSemVer(best.parsed, one.parsed) < 0 ? one : best),
    undefined,
  )
  if (newest !== undefined && wanted !== undefined && compareSemVer(newest.parsed, wanted) < 0)
    return { kind: 'lagging', observed: newest.text, why: `the newest version it has is ${newest.text}` }
  return { kind: 'missing', why: `its index has ${name}, and no version ${version}` }
}
