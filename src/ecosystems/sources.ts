import type { Credential } from '../evidence/http/credentials.js'
import type { Secret } from '../evidence/http/secret.js'
import type { ConfiguredSource, SourceProblem } from '../model/configured-source.js'
import type { ProjectFile } from '../model/ecosystem.js'
import type { Settings } from '../model/rule.js'
import type { SourceTree } from '../model/tree.js'

/** What the bytes of an answer mean. */
export type Reading =
  | {
      readonly ok: true
      /** What the same question must give everywhere. */
      readonly value?: string | undefined
      readonly remark?: string | undefined
      readonly problems?: readonly SourceProblem[] | undefined
    }
  /** An answer, but not of such a source: the page of a portal, a broken signature. */
  | { readonly ok: false; readonly why: string; readonly problem?: SourceProblem | undefined }

/** What to ask a source to see that it works. */
export interface Probe {
  /** For a person. */
  readonly what: string
  /** May hold user info, so that it cannot be printed by accident. */
  readonly address: Secret
  readonly read?: ((bytes: Uint8Array) => Reading) | undefined
  readonly limitBytes?: number | undefined
  /** Only whether it answers counts: what it has may be large. */
  readonly onlyReach?: true | undefined
  /** What it means that the source does not have it; without, it is no such source. */
  readonly ifAbsent?: string | undefined
  /** All who are asked about one subject must give the same `value`. */
  readonly subject?:
    | {
        readonly key: string
        /** What is known beforehand. */
        readonly expected?: string | undefined
        /** False where one may be behind the other. */
        readonly isFixed: boolean
      }
    | undefined
}

/** A source and how to try it. */
export interface KnownSource extends ConfiguredSource {
  /** In this order; the first that fails ends it. None: there is nothing to ask. */
  readonly probes: readonly Probe[]
  /** Why it is not asked although it could be. */
  readonly unasked?: string | undefined
  /** One working source of each such group is enough: the others stand in for it. */
  readonly alternative?: string | undefined
}

/** A settings file of the user, beside the tree. */
export interface UserFile {
  /** As it is shown: `~/.config/go/env`. */
  readonly shown: string
  readonly text: string
}

export interface SourcesInput {
  readonly tree: SourceTree
  /** Files of this ecosystem, in the order of their paths. */
  readonly files: readonly ProjectFile[]
  /** Variables that the ecosystem's own tools would obey. */
  readonly environment: ReadonlyMap<string, string>
  readonly sources: Settings['sources']
  /** Files that `userFiles` named and that are there. */
  readonly userFiles: readonly UserFile[]
}

/** Where a file of the user's settings lies: below one of these folders. */
export interface UserFilePlace {
  readonly path: string
  readonly shown: string
}

/** What an ecosystem knows of its own sources. Pure: asks nobody. */
export interface SourcesReader {
  /** Settings files of the user that its tools obey; the first that is there counts. */
  readonly userFiles?: ((environment: ReadonlyMap<string, string>) => readonly UserFilePlace[]) | undefined
  /** For the client that asks. */
  readonly credentials?: ((input: SourcesInput) => Promise<readonly Credential[]>) | undefined
  readonly read: (input: SourcesInput) => Promise<readonly KnownSource[]>
}

/** The readers there are, by the name of their ecosystem; loaded only by commands that explain sources. */
export const SOURCES: ReadonlyMap<string, () => Promise<SourcesReader>> = new Map([
  ['cargo', async () => (await import('./cargo/sources.js')).cargoSources],
  ['go', async () => (await import('./go/sources.js')).goSources],
  ['zig', async () => (await import('./zig/sources.js')).zigSources],
  ['nimble', async () => (await import('./nimble/sources.js')).nimbleSources],
])
