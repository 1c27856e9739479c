import { createHash } from 'node:crypto'
import { writeFiles } from '../../evidence/write-files.js'
import type { AttestReport, AttestSigner, SignedFile } from '../../model/attest-report.js'
import type { Digest } from '../../model/digest.js'
import { AssayError } from '../../model/error.js'
import type { SigningContent } from '../../trust/signing/sign.js'
import { VERIFICATION_SUMMARY_TYPE } from '../../trust/slsa/verification-summary.js'
import { statementBytes } from '../../trust/statement-text.js'
import { documentInfo } from '../document-info.js'
import type { PackWritten } from '../evidence-pack.js'
import { writeEvidencePack } from '../evidence-pack.js'
import type { Judged, JudgeRequest } from '../judge.js'
import { judge, withDiscovery } from '../judge.js'
import { readNamed } from '../named-file.js'
import type { AskingChoices } from '../oci/with-session.js'
import type { ReadRequest } from '../read-graph.js'
import type { LoadedRoots } from '../trust/roots.js'
import { loadTrustedRoots, onlineRootsOf } from '../trust/roots.js'
import { attachToImage, findImage, parseImage } from './attach.js'
import type { AttestedSbom } from './attested-sbom.js'
import { readAttestedSbom } from './attested-sbom.js'
import { auditedInputs, digestsOf } from './audited-inputs.js'
import { decisionPredicate, levelsOf } from './decision.js'
import { expiryOf } from './expiry.js'
import type { PolicyChoices } from './policy-digest.js'
import { exactPolicy } from './policy-digest.js'
import { RecordingTree } from './recording-tree.js'
import { signVerified } from './sign-verified.js'
import type { Ready, SigningOptions, SigningSurroundings } from './signing-party.js'
import { prepareSigning } from './signing-party.js'
import { artifactOf, readArtifacts, subjectsOfArtifacts, subjectsOfTree } from './subjects.js'

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

/** Something to sign, and where its bundle goes. */
interface ToSign extends Omit<SignedFile, 'sha256'> {
  readonly content: SigningContent
  /** Digests of what it is about. */
  readonly about: readonly Digest[]
}

/** A bundle that was written. */
interface Written extends SignedFile {
  readonly text: string
}

/**
 * Audits, and signs what came out (SLSA verification summary v1) and SBOMs. Nothing is signed about a tree or a policy that
 * changed meanwhile, nor about a policy that was not met, unless that is asked for. Throws as `judge` and `prepareSigning`
 * do, `configuration` for a policy that nothing can fail, and `nothing-found` where there is nothing to sign about.
 */
export async function attest(request: AttestRequest): Promise<Attested> {
  const { judging, timestamp, verifierId } = request
  mustBeUri(verifierId, '--verifier-id')
  const policy = await exactPolicy(judging.input, request.policy)
  const ready =
    request.signing === undefined ? undefined : await prepareSigning(request.signing.options, request.signing.surroundings)
  const image = request.attach === undefined ? undefined : parseImage(request.attach)
  const artifacts = [...(await readArtifacts(request.artifacts)), ...(image === undefined ? [] : [artifactOf(image)])]
  const sboms: AttestedSbom[] = []
  for (const file of new Set(request.sboms))
    sboms.push(
      await readAttestedSbom(
        file,
        artifacts.map(({ digest }) => digest),
      ),
    )

  const files = await readFilesToSign(request.files)
  mustDiffer([request.output, ...request.sboms.map(besides), ...request.files.map(besides)])

  const asking = { choices: request.asking, settings: policy.config.verify }
  const found = image === undefined || ready === undefined ? undefined : await findImage(image, asking)

  const tree = new RecordingTree(request.read.tree)
  const { judged, pack } = await audit(tree, request)
  if (judged.config.profile === 'audit' || judged.config.failOn === 'never')
    throw new AssayError(
      'configuration',
      'nothing fails this policy, so that passing it says nothing',
      'Use a profile other than audit, and gate.fail-on = "error" or "warn".',
    )
  if ((await exactPolicy(judging.input, request.policy)).sha256 !== policy.sha256)
    throw new AssayError('input-unreadable', 'the policy changed while it was applied', 'Run again when nothing writes there.')
  const inputs = await auditedInputs(withDiscovery(request.read, judged.config), tree)

  const subjects = artifacts.length > 0 ? subjectsOfArtifacts(artifacts) : subjectsOfTree(inputs)
  const resourceUri = request.resource ?? documentInfo(inputs.graph, judged.config).info.subject.purl
  if (resourceUri === undefined)
    throw new AssayError(
      'usage',
      'nothing in the tree says what the decision is about',
      'Give --resource URI (a purl or the address of the download), or set [project] purl in assay.toml.',
    )
  mustBeUri(resourceUri, '--resource')
  const expires = expiryOf(timestamp, request.expiresDays, judged)
  const predicate = decisionPredicate(judged, {
    verifierId,
    version: request.version,
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
  const about = artifacts.length > 0 ? artifacts.map(({ digest }) => digest) : digestsOf(inputs)
  const stated = (predicateType: string, text: string): Pick<ToSign, 'content' | 'about' | 'predicateType'> => ({
    content: { kind: 'statement', bytes: statementBytes({ subjects, predicateType, predicate: text }) },
    about,
    predicateType,
  })
  const statements: ToSign[] = [
    { kind: 'decision', bundle: request.output, ...stated(VERIFICATION_SUMMARY_TYPE, predicate) },
    ...sboms.map(
      ({ file, predicateType, bytes }): ToSign => ({
        kind: 'sbom',
        bundle: besides(file),
        ...stated(predicateType, Buffer.from(bytes).toString('utf8').trim()),
      }),
    ),
  ]
  const passed = judged.verdict.exitCode === 0
  const signs = ready !== undefined && (passed || request.allowFailed)
  const signed = signs
    ? await signAll(
        [...statements, ...files],
        await loadTrustedRoots(
          request.trustedRoot.length > 0 ? request.trustedRoot : judged.config.settings.trust.roots,
          onlineRootsOf(judged.config.settings.trust),
        ),
        ready,
      )
    : undefined
  const bundles = (signed?.written ?? []).flatMap(({ text, predicateType }) =>
    predicateType === undefined ? [] : [{ text, predicateType }],
  )
  const attached =
    found === undefined || signed === undefined ? [] : await attachToImage(found, { bundles, sboms, created: timestamp }, asking)
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
      verifiedLevels: passed ? levelsOf(judged) : ['FAILED'],
      expires,
      subjects: subjects.flatMap(({ name = '', digest }) =>
        [...digest].map(([algorithm, value]) => ({ name, algorithm, digest: value })),
      ),
      signed: (signed?.written ?? []).map(({ kind, bundle, sha256, predicateType }) => ({ kind, bundle, sha256, predicateType })),
      signer: signed?.signer,
      evidence:
        pack === undefined || request.evidenceOut === undefined
          ? undefined
          : { file: request.evidenceOut, sha256: pack.digest, answers: pack.answers },
      attached,
    },
  }
}

