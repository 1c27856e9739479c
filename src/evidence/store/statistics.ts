import type { StoreStatistics } from './store.js'
import { survey } from './survey.js'
import type { StoredFile } from './walk.js'

/** Counts what a store in this folder holds. */
export function statistics(folder: string): StoreStatistics {
  const { records, blobs, foreign, unreadable, aside, temporary } = survey(folder)
  const all: readonly Iterable<StoredFile>[] = [records, blobs.values(), foreign, unreadable, aside, temporary]
  let bytes = 0
  for (const files of all) for (const { size } of files) bytes += size
  const answers = records.filter(({ kind }) => kind === 'answers').length
  return {
    answers,
    facts: records.length - answers,
    blobs: blobs.size,
    bytes,
    foreign: foreign.length,
    damaged: unreadable.length + aside.length,
    temporary: temporary.length,
  }
}
