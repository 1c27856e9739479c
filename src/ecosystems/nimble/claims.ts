/** Nothing yet. */
export function claimNimble(_path: string): string | undefined {
  return undefined
}
