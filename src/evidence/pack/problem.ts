/** Why a pack was refused. A pack that is refused in one place is refused whole. */
export type PackProblemCode =
  | 'unreadable'
  | 'not-a-pack'
  | 'unknown-version'
  | 'truncated'
  /** Something stands where the format has something else: a header, the padding, the end. */
  | 'layout'
  | 'manifest-damaged'
  | 'answers-damaged'
  | 'facts-damaged'
  | 'blob-damaged'
  /** The hashes are right, and what they cover is not what a pack may hold. */
  | 'record-invalid'
  | 'too-large'
  /** It is whole, and another one than the one that was asked for. */
  | 'other-pack'

export interface PackProblem {
  readonly code: PackProblemCode
  readonly why: string
  /** The next step for a person. */
  readonly help: string
}

const EXPORT_AGAIN = 'Get the pack again from where it was made, or make a new one.'

const HELP: Readonly<Record<PackProblemCode, string>> = {
  unreadable: 'Check path and permissions.',
  'not-a-pack': 'Name a file that was written by evidence export.',
  'unknown-version': 'Use the version of assay that wrote it, or a newer one.',
  truncated: EXPORT_AGAIN,
  layout: EXPORT_AGAIN,
  'manifest-damaged': EXPORT_AGAIN,
  'answers-damaged': EXPORT_AGAIN,
  'facts-damaged': EXPORT_AGAIN,
  'blob-damaged': EXPORT_AGAIN,
  'record-invalid': 'Somebody made or changed this pack by other means. Make a new one.',
  'too-large': 'Make a pack of a part of the project.',
  'other-pack': 'Use the pack that was pinned, or pin this one after a look at where it comes from.',
}

/** Leaves the reading of a pack from any depth; never leaves this folder. */
export class PackRefused extends Error {
  constructor(
    readonly code: PackProblemCode,
    message: string,
  ) {
    super(message)
  }

  problem(): PackProblem {
    return { code: this.code, why: this.message, help: HELP[this.code] }
  }
}
