/** The items in order, sorted in place; left alone when they are already, as most short lists are: a sort takes a kilobyte. */
export function inOrder<T>(items: T[], compare: (a: T, b: T) => number): T[] {
  for (let i = 1; i < items.length; i++) {
    const before = items[i - 1]
    const item = items[i]
    if (before !== undefined && item !== undefined && compare(before, item) > 0) return items.sort(compare)
  }
  return items
}
