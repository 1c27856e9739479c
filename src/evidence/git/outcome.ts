import { type GitFailureCode, gitFailureText } from './failures.js'

interface Answered {
  /** Who answered in the end, without credentials. */
  readonly url: string
  readonly redirects: number
}

/** The source answered: it does not have this. */
export interface GitAbsent extends Answered {
  readonly kind: 'absent'
  readonly what: 'repository' | 'commit' | 'ref'
  readonly why: string
}

/** The source answered: not to you. Forges say so of repositories that do not exist, too. */
export interface GitRefused extends Answered {
  readonly kind: 'refused'
  /** Of the HTTP answer, where it was one. */
  readonly status?: number | undefined
  /** Whether a credential was sent. */
  readonly authenticated: boolean
  readonly why: string
  readonly help: string
}

/** The bytes of an object do not have the id that was asked for. Not an outage: somebody serves something else. */
export interface GitMismatch extends Answered {
  readonly kind: 'mismatch'
  readonly expected: string
  readonly observed: string
}

/** No answer that counts. */
export interface GitUnavailable {
  readonly kind: 'unavailable'
  readonly failure: GitFailureCode
  readonly why: string
  readonly help: string
  readonly url: string
  readonly host: string
  readonly status?: number | undefined
}

export type GitNotOk = GitAbsent | GitRefused | GitMismatch | GitUnavailable

/** How a question to a remote ended. Data: nothing that a remote does is an exception. */
export type GitOutcome<Value> = ({ readonly kind: 'ok' } & Answered & Value) | GitNotOk

/** An outcome of the named failure; `detail` must be fit for a terminal already. */
export function gitUnavailable(
  failure: GitFailureCode,
  at: { readonly url: string; readonly host: string },
  detail?: string,
  status?: number,
): GitUnavailable {
  const { what, help } = gitFailureText(failure)
  const why = `${at.host === '' ? 'the repository' : at.host} ${what}${detail === undefined || detail === '' ? '' : ` (${detail})`}`
  return { kind: 'unavailable', failure, why, help, url: at.url, host: at.host, ...(status === undefined ? {} : { status }) }
}
