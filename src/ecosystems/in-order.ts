import type { Component } from '../model/component.js'
import type { Verified } from './verifier.js'

/** Components looked at at a time; each may hold a package in memory. */
const AT_ONCE = 8

/** What a verification gives of each component, in their order, some of them looked at ahead. */
export async function* inOrder(
  components: readonly Component[],
  verify: (component: Component) => Promise<readonly Verified[]>,
  onProgress: ((done: number, of: number) => void) | undefined,
): AsyncGenerator<Verified> {
  const running: Promise<readonly Verified[]>[] = []
  let next = 0
  for (let done = 1; done <= components.length; done++) {
    for (const component of components.slice(next, done - 1 + AT_ONCE)) {
      const one = verify(component)
      // Told where it is awaited, which may be later than the first turn.
      one.catch(() => undefined)
      running.push(one)
      next += 1
    }
    yield* (await running.shift()) ?? []
    onProgress?.(done, components.length)
  }
}
