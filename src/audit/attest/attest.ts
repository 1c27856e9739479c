import { writeFiles } from '../../evidence/write-files.js'
import type { AttestReport } from '../../model/attest-report.js'
import { AssayError } from '../../model/error.js'
import { documentInfo } from '../document-info.js'
import type { PackWritten } from '../evidence-pack.js'
import { writeEvidencePack } from '../evidence-pack.js'
import type { Judged, JudgeRequest } from '../judge.js'
import { judge, withDiscovery } from '../judge.js'
import type { AskingChoices } from '../oci/with-session.js'
import type { ReadRequest } from '../read-graph.js'
import { loadTrustedRoots, onlineRootsOf } from '../trust/roots.js'
import type { Asking, FoundImage } from './attach.js'
import { attachToImage, findImage, parseImage } from './attach.js'
import type { AttestedSbom } from './attested-sbom.js'
import { readAttestedSbom } from './attested-sbom.js'
import type { AuditedInputs } from './audited-inputs.js'
import { auditedInputs, digestsOf } from './audited-inputs.js'
import { decisionPredicate, levelsOf } from './decision.js'
import { expiryOf } from './expiry.js'
import type { ExactPolicy, PolicyChoices } from './policy-digest.js'
import { exactPolicy } from './policy-digest.js'
import { RecordingTree } from './recording-tree.js'
import { signAll } from './sign-verified.js'
import type { SigningOptions, SigningSurroundings } from './signing-options.js'
import type { Ready } from './signing-party.js'
import { prepareSigning } from './signing-party.js'
import type { NamedArtifact } from './subjects.js'
import { artifactOf, readArtifacts, subjectsOfArtifacts, subjectsOfTree } from './subjects.js'
import type { ToSign } from './to-sign.js'
import { checkOutputs, filesToSign, statementsToSign } from './to-sign.js'

export { DEFAULT_VERIFIER_ID } from './decision.js'

/** What `assay attest` is asked. */
export interface AttestRequest {
  readonly read: ReadRequest
  readonly judging: JudgeRequest
  readonly policy: PolicyChoices
  /** Built files that the decision is about; none: the lockfiles, and the commit. */
  readonly artifacts: readonly string[]
  readonly sboms: readonly string[]
  /** Files whose bytes are signed too, as they are. */
  readonly files: readonly string[]
  readonly resource?: string | undefined
  readonly verifierId: string
  readonly version: string
  readonly timestamp: string
  readonly expiresDays: number
  /** Where the evidence pack of the audit goes. */
  readonly evidenceOut?: string | undefined
  /** Where the bundle with the decision goes; that of an SBOM goes beside it. */
  readonly output: string
  /** Sign also that the policy was not met. */
  readonly allowFailed: boolean
  readonly trustedRoot: readonly string[]
  /** `oci:HOST/PATH@sha256:…`: an image that it is about too, and that the bundles and SBOMs are attached to. */
  readonly attach?: string | undefined
  readonly asking: AskingChoices
  /** Who signs; absent where the statements alone are wanted. */
  readonly signing?: { readonly options: SigningOptions; readonly surroundings: SigningSurroundings } | undefined
}

export interface Attested {
  readonly report: AttestReport
  readonly judged: Judged
  /** The statements, as they were or would be signed: the decision, then each SBOM. */
  readonly statements: readonly Uint8Array[]
  /** What could not be kept in the evidence pack. */
  readonly notKept: PackWritten['notKept']
}

/** Everything that is named, read and checked before the audit begins: a mistake in it costs no time. */
interface Prepared {
  readonly policy: ExactPolicy
  /** Absent where nothing is to be signed. */
  readonly ready: Ready | undefined
  readonly artifacts: readonly NamedArtifact[]
  readonly sboms: readonly AttestedSbom[]
  readonly files: readonly ToSign[]
  readonly image: FoundImage | undefined
  readonly asking: Asking
}

/** What came out of the audit. */
interface Decided {
  readonly judged: Judged
  readonly pack: PackWritten | undefined
  readonly inputs: AuditedInputs
  readonly passed: boolean
  readonly resourceUri: string
  readonly expires: string
}

