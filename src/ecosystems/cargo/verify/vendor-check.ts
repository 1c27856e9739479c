import type { SourceTree } from '../../../model/tree.js'
import type { VendoredPackage } from '../third-party.js'
import { readVendorFolder } from '../third-party.js'
import type { CheckedCrate } from './crate-check.js'
import type { Subject } from './subject.js'
import type { TreeDifference } from './vendored.js'
import { compareVendored } from './vendored.js'
import type { Plan } from './whereabouts.js'

const CHECK = 'cargo/vendored'
const SHOWN = 5

/** Vendor folders of a tree, each read once. */
export class VendorFolders {
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, VendoredPackage>>>()

  constructor(readonly tree: SourceTree) {}

  packages(folder: string): Promise<ReadonlyMap<string, VendoredPackage>> {
    const known = this.#folders.get(folder) ?? readVendorFolder(this.tree, folder)
    this.#folders.set(folder, known)
    return known
  }
}

/**
 * Holds a vendored copy against its own list, the lockfile and, where its bytes were fetched, the archive (spec/cargo.md §6
 * levels 3 to 5). Agreement with the list alone is no verdict: whoever edits a file can edit the list.
 */
export async function checkVendored(
  subject: Subject,
  vendor: NonNullable<Plan['vendor']>,
  folders: VendorFolders,
  checked: CheckedCrate | undefined,
): Promise<void> {
  if (vendor === 'outside') {
    subject.say(CHECK, 'not-checkable', undefined, { why: 'the vendor folder lies outside of what is audited' })
    return
  }
  const copy = (await folders.packages(vendor.folder)).get(`${subject.name} ${subject.version}`)
  if (copy === undefined) {
    subject.say(
      CHECK,
      'absent',
      { kind: 'tree', name: vendor.folder },
      { why: 'the vendor folder holds no such crate, and cargo asks nobody else' },
    )
    return
  }
  const authority = { kind: 'tree', name: copy.folder } as const
  const [lockChecksum] = subject.checksums
  const fromCrate = checked === undefined || checked.crate.files.size === 0 ? undefined : checked.crate.files
  const { list, lock, archive } = await compareVendored(folders.tree, copy.folder, { lockChecksum, archive: fromCrate })
  const wrong: string[] = []
  if (archive !== undefined && !archive.agrees) wrong.push(`differs from the archive: ${describe(archive)}`)
  if (list.kind !== 'compared')
    wrong.push(list.kind === 'absent' ? 'has no .cargo-checksum.json' : 'has a .cargo-checksum.json that cannot be read')
  else if (!list.agrees) {
    const escaping = list.escaping.length === 0 ? '' : `, listed outside of it ${some(list.escaping)}`
    wrong.push(`differs from its .cargo-checksum.json: ${describe(list)}${escaping}`)
  }
  if (lock === 'mismatch') wrong.push('states another checksum than the lockfile')
  if (lock === 'absent') wrong.push('states no checksum, and the lockfile has one')
  const details = { expected: lockChecksum, stored: checked?.stored, at: checked?.at }
  if (wrong.length > 0) {
    subject.say(CHECK, 'mismatch', authority, { ...details, why: `the vendored copy ${wrong.join('; ')}` })
  } else if (archive !== undefined) {
    const left = archive.tolerated.length === 0 ? undefined : `left out by cargo vendor: ${some(archive.tolerated)}`
    subject.say(CHECK, 'match', authority, { ...details, why: left })
  } else {
    const why = 'the files agree with the list beside them, which proves little: whoever edits a file can edit the list'
    subject.say(CHECK, 'not-checkable', authority, {
      ...details,
      why: `${why}; ${checked === undefined ? 'the archive was not fetched to compare' : 'the archive cannot be read'}`,
    })
  }
}

function describe({ changed, missing, extra }: TreeDifference): string {
  const parts = [
    changed.length > 0 ? `changed ${some(changed)}` : '',
    missing.length > 0 ? `missing ${some(missing)}` : '',
    extra.length > 0 ? `added ${some(extra)}` : '',
  ]
  return parts.filter((part) => part !== '').join(', ') || 'the list itself'
}

function some(paths: readonly string[]): string {
  const shown = paths
    .slice(0, SHOWN)
    .map((path) => JSON.stringify(path))
    .join(' ')
  return paths.length > SHOWN ? `${shown} and ${paths.length - SHOWN} more` : shown
}
