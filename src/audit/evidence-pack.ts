import type { Used } from '../evidence/desk/desk.js'
import { AssayError } from '../model/error.js'

/** What was written of one run. */
export interface PackWritten {
  /** SHA-256 of the file, for pinning. */
  readonly digest: string
  readonly bytes: number
  readonly answers: number
  /** Answers that no pack can hold, and why. */
  readonly notKept: readonly { readonly url: string; readonly why: string }[]
}

/** Writes everything a run was told to one file. Throws `output-unwritable`. */
export async function writeEvidencePack(path: string, used: Used, toolVersion: string): Promise<PackWritten> {
  const { savePack } = await import('../evidence/pack/save-pack.js')
  const { digest, bytes } = await savePack(path, used, { tool: `assay ${toolVersion}` })
  return { digest, bytes, answers: used.answers.length + used.facts.length, notKept: used.notKept }
}

export interface PackDescribed {
  readonly digest: string
  readonly answers: number
  readonly facts: number
  readonly blobs: number
  readonly meta: ReadonlyMap<string, string>
}

/** Reads a pack whole and checks it. Throws `input-unreadable` for one that is refused. */
export async function describeEvidencePack(path: string): Promise<PackDescribed> {
  const { openPack } = await import('../evidence/pack/read-pack.js')
  const read = openPack(path)
  if (!read.ok) throw new AssayError('input-unreadable', `${path} is refused: ${read.problem.why}`, read.problem.help)
  const { digest, answers, facts, blobs, meta } = read.pack
  read.pack.close()
  return { digest, answers, facts, blobs, meta }
}
