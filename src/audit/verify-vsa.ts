import { basename } from 'node:path'
import { daysBetween } from '../evidence/days.js'
import type { OpenInput } from '../evidence/open-input.js'
import type { ArtifactProblem } from '../model/artifact-report.js'
import type { Digest } from '../model/digest.js'
import { AssayError } from '../model/error.js'
import type { VsaAbout, VsaCheck, VsaCheckName, VsaDecision, VsaReport } from '../model/vsa-report.js'
import { VSA_CHECKS } from '../model/vsa-report.js'
import type { AssaySummary } from '../trust/slsa/assay-summary.js'
import { parseAssaySummary } from '../trust/slsa/assay-summary.js'
import type { SummaryMismatch, VerificationSummary } from '../trust/slsa/verification-summary.js'
import { judgeVerificationSummary, parseVerificationSummary } from '../trust/slsa/verification-summary.js'
import type { Statement } from '../trust/statement.js'
import { DOCUMENT_LIMITS } from '../trust/strict-json.js'
import { splitSignatures } from './artifact/found-signatures.js'
import { judgeSignature } from './artifact/judge-signature.js'
import type { JudgedSignature } from './artifact/judged-signature.js'
import type { PolicyOptions } from './artifact/policy.js'
import { readPolicy } from './artifact/policy.js'
import type { AuditedInputs } from './attest/audited-inputs.js'
import { auditedInputs, digestsOf } from './attest/audited-inputs.js'
import type { PolicyChoices } from './attest/policy-digest.js'
import { exactPolicy } from './attest/policy-digest.js'
import { readArtifacts } from './attest/subjects.js'
import { coverageProblems, inputProblems } from './attest/vsa-coverage.js'
import type { VsaReason } from './attest/vsa-reasons.js'
import { vsaProblem } from './attest/vsa-reasons.js'
import { documentInfo } from './document-info.js'
import { withDiscovery } from './judge.js'
import { readNamed } from './named-file.js'
import type { ReadRequest } from './read-graph.js'
import { onlineRootsOf } from './trust/roots.js'

export { DEFAULT_VERIFIER_ID } from './attest/decision.js'

/** What `assay verify --vsa` is asked. */
export interface VsaRequest extends PolicyOptions {
  readonly vsa: string
  readonly input: OpenInput
  readonly read: ReadRequest
  readonly policy: PolicyChoices
  /** The file that it must be about; else the tree. */
  readonly artifact?: string | undefined
  readonly resource?: string | undefined
  readonly verifierId: string
  readonly levels: readonly string[]
  /** RFC 3339 in UTC: the moment it must still count. */
  readonly at: string
}

/** What the decision must be about, and say. */
interface Wanted {
  readonly about: VsaAbout
  readonly anchors: readonly Digest[]
  /** Of a tree. */
  readonly inputs?: AuditedInputs | undefined
  readonly verifierId: string
  readonly resourceUri: string
  readonly policySha256: string
  readonly levels: readonly string[]
  readonly at: string
}

/**
 * Whether a signed decision (SLSA verification summary v1) may stand for an audit: by an accepted signer for this verifier,
 * about this very tree or file, by the policy that holds here, passed, and not expired. Asks nobody. Throws `usage` where
 * nothing says who may have signed, `configuration`, `input-unreadable`, and `nothing-found` for a tree without lockfiles.
 */
