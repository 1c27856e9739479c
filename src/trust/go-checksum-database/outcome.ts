import type { TreeHead } from './tree-head.js'

/** Two signed heads of one database that cannot both belong to one append-only log. */
export interface ForkProof {
  /** Name of the database, as in its verifier key. */
  readonly database: string
  readonly stored: TreeHead
  readonly presented: TreeHead
  /** Root of the smaller head's leaves as the larger tree has them; for equal sizes the stored root. */
  readonly computedRoot: Uint8Array
  /** RFC 6962 consistency proof inside the larger tree, from the smaller size; it leads to `computedRoot`, not to the smaller root. */
  readonly consistency: readonly Uint8Array[]
}

export type RefusalReason =
  | 'module-malformed'
  | 'answer-malformed'
  | 'note-malformed'
  | 'note-unverified'
  | 'note-bad-signature'
  | 'tree-malformed'
  | 'stored-head-invalid'
  | 'inconsistent-tile'
  | 'bad-inclusion'
  | 'record-malformed'
  | 'no-line-for-module'

/** What a look-up of one module version came to. Only `verified` is a fact about the module. */
export type DatabaseLookup =
  | {
      readonly kind: 'verified'
      readonly id: bigint
      /** The go.sum lines of the version asked, taken from the record in the log alone. */
      readonly lines: readonly string[]
      /** `h1:` of the module zip, where the record has it. */
      readonly zipHash?: string | undefined
      /** `h1:` of its go.mod, where the record has it. */
      readonly goModHash?: string | undefined
      /** The head under which inclusion was proved. */
      readonly head: TreeHead
    }
  /** The database answered: it has no such version. */
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'unavailable'; readonly path: string; readonly why: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly why: string }
  | { readonly kind: 'fork'; readonly proof: ForkProof }

/** A look-up that stopped, and an intermediate step's way to say so. */
export type LookupFailure = Exclude<DatabaseLookup, { readonly kind: 'verified' }>
