import type { Desk } from '../../evidence/desk/desk.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { Fact } from '../../model/graph.js'
import { TRUST_ROOT_FACT } from '../../model/trust-root-fact.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import { EMBEDDED_ROOT_CURRENT_ON, embeddedTrustedRoot } from '../../trust/sigstore/embedded-root.js'
import type { TrustedRoot } from '../../trust/sigstore/trusted-root.js'
import { readTrustedRoots } from '../../trust/sigstore/trusted-root.js'
import { readNamed } from '../named-file.js'
import { fetchedRoot } from './fetched-root.js'

const MAX_ROOT_BYTES = 4 * 1024 * 1024

/** Where a trusted root comes from, and how old it is. */
export interface UsedRoot {
  readonly root: TrustedRoot
  readonly from: 'file' | 'tuf' | 'embedded'
  /** When somebody last confirmed that it is the newest; RFC 3339 or a day. Of a file, nobody says. */
  readonly confirmed?: string | undefined
  /** Of the metadata that vouch for it; only of those fetched by TUF. */
  readonly expires?: string | undefined
}

export interface LoadedRoots {
  /** In the order in which they are tried; never empty. */
  readonly roots: readonly TrustedRoot[]
  /** The root that comes with the program is used. */
  readonly embedded: boolean
  readonly used: readonly UsedRoot[]
  /** Why the embedded root is used although another was asked for. */
  readonly fallback?: string | undefined
}

/** That the root which `assay trust update` fetched last is wanted. */
export interface OnlineRoots {
  /** Names the cache folder. Default: that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Expiry is judged by this time: RFC 3339, UTC. Default: the clock, whatever time documents are to state. */
  readonly now?: string | undefined
  /** Whether the embedded root may take its place, with a warning. */
  readonly fallback: boolean
  /** Keeps the root for a replay. One that is offline is asked for it, and nothing else is looked at. */
  readonly desk?: Desk | undefined
}

/**
 * The trusted roots in the files, else the one fetched last where that is wanted, else the embedded one (spec/trust.md §1.5).
 * Asks nobody. Throws `input-unreadable`, and `configuration` for what is no root, has expired or was never fetched.
 */
export async function loadTrustedRoots(files: readonly string[], online?: OnlineRoots): Promise<LoadedRoots> {
  const used: UsedRoot[] = []
  for (const file of files) {
    const read = readTrustedRoots(file, await readNamed(file, MAX_ROOT_BYTES, 'trusted root'))
    if (!read.ok)
      throw new AssayError(
        'configuration',
        `trust/root-malformed: ${escapeTerminal(read.why)}`,
        'Give the trusted_root.json of the instance, or what `gh attestation trusted-root` prints.',
      )
    used.push(...read.roots.map((root) => ({ root, from: 'file' as const })))
  }
  if (used.length > 0) return { roots: used.map(({ root }) => root), embedded: false, used }
  const fetched = online === undefined ? undefined : await fetchedRoot(online)
  if (fetched !== undefined && 'root' in fetched) return { roots: [fetched.root], embedded: false, used: [fetched] }
  const root = await embeddedTrustedRoot()
  return {
    roots: [root],
    embedded: true,
    used: [{ root, from: 'embedded', confirmed: EMBEDDED_ROOT_CURRENT_ON }],
    fallback: fetched?.why,
  }
}

/** What the settings say of it. */
export function onlineRootsOf({ onlineRoots, rootFallback }: TrustSettings, desk?: Desk): OnlineRoots | undefined {
  return onlineRoots ? { fallback: rootFallback, desk } : undefined
}

/**
 * What the rules are told of the roots that were used; `allowed`: whether the settings let the embedded one take the place of
 * one that was fetched.
 */
export function rootFacts({ used, fallback }: LoadedRoots, allowed: boolean): Fact[] {
  return used.map(({ root: { name, sha256 }, from, confirmed, expires }) => ({
    kind: TRUST_ROOT_FACT,
    data: {
      ...{ name, sha256, from },
      ...(confirmed === undefined ? {} : { confirmed }),
      ...(expires === undefined ? {} : { expires }),
      ...(fallback === undefined ? {} : { fallback, allowed }),
    },
  }))
}