/**
 * Audits, and signs what came out (SLSA verification summary v1) and SBOMs. Nothing is signed about a tree or a policy that
 * changed meanwhile, nor about a policy that was not met, unless that is asked for. Throws as `judge` and `prepareSigning`
 * do, `configuration` for a policy that nothing can fail, and `nothing-found` where there is nothing to sign about.
 */
export async function attest(request: AttestRequest): Promise<Attested> {
  const { verifierId, timestamp, version } = request
  const prepared = await prepare(request)
  const { policy, artifacts, sboms, files, image, asking } = prepared
  const decided = await decide(request, policy)
  const { judged, pack, inputs, passed, resourceUri, expires } = decided
  const subjects = artifacts.length > 0 ? subjectsOfArtifacts(artifacts) : subjectsOfTree(inputs)
  const about = artifacts.length > 0 ? artifacts.map(({ digest }) => digest) : digestsOf(inputs)
  const predicate = decisionPredicate(judged, {
    verifierId,
    version,
    resourceUri,
    timeVerified: timestamp,
    policySha256: policy.sha256,
    assay: {
      expires,
      inputs: { sha256: inputs.sha256, files: inputs.files },
      evidenceSha256: pack?.digest,
      sboms: sboms.map(({ name, sha256 }) => ({ name, sha256 })),
    },
  })
  const statements = statementsToSign({ predicate, bundle: request.output }, sboms, subjects, about)
  const ready = passed || request.allowFailed ? prepared.ready : undefined
  const signed = ready === undefined ? NOTHING_SIGNED : await sign([...statements, ...files], request, decided, ready)
  const attached =
    image === undefined || signed.bundles.length === 0
      ? []
      : await attachToImage(image, { bundles: signed.bundles, sboms, created: timestamp }, asking)
  return {
    judged,
    statements: statements.map(({ content }) => content.bytes),
    notKept: pack?.notKept ?? [],
    report: {
      exitCode: judged.verdict.exitCode,
      timestamp,
      result: passed ? 'PASSED' : 'FAILED',
      verifierId,
      resourceUri,
      policySha256: policy.sha256,
      verifiedLevels: levelsOf(judged),
      expires,
      subjects: subjects.flatMap(({ name = '', digest }) =>
        [...digest].map(([algorithm, value]) => ({ name, algorithm, digest: value })),
      ),
      signed: signed.bundles.map(({ text: _text, ...file }) => file),
      signer: signed.signer,
      evidence:
        pack === undefined || request.evidenceOut === undefined
          ? undefined
          : { file: request.evidenceOut, sha256: pack.digest, answers: pack.answers },
      attached,
    },
  }
}

const NOTHING_SIGNED: Awaited<ReturnType<typeof signAll>> = { bundles: [], signer: undefined }

async function prepare(request: AttestRequest): Promise<Prepared> {
  const { signing, attach, output, evidenceOut } = request
  mustBeUri(request.verifierId, '--verifier-id')
  if (request.resource !== undefined) mustBeUri(request.resource, '--resource')
  if (evidenceOut !== undefined && request.judging.verify === undefined)
    throw new AssayError(
      'usage',
      'offline there is nobody to ask, so there is no evidence to write',
      'Leave --evidence-out away.',
    )
  checkDay(request)
  checkOutputs(evidenceOut === undefined ? [output] : [output, evidenceOut], { ...request, used: filesUsed(request) })
  const policy = await exactPolicy(request.judging.input, request.policy)
  const named = attach === undefined ? undefined : parseImage(attach)
  const artifacts = [...(await readArtifacts(request.artifacts)), ...(named === undefined ? [] : [artifactOf(named)])]
  const digests = artifacts.map(({ digest }) => digest)
  const sboms: AttestedSbom[] = []
  for (const file of new Set(request.sboms)) sboms.push(await readAttestedSbom(file, digests))
  const files = await filesToSign(request.files)
  const ready = signing === undefined ? undefined : await prepareSigning(signing.options, signing.surroundings)
  const asking = { choices: request.asking, settings: policy.config.verify }
  const image = named === undefined || ready === undefined ? undefined : await findImage(named, asking)
  return { policy, ready, artifacts, sboms, files, image, asking }
}

