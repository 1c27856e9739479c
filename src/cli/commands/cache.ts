import type { Context } from '../declare.js'
import type { ExitCode } from '../exit-code.js'
import { EXIT } from '../exit-code.js'
import type { CacheOptions } from '../options.js'

/** `assay cache`: where answers are kept between runs, and clearing out. */
export async function run(options: CacheOptions, { terminal }: Context): Promise<ExitCode> {
  const { cacheStatistics, pruneCache } = await import('../../audit/cache.js')
  const wanted = options.prune === true || options.maxAge !== undefined || options.maxSize !== undefined
  const { folder, ...counts } = wanted
    ? await pruneCache(process.env, {
        maxAgeDays: options.maxAge ?? (options.maxSize === undefined ? 90 : undefined),
        maxBytes: options.maxSize === undefined ? undefined : options.maxSize * 1024 * 1024,
      })
    : await cacheStatistics(process.env)
  if (options.json === true) await terminal.print([`${JSON.stringify({ folder, ...(wanted ? { removed: counts } : counts) })}\n`])
  else {
    const rows = Object.entries(counts).map(([name, value]) => `${name.padEnd(10)} ${value}`)
    await terminal.print([`${wanted ? 'removed from' : 'in'} ${folder}\n`, `${rows.join('\n')}\n`])
  }
  return EXIT.clean
}
