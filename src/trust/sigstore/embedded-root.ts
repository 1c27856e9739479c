import { ENDPOINTS } from '../../model/endpoints.js'
import { impossible } from '../../model/error.js'
import { isJsonObject } from '../strict-json.js'
import type { TrustedRoot } from './trusted-root.js'
import { readTrustedRoots } from './trusted-root.js'

const REPOSITORY = ENDPOINTS.sigstore.tuf
const TARGET = 'trusted_root.json'

/** The public instance's trusted root as its root-signing repository has signed it; a package that carries another stops here. */
export const EMBEDDED_ROOT_SHA256 = '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66'
/** The day on which a release of the package last confirmed these bytes: from then on the root's age counts. */
export const EMBEDDED_ROOT_CURRENT_ON = '2026-11-05'

/** The `root.json` from which trust in the repository of the public instance starts. */
export async function embeddedInitialRoot(): Promise<Uint8Array> {
  const { default: seeds } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })
  return Buffer.from(seeds[REPOSITORY]['root.json'], 'base64')
}

/**
 * The trusted root that comes with the program: the seed inside `@sigstore/tuf`, pinned by its hash. It has no expiry of
 * its own; what later logs and authorities sign does not verify with it.
 */
export async function embeddedTrustedRoot(): Promise<TrustedRoot> {
  const { default: seeds } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })
  const targets: unknown = seeds[REPOSITORY].targets
  const encoded = isJsonObject(targets) ? targets[TARGET] : undefined
  const roots = readTrustedRoots('embedded root', Buffer.from(String(encoded), 'base64'))
  const root = roots.ok ? roots.roots[0] : undefined
  if (root?.sha256 !== EMBEDDED_ROOT_SHA256) impossible('the embedded trusted root is not the one this version was made with')
  return root
}