/** The audit as `assay audit` makes it; what it was told is written down where that is wanted. */
async function audit(
  tree: RecordingTree,
  { read, judging, evidenceOut, version }: AttestRequest,
): Promise<{ readonly judged: Judged; readonly pack: PackWritten | undefined }> {
  if (evidenceOut === undefined) return { judged: await judge({ ...read, tree }, judging), pack: undefined }
  const { verify } = judging
  if (verify === undefined)
    throw new AssayError(
      'usage',
      'offline there is nobody to ask, so there is no evidence to write',
      'Leave --evidence-out away.',
    )
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

async function readFilesToSign(named: readonly string[]): Promise<ToSign[]> {
  const files: ToSign[] = []
  for (const file of new Set(named)) {
    const bytes = await readNamed(file, MAX_SIGNED_BYTES, 'file')
    files.push({ kind: 'file', bundle: besides(file), content: { kind: 'message', bytes }, about: [] })
  }
  return files
}

function besides(file: string): string {
  return `${file}.sigstore.json`
}

function mustDiffer(bundles: readonly string[]): void {
  const twice = bundles.find((bundle, at) => bundles.indexOf(bundle) !== at)
  if (twice !== undefined)
    throw new AssayError(
      'usage',
      `two bundles would be written to ${twice}`,
      'Attest an SBOM or sign its bytes, and name it once.',
    )
}

/** Signs everything, and writes the bundles when all of them are there. */
async function signAll(
  all: readonly ToSign[],
  { roots }: LoadedRoots,
  ready: Ready,
): Promise<{ readonly written: readonly Written[]; readonly signer: AttestSigner | undefined }> {
  const party = await ready()
  if (party.kind === 'key' && party.key.kind === 'ed25519' && all.some(({ kind }) => kind === 'file'))
    throw new AssayError(
      'configuration',
      'a signature over a file by an Ed25519 key is not verified by every tool in use',
      'Use an ECDSA P-256 key where the bytes of files are signed.',
    )
  const written: Written[] = []
  let signer: AttestSigner | undefined
  for (const { content, about, kind, bundle, predicateType } of all) {
    const signed = await signVerified(content, about, party, roots)
    signer = signed.signer
    const sha256 = createHash('sha256').update(signed.text).digest('hex')
    written.push({ kind, bundle, sha256, predicateType, text: signed.text })
  }
  writeFiles(written.map(({ bundle, text }) => ({ path: bundle, chunks: [text] })))
  return { written, signer }
}

/** What is held in memory to be signed. */
const MAX_SIGNED_BYTES = 128 * 1024 * 1024

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\u0000-\u001f]+$/

function mustBeUri(text: string, option: string): void {
  if (!URI.test(text))
    throw new AssayError(
      'usage',
      `${option} is no URI`,
      'Write it with its scheme, e.g. pkg:cargo/app@1.0.0 or https://example.org/app.',
    )
}
