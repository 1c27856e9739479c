import { clockTimestamp } from '../../evidence/clock.js'
import type { Desk } from '../../evidence/desk/desk.js'
import { readStoredRoot, tufCache } from '../../evidence/tuf/stored-root.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { AssayError, impossible } from '../../model/error.js'
import { readTrustedRoots } from '../../trust/sigstore/trusted-root.js'
import type { OnlineRoots, UsedRoot } from './roots.js'

const TARGET = 'trusted_root.json'
const MIRROR = ENDPOINTS.sigstore.tuf
/** Under this name a run keeps what it was told of the root, for a replay. */
const FACT = `trusted-root ${MIRROR}`
const FETCHED = 'root fetched by assay trust update'

/** The file of a root with what is known of it, or why there is none. */
type Found = { readonly bytes: Uint8Array; readonly confirmed: string; readonly expires: string } | { readonly why: string }

/**
 * The root of the public instance that was fetched last; why there is none, where the embedded one may take its place. Throws
 * `configuration` where it may not.
 */
export async function fetchedRoot(online: OnlineRoots): Promise<UsedRoot | { readonly why: string }> {
  const { environment, now = clockTimestamp(), fallback, desk } = online
  const found = desk?.offline === true ? await toldBefore(desk) : await keptHere(environment, now)
  if (desk?.offline === false) await desk.remember(FACT, pack(found))
  if ('bytes' in found) {
    const { bytes, confirmed, expires } = found
    const read = readTrustedRoots(FETCHED, bytes)
    const root = read.ok ? read.roots[0] : undefined
    // Checked before it was kept.
    return { root: root ?? impossible('a trusted root was kept that is none'), from: 'tuf', confirmed, expires }
  }
  if (fallback) return found
  throw new AssayError(
    'configuration',
    found.why,
    'Run `assay trust update`; or give a root with --trusted-root, or allow the one that comes with assay (trust.root-fallback).',
  )
}

/**
 * Tells a desk that asks nobody and replays nothing of the root that this machine keeps: it is a file as those of the settings
 * are, and only a replay must not look at it.
 */
export async function tellOfKeptRoot(
  desk: Desk,
  { environment, now = clockTimestamp() }: Omit<OnlineRoots, 'fallback'>,
): Promise<void> {
  await desk.remember(FACT, pack(await keptHere(environment, now)))
}

async function keptHere(environment: OnlineRoots['environment'], now: string): Promise<Found> {
  const cache = tufCache(environment)
  const stored = cache === undefined ? ({ kind: 'absent' } as const) : await readStoredRoot(cache, MIRROR, TARGET)
  switch (stored.kind) {
    case 'absent':
      return { why: 'trust/root-expired: no trusted root was fetched on this machine' }
    case 'damaged':
      return { why: `trust/root-expired: the trusted root that was fetched cannot be used: ${stored.why}` }
    case 'ok': {
      const { bytes, fetchedAt: confirmed, expires } = stored.root
      if (expires > now) return { bytes, confirmed, expires }
      const [fetched, ended] = [confirmed.slice(0, 10), expires.slice(0, 10)]
      return { why: `trust/root-expired: what vouches for the trusted root that was fetched on ${fetched} expired on ${ended}` }
    }
  }
}

/** What an earlier run was told, which a run without a network is told again; nothing else of the machine is looked at. */
async function toldBefore(desk: Desk): Promise<Found> {
  const kept = await desk.recall(FACT)
  return (
    (kept === undefined ? undefined : unpack(kept.bytes)) ?? {
      why: 'trust/root-expired: offline, no trusted root that was fetched is at hand',
    }
  )
}

function pack(found: Found): Uint8Array {
  if ('why' in found) return Buffer.from(`assay-no-trusted-root 1\n${found.why}`)
  return Buffer.concat([Buffer.from(`assay-trusted-root 1 ${found.confirmed} ${found.expires}\n`), found.bytes])
}

/** Undefined for bytes that `pack` did not make. */
function unpack(packed: Uint8Array): Found | undefined {
  const end = packed.indexOf(0x0a)
  const header = Buffer.from(packed.subarray(0, Math.max(end, 0))).toString('latin1')
  const bytes = packed.subarray(end + 1)
  if (header === 'assay-no-trusted-root 1') return { why: Buffer.from(bytes).toString('utf8') }
  const [, confirmed, expires] = /^assay-trusted-root 1 (\S{20}) (\S{20})$/.exec(header) ?? []
  if (confirmed === undefined || expires === undefined || !readTrustedRoots(FETCHED, bytes).ok) return undefined
  return { bytes, confirmed, expires }
}
