/** Nothing yet. */
export function claimZig(_path: string): string | undefined {
  return undefined
}
