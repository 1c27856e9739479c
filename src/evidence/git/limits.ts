/** Bounds for what a remote repository may cost. */
export interface GitLimits {
  /** Bytes on disk of one fetch: packs as they arrive and what is made of them. */
  readonly repositoryBytes: number
  /** Files beyond are not asked for, where the server can leave them out, and never read. */
  readonly blobBytes: number
  /** Bytes of all files of one commit, unpacked. */
  readonly commitBytes: number
  /** Branches, tags and all other refs of one repository, and bytes of their list. */
  readonly refs: number
  readonly refsBytes: number
  /** Files and folders of one commit, folders inside one another, bytes of one path. */
  readonly entries: number
  readonly depth: number
  readonly pathBytes: number
  /** Address space of one git process, where the system can bound it. */
  readonly memoryBytes: number
  /** git commands that talk to a remote at a time. */
  readonly atOnce: number
  readonly redirects: number
}

const MIB = 1024 * 1024

/** 100 MiB is what the largest forges accept as one file; the others leave room over the largest known dependencies. */
export const DEFAULT_GIT_LIMITS: GitLimits = {
  repositoryBytes: 2048 * MIB,
  blobBytes: 100 * MIB,
  commitBytes: 2048 * MIB,
  refs: 500_000,
  refsBytes: 64 * MIB,
  entries: 200_000,
  depth: 128,
  pathBytes: 4096,
  memoryBytes: 4096 * MIB,
  atOnce: 4,
  redirects: 5,
}

export interface GitTimeouts {
  /** For a list of refs, and for one fetch, from start to end. */
  readonly refsMs: number
  readonly fetchMs: number
  /** Without a byte. Whole seconds; only http and https can be watched so. */
  readonly stalledMs: number
  /** For what is asked of a repository already fetched. */
  readonly localMs: number
}

export const DEFAULT_GIT_TIMEOUTS: GitTimeouts = {
  refsMs: 60_000,
  fetchMs: 10 * 60_000,
  stalledMs: 60_000,
  localMs: 5 * 60_000,
}
