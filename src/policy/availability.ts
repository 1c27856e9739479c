import type { Availability, Verification } from '../model/verification.js'
import type { VerifySettings } from './config.js'

/** The surroundings of a run that decide whether missing evidence shuts the gate. */
export interface Surroundings {
  /** `CI` is set. */
  readonly ci: boolean
  /** Only what was stored before may be used. */
  readonly offline: boolean
}

/** A run that asks, with the switches of spec/policy.md §7.2: shut in CI, a warning elsewhere; offline, as `offline-ok` says. */
export function verificationAsked(settings: VerifySettings, { ci, offline }: Surroundings): Verification {
  const stated: Availability = settings.onUnavailable ?? (ci ? 'fail' : 'warn')
  const mayBeMissing = offline && (settings.offlineOk ?? !ci)
  return { asked: true, offline, onUnavailable: mayBeMissing ? 'ignore' : stated }
}
