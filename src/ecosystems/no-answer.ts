import type { Answer, OkAnswer } from '../evidence/desk/desk.js'
import type { VerdictKind } from '../model/evidence.js'

/** Why a check has no answer to judge. */
export interface NoAnswer {
  readonly verdict: Exclude<VerdictKind, 'match' | 'mismatch'>
  readonly why: string
  /** When the source said so. */
  readonly at?: string | undefined
}

/** What ends a question before anybody is asked, or however often it is asked: another run would not help. */
const NOT_CHECKABLE: ReadonlySet<string> = new Set(['bad-url', 'scheme-not-allowed', 'host-not-allowed', 'too-large'])

/** The verdict of an answer without bytes. `url` must be fit to show. */
export function noAnswer(answer: Exclude<Answer, OkAnswer>, url: string): NoAnswer {
  switch (answer.kind) {
    case 'absent':
      return { verdict: 'absent', why: `${hostOf(url)} does not have it (status ${answer.status})`, at: answer.at }
    case 'refused':
      return { verdict: 'unavailable', why: answer.why }
    case 'unavailable':
      return { verdict: NOT_CHECKABLE.has(answer.failure) ? 'not-checkable' : 'unavailable', why: answer.why }
    case 'mismatch':
      return {
        verdict: 'unavailable',
        why: `${hostOf(url)} serves other bytes than expected (SHA-256 ${answer.observed})`,
        at: answer.at,
      }
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host || 'the machine' : 'the source'
}
