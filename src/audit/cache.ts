import type { PruneReport, Store, StoreStatistics } from '../evidence/store/store.js'
import { AssayError } from '../model/error.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Where answers are kept between runs, and what is there. */
export async function cacheStatistics(environment: Environment): Promise<StoreStatistics & { readonly folder: string }> {
  const { folder, store } = await open(environment)
  return { folder, ...store.statistics() }
}

/** Removes what was not used for `maxAgeDays`, then the least recently used beyond `maxBytes`. */
export async function pruneCache(
  environment: Environment,
  limits: { readonly maxAgeDays?: number | undefined; readonly maxBytes?: number | undefined },
): Promise<PruneReport & { readonly folder: string }> {
  const { folder, store, now } = await open(environment)
  const maxAgeMs = limits.maxAgeDays === undefined ? undefined : limits.maxAgeDays * 24 * 3600 * 1000
  return { folder, ...store.prune({ maxAgeMs, maxBytes: limits.maxBytes, now }) }
}

async function open(environment: Environment): Promise<{ readonly folder: string; readonly store: Store; readonly now: number }> {
  const { openCache } = await import('../evidence/open-cache.js')
  const cache = openCache(environment)
  if (cache !== undefined) return cache
  throw new AssayError('configuration', 'no folder is named for the cache', 'Set ASSAY_CACHE, or HOME, to a folder.')
}
