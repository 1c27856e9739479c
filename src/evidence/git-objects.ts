import type { ChildProcessByStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { gitEnvironment, LOCKED_DOWN } from './git-command.js'

interface Waiting {
  readonly limit: number
  readonly settle: (answer: ObjectBytes) => void
}

export type ObjectBytes =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly failure: 'absent' | 'too-large' | 'unreadable'; readonly why: string }

/**
 * Objects of one repository through one `git cat-file --batch`. The process is started when first asked and does not
 * keep Node alive while nobody waits for an answer.
 */
export class GitObjects {
  readonly #waiting: Waiting[] = []
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined
  #buffered: Buffer[] = []
  #length = 0
  /** Header of the object whose bytes are being received. */
  #receiving: { readonly size: number } | undefined

  constructor(readonly folder: string) {}

  /** The bytes of the object with this full hexadecimal id, at most `limit` of them. */
  read(id: string, limit: number): Promise<ObjectBytes> {
    return new Promise((settle) => {
      const child = this.#child ?? this.#start()
      this.#waiting.push({ limit, settle })
      child.ref()
      child.stdin.write(`${id}\n`)
    })
  }

  #start(): ChildProcessByStdio<Writable, Readable, null> {
    const child = spawn('git', [...LOCKED_DOWN, '-C', this.folder, 'cat-file', '--batch'], {
      env: gitEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    })
    this.#child = child
    child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    child.stdin.on('error', () => this.#fail('git closed its input'))
    child.on('error', (error) => this.#fail(error.message))
    child.on('close', () => this.#fail('git ended'))
    for (const stream of [child.stdin, child.stdout]) if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
    return child
  }

  #receive(chunk: Buffer): void {
    this.#buffered.push(chunk)
    this.#length += chunk.length
    while (this.#step()) if (this.#waiting.length === 0) this.#child?.unref()
  }

  /** Takes one header or one object out of what has arrived; false when more must arrive first. */
  #step(): boolean {
    if (this.#receiving === undefined) {
      const whole = this.#joined()
      const end = whole.indexOf(0x0a)
      if (end < 0) return false
      const header = whole.subarray(0, end).toString('latin1')
      this.#keep(whole.subarray(end + 1))
      const size = /^[0-9a-f]+ [a-z]+ (\d+)$/.exec(header)?.[1]
      if (size === undefined) this.#answer({ ok: false, failure: 'absent', why: `git has no such object (${header})` })
      else this.#receiving = { size: Number(size) }
      return true
    }
    const { size } = this.#receiving
    const limit = this.#waiting[0]?.limit ?? 0
    // git sends every byte it announced; those over the limit are let through unseen.
    if (size > limit) return this.#skip(size, limit)
    if (this.#length < size + 1) return false
    const whole = this.#joined()
    this.#receiving = undefined
    this.#keep(whole.subarray(size + 1))
    this.#answer({ ok: true, bytes: new Uint8Array(whole.subarray(0, size)) })
    return true
  }

  #skip(size: number, limit: number): boolean {
    const passing = Math.min(this.#length, size + 1)
    if (passing < size + 1) {
      this.#keep(Buffer.alloc(0))
      this.#receiving = { size: size - passing }
      // Once below the limit the rest must not be taken for a whole object.
      if (size - passing <= limit && this.#waiting[0] !== undefined) this.#waiting[0] = { ...this.#waiting[0], limit: -1 }
      return false
    }
    this.#keep(this.#joined().subarray(passing))
    this.#receiving = undefined
    this.#answer({ ok: false, failure: 'too-large', why: 'the object is larger than the limit' })
    return true
  }

  #joined(): Buffer {
    const [only] = this.#buffered
    const whole = this.#buffered.length === 1 && only !== undefined ? only : Buffer.concat(this.#buffered)
    this.#buffered = [whole]
    return whole
  }

  #keep(rest: Buffer): void {
    this.#buffered = rest.length === 0 ? [] : [rest]
    this.#length = rest.length
  }

  #answer(answer: ObjectBytes): void {
    this.#waiting.shift()?.settle(answer)
  }

  #fail(why: string): void {
    this.#child = undefined
    for (const { settle } of this.#waiting.splice(0)) settle({ ok: false, failure: 'unreadable', why })
  }
}
