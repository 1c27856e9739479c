import type { GitNotOk } from './outcome.js'

/** What an outcome that is not ok comes to for whoever needed the answer. */
export type GitNoAnswer =
  | { readonly kind: 'no-answer'; readonly verdict: 'absent' | 'not-checkable' | 'unavailable'; readonly why: string }
  /** Objects that do not have the ids they were asked by. */
  | { readonly kind: 'mismatch'; readonly why: string }

/** What would be answered the same however often it is asked. */
const NOT_CHECKABLE: ReadonlySet<string> = new Set([
  ...['bad-url', 'scheme-not-allowed', 'host-not-allowed', 'too-large', 'git-not-found', 'git-too-old'],
  ...['bad-commit-id', 'not-a-commit', 'object-format-differs', 'malformed-objects', 'sha1-collision'],
])

export function noAnswerOf(outcome: GitNotOk): GitNoAnswer {
  switch (outcome.kind) {
    case 'absent':
      return { kind: 'no-answer', verdict: 'absent', why: outcome.why }
    case 'refused':
      return { kind: 'no-answer', verdict: 'unavailable', why: outcome.why }
    case 'mismatch':
      return { kind: 'mismatch', why: `asked for ${outcome.expected}: ${outcome.observed}` }
    case 'unavailable':
      return {
        kind: 'no-answer',
        verdict: NOT_CHECKABLE.has(outcome.failure) ? 'not-checkable' : 'unavailable',
        why: outcome.why,
      }
  }
}
