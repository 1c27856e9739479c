import type { Component } from './component.js'

/** What missing evidence comes to (spec/policy.md §7.2): the gate stays shut, warns, or only tells. */
export type Availability = 'fail' | 'warn' | 'ignore'

/** What a run set out to do about evidence; the evidence alone cannot tell "nobody was asked" from "nobody answered". */
export interface Verification {
  /** Authorities were to be asked. Without, rules about evidence have nothing to look at. */
  readonly asked: boolean
  /** Only what was stored before could be used. */
  readonly offline: boolean
  readonly onUnavailable: Availability
}

export const NOT_ASKED: Verification = { asked: false, offline: false, onUnavailable: 'warn' }

/** True for what somebody else can say something of: not the repository's own parts, not the compiler. */
export function comesFromElsewhere({ firstParty, source }: Component): boolean {
  return !firstParty && source.kind !== 'path' && source.kind !== 'toolchain'
}
