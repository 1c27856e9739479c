import type { GitFailureCode } from './failures.js'
import type { GitLimits } from './limits.js'

export interface TagRef {
  /** What the ref names: a tag object, or the commit itself. */
  readonly object: string
  /** Of an annotated tag what it leads to in the end, as the server says; else the object. */
  readonly commit: string
  readonly annotated: boolean
}

/** What a repository says its refs are. Names are safe to compare and to hand to git, not to print. */
export interface RemoteRefs {
  readonly objectFormat: 'sha1' | 'sha256'
  /** The commit, and the branch it stands for where the server tells. */
  readonly head?: { readonly commit: string; readonly branch?: string | undefined } | undefined
  /** By name without `refs/heads/`. */
  readonly branches: ReadonlyMap<string, string>
  /** By name without `refs/tags/`. */
  readonly tags: ReadonlyMap<string, TagRef>
  /** Refs elsewhere, such as those of pull requests: whoever may open one can put any commit there. */
  readonly others: number
  /** Lines that are no refs, refs whose names git would not accept, names given twice. */
  readonly malformed: number
}

export type ReadRefs =
  | { readonly ok: true; readonly refs: RemoteRefs }
  | { readonly ok: false; readonly failure: GitFailureCode; readonly detail: string }

const LINE = /^([0-9a-f]{40}|[0-9a-f]{64})\t(.+)$/s
const SYMREF = /^ref: (.+)\tHEAD$/s
const PEELED = '^{}'
const HEADS = 'refs/heads/'
const TAGS = 'refs/tags/'

/** Reads what `git ls-remote --symref` prints. The server chose every byte of it. */
export function readRefs(output: Buffer, limits: Pick<GitLimits, 'refs'>): ReadRefs {
  const branches = new Map<string, string>()
  const tags = new Map<string, { object: string; peeled?: string }>()
  let head: string | undefined
  let headBranch: string | undefined
  let others = 0
  let malformed = 0
  let digits = 0
  let lines = 0
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (let start = 0, end = 0; start < output.length; start = end + 1) {
    end = output.indexOf(0x0a, start)
    if (end < 0) end = output.length
    if ((lines += 1) > limits.refs * 2) return { ok: false, failure: 'too-large', detail: `more than ${limits.refs} refs` }
    const line = decode(decoder, output.subarray(start, end))
    const symref = line === undefined ? null : SYMREF.exec(line)
    if (symref !== null) {
      if (symref[1]?.startsWith(HEADS) === true && isRefName(symref[1])) headBranch = symref[1].slice(HEADS.length)
      continue
    }
    const [, id = '', full = ''] = (line === undefined ? null : LINE.exec(line)) ?? []
    const peeled = full.endsWith(PEELED)
    const name = peeled ? full.slice(0, -PEELED.length) : full
    if (id === '' || !isRefName(name)) {
      malformed += 1
      continue
    }
    if (digits !== 0 && id.length !== digits) return { ok: false, failure: 'protocol-error', detail: 'ids of two lengths' }
    digits = id.length
    if (name === 'HEAD') {
      if (!peeled) head ??= id
    } else if (name.startsWith(TAGS)) malformed += addTag(tags, name.slice(TAGS.length), id, peeled) ? 0 : 1
    else if (name.startsWith(HEADS)) {
      const short = name.slice(HEADS.length)
      if (peeled || branches.has(short)) malformed += 1
      else branches.set(short, id)
    } else if (!peeled) others += 1
  }
  return {
    ok: true,
    refs: {
      objectFormat: digits === 64 ? 'sha256' : 'sha1',
      ...(head === undefined ? {} : { head: { commit: head, ...(headBranch === undefined ? {} : { branch: headBranch }) } }),
      branches,
      tags: new Map(
        [...tags].map(([name, { object, peeled }]) => [
          name,
          { object, commit: peeled ?? object, annotated: peeled !== undefined },
        ]),
      ),
      others,
      malformed,
    },
  }
}

/** False for a name that was given already: the first counts, as with git. */
function addTag(tags: Map<string, { object: string; peeled?: string }>, name: string, id: string, peeled: boolean): boolean {
  const known = tags.get(name)
  if (!peeled) {
    if (known === undefined) tags.set(name, { object: id })
    return known === undefined
  }
  if (known === undefined || known.peeled !== undefined) return false
  known.peeled = id
  return true
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** `HEAD`, or a full name as git-check-ref-format(1) has it. */
export function isRefName(name: string): boolean {
  if (name === 'HEAD') return true
  if (!name.startsWith('refs/') || name.length > 1024) return false
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|[./]$/.test(name)) return false
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}
