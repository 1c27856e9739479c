const MINUTE = 60_000
const HOUR = 60 * MINUTE

/**
 * Age classes: how long an answer counts before its source is asked again. `for-ever` is for what cannot change under its
 * URL (a published version's bytes, a proof), `run` for what must be asked in every run. That something does *not* exist
 * never counts for long: it may be published a minute later. spec/policy.md §7.2 has the durations by class of evidence.
 */
export const KEEP = {
  'for-ever': { okMs: Number.POSITIVE_INFINITY, absentMs: HOUR },
  /** Named by its own digest: it cannot change, and is not there until somebody puts it there. */
  digest: { okMs: Number.POSITIVE_INFINITY, absentMs: 0 },
  day: { okMs: 24 * HOUR, absentMs: HOUR },
  hour: { okMs: HOUR, absentMs: 10 * MINUTE },
  run: { okMs: 0, absentMs: 0 },
} as const

export type Keep = keyof typeof KEEP

export function isKeep(value: unknown): value is Keep {
  return typeof value === 'string' && Object.hasOwn(KEEP, value)
}

/** Whether an answer of this time still counts. One of the future never does: some clock was wrong, and nobody knows which. */
export function isFresh(record: { readonly kind: 'ok' | 'absent'; readonly at: string }, keep: Keep, now: number): boolean {
  const age = now - Date.parse(record.at)
  return age >= 0 && age < (record.kind === 'ok' ? KEEP[keep].okMs : KEEP[keep].absentMs)
}

/** An instant as records state it: RFC 3339, UTC, whole seconds. */
export function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`
}
