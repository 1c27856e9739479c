import type { Component } from '../../../model/component.js'
import type { Authority, Evidence } from '../../../model/evidence.js'
import type { Fact } from '../../../model/graph.js'
import type { Location } from '../../../model/location.js'
import type { Source } from '../../../model/source.js'
import { decodeUtf8 } from '../../../syntax/text.js'
import type { FromGit, GitSource } from '../../git-source.js'
import { REACH_VERDICT } from '../../reach-verdict.js'
import type { Verified } from '../../verifier.js'
import { parseManifest } from '../manifest.js'
import { readPackageUrl } from '../url.js'
import type { ChecksumNote } from './checksum.js'
import { judgeChecksum } from './checksum-verdict.js'
import { parseHub1, verifyHub1 } from './hub1.js'
import type { Hub1Record } from './hub1-records.js'
import { hub1Key } from './hub1-records.js'
import { checkList, listedFolder } from './list-check.js'
import type { LookedAt, PackageCandidate, PackageCommits } from './package-commit.js'
import type { AskedLists } from './package-lists.js'
import type { Said } from './said.js'
import { checkTag } from './tag-check.js'

export interface Surroundings {
  readonly commits: PackageCommits
  readonly git: GitSource
  readonly lists: AskedLists
  readonly hub1: ReadonlyMap<string, Hub1Record>
  readonly depth: { readonly bytes: boolean; readonly source: boolean }
  /** Why a URL is not asked about a component; undefined when it may be. */
  readonly reasonNotToAsk: (component: Component, url: string) => string | undefined
}

/** Everything that can be said of one component; at least one piece of evidence. */
export async function verifyPackage(component: Component, around: Surroundings): Promise<readonly Verified[]> {
  const check = new PackageCheck(component, around)
  await check.run()
  return check.found
}

class PackageCheck {
  readonly found: Verified[] = []

  constructor(
    readonly component: Component,
    readonly around: Surroundings,
  ) {}

  async run(): Promise<void> {
    const { source } = this.component
    const sums = this.#sums()
    const listed = checkList(this.component, this.around.lists)
    if (listed !== undefined) this.#say('nimble/list', listed)
    if (source.kind !== 'git') {
      for (const expected of sums.length === 0 ? [undefined] : sums)
        this.#evidence('nimble/checksum', 'not-checkable', { expected, why: reasonOf(source) })
      return
    }
    const authority: Authority = { kind: 'git', name: source.url }
    const why = this.#reasonNotToAsk(source)
    if (source.commit === undefined || why !== undefined) {
      const reason = why ?? 'no commit is locked, so that there is nothing to hold it against'
      this.#evidence('nimble/commit', 'not-checkable', { authority, expected: source.commit, why: reason })
      for (const expected of sums) this.#evidence('nimble/checksum', 'not-checkable', { authority, expected, why: reason })
      return
    }
    const pinned = { ...source, commit: source.commit }
    const looked = this.around.depth.bytes ? await this.#lookAt(pinned) : undefined
    const version = looked === undefined ? undefined : this.#checksums(pinned, looked, sums)
    if (looked?.kind === 'no-answer' && looked.verdict === 'absent')
      this.#evidence('nimble/commit', 'absent', { authority, expected: source.commit, why: looked.why })
    else await this.#repository(pinned, authority, version)
  }

