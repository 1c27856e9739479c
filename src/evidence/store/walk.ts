import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'

export interface StoredFile {
  readonly path: string
  readonly name: string
  readonly size: number
  readonly modifiedMs: number
}

/** The regular files below a folder of the store, two levels deep. What vanishes meanwhile is not there. */
export function* filesBelow(folder: string, depth = 2): Generator<StoredFile> {
  for (const name of names(folder)) {
    const path = join(folder, name)
    const stat = lstat(path)
    if (stat?.isFile() === true) yield { path, name, size: stat.size, modifiedMs: stat.mtimeMs }
    else if (stat?.isDirectory() === true && depth > 1) yield* filesBelow(path, depth - 1)
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

export function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
