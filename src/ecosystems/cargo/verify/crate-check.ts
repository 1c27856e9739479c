import type { Authority } from '../../../model/evidence.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { IndexRow } from '../index-row.js'
import type { PackageManifest } from '../package-manifest.js'
import { readPackageManifest } from '../package-manifest.js'
import type { Crate } from './crate.js'
import { readCrate } from './crate.js'
import type { Got } from './got.js'
import type { Registry } from './registry.js'
import type { Subject } from './subject.js'

/** An archive whose bytes are the ones that are claimed, read. */
export interface CheckedCrate {
  readonly crate: Crate
  readonly manifest: PackageManifest | undefined
  readonly stored: string
  readonly at: string | undefined
}

const CHECK = 'cargo/crate-bytes'

/**
 * Hashes the archive that a registry serves and holds it against lockfile and index (spec/cargo.md §6 level 3). `row` is what
 * some index states; without it the archive is fetched by the checksum of the lockfile alone.
 */
export async function checkCrate(
  subject: Subject,
  registry: Registry,
  row: IndexRow | undefined,
): Promise<CheckedCrate | undefined> {
  const { name, version, checksums } = subject
  const expect = checksums[0] ?? row?.checksum
  if (expect === undefined) {
    subject.say(
      CHECK,
      'not-checkable',
      { kind: 'artifact', name: registry.name },
      { why: 'neither lockfile nor index states a checksum' },
    )
    return undefined
  }
  const { from, got } = await registry.archive({ name, version, checksum: row?.checksum ?? expect }, expect)
  const authority: Authority = { kind: 'artifact', name: from }
  switch (got.kind) {
    case 'ok':
      compare(subject, authority, row, got.sha256, got)
      return readChecked(subject, got)
    case 'other-bytes':
      compare(subject, authority, row, got.observed, { sha256: got.observed, at: got.at })
      return undefined
    case 'absent':
      subject.say(CHECK, 'absent', authority, { expected: expect, why: got.why, at: got.at })
      return undefined
    case 'silent':
      subject.say(CHECK, 'unavailable', authority, { expected: expect, why: got.why })
      return undefined
    case 'not-asked':
      subject.say(CHECK, 'not-checkable', authority, { expected: expect, why: got.why })
      return undefined
  }
}

function compare(
  subject: Subject,
  authority: Authority,
  row: IndexRow | undefined,
  observed: string,
  { sha256: stored, at }: { readonly sha256: string; readonly at?: string | undefined },
): void {
  const { checksums } = subject
  for (const expected of checksums)
    subject.say(CHECK, expected === observed ? 'match' : 'mismatch', authority, { expected, observed, stored, at })
  // Where the two agree, one comparison says it all.
  if (row === undefined || checksums.includes(row.checksum)) return
  const why = 'the checksum that the index states, which is not that of the lockfile'
  subject.say(CHECK, row.checksum === observed ? 'match' : 'mismatch', authority, {
    expected: row.checksum,
    observed,
    stored,
    at,
    why,
  })
}

/** Whoever unpacks an odd archive may get another tree than others do, so that every oddity is told (spec/cargo.md §5). */
async function readChecked(subject: Subject, got: Got & { readonly kind: 'ok' }): Promise<CheckedCrate> {
  const { name, version } = subject
  const crate = await readCrate(got.bytes, name, version)
  for (const { code, path, why } of crate.problems)
    subject.note('cargo/archive-problem', { code, why, ...(path === undefined ? {} : { path }) })
  const decoded = crate.manifest === undefined ? undefined : decodeUtf8(crate.manifest)
  const manifest =
    decoded?.ok === true ? readPackageManifest(decoded.text, '.', 'Cargo.toml', crate.files.has('build.rs')) : undefined
  if (crate.manifest !== undefined && (manifest?.name !== name || manifest.version !== version)) {
    const is = manifest === undefined ? 'is none of a package' : `is that of ${manifest.name} ${manifest.version}`
    subject.note('cargo/archive-problem', { code: 'identity', path: 'Cargo.toml', why: `its manifest ${is}` })
  }
  return { crate, manifest, stored: got.sha256, at: got.at }
}
