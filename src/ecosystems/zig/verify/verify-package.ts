import type { Component } from '../../../model/component.js'
import type { Authority, Evidence } from '../../../model/evidence.js'
import type { Fact } from '../../../model/graph.js'
import type { GitSource } from '../../git-source.js'
import { REACH_VERDICT } from '../../reach-verdict.js'
import type { Verified } from '../../verifier.js'
import { readForgeUrl } from '../forge.js'
import type { PackageHash } from '../package-hash.js'
import type { PackageStore } from '../package-store.js'
import type { PackageArchiveNote, PackageArchiveProblem } from './archive-package.js'
import type { ClaimedHash, Origin, PackageClaim } from './claim.js'
import { claimOf, originText } from './claim.js'
import { compareHash } from './compare.js'
import { checkIdentity } from './identity.js'
import type { Delivered, HashedPackage, PackageSource } from './package-source.js'
import { ALL_FILES, differingPaths, type StoredCopy, some, storedCopies } from './stored-copies.js'

export interface Surroundings {
  readonly packages: PackageSource
  readonly git: GitSource
  readonly stores: readonly PackageStore[]
  readonly depth: { readonly bytes: boolean; readonly source: boolean }
  /** Where the configured mirrors hold what is at a URL. */
  readonly mirrorsOf: (url: string) => readonly string[]
  /** Why a URL is not asked about a component; undefined when it may be. */
  readonly reasonNotToAsk: (component: Component, url: string) => string | undefined
}

/** Everything that can be said of one component; at least one piece of evidence. */
export async function verifyPackage(component: Component, around: Surroundings): Promise<readonly Verified[]> {
  const check = new PackageCheck(component, claimOf(component), around)
  await check.run()
  return check.found
}

class PackageCheck {
  readonly found: Verified[] = []

  constructor(
    readonly component: Component,
    readonly claim: PackageClaim,
    readonly around: Surroundings,
  ) {}