  #sums(): readonly string[] {
    const sums = this.component.claims.flatMap(({ digest }) =>
      digest.of === 'tree' && digest.scheme === 'nimble-sha1' ? [digest.value] : [],
    )
    return [...new Set(sums)]
  }

  #reasonNotToAsk({ url }: Source & { readonly kind: 'git' }): string | undefined {
    const { depth, reasonNotToAsk } = this.around
    if (!depth.bytes && !depth.source) return 'repositories are not asked in this run'
    // What a shell could take for a command never was a URL.
    return readPackageUrl(url).isLocal
      ? 'it is a folder of the machine that builds, which is not looked at'
      : reasonNotToAsk(this.component, url)
  }

  #lookAt({ url, commit, subdirectory }: Pinned): Promise<LookedAt> {
    const { name } = this.component
    const listedSubdirectory = listedFolder(this.around.lists, name, url)
    return this.around.commits.lookAt({ name, url, commit, subdirectory, listedSubdirectory })
  }

  /** Gives the version that the manifest in the commit states. */
  #checksums({ url, commit }: Pinned, looked: LookedAt, sums: readonly string[]): string | undefined {
    const authority: Authority = { kind: 'git', name: `${url}#${commit}` }
    if (looked.kind !== 'ok') {
      // Of a commit that is not there something else is said: there are no files to hold against a checksum.
      const absent = looked.kind === 'no-answer' && looked.verdict === 'absent'
      const verdict = looked.kind === 'mismatch' ? 'mismatch' : absent ? 'not-checkable' : looked.verdict
      for (const expected of sums) this.#evidence('nimble/checksum', verdict, { authority, expected, why: looked.why })
      return undefined
    }
    const { candidates, at, stored } = looked
    const answered = { authority, at, stored }
    let chosen: PackageCandidate | undefined
    for (const expected of sums) {
      const { verdict, observed, why, candidate } = judgeChecksum(expected, candidates)
      this.#evidence('nimble/checksum', verdict, { ...answered, expected, observed, why })
      chosen ??= candidate
    }
    if (sums.length === 0)
      this.#evidence('nimble/checksum', 'not-checkable', { ...answered, why: 'the lockfile states no checksum for it' })
    const candidate = chosen ?? candidates[0]
    if (candidate === undefined) return undefined
    this.#files(candidate, answered)
    this.#uncovered(candidate)
    this.#hub1(candidate, answered)
    return versionIn(candidate)
  }

  #files({ files, count, folder }: PackageCandidate, answered: Pick<Evidence, 'authority' | 'at' | 'stored'>): void {
    if (count === 0) return
    const where = folder === '.' ? '' : ` in ${folder}`
    this.#evidence('nimble/files', 'match', {
      ...{ ...answered, observed: files.value },
      why: `SHA-256 over the list of ${count} files${where}, recorded by assay since commit and checksum are SHA-1`,
    })
  }

  /** What is built and no checksum covers (spec/nimble.md §4). */
  #uncovered({ checksums: { notes } }: PackageCandidate): void {
    const pathsOf = (kind: ChecksumNote['kind']): readonly string[] =>
      notes.filter((note) => note.kind === kind).map(({ path }) => path)
    const submodules = pathsOf('submodule')
    if (submodules.length > 0) this.#fact('nimble/submodules', { count: submodules.length, paths: submodules.slice(0, SHOWN) })
    const unhashed = pathsOf('quoted-name').filter((path) => COMPILED.test(path))
    if (unhashed.length > 0) this.#fact('nimble/unhashed-file', { count: unhashed.length, paths: unhashed.slice(0, SHOWN) })
    const filtered = pathsOf('not-computable')
    if (filtered.length > 0)
      this.#fact('nimble/checksum-not-computable', { count: filtered.length, paths: filtered.slice(0, SHOWN) })
  }

  #hub1({ listing }: PackageCandidate, { at, stored, authority }: Pick<Evidence, 'authority' | 'at' | 'stored'>): void {
    for (const { location } of this.component.occurrences) {
      const record = this.around.hub1.get(hub1Key(location.file, this.component.name))
      if (record === undefined) continue
      const answered = { authority: { kind: 'artifact', name: authority?.name ?? '' } as const, at, stored }
      const parsed = parseHub1(record.text)
      if (!parsed.ok) {
        this.#evidence('nimble/hub1', 'not-checkable', { ...answered, why: `it is no HUB1 identifier: ${parsed.problem}` })
        continue
      }
      const verdict = verifyHub1(parsed.identifier, listing, record.salt)
      const expected = parsed.identifier.hex
      if (verdict === 'unverifiable')
        this.#evidence('nimble/hub1', 'not-checkable', { ...answered, expected, why: 'its salt is not known' })
      else this.#evidence('nimble/hub1', verdict, { ...answered, expected })
    }
  }

  /** Whether a branch or tag leads to the commit, and the tag of the version to no other (spec/nimble.md §8). */
  async #repository({ url, commit }: Pinned, authority: Authority, manifestVersion: string | undefined): Promise<void> {
    const refs = await this.around.git.refs(url)
    if (refs.kind !== 'ok') return this.#noAnswer('nimble/commit', commit, authority, refs)
    const { branches, tags } = refs.value
    const tips = [...branches].filter(([, tip]) => tip === commit).map(([name]) => `the branch ${name}`)
    const tagged = [...tags].filter(([, tag]) => tag.commit === commit).map(([name]) => `the tag ${name}`)
    const [tip] = [...tagged, ...tips]
    const asked = { authority, expected: commit, at: refs.at, stored: refs.stored }
    if (tip !== undefined) this.#evidence('nimble/commit', 'match', { ...asked, why: `${tip} is there` })
    else if (!this.around.depth.source)
      this.#evidence('nimble/commit', 'not-checkable', {
        ...asked,
        why: 'no tip of a branch or tag, and histories are not fetched in this run',
      })
    else {
      const reached = await this.around.git.reach(url, commit)
      if (reached.kind !== 'ok') this.#noAnswer('nimble/commit', commit, authority, reached)
      else {
        const { verdict, why } = REACH_VERDICT[reached.value.reach]
        this.#evidence('nimble/commit', verdict, { authority, expected: commit, at: reached.at, stored: reached.stored, why })
      }
    }
    this.#say('nimble/tag', { ...asked, ...checkTag(this.component, commit, tags, manifestVersion) })
  }

  #noAnswer(check: string, expected: string, authority: Authority, outcome: Exclude<FromGit<unknown>, { kind: 'ok' }>): void {
    const verdict = outcome.kind === 'mismatch' ? 'mismatch' : outcome.verdict
    this.#evidence(check, verdict, { authority, expected, why: outcome.why })
  }

  #say(check: string, { verdict, ...more }: Said): void {
    this.#evidence(check, verdict, more)
  }

  #evidence(check: string, verdict: Evidence['verdict'], more: Omit<Evidence, 'subject' | 'check' | 'verdict'>): void {
    this.found.push({ kind: 'evidence', evidence: { subject: this.component.id, check, verdict, ...more } })
  }

  #fact(kind: string, data: Fact['data']): void {
    const location: Location | undefined = this.component.occurrences[0]?.location
    this.found.push({ kind: 'fact', fact: { kind, component: this.component.id, location, data } })
  }
}

type Pinned = Source & { readonly kind: 'git'; readonly commit: string }

/** Paths that a fact names. */
const SHOWN = 5
/** What the compilers of Nim and C take in. */
const COMPILED = /\.(?:nim|nims|nimble|cfg|c|cc|cpp|cxx|h|hpp|s|asm|m|mm)$/i

function versionIn({ manifest }: PackageCandidate): string | undefined {
  const decoded = manifest === undefined ? undefined : decodeUtf8(manifest.bytes)
  return manifest === undefined || decoded?.ok !== true
    ? undefined
    : parseManifest(decoded.text, manifest.path).fields.get('version')?.text
}

function reasonOf(source: Source): string {
  switch (source.kind) {
    case 'vcs':
      return `${source.system} repositories are not asked`
    case 'toolchain':
      return 'the checksum of the compiler covers the lib folder of an installation, which no repository has'
    case 'path':
      return 'it is a folder, which nothing pins'
    case 'unknown':
      return source.why
    default:
      return 'it comes from no repository'
  }
}
