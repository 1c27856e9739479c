import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')

/** A folder for one test file; remove it afterwards. */
export function scratchFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'assay-store-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A module of the program for child processes, which do not read TypeScript. */
export async function bundle(module: string, folder: string): Promise<string> {
  const file = join(folder, 'bundle.mjs')
  const built = await rolldown({ cwd: ROOT, input: module, platform: 'node', external: ['undici'] })
  await built.write({ file, format: 'esm', codeSplitting: false })
  await built.close()
  return file
}

/** The files a module loads at once, and what it imports from outside the project. */
export async function loadedAtOnce(
  module: string,
): Promise<{ readonly files: readonly string[]; readonly imports: readonly string[] }> {
  const built = await rolldown({ cwd: ROOT, input: module, platform: 'node', external: ['undici', 'fzstd', 'smol-toml'] })
  const { output } = await built.generate({ format: 'esm' })
  await built.close()
  const entry = output[0]
  return { files: entry.moduleIds.map((id) => id.slice(ROOT.length + 1).replaceAll('\\', '/')), imports: entry.imports }
}
