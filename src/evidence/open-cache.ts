import { systemClock } from './http/clock.js'
import { cacheFolder } from './store/cache-folder.js'
import { openStore } from './store/open-store.js'
import type { Store, StoreNotice } from './store/store.js'

export interface OpenCache {
  readonly folder: string
  readonly store: Store
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The store in the cache folder of this machine; undefined where the surroundings name none. */
export function openCache(
  environment: Readonly<Record<string, string | undefined>>,
  tell?: (notice: StoreNotice) => void,
): OpenCache | undefined {
  const folder = cacheFolder(environment, process.platform)
  return folder === undefined ? undefined : { folder, store: openStore(folder, { tell }), now: systemClock.now() }
}