/** Waivers and ages are judged as of a day, and the decision states one: a reader takes the one for the other. */
function checkDay({ judging, timestamp }: AttestRequest): void {
  const day = timestamp.slice(0, 10)
  if (judging.today !== day)
    throw new AssayError(
      'usage',
      `it would be judged as of ${judging.today}, and the decision would say ${day}`,
      'Leave --as-of away, or give --timestamp of that day.',
    )
}

function filesUsed({ artifacts, trustedRoot, policy: { config, baseline }, signing }: AttestRequest): readonly string[] {
  const { key, identityToken, signingConfig } = signing?.options ?? {}
  const single = [typeof config === 'string' ? config : undefined, baseline, key, identityToken, signingConfig]
  return [...artifacts, ...trustedRoot, ...single.filter((path) => path !== undefined)]
}

async function decide(request: AttestRequest, policy: ExactPolicy): Promise<Decided> {
  const { read, judging, timestamp } = request
  const reading = withDiscovery(read, policy.config)
  const before = await auditedInputs({ ...reading, onProgress: undefined })
  const resourceUri = request.resource ?? documentInfo(before.graph, policy.config).info.subject.purl
  if (resourceUri === undefined)
    throw new AssayError(
      'usage',
      'nothing in the tree says what the decision is about',
      'Give --resource URI (a purl or the address of the download), or set [project] purl in assay.toml.',
    )
  const tree = new RecordingTree(read.tree)
  const { judged, pack } = await audit(tree, request)
  if (judged.config.profile === 'audit' || judged.config.failOn === 'never')
    throw new AssayError(
      'configuration',
      'nothing fails this policy, so that passing it says nothing',
      'Use a profile other than audit, and gate.fail-on = "error" or "warn".',
    )
  if ((await exactPolicy(judging.input, request.policy)).sha256 !== policy.sha256)
    throw new AssayError('input-unreadable', 'the policy changed while it was applied', 'Run again when nothing writes there.')
  const inputs = await auditedInputs({ ...reading, onProgress: undefined }, tree)
  if (inputs.sha256 !== before.sha256)
    throw new AssayError('input-unreadable', 'the tree changed while it was audited', 'Run again when nothing writes there.')
  const expires = expiryOf(timestamp, request.expiresDays, judged)
  return { judged, pack, inputs, passed: judged.verdict.exitCode === 0, resourceUri, expires }
}

/** Signs, and writes the bundles when all of them are there. */
async function sign(
  all: readonly ToSign[],
  { trustedRoot }: AttestRequest,
  { judged }: Decided,
  ready: Ready,
): ReturnType<typeof signAll> {
  const { trust } = judged.config.settings
  const { roots } = await loadTrustedRoots(trustedRoot.length > 0 ? trustedRoot : trust.roots, onlineRootsOf(trust))
  const signed = await signAll(all, await ready(), roots)
  writeFiles(signed.bundles.map(({ bundle, text }) => ({ path: bundle, chunks: [text] })))
  return signed
}

/**
 * The audit as `assay audit` makes it in continuous integration, wherever it runs: who reads the decision does not know where,
 * and what nobody answered has not passed. What it was told is written down where that is wanted.
 */
async function audit(
  tree: RecordingTree,
  { read, judging, evidenceOut, version }: AttestRequest,
): Promise<{ readonly judged: Judged; readonly pack: PackWritten | undefined }> {
  if (judging.verify === undefined) return { judged: await judge({ ...read, tree }, judging), pack: undefined }
  const verify = { ...judging.verify, environment: { ...judging.verify.environment, CI: 'true' } }
  if (evidenceOut === undefined) return { judged: await judge({ ...read, tree }, { ...judging, verify }), pack: undefined }
  let pack: PackWritten | undefined
  const judged = await judge(
    { ...read, tree },
    {
      ...judging,
      verify: {
        ...verify,
        onUsed: async (used) => {
          pack = await writeEvidencePack(evidenceOut, used, version)
        },
      },
    },
  )
  return { judged, pack }
}

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\u0000-\u001f]+$/

function mustBeUri(text: string, option: string): void {
  if (!URI.test(text))
    throw new AssayError(
      'usage',
      `${option} is no URI`,
      'Write it with its scheme, e.g. pkg:cargo/app@1.0.0 or https://example.org/app.',
    )
}
