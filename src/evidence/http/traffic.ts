import type { Host } from './host.js'

/** Lets requests through: so many of each host, so many in all, hosts in turn and requests of a host in order. */
export class Traffic {
  #running = 0
  /** Hosts that have somebody waiting, the next in turn first. */
  readonly #queue = new Set<Host>()

  constructor(readonly limit: number) {}

  get running(): number {
    return this.#running
  }

  /** Goes in if there is room and nobody waits. Whoever went in calls `leave`. */
  tryEnter(host: Host): boolean {
    if (this.#running >= this.limit || host.running >= host.limit || host.waiting.size > 0) return false
    this.#start(host)
    return true
  }

  /** Goes in as soon as there is room. Whoever went in calls `leave`. */
  enter(host: Host): Promise<void> | undefined {
    if (this.tryEnter(host)) return undefined
    this.#queue.add(host)
    return new Promise((resolve) => host.waiting.push(resolve))
  }

  leave(host: Host): void {
    host.running -= 1
    this.#running -= 1
    this.admit()
  }

  /** Lets in who may go now; also to be called when a limit was raised. */
  admit(): void {
    for (const host of this.#queue) {
      if (this.#running >= this.limit) return
      if (host.running >= host.limit) continue
      const go = host.waiting.shift()
      // To the end of the line, so that a host with a long queue does not keep out the others.
      this.#queue.delete(host)
      if (go === undefined) continue
      if (host.waiting.size > 0) this.#queue.add(host)
      this.#start(host)
      go()
    }
  }

  #start(host: Host): void {
    host.running += 1
    this.#running += 1
  }
}
