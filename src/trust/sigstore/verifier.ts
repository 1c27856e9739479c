import { createHash } from 'node:crypto'
import type { Digest } from '../../model/digest.js'
import { sameBytes } from '../base64.js'
import type { ParsedStatement, Statement } from '../statement.js'
import { isStatementPayloadType, parseStatement } from '../statement.js'
import { bindSubject } from '../subject-binding.js'
import type { SoundBundle } from './bundle.js'
import { readBundle } from './bundle.js'
import type { CertificateIdentity } from './certificate-identity.js'
import { readCertificateIdentity } from './certificate-identity.js'
import type { SignerPolicy } from './identity-policy.js'
import { isConstraining, judgeIdentity } from './identity-policy.js'
import type { KeyFinder, MessageCheck } from './library.js'
import type { LibraryOutcome, LocatedFailure } from './library-outcome.js'
import { locateFailure } from './library-outcome.js'
import type { Thresholds, TrustedRoot } from './trusted-root.js'
import { EMPTY_ROOT } from './trusted-root.js'
import type { BundleSigner, BundleVerdict, Check, CheckFailure, CheckName } from './verdict.js'
import { CHECKS } from './verdict.js'

/** The thing that must have been signed, as far as it is known. */
export interface SignedArtifact {
  readonly bytes?: Uint8Array | undefined
  /** Digests known from a lockfile, a registry or verified bytes; that of `bytes` need not be among them. */
  readonly anchors: readonly Digest[]
}

export interface BundleRequest {
  /** The text of the bundle, as it was found. */
  readonly bundle: Uint8Array
  readonly artifact: SignedArtifact
  /** In the order in which they are tried. */
  readonly roots: readonly TrustedRoot[]
  readonly signer: SignerPolicy | undefined
  /** Given by whoever verifies many: the signature of the same bundle by the same roots and keys is verified once. */
  readonly memo?: BundleMemo | undefined
}

/** What came of signatures, whatever they are about and whoever is wanted as signer. */
export type BundleMemo = Map<string, Promise<Judged>>

/** A key of one's own needs no witness unless a policy asks for one (spec/trust.md §1.6 no. 17). */
const KEY_THRESHOLDS: Thresholds = { log: 0, sct: 0, time: 0 }

/**
 * Verifies a sigstore bundle offline: the library's checks against each root in turn, the checks it lacks
 * (spec/trust.md §1.6), the statement's subject, and the signer against the policy. Never throws for what a bundle
 * holds; no network, no clock.
 */
export async function verifyBundle(request: BundleRequest): Promise<BundleVerdict> {
  const checks = new CheckList()
  const read = readBundle(request.bundle)
  if (!read.ok) return checks.failed('bundle', 'trust/bundle-malformed', read.why).verdict()
  const { bundle } = read
  checks.bundleVersion = bundle.version
  checks.passed('bundle')

  const anchors = anchorsOf(request.artifact)
  const message = await messageCheckOf(bundle, request.artifact, anchors)
  if ('reason' in message) return checks.failed('artifact', message.reason, message.why).verdict()
  checks.set(
    bundle.content.kind === 'message' ? { name: 'artifact', state: 'passed' } : { name: 'artifact', state: 'not-applicable' },
  )

  const judged = await remembered(request, message, () => judgeByRoots(bundle, message, request))
  // A key of one's own without a log entry or a timestamp is judged by no root.
  if (bundle.signedBy === 'certificate' || bundle.hasWitness) checks.root = judged.root
  checks.notApplicable(withoutMatter(bundle))
  if (!judged.outcome.ok) return checks.failedInLibrary(judged.outcome.failure).verdict()
  const { certificate, times, logs } = judged.outcome
  const identity = certificate === undefined ? undefined : readCertificateIdentity(certificate)
  for (const name of ['time', 'certificate', 'log', 'signature'] as const) checks.passedIfApplicable(name)
  checks.verifiedTimes = times
  if (typeof identity === 'string') return checks.failed('certificate', 'trust/certificate-untrusted', identity).verdict()
  checks.signer = signerOf(identity, judged.keyName)

  const outside = logs.find(
    ({ window }) => window === undefined || times.some(({ epochMs }) => epochMs < window.start || epochMs > window.end),
  )
  if (outside === undefined) checks.passedIfApplicable('log-window')
  else checks.failed('log-window', 'trust/log-window', `the key of log ${outside.id} was not in use at the time of signing`)

  checkStatement(checks, bundle, anchors)
  checkIdentity(checks, request.signer)
  return checks.verdict()
}

/** What a bundle gives no matter for: it must not show as passed. What a root demands nevertheless fails afterwards. */
function withoutMatter({ signedBy, logIds, hasWitness }: SoundBundle): CheckName[] {
  return [
    ...(signedBy === 'certificate' ? [] : (['certificate'] as const)),
    ...(logIds.length > 0 ? [] : (['log', 'log-window'] as const)),
    ...(signedBy === 'certificate' || hasWitness ? [] : (['time'] as const)),
  ]
}

