import type { Clock } from '../../../evidence/http/clock.js'
import { Turns } from '../../../evidence/store/turns.js'

/** The public registry asks for no more than one request a second (spec/cargo.md §6.6). */
const PAUSE_MS = 1000
/** Crates asked about over the network in one run: a minute of waiting. Answers are kept, so the next run asks about others. */
const MOST_ASKED = 60

type Mannerly<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'not-asked'; readonly why: string }

/** What an asking used: `failed` when nobody answered. */
export type Used = 'nothing' | 'a-request' | 'failed'

/** How the APIs of registries are asked in one run: one after another, slowly, not for long, and never again once one failed. */
export class ApiManners {
  readonly #turns = new Turns(1)
  #asked = 0
  #notBefore = 0
  #failed = false

  constructor(readonly clock: Clock) {}

  take<T>(ask: () => Promise<{ readonly value: T; readonly used: Used }>): Promise<Mannerly<T>> {
    return this.#turns.take(async () => {
      if (this.#failed) return { kind: 'not-asked', why: 'an earlier question to such an API was not answered' }
      if (this.#asked >= MOST_ASKED)
        return { kind: 'not-asked', why: `the APIs of registries are asked about ${MOST_ASKED} crates in a run; run it again` }
      const wait = this.#notBefore - this.clock.now()
      if (wait > 0) await this.clock.sleep(wait, NEVER)
      const { value, used } = await ask()
      if (used === 'nothing') return { kind: 'done', value }
      this.#asked += 1
      this.#failed = used === 'failed'
      this.#notBefore = this.clock.now() + PAUSE_MS
      return { kind: 'done', value }
    })
  }
}

const NEVER = new AbortController().signal
