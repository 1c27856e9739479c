import { daysAfter } from '../../evidence/days.js'
import { AssayError } from '../../model/error.js'
import type { Judged } from '../judge.js'

/**
 * Until when a decision counts: `days` from when it was made, and no longer than the waivers it rests on, since what they
 * cover is accepted until their last day alone.
 */
export function expiryOf(made: string, days: number, { verdict, config }: Pick<Judged, 'verdict' | 'config'>): string {
  const used = new Set(verdict.findings.flatMap(({ waiver }) => waiver ?? []))
  const ends = config.waivers.filter(({ id }) => used.has(id)).map(({ expires }) => `${expires}T23:59:59Z`)
  const full = daysAfter(made, days)
  // After the year 9999 times are written otherwise, and no longer in order as texts.
  if (full?.length !== made.length) throw new AssayError('usage', '--expires reaches beyond every date', 'Give fewer days.')
  return [full, ...ends].sort()[0] ?? full
}
