/** One file of a commit as the repository stores it. */
export interface CommitFile {
  readonly path: string
  readonly kind: 'file' | 'link' | 'submodule'
  /** Content of a file, target of a link, commit of a submodule. */
  readonly bytes: Uint8Array
}

export interface Refs {
  readonly head?: { readonly commit: string; readonly branch?: string | undefined } | undefined
  /** By short name. */
  readonly branches: ReadonlyMap<string, string>
  /** By short name; `commit` is what an annotated tag leads to. */
  readonly tags: ReadonlyMap<string, { readonly commit: string }>
}

export interface Reachability {
  readonly reach: 'reachable' | 'not-reachable' | 'unknown'
}

const FILES = 'assay-commit 1\n'
const KINDS = ['file', 'link', 'submodule'] as const

/**
 * The files of a commit as bytes to keep: a line `kind path-length content-length` each, followed by both. Undefined when
 * they would take more than `limit` bytes.
 */
export function packFiles(files: readonly CommitFile[], limit: number): Uint8Array | undefined {
  const parts: Uint8Array[] = [Buffer.from(FILES)]
  let size = 0
  for (const { kind, path, bytes } of files) {
    const name = Buffer.from(path)
    size += name.length + bytes.length + 64
    if (size > limit) return undefined
    parts.push(Buffer.from(`${kind} ${name.length} ${bytes.length}\n`), name, bytes)
  }
  return Buffer.concat(parts)
}

/** Undefined for bytes that `packFiles` did not make. */
export function unpackFiles(bytes: Uint8Array): readonly CommitFile[] | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (all.toString('latin1', 0, FILES.length) !== FILES) return undefined
  const files: CommitFile[] = []
  for (let at = FILES.length; at < all.length; ) {
    const end = all.indexOf(0x0a, at)
    const header = end < 0 || end - at > 64 ? null : /^(\w+) (\d+) (\d+)$/.exec(all.toString('latin1', at, end))
    const kind = KINDS.find((one) => one === header?.[1])
    const path = end + 1
    const content = path + Number(header?.[2])
    const next = content + Number(header?.[3])
    if (kind === undefined || !(next <= all.length)) return undefined
    files.push({ kind, path: all.toString('utf8', path, content), bytes: all.subarray(content, next) })
    at = next
  }
  return files
}

/** Names of refs hold no blanks (git-check-ref-format), so that a line each is enough. */
export function packRefs({ head, branches, tags }: Refs): Uint8Array {
  const lines = [
    ...(head === undefined ? [] : [`head ${head.commit} ${head.branch ?? '-'}`]),
    ...[...branches].map(([name, commit]) => `branch ${commit} ${name}`),
    ...[...tags].map(([name, { commit }]) => `tag ${commit} ${name}`),
  ]
  return Buffer.from(`assay-refs 1\n${lines.map((line) => `${line}\n`).join('')}`)
}

/** Undefined for bytes that `packRefs` did not make. */
export function unpackRefs(bytes: Uint8Array): Refs | undefined {
  const [first, ...lines] = Buffer.from(bytes).toString('utf8').split('\n')
  if (first !== 'assay-refs 1' || lines.pop() !== '') return undefined
  const branches = new Map<string, string>()
  const tags = new Map<string, { readonly commit: string }>()
  let head: Refs['head']
  for (const line of lines) {
    const [, kind, commit = '', name = ''] = /^(head|branch|tag) ([0-9a-f]{40}|[0-9a-f]{64}) (\S+)$/.exec(line) ?? []
    if (kind === undefined) return undefined
    if (kind === 'branch') branches.set(name, commit)
    else if (kind === 'tag') tags.set(name, { commit })
    else head = { commit, branch: name === '-' ? undefined : name }
  }
  return { head, branches, tags }
}

export function packReach({ reach }: Reachability): Uint8Array {
  return Buffer.from(`assay-reach 1 ${reach}\n`)
}

export function unpackReach(bytes: Uint8Array): Reachability | undefined {
  const text = Buffer.from(bytes).toString('latin1')
  const reach = (['reachable', 'not-reachable', 'unknown'] as const).find((one) => text === `assay-reach 1 ${one}\n`)
  return reach === undefined ? undefined : { reach }
}
