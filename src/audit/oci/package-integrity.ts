import type { ArtifactProblem } from '../../model/artifact-report.js'
import type { OciAttachmentKind, OciCounts, OciDemand, OciOutcome } from '../../model/oci-report.js'
import type { OciContents } from '../../trust/oci/contents.js'
import type { OciDigest } from '../../trust/oci/reference.js'
import { formatOciDigest } from '../../trust/oci/reference.js'
import type { BuildLevel } from '../../trust/slsa/build-level.js'
import { problem } from '../artifact/reasons.js'
import type { JudgedAttachment } from './judge-attachments.js'
import { ociProblem, problemOfNote } from './reasons.js'

/** The verdict of the "package-integrity" check (spec/trust.md §4.7 step 7). */
export interface Integrity {
  readonly outcome: OciOutcome
  /** Nothing that the policy asks for was verified. */
  readonly provesNothing: boolean
  readonly reasons: readonly ArtifactProblem[]
  readonly notes: readonly ArtifactProblem[]
}

/** `parts`: every image of an index, and not the index that puts them together. */
type Coverage = 'whole' | 'parts' | 'some' | 'none'

/**
 * One verdict of everything that was found: pass takes a signature and provenance, both verified under the policy and
 * about this very digest. Where only the images of an index are vouched for it is a warning: whoever can push can put old
 * ones together. What contradicts weighs more than what is proven.
 */
export function judgeIntegrity(
  contents: OciContents,
  judged: readonly JudgedAttachment[],
  source: OciDemand | undefined,
): Integrity {
  const signature = covered(contents, judged, 'signature')
  const provenance = covered(contents, judged, 'provenance')
  const provesNothing = signature === 'none' && provenance === 'none'
  const failures = [...contradictions(contents, judged), ...(source?.outcome === 'refused' ? problemsOf(source) : [])]
  const mutable =
    contents.byTag === undefined
      ? []
      : [
          ociProblem(
            'trust/oci-mutable-reference',
            `the tag ${contents.byTag} can move; now it is ${formatOciDigest(contents.digest)}`,
          ),
        ]
  const decide = (outcome: OciOutcome, reasons: readonly ArtifactProblem[]): Integrity => {
    const told = new Set(reasons.map(keyOf))
    const notes = [...mutable, ...noteProblems(contents, judged)].filter((note) => !told.has(keyOf(note)))
    return { outcome, provesNothing, reasons: distinct(reasons), notes: distinct(notes) }
  }
  if (failures.length > 0) return decide('fail', failures)
  if (!provesNothing) {
    const gaps = [...missingParts(signature, provenance), ...mutable, ...unseen(contents)]
    if (source?.outcome === 'undecided') return decide('unknown', [...problemsOf(source), ...gaps])
    return gaps.length === 0 ? decide('pass', []) : decide('warn', gaps)
  }
  const refused = judged.flatMap((one) => (outcomeOf(one) === 'refused' && !isElsewhere(one) ? (firstProblem(one) ?? []) : []))
  if (refused.length > 0) return decide('fail', refused)
  return decide(...undecided(contents, judged))
}

/** Nothing is verified and nothing is refused. */
function undecided(contents: OciContents, judged: readonly JudgedAttachment[]): [OciOutcome, readonly ArtifactProblem[]] {
  const open = judged.flatMap((one) => (outcomeOf(one) === 'undecided' ? (firstProblem(one) ?? []) : []))
  const more = unseen(contents)
  if (open.length + more.length > 0) return ['unknown', [...open, ...more]]
  const byBuilder = judged.filter(isUnsignedProvenance)
  if (byBuilder.length > 0)
    return [
      'warn',
      [ociProblem('trust/oci-unsigned-provenance', 'it comes with provenance that nobody signed, and with nothing else')],
    ]
  const other = judged.filter(isElsewhere).length
  const about = other === 0 ? '' : ` (${other} that are attached are about something else)`
  return ['unknown', [ociProblem('trust/attestation-missing', `no signature and no provenance is attached to it${about}`)]]
}

/** Where more may be than was seen. */
function unseen({ notes }: OciContents): ArtifactProblem[] {
  return notes.filter(({ weight }) => weight === 'unknown').map(problemOfNote)
}

function covered(contents: OciContents, judged: readonly JudgedAttachment[], kind: OciAttachmentKind): Coverage {
  return coverageOf(
    contents,
    judged.filter((one) => one.kind === kind && outcomeOf(one) === 'verified'),
  )
}

/** Whether attachments cover the artifact: it itself, or every image of an index. */
export function coverageOf({ digest, children }: OciContents, attached: readonly JudgedAttachment[]): Coverage {
  if (attached.length === 0) return 'none'
  const about = new Set(attached.map(({ attachment }) => formatOciDigest(attachment.about)))
  if (about.has(formatOciDigest(digest))) return 'whole'
  const images = children.filter(({ role }) => role === 'image')
  const isWhole = images.length > 0 && images.every(({ descriptor }) => about.has(formatOciDigest(descriptor.digest)))
  return isWhole ? 'parts' : 'some'
}

/**
 * The SLSA build level that verified provenance supports for the whole artifact: the best that is about it itself, else the
 * least of its images' best; undefined where not all is covered.
 */