  async run(): Promise<void> {
    const { hashes, origin } = this.claim
    if (hashes.length === 0)
      this.#evidence('zig/package-hash', 'not-checkable', {
        why: origin.kind === 'none' ? origin.why : 'no manifest states a usable hash for it',
      })
    const wanted = hashes.map(({ hash }) => hash)
    for (const claimed of hashes) {
      const copies = await storedCopies(this.around.stores, claimed.hash)
      for (const copy of copies) this.#copy(copy, claimed)
      await this.#packageHash(claimed, wanted, copies)
    }
    await this.#mirrors(wanted)
    if (origin.kind === 'git' && !this.#isGone()) await this.#repository(origin)
  }

  /** The commit itself was not there: nothing more is to be said of it. */
  #isGone(): boolean {
    return this.found.some(
      (one) =>
        one.kind === 'evidence' &&
        one.evidence.check === 'zig/package-hash' &&
        one.evidence.verdict === 'absent' &&
        one.evidence.authority?.kind === 'git',
    )
  }

  async #packageHash(claimed: ClaimedHash, wanted: readonly PackageHash[], copies: readonly StoredCopy[]): Promise<void> {
    const { origin } = this.claim
    const expected = claimed.hash.text
    if (origin.kind === 'none') return this.#evidence('zig/package-hash', 'not-checkable', { expected, why: origin.why })
    if (!this.around.depth.bytes)
      return this.#evidence('zig/package-hash', 'not-checkable', { expected, why: 'packages are not fetched in this run' })
    const delivered = await this.#deliver(origin, wanted)
    if (delivered.kind !== 'hashed') return this.#notHashed('zig/package-hash', expected, delivered, claimed)
    const { hashes, authority, at, stored, remarks, notes } = delivered
    const compared = compareHash(claimed.hash, hashes)
    const answered = { authority, at, stored }
    if (compared.verdict === 'match') {
      const reading = compared.reading === 'legacy-all-files' && hashes.excluded.length > 0 ? [ALL_FILES] : []
      this.#evidence('zig/package-hash', 'match', {
        ...{ ...answered, expected, observed: expected },
        why: sentences([...reading, ...notes.map((note) => NOTES[note]), ...remarks]),
      })
    } else {
      const same = copies.find((copy) => copy.verdict === 'match')
      const differing =
        same === undefined || delivered.entries === undefined ? [] : differingPaths(same.entries, delivered.entries)
      const files =
        differing.length === 0 ? [] : [`${differing.length} files differ from ${same?.name ?? ''}: ${some(differing)}`]
      this.#evidence('zig/package-hash', 'mismatch', {
        ...{ ...answered, expected, observed: compared.observed },
        why: sentences([compared.why, ...files, ...remarks]),
      })
    }
    for (const note of notes) if (note === 'zip-symlink') this.#fact('zig/zip-symlink', claimed, { url: originText(origin) })
    this.#files(delivered, compared.verdict === 'match')
    this.#identity(claimed, delivered, origin)
  }

  #files({ files, paths, authority, at, stored }: HashedPackage, matches: boolean): void {
    this.#evidence('zig/files', matches ? 'match' : 'not-checkable', {
      ...{ authority, at, stored, observed: files.value },
      why: matches
        ? `SHA-256 over the list of ${paths.length} files, recorded by assay beside the hash that zig compares`
        : `recorded of ${paths.length} files that are not those of the hash`,
    })
  }

  #identity(claimed: ClaimedHash, { hashes, authority, at, stored }: HashedPackage, origin: Origin): void {
    const { host, pathname, searchParams } = new URL(origin.url)
    const ref =
      origin.kind === 'archive'
        ? readForgeUrl(host, pathname, searchParams)?.ref
        : origin.label === undefined
          ? undefined
          : ({ kind: 'name', value: origin.label.replace(/^refs\/tags\//, '') } as const)
    const { verdict, expected, observed, why } = checkIdentity(claimed.hash, hashes, ref)
    this.#evidence('zig/manifest-identity', verdict, { authority, at, stored, expected, observed, why })
  }

  #copy({ name, verdict, observed, why, extra = [] }: StoredCopy, { hash: { text: expected } }: ClaimedHash): void {
    this.#evidence('zig/cache', verdict, { authority: { kind: 'tree', name }, expected, observed, why })
    if (extra.length === 0) return
    const location = this.component.occurrences.find(({ role }) => role === 'vendor') ?? this.component.occurrences[0]
    const data = { path: name, why: `it holds files that its hash does not cover: ${some(extra)}` }
    const fact = { kind: 'integrity/vendor-drift', component: this.component.id, location: location?.location, data }
    this.found.push({ kind: 'fact', fact })
  }

  /** zig fetches one URL for a hash. What the others deliver nobody has looked at (spec/zig.md §6). */
  async #mirrors(wanted: readonly PackageHash[]): Promise<void> {
    const { origin, others } = this.claim
    const [expected] = wanted
    if (expected === undefined || !this.around.depth.bytes) return
    const main = origin.kind === 'none' ? undefined : originText(origin)
    const mirrored = origin.kind === 'none' ? [] : this.around.mirrorsOf(origin.url).map((url): Origin => ({ ...origin, url }))
    const elsewhere = [...others, ...mirrored]
    for (const other of new Map(elsewhere.map((one) => [originText(one), one])).values()) {
      if (originText(other) === main) continue
      const delivered = await this.#deliver(other, wanted)
      if (delivered.kind !== 'hashed') {
        this.#notHashed('zig/mirror', expected.text, delivered)
        continue
      }
      const { hashes, authority, at, stored, remarks } = delivered
      const compared = compareHash(expected, hashes)
      this.#evidence('zig/mirror', compared.verdict, {
        ...{ authority, at, stored, expected: expected.text },
        ...(compared.verdict === 'match'
          ? { observed: expected.text, why: sentences(['it delivers the same files', ...remarks]) }
          : { observed: compared.observed, why: sentences([compared.why, ...remarks]) }),
      })
    }
  }

  /** Whether the commit is part of the repository at all, and a label beside it is true (spec/zig.md §5.1, §7). */
  async #repository({ url, commit, label }: Origin & { readonly kind: 'git' }): Promise<void> {
    if (!this.around.depth.source || commit === undefined) return
    const authority: Authority = { kind: 'git', name: url }
    const forbidden = this.around.reasonNotToAsk(this.component, url)
    if (forbidden !== undefined)
      return this.#evidence('zig/commit', 'not-checkable', { authority, expected: commit, why: forbidden })
    const reached = await this.around.git.reach(url, commit)
    if (reached.kind !== 'ok') {
      const { why } = reached
      const verdict = reached.kind === 'mismatch' ? 'mismatch' : reached.verdict
      this.#evidence('zig/commit', verdict, { authority, expected: commit, why })
    } else {
      const { verdict, why } = REACH_VERDICT[reached.value.reach]
      this.#evidence('zig/commit', verdict, { authority, expected: commit, at: reached.at, stored: reached.stored, why })
    }
    const refs = label === undefined ? undefined : await this.around.git.refs(url)
    if (label === undefined || refs?.kind !== 'ok') return
    const tag = refs.value.tags.get(label.replace(/^refs\/tags\//, ''))
    if (tag === undefined) return
    this.#evidence('zig/tag', tag.commit === commit ? 'match' : 'mismatch', {
      ...{ authority, at: refs.at, stored: refs.stored, expected: commit, observed: tag.commit },
      ...(tag.commit === commit ? {} : { why: `the tag ${label} that stands beside the commit leads to another one` }),
    })
  }

  #notHashed(check: string, expected: string, delivered: Exclude<Delivered, HashedPackage>, claimed?: ClaimedHash): void {
    const { authority, why } = delivered
    const { at, stored }: { at?: string | undefined; stored?: string | undefined } = delivered
    switch (delivered.kind) {
      case 'no-answer':
        this.#evidence(check, delivered.verdict, { authority, at, stored, expected, why })
        return
      case 'mismatch':
        this.#evidence(check, 'mismatch', { authority, at, stored, expected, why })
        return
      case 'refused': {
        const { problem } = delivered
        // What zig refuses to unpack, or must not, can never be the package; what only we do not read may be.
        const verdict = problem === 'unreadable' ? 'not-checkable' : 'mismatch'
        this.#evidence(check, verdict, { authority, at, stored, expected, why: `archive.${problem}: ${why}` })
        const kind = FACTS[problem]
        if (kind !== undefined && claimed !== undefined) this.#fact(kind, claimed, { url: authority.name, why })
      }
    }
  }

  #deliver(origin: Origin, wanted: readonly PackageHash[]): Promise<Delivered> {
    return this.around.packages.deliver(origin, wanted, (url) => this.around.reasonNotToAsk(this.component, url))
  }

  #evidence(check: string, verdict: Evidence['verdict'], more: Omit<Evidence, 'subject' | 'check' | 'verdict'>): void {
    this.found.push({ kind: 'evidence', evidence: { subject: this.component.id, check, verdict, ...more } })
  }

  #fact(kind: string, { location }: ClaimedHash, data: Fact['data']): void {
    this.found.push({ kind: 'fact', fact: { kind, component: this.component.id, location, data } })
  }
}

const NOTES: Readonly<Record<PackageArchiveNote, string>> = {
  'dot-prefix': 'its members begin with ./, on which zig 0.14 fails',
  'single-file': 'it holds a single file, on which zig fails',
  'zip-symlink': 'links of a zip become files: as a tar it would have another hash',
  'link-outside': 'it holds a link that leads out of the package',
}

const FACTS: Readonly<Partial<Record<PackageArchiveProblem, string>>> = {
  'path-escape': 'zig/archive-escape',
  'unsupported-entry': 'zig/archive-entry',
  'duplicate-entry': 'zig/archive-entry',
}

function sentences(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join('; ')
}
