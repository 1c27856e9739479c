import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Desk } from '../evidence/desk/desk.js'
import type { Fact } from '../model/graph.js'
import type { Settings } from '../model/rule.js'
import type { SourceTree } from '../model/tree.js'
import { baseName } from '../model/tree.js'
import { identityFor, RELEASE_SBOM } from '../policy/trust-match.js'
import { parseEnvelope } from '../trust/dsse.js'
import { SBOM_LIMITS } from '../trust/sbom-subject.js'
import { readBundle } from '../trust/sigstore/bundle.js'
import { parseStatement } from '../trust/statement.js'
import type { JsonObject } from '../trust/strict-json.js'
import { isJsonObject, parseStrictJson } from '../trust/strict-json.js'
import { attestedDigests } from '../trust/subject-binding.js'
import type { FoundSignature } from './artifact/found-signatures.js'
import { signaturesBeside } from './artifact/found-signatures.js'
import { judgeSignature } from './artifact/judge-signature.js'
import type { JudgedSignature, KnownArtifact } from './artifact/judged-signature.js'
import type { ArtifactPolicy } from './artifact/policy.js'
import { PolicyMaker, trustedBuilders } from './trust/component-policy.js'
import { loadTrustedRoots, onlineRootsOf } from './trust/roots.js'

/** What came of one SBOM file that is published. */
interface SbomSigned {
  readonly state: 'verified' | 'missing' | 'invalid' | 'undecided'
  readonly why?: string | undefined
  readonly fix?: string | undefined
  /** The file of the signature. */
  readonly by?: string | undefined
}

/**
 * Facts `sbom/signature` about the SBOM files that the configuration says are published: whether a signature beside each is
 * by whom `[trust]` accepts, over its bytes or over a statement that holds the very document. Asks nobody; `desk` keeps the
 * trusted root for a replay, or tells it there. Throws `configuration` and `input-unreadable` for keys and roots that cannot
 * be used.
 */
export async function releaseSbomFacts(
  tree: SourceTree,
  { release, trust }: Pick<Settings, 'release' | 'trust'>,
  desk?: Desk,
): Promise<readonly Fact[]> {
  const files = [...new Set(release.sboms)]
  if (files.length === 0) return []
  const policy = await policyFor(trust, desk)
  const facts: Fact[] = []
  for (const file of files) {
    const { state, why, fix, by } = await judgeSbom(tree, file, policy)
    facts.push({
      kind: 'sbom/signature',
      data: {
        file,
        state,
        ...(why === undefined ? {} : { why }),
        ...(fix === undefined ? {} : { fix }),
        ...(by === undefined ? {} : { by }),
      },
    })
  }
  return facts
}

/** Who may sign, and what statements about. */
interface SbomPolicy {
  readonly signers: ArtifactPolicy
  /** Undefined: any. */
  readonly predicateTypes?: readonly string[] | undefined
}

async function policyFor(trust: Settings['trust'], desk: Desk | undefined): Promise<SbomPolicy | undefined> {
  const identity = identityFor(trust, RELEASE_SBOM)
  if (identity === undefined) return undefined
  const { roots, embedded } = await loadTrustedRoots(trust.roots, onlineRootsOf(trust, desk))
  const maker = new PolicyMaker({ roots, embeddedRoot: embedded, builders: trustedBuilders(trust.builders) })
  const { policy } = await maker.policyFor({ name: RELEASE_SBOM }, identity, undefined)
  return { signers: policy, predicateTypes: identity.predicateTypes }
}

async function judgeSbom(tree: SourceTree, file: string, policy: SbomPolicy | undefined): Promise<SbomSigned> {
  const read = await tree.read(file, SBOM_LIMITS.maxBytes)
  if (!read.ok)
    return {
      state: 'undecided',
      why: read.failure === 'absent' ? 'it is not there' : `it cannot be read: ${read.why}`,
      fix: 'run the audit where the release is built, after the SBOM is written',
    }
  const found = await signaturesBeside(file, (path, limit) => tree.read(path, limit))
  if (found.signatures.length === 0) {
    const [unreadable] = found.unreadable
    if (unreadable === undefined) return { state: 'missing' }
    return {
      state: 'undecided',
      why: `${unreadable.file} cannot be read: ${unreadable.why}`,
      fix: 'check the file',
      by: unreadable.file,
    }
  }
  if (policy === undefined)
    return {
      state: 'undecided',
      why: 'it is signed, and nothing says who may sign it',
      fix: `name who signs in a [[trust.identities]] with match = "${RELEASE_SBOM}"`,
    }
  const value = createHash('sha256').update(read.bytes).digest('hex')
  const sbom = {
    name: baseName(file),
    bytes: read.bytes,
    anchors: [{ of: 'artifact', algorithm: 'sha256', value } as const],
  }
  const document = parseStrictJson(read.bytes, SBOM_LIMITS)
  const outcomes: SbomSigned[] = []
  for (const one of found.signatures) {
    const outcome = await judgeOne(one, sbom, document.ok && isJsonObject(document.value) ? document.value : undefined, policy)
    if (outcome.state === 'verified') return outcome
    outcomes.push(outcome)
  }
  // What contradicts weighs most; but a signature that holds is not taken away by another that does not.
  return outcomes.find(({ state }) => state === 'invalid') ?? outcomes[0] ?? { state: 'missing' }
}

async function judgeOne(
  found: FoundSignature,
  sbom: KnownArtifact,
  document: JsonObject | undefined,
  { signers, predicateTypes }: SbomPolicy,
): Promise<SbomSigned> {
  const { from: by } = found
  const statement = statementIn(found)
  const claimed = statement === undefined ? [] : attestedDigests(statement)
  const overBytes = statement === undefined || claimed.some(({ value }) => sbom.anchors.some((anchor) => anchor.value === value))
  // A statement about a release names that: what binds it to this file is that it holds the very document.
  const judged = await judgeSignature(found, overBytes ? sbom : { name: sbom.name, anchors: claimed }, signers)
  if (judged.signature.outcome !== 'verified') return notVerified(judged)
  const type = judged.signature.statement?.predicateType
  if (type !== undefined && predicateTypes?.includes(type) === false)
    return { state: 'missing', why: `${by} is of a type that this signer may not attest: ${type}`, by }
  if (overBytes || isDeepStrictEqual(judged.sbom, document)) return { state: 'verified', by }
  if (judged.sbom === undefined) return { state: 'missing', why: `${by} attests something else`, by }
  return {
    state: 'invalid',
    why: `${by} attests another document`,
    fix: 'publish the SBOM that was attested, or attest this one',
    by,
  }
}

function notVerified({ signature: { from: by, outcome, problems } }: JudgedSignature): SbomSigned {
  const [problem] = problems
  const why = problem === undefined ? `${by} is of a form that the identity is not about` : `${by}: ${problem.why}`
  return { state: outcome === 'refused' ? 'invalid' : 'undecided', why, fix: problem?.fix, by }
}

/** The statement that a signature is over, not verified yet. */
function statementIn({ form, bytes, json }: FoundSignature): ReturnType<typeof statementOf> {
  if (form === 'sigstore-bundle') {
    const read = readBundle(bytes)
    return read.ok && read.bundle.content.kind === 'dsse' ? statementOf(read.bundle.content.payload) : undefined
  }
  const envelope = form === 'dsse-envelope' ? parseEnvelope(json) : undefined
  return envelope?.ok === true ? statementOf(envelope.envelope.payload) : undefined
}

function statementOf(payload: Uint8Array) {
  const parsed = parseStatement(payload)
  return parsed.ok ? parsed.statement : undefined
}