export function levelOf(contents: OciContents, judged: readonly JudgedAttachment[]): BuildLevel | undefined {
  const coverage = covered(contents, judged, 'provenance')
  if (coverage !== 'whole' && coverage !== 'parts') return undefined
  const best = (digest: OciDigest): BuildLevel | undefined =>
    judged
      .filter((one) => outcomeOf(one) === 'verified' && formatOciDigest(one.attachment.about) === formatOciDigest(digest))
      .flatMap((one) => one.judged?.signature.statement?.provenance?.buildLevel ?? [])
      .sort((a, b) => b - a)[0]
  const images = contents.children.filter(({ role }) => role === 'image')
  return best(contents.digest) ?? images.flatMap(({ descriptor }) => best(descriptor.digest) ?? []).sort((a, b) => a - b)[0]
}

function missingParts(signature: Coverage, provenance: Coverage): ArtifactProblem[] {
  return [
    ...(signature === 'none' ? [ociProblem('trust/oci-unsigned', 'its provenance is verified, and no signature is')] : []),
    ...(signature === 'some' ? [partlyCovered('signature')] : []),
    ...(signature === 'parts' || provenance === 'parts'
      ? [
          ociProblem(
            'trust/oci-index-unsigned',
            'each image of the index is verified, and nobody vouches for the index that puts them together',
          ),
        ]
      : []),
    ...(provenance === 'none' ? [ociProblem('trust/oci-no-provenance', 'its signature is verified, and no provenance is')] : []),
    ...(provenance === 'some' ? [partlyCovered('provenance')] : []),
  ]
}

export function partlyCovered(kind: 'signature' | 'provenance'): ArtifactProblem {
  const what = kind === 'signature' ? 'a signature' : kind
  return ociProblem('trust/oci-partly-covered', `only a part of the index has ${what} that is verified`)
}

/** What makes it fail, whatever else is proven. */
function contradictions(contents: OciContents, judged: readonly JudgedAttachment[]): ArtifactProblem[] {
  return [
    ...contents.notes.filter(({ weight }) => weight === 'contradiction').map(problemOfNote),
    ...judged.flatMap((one) => (one.expectedSigner === 'certified' ? (firstProblem(one) ?? []) : [])),
  ]
}

function noteProblems(contents: OciContents, judged: readonly JudgedAttachment[]): ArtifactProblem[] {
  return [
    ...contents.notes.filter(({ weight }) => weight !== 'contradiction').map(problemOfNote),
    ...judged.flatMap(({ expectedSigner, attachment }) =>
      expectedSigner === 'claimed'
        ? [
            ociProblem(
              'trust/identity-claimed',
              `${attachment.from} names the expected signer in a certificate that no authority issued`,
            ),
          ]
        : [],
    ),
    ...judged.flatMap(({ attachment, judged: one }) =>
      one?.signature.form === 'cosign-legacy' && one.signature.outcome === 'verified'
        ? [problem('trust/bundle-legacy', `${attachment.from} is of the form that cosign wrote before version 3`)]
        : [],
    ),
    ...judged.flatMap(({ attachment }) =>
      attachment.content.kind === 'notation'
        ? [ociProblem('trust/oci-notation-unverified', `${attachment.from} is a Notation signature, which is not verified`)]
        : [],
    ),
  ]
}

/** How many attachments of a kind came out how. */
export function countsOf(judged: readonly JudgedAttachment[], kind: OciAttachmentKind): OciCounts {
  const own = judged.filter((one) => one.kind === kind)
  const number = (holds: (one: JudgedAttachment) => boolean): number => own.filter(holds).length
  const isOther = (one: JudgedAttachment): boolean => OTHER_SIGNER.has(firstProblem(one)?.reason ?? '')
  return {
    verified: number((one) => outcomeOf(one) === 'verified'),
    invalid: number((one) => outcomeOf(one) === 'refused' && !isElsewhere(one) && !isOther(one)),
    otherSigner: number((one) => outcomeOf(one) === 'refused' && !isElsewhere(one) && isOther(one)),
    otherSubject: number(isElsewhere),
    undecided: number((one) => outcomeOf(one) === 'undecided'),
  }
}

/** It holds, and is by somebody who may not say so. */
const OTHER_SIGNER: ReadonlySet<string> = new Set([
  'trust/identity-mismatch',
  'trust/issuer-mismatch',
  'trust/predicate-unexpected',
  'trust/builder-untrusted',
])
const OTHER_SUBJECT: ReadonlySet<string> = new Set(['trust/attestation-other-subject', 'trust/digest-mismatch'])

/** About something else: for a policy the same as nothing (spec/trust.md §3.5), since it can be attached to anything. */
function isElsewhere(one: JudgedAttachment): boolean {
  return outcomeOf(one) === 'refused' && OTHER_SUBJECT.has(firstProblem(one)?.reason ?? '')
}

export function isUnsignedProvenance({ kind, attachment }: JudgedAttachment): boolean {
  return kind === 'provenance' && attachment.content.kind === 'unsigned-statement'
}

export function outcomeOf(one: JudgedAttachment): string | undefined {
  return one.judged?.signature.outcome
}

function firstProblem(one: JudgedAttachment): ArtifactProblem | undefined {
  return one.judged?.signature.problems[0]
}

function problemsOf({ problem }: OciDemand): ArtifactProblem[] {
  return problem === undefined ? [] : [problem]
}

function keyOf({ reason, why }: ArtifactProblem): string {
  return `${reason} ${why}`
}

function distinct(problems: readonly ArtifactProblem[]): ArtifactProblem[] {
  return [...new Map(problems.map((one) => [keyOf(one), one])).values()]
}