function anchorsOf(artifact: SignedArtifact): readonly Digest[] {
  if (artifact.bytes === undefined) return artifact.anchors
  const value = createHash('sha256').update(artifact.bytes).digest('hex')
  return [{ of: 'artifact', algorithm: 'sha256', value }, ...artifact.anchors]
}

async function messageCheckOf(
  bundle: SoundBundle,
  artifact: SignedArtifact,
  anchors: readonly Digest[],
): Promise<MessageCheck | CheckFailure> {
  if (bundle.content.kind === 'dsse') return { kind: 'bytes', bytes: new Uint8Array() }
  const claimed = bundle.content.sha256
  const known = anchors.find((anchor) => anchor.of === 'artifact' && anchor.algorithm === 'sha256')
  if (known === undefined) return { reason: 'trust/digest-mismatch', why: 'no SHA-256 of the artifact is known to compare with' }
  if (!sameBytes(Buffer.from(known.value, 'hex'), claimed)) {
    const signed = Buffer.from(claimed).toString('hex')
    return { reason: 'trust/digest-mismatch', why: `signed is sha256:${signed}, the artifact is sha256:${known.value}` }
  }
  if (artifact.bytes !== undefined) return { kind: 'bytes', bytes: artifact.bytes }
  const { verifyOverDigest } = await import('./prehashed.js')
  return { kind: 'digest', verify: (key, signature) => verifyOverDigest(key, claimed, signature) }
}

interface Judged {
  readonly root: TrustedRoot | undefined
  readonly outcome: Extract<LibraryOutcome, { ok: true }> | { readonly ok: false; readonly failure: LocatedFailure }
  readonly keyName?: string | undefined
}

/** Signatures over bytes and over a digest are verified by other means: which of them is part of the question. */
function remembered(
  { bundle, roots, signer, memo }: BundleRequest,
  message: MessageCheck,
  judge: () => Promise<Judged>,
): Promise<Judged> {
  if (memo === undefined) return judge()
  const keys = signer?.kind === 'key' ? signer.keys.map(({ name, hint }) => `${hint} ${name}`) : []
  const question = [
    createHash('sha256').update(bundle).digest('hex'),
    message.kind,
    ...roots.map(({ sha256 }) => sha256),
    ...keys,
  ]
  const name = JSON.stringify(question)
  const judged = memo.get(name) ?? judge()
  memo.set(name, judged)
  return judged
}

/** The first root that verifies; else the one by which the bundle got furthest, the earlier of equals. */
async function judgeByRoots(bundle: SoundBundle, message: MessageCheck, request: BundleRequest): Promise<Judged> {
  const { verifyWithLibrary } = await import('./library.js')
  const byKey = bundle.signedBy === 'public-key'
  const roots = request.roots.length === 0 && byKey ? [EMPTY_ROOT] : request.roots
  let best: Judged = {
    root: undefined,
    outcome: {
      ok: false,
      failure: { check: 'certificate', reason: 'trust/certificate-untrusted', why: 'no trusted root is configured' },
    },
  }
  for (const [at, root] of roots.entries()) {
    let keyName: string | undefined
    const findKey: KeyFinder = (hint) => {
      const found = request.signer?.kind === 'key' ? chooseKey(request.signer.keys, hint) : undefined
      keyName = found?.name
      return found?.key
    }
    const outcome = verifyWithLibrary(bundle, message, root, byKey ? KEY_THRESHOLDS : root.thresholds, findKey)
    if (outcome.ok) return { root, outcome, keyName }
    const failure = explainFailure(locateFailure(outcome.failure), bundle, root, byKey)
    if (at === 0 || (!best.outcome.ok && CHECKS.indexOf(failure.check) > CHECKS.indexOf(best.outcome.failure.check))) {
      best = { root, outcome: { ok: false, failure } }
    }
  }
  return best
}

/** By the name the owner gave, then by the hint of its content; a lone key needs neither. The signature decides. */
function chooseKey<K extends { name: string; hint: string }>(keys: readonly K[], hint: string): K | undefined {
  const named = keys.find(({ name }) => name === hint) ?? keys.find((key) => key.hint === hint)
  return named ?? (keys.length === 1 ? keys[0] : undefined)
}

function explainFailure(failure: LocatedFailure, bundle: SoundBundle, root: TrustedRoot, byKey: boolean): LocatedFailure {
  const unknown = bundle.logIds.find((id) => !root.logIds.includes(id))
  if (failure.check === 'log' && unknown !== undefined) {
    return {
      ...failure,
      reason: 'trust/log-invalid',
      why: `log ${unknown} is not in the trusted root, which may be too old for this bundle`,
    }
  }
  if (byKey && failure.check === 'signature')
    return { ...failure, reason: 'trust/key-wrong', why: 'the signature is not by the configured key' }
  return failure
}

