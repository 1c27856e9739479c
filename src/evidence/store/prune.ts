import { rmSync } from 'node:fs'
import type { PruneOptions, PruneReport } from './store.js'
import { type Survey, type SurveyedRecord, survey } from './survey.js'
import { lstat, type StoredFile } from './walk.js'

const DAY_MS = 24 * 3600 * 1000
/** Long enough for whoever wants to look what happened to them. */
const DAMAGED_MS = 30 * DAY_MS
/** A blob is stored before the record that names it: a young one may be waiting for its record. */
const GRACE_MS = 3600 * 1000

/**
 * Removes what was not used for too long, then the least recently used beyond the bytes allowed, then blobs that nothing
 * names any more. Other processes may use the store meanwhile: at worst they ask again. Records of another version stay;
 * as it is not known which blobs those need, while there are any a blob goes only for its own age.
 */
export function prune(folder: string, options: PruneOptions): PruneReport {
  return new Pruning(survey(folder), options).run()
}

class Pruning {
  readonly #needed = new Map<string, number>()
  #bytes = 0
  #answers = 0
  #facts = 0
  #blobs = 0
  #leftovers = 0
  #removed = 0

  constructor(
    readonly found: Survey,
    readonly options: PruneOptions,
  ) {}

  run(): PruneReport {
    const { records, blobs, foreign } = this.found
    for (const { blob, size } of records) {
      this.#bytes += size
      if (blob !== undefined) this.#needed.set(blob, (this.#needed.get(blob) ?? 0) + 1)
    }
    for (const { size } of blobs.values()) this.#bytes += size
    for (const { size } of foreign) this.#bytes += size
    this.#removeLeftovers()
    const { maxAgeMs = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = this.options
    // A blob that no record names counts by its own age, as if it were one.
    const byUse = [...this.#entries()].sort(
      ({ file: a }, { file: b }) => a.modifiedMs - b.modifiedMs || (a.path < b.path ? -1 : 1),
    )
    for (const { file, record } of byUse) {
      const tooOld = this.#age(file) > maxAgeMs
      if (!tooOld && this.#bytes <= maxBytes && (record !== undefined || foreign.length > 0)) continue
      if (record !== undefined) this.#removeRecord(record)
      else this.#removeBlob(file)
    }
    return {
      answers: this.#answers,
      facts: this.#facts,
      blobs: this.#blobs,
      leftovers: this.#leftovers,
      bytes: this.#removed,
    }
  }

  *#entries(): Generator<{ readonly file: StoredFile; readonly record?: SurveyedRecord }> {
    for (const record of this.found.records) yield { file: record, record }
    for (const [sha256, file] of this.found.blobs) if (!this.#needed.has(sha256)) yield { file }
  }

  #age(file: StoredFile): number {
    return this.options.now - file.modifiedMs
  }

  #removeLeftovers(): void {
    const { temporary, aside, unreadable } = this.found
    for (const file of temporary) if (this.#age(file) > DAY_MS && this.#remove(file)) this.#leftovers += 1
    for (const file of [...aside, ...unreadable]) if (this.#age(file) > DAMAGED_MS && this.#remove(file)) this.#leftovers += 1
  }

  #removeRecord(record: SurveyedRecord): void {
    if (!this.#remove(record)) return
    this.#bytes -= record.size
    if (record.kind === 'answers') this.#answers += 1
    else this.#facts += 1
    if (record.blob === undefined) return
    const others = (this.#needed.get(record.blob) ?? 1) - 1
    this.#needed.set(record.blob, others)
    const blob = this.found.blobs.get(record.blob)
    if (others === 0 && blob !== undefined) this.#removeBlob(blob)
  }

  #removeBlob(blob: StoredFile): void {
    // Looked at again: somebody may have begun to use it since.
    const modifiedMs = lstat(blob.path)?.mtimeMs
    if (modifiedMs === undefined || this.options.now - modifiedMs < GRACE_MS || !this.#remove(blob)) return
    this.#bytes -= blob.size
    this.#blobs += 1
  }

  #remove(file: StoredFile): boolean {
    try {
      rmSync(file.path)
    } catch {
      return false
    }
    this.#removed += file.size
    return true
  }
}
