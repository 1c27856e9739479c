import type { OciDemand } from '../../model/oci-report.js'
import type { OciContents } from '../../trust/oci/contents.js'
import { certificateText } from '../artifact/demands.js'
import type { ImagePolicy } from './image-policy.js'
import type { JudgedAttachment } from './judge-attachments.js'
import { coverageOf, outcomeOf, partlyCovered } from './package-integrity.js'
import { ociProblem } from './reasons.js'

/** A signature and provenance are what the check wants of whoever the policy names, about all of the artifact. */
export function demandsOf(named: ImagePolicy, contents: OciContents, judged: readonly JudgedAttachment[]): OciDemand[] {
  const wanted = signerText(named)
  return (['signature', 'provenance'] as const).map((kind): OciDemand => {
    const own = judged.filter((one) => one.kind === kind && one.judged !== undefined)
    for (const outcome of ['verified', 'refused', 'undecided'] as const) {
      const such = own.filter((each) => outcomeOf(each) === outcome)
      const [one] = such.flatMap((each) => each.judged ?? [])
      if (one === undefined) continue
      const { from, problems } = one.signature
      if (outcome === 'verified' && coverageOf(contents, such) === 'some')
        return { kind, wanted, outcome: 'undecided', by: from, problem: partlyCovered(kind) }
      return { kind, wanted, outcome, by: from, problem: outcome === 'verified' ? undefined : problems[0] }
    }
    return {
      kind,
      wanted,
      outcome: 'undecided',
      problem: ociProblem('trust/attestation-missing', `no ${WORDS[kind]} is attached`),
    }
  })
}

function signerText({ rule, policy: { certificate, keys } }: ImagePolicy): string {
  return rule ?? (certificate === undefined ? keys.map(({ name }) => name).join(' or ') : certificateText(certificate))
}

const WORDS = { signature: 'signature', provenance: 'signed provenance' } as const