export async function verifyVsa(request: VsaRequest): Promise<VsaReport> {
  const { sha256: policySha256, config } = await exactPolicy(request.input, request.policy)
  // A file that was found lies in the tree, or around it: whoever writes there could name a root of their own.
  const configured = typeof request.policy.config === 'string' ? config.settings.trust.roots : []
  const trustedRoot = request.trustedRoot.length > 0 ? request.trustedRoot : configured
  const signers = await readPolicy({ ...request, trustedRoot, fetchedRoot: onlineRootsOf(config.settings.trust) })
  const found = splitSignatures(request.vsa, await readNamed(request.vsa, DOCUMENT_LIMITS.maxBytes, 'decision'))
  if (found === 'too-many')
    throw new AssayError('input-unreadable', `${request.vsa} holds too many signatures`, 'Give the bundle of one decision.')
  const wanted: Wanted = {
    ...(await whatItMustBeAbout(request, config)),
    policySha256,
    verifierId: request.verifierId,
    levels: request.levels,
    at: request.at,
  }
  const artifact = { name: basename(request.artifact ?? request.vsa), anchors: wanted.anchors }
  const reports: VsaReport[] = []
  for (const one of found) reports.push(reportOf(request.vsa, await judgeSignature(one, artifact, signers), wanted))
  const [best] = reports.sort((a, b) => furthest(b) - furthest(a))
  if (best === undefined)
    throw new AssayError('input-unreadable', `${request.vsa} holds no signature`, 'Give the bundle that assay attest wrote.')
  return best
}

type Config = Awaited<ReturnType<typeof exactPolicy>>['config']

async function whatItMustBeAbout(
  { artifact, read, resource }: VsaRequest,
  config: Config,
): Promise<Pick<Wanted, 'about' | 'anchors' | 'inputs' | 'resourceUri'>> {
  if (artifact !== undefined) {
    const [one] = await readArtifacts([artifact])
    if (one === undefined) throw nothingToCompare()
    return {
      about: { kind: 'artifact', file: artifact, sha256: one.digest.value },
      anchors: [one.digest],
      resourceUri: resource ?? config.info.subject?.purl ?? noResource(),
    }
  }
  const inputs = await auditedInputs(withDiscovery(read, config))
  if (digestsOf(inputs).length === 0) throw nothingToCompare()
  return {
    about: { kind: 'tree', lockfiles: inputs.lockfiles.map(({ path }) => path) },
    anchors: digestsOf(inputs),
    inputs,
    resourceUri: resource ?? documentInfo(inputs.graph, config).info.subject.purl ?? noResource(),
  }
}

function nothingToCompare(): AssayError {
  return new AssayError(
    'nothing-found',
    'there is no lockfile here that a decision could be about',
    'Give the folder that was attested, or the built file with --artifact FILE.',
  )
}

function noResource(): never {
  throw new AssayError(
    'usage',
    'nothing here says what the decision must be about',
    'Give --resource URI, as it was agreed with whoever signed, or set [project] purl in assay.toml.',
  )
}

function furthest({ outcome, checks }: VsaReport): number {
  if (outcome === 'accepted') return VSA_CHECKS.length
  return checks.filter(({ state }) => state === 'passed').length
}

/** Reasons of a bundle's checks that say it is about something else. */
const OTHER_SUBJECT: ReadonlySet<string> = new Set(['trust/attestation-other-subject', 'trust/subject-conflict'])

function reportOf(file: string, judged: JudgedSignature, wanted: Wanted): VsaReport {
  const checks = new Map<VsaCheckName, Omit<VsaCheck, 'name'>>()
  const decision = check(judged, wanted, checks)
  const list = VSA_CHECKS.map((name): VsaCheck => ({ name, ...(checks.get(name) ?? { state: 'not-reached', problems: [] }) }))
  const has = (state: VsaCheck['state']): boolean => list.some((one) => one.state === state)
  const outcome = has('failed') ? 'refused' : has('undecided') || has('not-reached') ? 'undecided' : 'accepted'
  const { about, at, verifierId, resourceUri, policySha256, levels } = wanted
  return {
    exitCode: ({ accepted: 0, refused: 1, undecided: 3 } as const)[outcome],
    timestamp: at,
    outcome,
    file,
    about,
    wanted: { verifierId, resourceUri, policySha256, levels },
    checks: list,
    signature: judged.signature,
    decision,
  }
}

