/** Nothing yet. */
export function claimGo(_path: string): string | undefined {
  return undefined
}
