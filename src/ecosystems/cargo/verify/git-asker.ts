import type { SourceTree } from '../../../model/tree.js'

/** How a question to a repository ended. */
export type GitGot<Value> =
  | { readonly kind: 'ok'; readonly value: Value; readonly at?: string | undefined }
  /** The repository, or what was asked for in it, does not exist. */
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'silent'; readonly why: string }

/** What the verification asks of git remotes. None of it throws for what a remote does. */
export interface GitAsker {
  /** Full names of branches, tags and `HEAD`, with the commit each means; annotated tags peeled. */
  refs(url: string): Promise<GitGot<ReadonlyMap<string, string>>>
  /** Whether a commit can be reached from a ref by its full name, or from any branch or tag; absent when there is no such commit. */
  reaches(url: string, commit: string, ref: string | undefined): Promise<GitGot<boolean>>
  /** The files of a commit, or of `HEAD`. */
  tree(url: string, commit: string): Promise<GitGot<SourceTree>>
}

export const GIT_NOT_ASKED = 'git is not asked in this version'
