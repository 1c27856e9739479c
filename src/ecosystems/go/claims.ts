/** The format of a file that belongs to Go, by its path. */
export function claimGo(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  switch (name) {
    case 'go.mod':
      return 'go-mod'
    case 'go.sum':
      return 'go-sum'
    case 'go.work':
      return 'go-work'
    case 'go.work.sum':
      return 'go-work-sum'
    case 'modules.txt':
      return path === 'vendor/modules.txt' || path.endsWith('/vendor/modules.txt') ? 'go-vendor' : undefined
    default:
      return undefined
  }
}
