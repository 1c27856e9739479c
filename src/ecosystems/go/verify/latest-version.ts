import type { Authority } from '../../../model/evidence.js'
import type { NoAnswer } from '../../no-answer.js'
import type { ModFile } from '../mod-file.js'
import { majorMismatch, splitPathVersion } from '../module-path.js'
import { isPseudoVersion, parsePseudoVersion } from '../pseudo-version.js'
import { canonicalVersion, compareText, compareVersions, isIncompatible, parseVersion } from '../version.js'
import { isSyntheticMod, MAX_MOD_BYTES, readModDocument } from './mod-document.js'
import type { ModuleProxies } from './module-proxies.js'
import { MAX_INFO_BYTES, parseVersionInfo } from './version-info.js'

/** The latest version of a module and its go.mod, which alone says what is retracted and deprecated (spec/go.md §8.2, §12.1). */
export type LatestOutcome =
  | {
      readonly kind: 'known'
      readonly version: string
      readonly mod: ModFile
      /** Every version that counts, in ascending order. */
      readonly versions: readonly string[]
      readonly authority: Authority
      readonly at: string
    }
  | ({ readonly kind: 'unknown'; readonly authority?: Authority | undefined } & NoAnswer)

const MAX_LIST_BYTES = 16 * 1024 * 1024
const MAX_VERSIONS = 100_000

/** Finds latest versions, each module asked about once. */
export class LatestVersions {
  readonly #found = new Map<string, Promise<LatestOutcome>>()

  constructor(readonly proxies: ModuleProxies) {}

  of(path: string): Promise<LatestOutcome> {
    const known = this.#found.get(path) ?? this.#find(path)
    this.#found.set(path, known)
    return known
  }

  async #find(path: string): Promise<LatestOutcome> {
    const listed = await this.proxies.ask(path, 'list', { keep: 'day', limitBytes: MAX_LIST_BYTES })
    // A proxy that hides newer versions hides what they retract, so a list that cannot be had is no empty list.
    if (listed.kind === 'none' && listed.verdict !== 'absent') return { ...listed, kind: 'unknown' }
    const lines = listed.kind === 'ok' ? parseVersionList(listed.answer.bytes, path) : []
    const plain = lines.filter(({ version }) => !isPseudoVersion(version)).map(({ version }) => version)
    const versions = await this.#compatible(path, plain)
    if ('kind' in versions) return versions
    const best = highest(versions)
    if (best !== undefined && listed.kind === 'ok') {
      const { authority, answer } = listed
      return this.#withMod(path, best, versions, { authority, at: answer.at })
    }
    const asked = await this.proxies.ask(path, 'latest', { keep: 'day', limitBytes: MAX_INFO_BYTES })
    if (asked.kind === 'ok') {
      const parsed = parseVersionInfo(asked.answer.bytes)
      const version = parsed.ok ? canonicalVersion(parsed.info.version) : undefined
      const { authority, answer } = asked
      if (version !== undefined) return this.#withMod(path, version, versions, { authority, at: answer.at })
      const why = parsed.ok ? 'what it calls the latest version is none' : parsed.why
      return { kind: 'unknown', verdict: 'unavailable', why: `@latest: ${why}`, authority, at: answer.at }
    }
    if (asked.verdict !== 'absent') return { ...asked, kind: 'unknown' }
    const newest = lines.filter(({ time }) => time !== '').sort((a, b) => compareText(a.time, b.time))
    const last = newest.at(-1)
    if (last === undefined || listed.kind !== 'ok') return { ...asked, kind: 'unknown' }
    return this.#withMod(path, last.version, versions, { authority: listed.authority, at: listed.answer.at })
  }

  /** Once a module has a go.mod, majors without one are no successors of it. */
  async #compatible(
    path: string,
    versions: readonly string[],
  ): Promise<readonly string[] | (LatestOutcome & { kind: 'unknown' })> {
    const first = versions.findIndex(isIncompatible)
    const before = first < 1 ? undefined : versions[first - 1]
    if (before === undefined) return versions
    const mod = await this.proxies.ask(path, { version: before, kind: 'mod' }, { keep: 'for-ever', limitBytes: MAX_MOD_BYTES })
    if (mod.kind === 'none') return { ...mod, kind: 'unknown' }
    return isSyntheticMod(mod.answer.bytes, path) ? versions : versions.slice(0, first)
  }

  async #withMod(
    path: string,
    version: string,
    versions: readonly string[],
    said: { readonly authority: Authority; readonly at: string },
  ): Promise<LatestOutcome> {
    const mod = await this.proxies.ask(path, { version, kind: 'mod' }, { keep: 'for-ever', limitBytes: MAX_MOD_BYTES })
    if (mod.kind === 'none') return { ...mod, kind: 'unknown', why: `go.mod of ${version}: ${mod.why}` }
    const read = readModDocument(mod.answer.bytes, `${path}@${version}/go.mod`)
    if (read !== undefined) return { kind: 'known', version, mod: read, versions, ...said }
    const why = `the go.mod of ${version} cannot be read`
    return { kind: 'unknown', verdict: 'unavailable', why, authority: mod.authority, at: mod.answer.at }
  }
}

interface ListedVersion {
  readonly version: string
  /** RFC 3339; empty when neither the list nor the version says. */
  readonly time: string
}

/** The lines of a list that name a version of the module, in ascending order (spec/go.md §8.1). */
export function parseVersionList(bytes: Uint8Array, path: string): readonly ListedVersion[] {
  const major = splitPathVersion(path)?.major ?? ''
  const found = new Map<string, ListedVersion>()
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const [version = '', time = ''] = line.split(/\s+/).filter((field) => field !== '')
    if (found.size >= MAX_VERSIONS || parseVersion(version) === undefined || canonicalVersion(version) !== version) continue
    if (majorMismatch(major, version) !== undefined) continue
    const stated = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) ? time : (parsePseudoVersion(version)?.time ?? '')
    found.set(version, { version, time: stated })
  }
  return [...found.values()].sort((a, b) => compareVersions(a.version, b.version) || compareText(a.version, b.version))
}

/** The highest release; without one the highest pre-release. The versions ascend. */
export function highest(versions: readonly string[]): string | undefined {
  return versions.findLast((version) => parseVersion(version)?.prerelease === '') ?? versions.at(-1)
}
