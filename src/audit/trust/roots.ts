import { timestampOf } from '../../evidence/days.js'
import type { Desk } from '../../evidence/desk/desk.js'
import { systemClock } from '../../evidence/http/clock.js'
import { readStoredRoot, tufCache } from '../../evidence/tuf/stored-root.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { AssayError, impossible } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { Fact } from '../../model/graph.js'
import { TRUST_ROOT_FACT } from '../../model/trust-root-fact.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import { EMBEDDED_ROOT_CURRENT_ON, embeddedTrustedRoot } from '../../trust/sigstore/embedded-root.js'
import type { TrustedRoot } from '../../trust/sigstore/trusted-root.js'
import { readTrustedRoots } from '../../trust/sigstore/trusted-root.js'
import { readNamed } from '../named-file.js'

const MAX_ROOT_BYTES = 4 * 1024 * 1024
const TARGET = 'trusted_root.json'

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

function clockTime(): string {
  return timestampOf(systemClock.now()) ?? impossible('the clock shows no time')
}

/** The root of the public instance that was fetched last; why there is none where the embedded one may take its place. */
async function fetchedRoot({
  environment,
  now = clockTime(),
  fallback,
  desk,
}: OnlineRoots): Promise<UsedRoot | { readonly why: string } | undefined> {
  const { tuf: mirror } = ENDPOINTS.sigstore
  const name = `trusted-root ${mirror}`
  if (desk?.offline === true) {
    const kept = await desk.recall(name)
    return kept === undefined ? undefined : unpackRoot(kept.bytes)
  }
  const cache = tufCache(environment)
  const stored = cache === undefined ? ({ kind: 'absent' } as const) : await readStoredRoot(cache, mirror, TARGET)
  if (stored.kind === 'ok' && stored.root.expires > now) {
    const { bytes, fetchedAt: confirmed, expires } = stored.root
    await desk?.remember(name, packRoot(bytes, confirmed, expires))
    return { root: readFetched(bytes), from: 'tuf', confirmed, expires }
  }
  const why =
    stored.kind === 'ok'
      ? `trust/root-expired: what vouches for the trusted root that was fetched on ${stored.root.fetchedAt.slice(0, 10)} expired on ${stored.root.expires.slice(0, 10)}`
      : stored.kind === 'absent'
        ? 'trust/root-expired: no trusted root was fetched on this machine'
        : `trust/root-expired: the trusted root that was fetched cannot be used: ${stored.why}`
  if (fallback) return { why }
  throw new AssayError(
    'configuration',
    why,
    'Run `assay trust update`; or give a root with --trusted-root, or allow the one that comes with assay (trust.root-fallback).',
  )
}

/** With what is told of it, so that a replay tells the same. */
function packRoot(bytes: Uint8Array, confirmed: string, expires: string): Uint8Array {
  return Buffer.concat([Buffer.from(`assay-trusted-root 1 ${confirmed} ${expires}\n`), bytes])
}

/** Undefined for bytes that `packRoot` did not make. */
function unpackRoot(packed: Uint8Array): UsedRoot | undefined {
  const end = packed.indexOf(0x0a)
  const header = Buffer.from(packed.subarray(0, Math.max(end, 0))).toString('latin1')
  const [, confirmed, expires] = /^assay-trusted-root 1 (\S{20}) (\S{20})$/.exec(header) ?? []
  const read = readTrustedRoots(FETCHED, packed.subarray(end + 1))
  const root = read.ok ? read.roots[0] : undefined
  return root === undefined || confirmed === undefined ? undefined : { root, from: 'tuf', confirmed, expires }
}

const FETCHED = 'root fetched by assay trust update'

function readFetched(bytes: Uint8Array): TrustedRoot {
  const read = readTrustedRoots(FETCHED, bytes)
  const root = read.ok ? read.roots[0] : undefined
  // Checked before it was kept.
  return root ?? impossible('a trusted root was kept that is none')
}
