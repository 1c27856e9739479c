/**
 * Works on items, a bounded number at a time, and hands on what the works emit as it comes. Ends early when the consumer
 * does: works that run are waited for, the others not begun.
 */
export async function* inParallel<Item, Out>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, emit: (out: Out) => void) => Promise<void>,
): AsyncGenerator<Out> {
  let ready: Out[] = []
  let wake: () => void = () => undefined
  let next = 0
  let running = 0
  let failed: { readonly error: unknown } | undefined
  const emit = (out: Out): void => {
    ready.push(out)
    wake()
  }
  const loop = async (): Promise<void> => {
    running += 1
    try {
      for (let i = next++; i < items.length && failed === undefined; i = next++) {
        const item = items[i]
        if (item !== undefined) await work(item, emit)
      }
    } catch (error) {
      failed = { error }
    } finally {
      running -= 1
      wake()
    }
  }
  const loops = Array.from({ length: Math.min(atOnce, items.length) }, loop)
  try {
    while (running > 0 || ready.length > 0) {
      if (ready.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      const batch = ready
      ready = []
      yield* batch
    }
    if (failed !== undefined) throw failed.error
  } finally {
    next = items.length
    await Promise.all(loops)
  }
}
