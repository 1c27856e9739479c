import { createHash } from 'node:crypto'
import type { Answer } from '../../../evidence/desk/desk.js'
import type { FileBytes } from '../../../model/tree.js'

/** How one question ended, wherever it was put: at a server, on disk, in the tree, in a repository. */
export type Got =
  | {
      readonly kind: 'ok'
      readonly bytes: Uint8Array
      readonly sha256: string
      readonly at?: string | undefined
      /** What is odd about the answer. */
      readonly doubt?: string | undefined
      /** The answer is an old one, and nobody could be asked for a newer. */
      readonly unconfirmed: boolean
    }
  | { readonly kind: 'absent'; readonly why: string; readonly at?: string | undefined; readonly doubt?: string | undefined }
  | { readonly kind: 'other-bytes'; readonly observed: string; readonly at?: string | undefined }
  /** No answer that counts. */
  | { readonly kind: 'silent'; readonly why: string }

/** 451 means that it was there and may not be given out: absent, with the reason. 401 and 403 say nothing of what is there. */
export function fromAnswer(answer: Answer): Got {
  switch (answer.kind) {
    case 'ok': {
      const { bytes, sha256, at, signs } = answer
      return { kind: 'ok', bytes, sha256, at, ...doubtOf(signs), unconfirmed: signs.some(({ code }) => code === 'not-confirmed') }
    }
    case 'absent': {
      const why = answer.status === 0 ? 'there is no such file' : `the server answered with status ${answer.status}`
      return { kind: 'absent', why, at: answer.at, ...doubtOf(answer.signs) }
    }
    case 'refused':
      return answer.status === 451
        ? { kind: 'absent', why: `removed for legal reasons (${answer.why})` }
        : { kind: 'silent', why: answer.why }
    case 'mismatch':
      return { kind: 'other-bytes', observed: answer.observed, at: answer.at }
    case 'unavailable':
      return { kind: 'silent', why: answer.why }
  }
}

function doubtOf(signs: readonly { readonly why: string }[]): { readonly doubt?: string } {
  return signs.length === 0 ? {} : { doubt: signs.map(({ why }) => why).join('; ') }
}

/** The same for a file of a tree. */
export function fromFile(read: FileBytes, expectSha256?: string): Got {
  if (!read.ok)
    return read.failure === 'absent' ? { kind: 'absent', why: 'there is no such file' } : { kind: 'silent', why: read.why }
  const got = found(read.bytes)
  return expectSha256 === undefined || expectSha256 === got.sha256 ? got : { kind: 'other-bytes', observed: got.sha256 }
}

/** Bytes that are at hand. */
export function found(bytes: Uint8Array): Got & { readonly kind: 'ok' } {
  return { kind: 'ok', bytes, sha256: createHash('sha256').update(bytes).digest('hex'), unconfirmed: false }
}
