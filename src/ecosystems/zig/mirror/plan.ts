import { gzipStored, writeTar } from '../../../evidence/archive/write-tar.js'
import type { Held, MirrorFile, MirrorInput, MirrorItem, MirrorOutcome, MirrorPlan } from '../../mirror.js'
import { originText } from '../verify/claim.js'
import { compareHash } from '../verify/compare.js'
import type { Delivered } from '../verify/package-source.js'
import { Origins, type PinnedPackage, pinnedPackage } from './origins.js'
import { type Unpacked, type UnpackedFile, unpackArchive, unpackCommit } from './unpacked.js'

/** The folder of packages, as in zig's global cache. */
export const FOLDER = 'zig/p'

/**
 * A store in the form of zig's package cache (spec/zig.md §6): each package unpacked below its hash, for releases up to 0.15
 * and `--system`, and beside it packed as `<hash>.tar.gz`, for 0.16 and later. Only files that the hash covers are in it.
 */
export async function planZig(input: MirrorInput): Promise<MirrorPlan> {
  const store = new PackageFiles(new Origins(input))
  const items = input.components.flatMap((component): readonly MirrorItem[] => {
    const known = pinnedPackage(component, input.sources)
    const pinned = { ecosystem: 'zig', name: component.name, version: component.version }
    if (!('why' in known)) return [{ pinned, fetch: (held) => store.fetch(known, held) }]
    return known.inside ? [] : [{ pinned, fetch: async () => ({ kind: 'not-covered', why: known.why }) }]
  })
  return {
    items,
    finish: () => ({
      files: [],
      guide: {
        title: 'Zig',
        lines: [
          'zig build --system DIR/zig/p      (0.12 and later)',
          'or copy DIR/zig/p into the global cache that zig env names, or use it: ZIG_GLOBAL_CACHE_DIR=DIR/zig zig build',
          'zig trusts packages by the names of their folders; assay mirror fetch verifies them, and repairs what is wrong.',
        ],
      },
    }),
  }
}

class PackageFiles {
  constructor(readonly origins: Origins) {}

  async fetch(known: PinnedPackage, held: Held): Promise<MirrorOutcome> {
    const { hash } = known
    const packed = await held(`${FOLDER}/${hash.text}.tar.gz`)
    const before = packed === undefined ? undefined : await unpackArchive(packed, hash)
    if (before?.ok === true) return stored(known, before.files)
    let failed: MirrorOutcome | undefined
    for (const origin of known.origins) {
      const delivered = await this.origins.packages.deliver(origin, [hash], (url) =>
        this.origins.reasonNotToAsk(known.component, url),
      )
      const source = originText(origin)
      const unpacked = await this.#unpack(known, delivered)
      if (unpacked !== undefined) {
        if (unpacked.ok) return stored(known, unpacked.files)
        failed = { kind: 'not-covered', why: unpacked.why }
      } else failed = refusal(known, delivered, source) ?? failed ?? { kind: 'unavailable', source, why: reason(delivered) }
    }
    return failed ?? { kind: 'not-covered', why: 'no URL that can be asked stands beside its hash' }
  }

  /** What was delivered and hashed, once more with its content: the desk gives the same answer. Undefined where it does not match. */
  async #unpack({ hash }: PinnedPackage, delivered: Delivered): Promise<Unpacked | undefined> {
    if (delivered.kind !== 'hashed' || compareHash(hash, delivered.hashes).verdict !== 'match') return undefined
    const { authority } = delivered
    if (authority.kind === 'artifact') {
      const { limits } = this.origins.packages
      const answer = await this.origins.input.desk.ask({ url: authority.name, keep: 'day', limitBytes: limits.maxPackedBytes })
      return answer.kind === 'ok'
        ? unpackArchive(answer.bytes, hash)
        : { ok: false, why: 'what was fetched is not at hand any more' }
    }
    const [, url = '', commit = ''] = /^git\+(.*)#([0-9a-f]{40,64})$/.exec(authority.name) ?? []
    if (url === '') return { ok: false, why: 'no full commit is pinned' }
    const files = await this.origins.git.files(url, commit)
    return files.kind === 'ok' ? unpackCommit(files.value, hash) : { ok: false, why: files.why }
  }
}

function refusal({ hash }: PinnedPackage, delivered: Delivered, source: string): MirrorOutcome | undefined {
  const expected = hash.text
  if (delivered.kind === 'hashed') {
    const compared = compareHash(hash, delivered.hashes)
    return compared.verdict === 'match'
      ? undefined
      : { kind: 'refused', source, expected, observed: compared.observed, why: compared.why }
  }
  return delivered.kind === 'no-answer' ? undefined : { kind: 'refused', source, expected, why: delivered.why }
}

function reason(delivered: Delivered): string {
  return 'why' in delivered ? delivered.why : 'no answer'
}

function stored({ hash }: PinnedPackage, files: readonly UnpackedFile[]): MirrorOutcome {
  const members = files.map((file) =>
    file.kind === 'file'
      ? { path: `${hash.text}/${file.path}`, bytes: file.bytes }
      : { path: `${hash.text}/${file.path}`, target: file.target },
  )
  const packed: MirrorFile = { path: `${FOLDER}/${hash.text}.tar.gz`, bytes: gzipStored(writeTar(members)) }
  const unpacked = members.map((member): MirrorFile => ({ ...member, path: `${FOLDER}/${member.path}` }))
  return {
    kind: 'verified',
    files: [packed, ...unpacked],
    verified: `package hash ${hash.text}`,
    whole: `${FOLDER}/${hash.text}`,
  }
}
