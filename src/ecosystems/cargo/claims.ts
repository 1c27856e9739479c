/** The format of a file that belongs to cargo, by its path. */
export function claimCargo(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name === 'Cargo.lock') return 'cargo-lock'
  if (name === 'Cargo.toml') return 'cargo-manifest'
  if (path.endsWith('.cargo/config.toml') || path.endsWith('.cargo/config')) return 'cargo-config'
  return undefined
}
