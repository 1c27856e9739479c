import type { Component } from '../../../model/component.js'
import type { Authority, VerdictKind } from '../../../model/evidence.js'
import { describeLookupFailure } from '../../../trust/go-checksum-database/messages.js'
import type { DatabaseLookup, LookupFailure, RefusalReason } from '../../../trust/go-checksum-database/outcome.js'
import { claimed, compared, type Piece } from './checks.js'
import type { LogOutcome } from './checksum-log.js'

type Verified = DatabaseLookup & { readonly kind: 'verified' }

/** What the checksum database says of the hashes in go.sum (spec/go.md §9, §14 step 4), and what is to be said of itself. */
export function logChecks(component: Component, outcome: LogOutcome, authority: Authority): readonly Piece[] {
  const hasModClaim = claimed(component, 'go-mod-h1').length > 0
  const checks = hasModClaim ? ['go/sumdb', 'go/sumdb-mod'] : ['go/sumdb']
  if (outcome.kind === 'not-asked')
    return checks.map((check) => ({ check, verdict: 'not-checkable', why: outcome.why, authority }))
  const { lookup, said } = outcome
  const base = { authority, at: said?.at, stored: said?.sha256 }
  if (lookup.kind === 'verified') return [...hashChecks(component, lookup, base)]
  const { message } = describeLookupFailure(authority.name, lookup)
  const verdict = verdictOf(lookup)
  const pieces = checks.map((check): Piece => ({ check, verdict, why: message, ...base }))
  const diagnosis = diagnosisOf(lookup)
  return diagnosis === undefined
    ? pieces
    : [...pieces, { check: 'go/log', verdict: 'mismatch', observed: diagnosis, why: message, ...base }]
}

/** The hash of the code that the log has proved to hold. */
export function loggedHash(outcome: LogOutcome, kind: 'zipHash' | 'goModHash'): string | undefined {
  return outcome.kind === 'answered' && outcome.lookup.kind === 'verified' ? outcome.lookup[kind] : undefined
}

function hashChecks(component: Component, lookup: Verified, base: Omit<Piece, 'check' | 'verdict'>): readonly Piece[] {
  const why = `record ${lookup.id}`
  const one = (check: string, scheme: 'go-h1' | 'go-mod-h1', observed: string | undefined, of: string): readonly Piece[] => {
    const stated = claimed(component, scheme)
    if (stated.length === 0 && check !== 'go/sumdb') return []
    if (observed === undefined) return [{ check, verdict: 'absent', why: `${why} has no hash of its ${of}`, ...base }]
    if (stated.length === 0)
      return [{ check, verdict: 'not-checkable', observed, why: `go.sum has no hash of its ${of}; ${why} has one`, ...base }]
    return compared({ ...base, check, observed, why }, stated)
  }
  return [...one('go/sumdb', 'go-h1', lookup.zipHash, 'code'), ...one('go/sumdb-mod', 'go-mod-h1', lookup.goModHash, 'go.mod')]
}

function verdictOf(failure: LookupFailure): VerdictKind {
  if (failure.kind === 'absent') return 'absent'
  return failure.kind === 'refused' && failure.reason === 'module-malformed' ? 'not-checkable' : 'unavailable'
}

/** Refusals that say nothing against the log: the question was none, nothing like an answer came, or our own file is damaged. */
const NO_OFFENCE: ReadonlySet<RefusalReason> = new Set(['module-malformed', 'answer-malformed', 'stored-head-invalid'])

function diagnosisOf(failure: LookupFailure): string | undefined {
  if (failure.kind === 'fork') return 'fork'
  return failure.kind === 'refused' && !NO_OFFENCE.has(failure.reason) ? failure.reason : undefined
}