/** Fills in what was checked; gives what the decision says where its signature holds. */
function check(
  { signature, statement }: JudgedSignature,
  wanted: Wanted,
  checks: Map<VsaCheckName, Omit<VsaCheck, 'name'>>,
): VsaDecision | undefined {
  const say = (name: VsaCheckName, problems: readonly ArtifactProblem[], state: 'failed' | 'undecided' = 'failed'): void => {
    checks.set(name, { state: problems.length === 0 ? 'passed' : state, problems })
  }
  if (signature.outcome !== 'verified') {
    const elsewhere = signature.problems.filter(({ reason }) => OTHER_SUBJECT.has(reason))
    const failed = signature.checks.filter(({ state }) => state === 'failed').map(({ name }) => name)
    if (elsewhere.length > 0 && failed.every((name) => name === 'subject')) {
      say('signature', [])
      say(
        'subject',
        elsewhere.map(({ why }) => vsaProblem('trust/vsa-other-subject', why)),
      )
      return undefined
    }
    const unjudged = vsaProblem('trust/vsa-signature-unjudged', 'it is of a form of which nothing was said who may sign')
    say(
      'signature',
      signature.problems.length > 0 ? signature.problems : [unjudged],
      signature.outcome === 'refused' ? 'failed' : 'undecided',
    )
    return undefined
  }
  say('signature', [])
  const read = readDecision(statement)
  if (typeof read === 'string') {
    say('statement', [vsaProblem('trust/vsa-statement', read)])
    return undefined
  }
  say('statement', [])
  const { summary, assay, subjects } = read
  const mismatches = judgeVerificationSummary(summary, wanted)
  for (const [name, reason] of SUMMARY_CHECKS)
    say(
      name,
      mismatches.filter(({ field }) => field === name).map(({ why }) => vsaProblem(reason, why)),
    )
  checkTime(summary, assay, wanted.at, say)
  if (wanted.inputs === undefined) {
    // That one of its digests is the artifact's was a part of the signature's checks.
    say('subject', [])
    checks.set('inputs', { state: 'not-applicable', problems: [] })
  } else {
    say('subject', coverageProblems(subjects, wanted.inputs))
    say('inputs', inputProblems(assay, wanted.inputs), assay.inputs === undefined ? 'undecided' : 'failed')
  }
  return {
    verifierId: summary.verifierId,
    verifierVersion: [...(summary.verifierVersion ?? [])],
    resourceUri: summary.resourceUri,
    result: summary.result,
    levels: summary.levels,
    timeVerified: summary.timeVerified,
    expires: assay.expires,
    policySha256: summary.policy.digest.get('sha256'),
    evidenceSha256: assay.evidenceSha256,
  }
}

const SUMMARY_CHECKS: readonly (readonly [SummaryMismatch['field'] & VsaCheckName, VsaReason])[] = [
  ['verifier', 'trust/vsa-verifier'],
  ['resource', 'trust/vsa-resource'],
  ['result', 'trust/vsa-failed'],
  ['policy', 'trust/vsa-policy'],
  ['level', 'trust/vsa-level'],
]

function readDecision(
  statement: Statement | undefined,
): string | { readonly summary: VerificationSummary; readonly assay: AssaySummary; readonly subjects: Statement['subjects'] } {
  if (statement === undefined) return 'what is signed is a file and no statement'
  const parsed = parseVerificationSummary(statement)
  if (!parsed.ok) return parsed.why
  const own = parseAssaySummary(statement.predicate)
  return own.ok ? { summary: parsed.summary, assay: own.summary, subjects: statement.subjects } : own.why
}

/** Clocks differ by less. */
const CLOCK_DAYS = 1

function checkTime(
  { timeVerified }: VerificationSummary,
  { expires }: AssaySummary,
  at: string,
  say: (name: VsaCheckName, problems: readonly ArtifactProblem[], state?: 'failed' | 'undecided') => void,
): void {
  if (expires === undefined) say('time', [vsaProblem('trust/vsa-no-expiry', 'it does not say until when it counts')], 'undecided')
  else if (at >= expires) say('time', [vsaProblem('trust/vsa-expired', `it counted until ${expires}`)])
  else if (timeVerified !== undefined && daysBetween(at, timeVerified) >= CLOCK_DAYS)
    say('time', [vsaProblem('trust/vsa-from-the-future', `it says it was made ${timeVerified}`)])
  else say('time', [])
}
