import type { LeftOut } from '../model/document.js'

/** Collects what a format has no place for: one line a kind of thing, however many components lack it. */
export class LeftOutList {
  readonly #kinds = new Map<string, { readonly first: LeftOut; count: number }>()

  add(left: LeftOut): void {
    const key = `${left.what}\n${left.why}`
    const known = this.#kinds.get(key)
    if (known === undefined) this.#kinds.set(key, { first: left, count: 1 })
    else known.count += 1
  }

  list(): LeftOut[] {
    return [...this.#kinds.values()].map(({ first, count }) =>
      count === 1 ? first : { ...first, subject: `${first.subject} and ${count - 1} more` },
    )
  }
}
