import { daysBetween } from '../../evidence/days.js'
import type { ArtifactProblem } from '../../model/artifact-report.js'
import { EMBEDDED_ROOT_CURRENT_ON } from '../../trust/sigstore/embedded-root.js'
import { OLD_ROOT_DAYS } from '../trust/root-details.js'
import { problem } from './reasons.js'

/** Whether the root that comes with the program is so old that newer signers are probably missing in it. */
export function oldEmbeddedRoot(timestamp: string): ArtifactProblem[] {
  const age = daysBetween(EMBEDDED_ROOT_CURRENT_ON, timestamp)
  if (!(age > OLD_ROOT_DAYS)) return []
  const why = `the trusted root that comes with assay was confirmed ${age} days ago: newer signers are not in it`
  return [problem('trust/root-old', why)]
}
