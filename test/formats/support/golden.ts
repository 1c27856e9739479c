import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FOLDER = join(import.meta.dirname, '..', 'golden')

/**
 * The text a writer must give, from the repository. `ASSAY_UPDATE_GOLDENS=1` writes what it gives now; what changed is
 * then read in the diff.
 */
export function golden(name: string, actual: string): string {
  const path = join(FOLDER, name)
  if (process.env['ASSAY_UPDATE_GOLDENS'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, actual)
  }
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
