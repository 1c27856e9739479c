import type { Reachability } from './commit-record.js'

/** What it says of a pinned commit whether a branch or tag of its repository leads to it. */
export const REACH_VERDICT = {
  reachable: { verdict: 'match', why: 'a branch or tag of the repository leads to it' },
  'not-reachable': { verdict: 'mismatch', why: 'no branch or tag of the repository leads to it: it may be of a fork' },
  unknown: { verdict: 'not-checkable', why: 'the history that the server hands out is cut off before it could be told' },
} as const satisfies Readonly<Record<Reachability['reach'], unknown>>
