/** What `work` makes of every item, in their order; at most `atOnce` at a time. */
export async function inParallel<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>()
  const waiting = items.entries()
  const loop = async (): Promise<void> => {
    for (const [at, item] of waiting) results.set(at, await work(item))
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, loop))
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}