function signerOf(identity: CertificateIdentity | undefined, keyName: string | undefined): BundleSigner {
  return identity === undefined ? { kind: 'key', name: keyName ?? '' } : { kind: 'certificate', identity }
}

function checkStatement(checks: CheckList, bundle: SoundBundle, anchors: readonly Digest[]): void {
  if (bundle.content.kind === 'message') {
    checks.set({ name: 'statement', state: 'not-applicable' })
    // The artifact's own digest was compared before anything else.
    checks.set({ name: 'subject', state: 'not-applicable' })
    return
  }
  const { payloadType, payload } = bundle.content
  const parsed: ParsedStatement = isStatementPayloadType(payloadType)
    ? parseStatement(payload)
    : { ok: false, why: 'the envelope carries no in-toto statement' }
  if (!parsed.ok) {
    checks.failed('statement', 'trust/predicate-invalid', parsed.why)
    return
  }
  checks.statement = parsed.statement
  checks.passed('statement')
  const binding = bindSubject(parsed.statement, anchors)
  switch (binding.kind) {
    case 'bound':
      checks.passed('subject')
      break
    case 'other-subject':
      checks.failed('subject', 'trust/attestation-other-subject', `it is about ${binding.attested.join(', ')}`)
      break
    case 'conflict':
      checks.failed(
        'subject',
        'trust/subject-conflict',
        `one subject agrees with ${binding.agrees.value} and contradicts with ${binding.contradicts.value}`,
      )
      break
  }
}

function checkIdentity(checks: CheckList, policy: SignerPolicy | undefined): void {
  const { signer } = checks
  if (policy === undefined || (policy.kind === 'certificate' && !isConstraining(policy))) {
    checks.failed('identity', 'trust/identity-unconstrained', 'no policy says who may sign; an issuer and a signer must be named')
  } else if (policy.kind === 'key') {
    if (signer?.kind === 'key') checks.passed('identity')
    else checks.failed('identity', 'trust/identity-mismatch', 'it is signed with a certificate, a configured key is wanted')
  } else if (signer?.kind !== 'certificate') {
    checks.failed('identity', 'trust/identity-mismatch', 'it is signed with a key, a certificate is wanted')
  } else {
    const [first] = judgeIdentity(signer.identity, policy)
    if (first === undefined) checks.passed('identity')
    else {
      const reason = first.field === 'issuer' ? 'trust/issuer-mismatch' : 'trust/identity-mismatch'
      checks.failed('identity', reason, `${first.field} is ${first.got ?? 'not given'}, wanted is ${first.wanted}`)
    }
  }
}

/** Collects what came out; a check that nothing is said about was not reached. */
class CheckList {
  readonly #checks = new Map<CheckName, Check>()
  root: TrustedRoot | undefined
  signer: BundleSigner | undefined
  statement: Statement | undefined
  bundleVersion: string | undefined
  verifiedTimes: BundleVerdict['verifiedTimes'] = []

  set(check: Check): this {
    this.#checks.set(check.name, check)
    return this
  }

  passed(name: CheckName): this {
    return this.set({ name, state: 'passed' })
  }

  notApplicable(names: readonly CheckName[]): void {
    for (const name of names) this.set({ name, state: 'not-applicable' })
  }

  passedIfApplicable(name: CheckName): void {
    if (this.#checks.get(name)?.state !== 'not-applicable') this.passed(name)
  }

  failed(name: CheckName, reason: CheckFailure['reason'], why: string): this {
    return this.set({ name, state: 'failed', reason, why })
  }

  /** The library stops at the first failure; what it checks before has passed. */
  failedInLibrary({ check, reason, why }: LocatedFailure): this {
    for (const name of ['time', 'certificate', 'log', 'signature'] as const) {
      if (CHECKS.indexOf(name) < CHECKS.indexOf(check)) this.passedIfApplicable(name)
    }
    return this.failed(check, reason, why)
  }

  verdict(): BundleVerdict {
    const checks = CHECKS.map((name): Check => this.#checks.get(name) ?? { name, state: 'not-reached' })
    const reasons = checks.flatMap((check) => (check.state === 'failed' ? [check.reason] : []))
    const unconstrained = reasons.length === 1 && reasons[0] === 'trust/identity-unconstrained'
    return {
      outcome: reasons.length === 0 ? 'verified' : unconstrained ? 'unconstrained' : 'refused',
      checks,
      root: this.root && { name: this.root.name, sha256: this.root.sha256 },
      signer: this.signer,
      verifiedTimes: this.verifiedTimes,
      statement: this.statement,
      bundleVersion: this.bundleVersion,
    }
  }
}
