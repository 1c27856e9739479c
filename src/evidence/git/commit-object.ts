/** The header of a commit, as far as it is evidence. */
export interface CommitHeader {
  readonly tree: string
  readonly parents: readonly string[]
  /** Seconds since 1970 that the committer wrote; undefined where the line is not as git writes it. */
  readonly committedAt?: number | undefined
  /** A signature is there; nothing says that it is good. */
  readonly signed: boolean
}

const MAX_PARENTS = 10_000

/** Reads a commit object; undefined when it names no tree. */
export function readCommit(bytes: Uint8Array): CommitHeader | undefined {
  const parents: string[] = []
  let tree: string | undefined
  let committedAt: number | undefined
  let signed = false
  const text = Buffer.from(bytes).toString('latin1')
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start)
    // An empty line ends the header.
    if (end < 0 || end === start) break
    const line = text.slice(start, end)
    const space = line.indexOf(' ')
    const value = line.slice(space + 1)
    switch (line.slice(0, Math.max(space, 0))) {
      case 'tree':
        tree ??= /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value) ? value : undefined
        break
      case 'parent':
        if (parents.length < MAX_PARENTS) parents.push(value)
        break
      case 'committer': {
        const seconds = /> (\d{1,15}) [+-]\d{1,7}$/.exec(value)?.[1]
        if (seconds !== undefined) committedAt ??= Number(seconds)
        break
      }
      case 'gpgsig':
      case 'gpgsig-sha256':
        signed = true
        break
      default:
    }
  }
  return tree === undefined ? undefined : { tree, parents, signed, ...(committedAt === undefined ? {} : { committedAt }) }
}
