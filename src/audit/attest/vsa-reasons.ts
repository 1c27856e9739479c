import type { ArtifactProblem } from '../../model/artifact-report.js'

/** Why a decision does not stand for an audit, beside what may be wrong with its signature. */
export type VsaReason =
  | 'trust/vsa-signature-unjudged'
  | 'trust/vsa-statement'
  | 'trust/vsa-verifier'
  | 'trust/vsa-resource'
  | 'trust/vsa-failed'
  | 'trust/vsa-policy'
  | 'trust/vsa-level'
  | 'trust/vsa-expired'
  | 'trust/vsa-no-expiry'
  | 'trust/vsa-from-the-future'
  | 'trust/vsa-other-subject'
  | 'trust/vsa-lockfile-changed'
  | 'trust/vsa-lockfile-uncovered'
  | 'trust/vsa-lockfile-gone'
  | 'trust/vsa-inputs-changed'
  | 'trust/vsa-inputs-unknown'

const AGAIN = 'Audit this tree: assay audit; and have the decision signed again: assay attest.'

const FIXES: Readonly<Record<VsaReason, string>> = {
  'trust/vsa-signature-unjudged': 'Give the bundle that assay attest wrote, and say who may have signed it.',
  'trust/vsa-statement': 'Give the bundle that assay attest wrote: a verification summary of version 1.',
  'trust/vsa-verifier': 'If that verifier is the right one, name it with --verifier-id; if not, do not accept what it signed.',
  'trust/vsa-resource': 'Give the decision about this resource; if it is the right one, name it with --resource.',
  'trust/vsa-failed': 'Audit this tree to see why: assay audit.',
  'trust/vsa-policy':
    'Use the assay.toml and the options it was decided by (--config, --profile, --rule, --baseline, --exclude, --target …), or audit by yours: assay audit.',
  'trust/vsa-level': 'Have it attested by an audit that verifies more, or ask for less with --level.',
  'trust/vsa-expired': AGAIN,
  'trust/vsa-no-expiry': 'Have it signed by a version of assay that states how long a decision counts.',
  'trust/vsa-from-the-future': 'Check the clock of this machine, and that of the machine that signed.',
  'trust/vsa-other-subject': 'Give the decision about this very tree or file, or fetch both again.',
  'trust/vsa-lockfile-changed': AGAIN,
  'trust/vsa-lockfile-uncovered': AGAIN,
  'trust/vsa-lockfile-gone': AGAIN,
  'trust/vsa-inputs-changed': AGAIN,
  'trust/vsa-inputs-unknown': 'Have it signed by assay attest, which states everything that was read.',
}

/** A problem with what to do about it. */
export function vsaProblem(reason: VsaReason, why: string): ArtifactProblem {
  return { reason, why, fix: FIXES[reason] }
}
