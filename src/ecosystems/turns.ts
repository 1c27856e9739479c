/** Lets so many pieces of work run at a time; the others wait in the order they came. */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(readonly atOnce: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running += 1
    try {
      return await work()
    } finally {
      // Whoever waits takes the place that becomes free.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
