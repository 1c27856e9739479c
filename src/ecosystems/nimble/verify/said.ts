import type { Evidence } from '../../../model/evidence.js'

/** What one check says, before it is known of whom. */
export type Said = Omit<Evidence, 'subject' | 'check'>
