import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag'

export type ReadObject =
  | { readonly ok: true; readonly type: ObjectType; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly failure: 'absent' | 'too-large' | 'unreadable'; readonly why: string }
  | { readonly ok: false; readonly failure: 'hash-mismatch'; readonly why: string; readonly observed: string }

/** The id of an object: the digest of type, length and bytes (gitformat-pack, "object id"). */
export function objectId(type: ObjectType, bytes: Uint8Array, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
}

const HEADER = /^([0-9a-f]+) (commit|tree|blob|tag) (\d+)$/
const MAX_HEADER = 512

/**
 * Objects of one repository through one `git cat-file --batch`, one after the other, each checked against its id. Unlike
 * `GitObjects`, it ends with its user, and takes nobody's word for what an id stands for.
 */
export class VerifiedObjects {
  readonly #child: ChildProcess
  readonly #chunks: AsyncIterator<Buffer>
  readonly #timer: NodeJS.Timeout
  #rest: Buffer = Buffer.alloc(0)
  #broken: string | undefined

  constructor(
    folder: string,
    environment: NodeJS.ProcessEnv,
    readonly algorithm: 'sha1' | 'sha256',
    timeoutMs: number,
  ) {
    const child = spawn('git', [`--git-dir=${folder}`, 'cat-file', '--batch'], {
      cwd: folder,
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    this.#child = child
    child.on('error', () => undefined)
    child.stdin.on('error', () => undefined)
    this.#chunks = child.stdout[Symbol.asyncIterator]()
    this.#timer = setTimeout(() => this.close(), timeoutMs)
  }

  /** At most `limit` bytes of the object with this full id. Not to be called before the last call has ended. */
  async read(id: string, limit: number): Promise<ReadObject> {
    if (this.#broken !== undefined) return { ok: false, failure: 'unreadable', why: this.#broken }
    this.#child.stdin?.write(`${id}\n`)
    const line = await this.#line()
    if (line === undefined) return this.#give('git ended')
    const [, found = '', type = '', length = ''] = HEADER.exec(line) ?? []
    if (!isObjectType(type))
      return line.endsWith(' missing')
        ? { ok: false, failure: 'absent', why: 'the repository lacks the object' }
        : this.#give('git does not know the object')
    const size = Number(length)
    if (size > limit) {
      if (!(await this.#skip(size + 1))) return this.#give('git ended')
      return { ok: false, failure: 'too-large', why: `${size} bytes, at most ${limit}` }
    }
    const bytes = await this.#take(size)
    if (bytes === undefined || !(await this.#skip(1))) return this.#give('git ended')
    const observed = objectId(type, bytes, this.algorithm)
    if (observed !== id || found !== id)
      return { ok: false, failure: 'hash-mismatch', why: `the bytes have the id ${observed}`, observed }
    return { ok: true, type, bytes }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#broken ??= 'reading was ended'
    this.#child.kill('SIGKILL')
  }

  #give(why: string): ReadObject {
    this.#broken ??= why
    return { ok: false, failure: 'unreadable', why: this.#broken }
  }

  async #more(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next()
      if (done === true) return false
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
      return true
    } catch {
      return false
    }
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a)
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString('latin1')
        this.#rest = this.#rest.subarray(end + 1)
        return line
      }
      if (this.#rest.length > MAX_HEADER || !(await this.#more())) return undefined
    }
  }

  async #take(size: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(size)
    let filled = 0
    while (filled < size) {
      if (this.#rest.length === 0 && !(await this.#more())) return undefined
      const part = this.#rest.subarray(0, size - filled)
      bytes.set(part, filled)
      filled += part.length
      this.#rest = this.#rest.subarray(part.length)
    }
    return bytes
  }

  async #skip(size: number): Promise<boolean> {
    for (let left = size; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) return false
      const passing = Math.min(left, this.#rest.length)
      left -= passing
      this.#rest = this.#rest.subarray(passing)
    }
    return true
  }
}

function isObjectType(text: string): text is ObjectType {
  return text === 'commit' || text === 'tree' || text === 'blob' || text === 'tag'
}
