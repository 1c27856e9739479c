import type { Session } from '../../evidence/session.js'
import { AssayError } from '../../model/error.js'
import type { Fact } from '../../model/graph.js'
import type { ReleaseImage } from '../../model/release-settings.js'
import { TRUST_ROOT_FACT } from '../../model/trust-root-fact.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import type { OciContents } from '../../trust/oci/contents.js'
import { isContradiction, noteReason } from '../../trust/oci/contents.js'
import { formatOciDigest } from '../../trust/oci/reference.js'
import { walkArtifact } from '../../trust/oci/walk.js'
import { rootFacts } from '../trust/roots.js'
import { hashContent } from './hash-content.js'
import type { ImagePolicy } from './image-policy.js'
import { imagePolicy } from './image-policy.js'
import type { JudgedAttachment } from './judge-attachments.js'
import { judgeAttachments } from './judge-attachments.js'
import { openArtifact, parseNamedArtifact } from './open-source.js'
import { coverageOf, outcomeOf } from './package-integrity.js'

export interface ReleaseRequest {
  readonly images: readonly ReleaseImage[]
  readonly trust: TrustSettings
  /** Hash configurations and layers too. */
  readonly bytes: boolean
  readonly session: () => Session
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

const NOBODY: ImagePolicy = { policy: { keys: [], minisignKeys: [], roots: [], embeddedRoot: false } }
/** Facts of one kind about one image. */
const MAX_FACTS = 100

/**
 * What is published under the names of `[release] images`, as facts for the rules `oci/*`:
 * - `oci/release-image` {reference, state, why} with `state` `read`, `absent`, `unavailable` or `refused`; where it is read
 *   {digest, kinds, partly, refused, policy, unseen}: `kinds` of attachments that count, `partly` those that only some images
 *   of an index have, `refused` those that are there and do not count, `policy` whether somebody is named who signs, `unseen` why there may be more.
 * - `oci/content-mismatch` {reference, reason, why}: bytes that are not their digest.
 * - `oci/artifact-type` {reference, what, type}: of the artifact itself and of what is attached.
 *
 * And those about the trusted roots. Throws `configuration` and `input-unreadable` for keys and roots of the settings; never for what a registry says.
 */
export async function releaseFacts({ images, onProgress, ...how }: ReleaseRequest): Promise<readonly Fact[]> {
  const facts: Fact[] = []
  for (const [at, image] of images.entries()) {
    facts.push(...(await factsOf(image, how)))
    onProgress?.(at + 1, images.length)
  }
  return withoutRepetition(facts)
}

/** The roots are the same for all images. */
function withoutRepetition(facts: readonly Fact[]): readonly Fact[] {
  const known = new Set<string>()
  return facts.filter(({ kind, data }) => {
    if (kind !== TRUST_ROOT_FACT) return true
    const key = JSON.stringify(data)
    return !known.has(key) && known.add(key)
  })
}

async function factsOf(
  { reference, location }: ReleaseImage,
  { trust, bytes, session }: Omit<ReleaseRequest, 'images' | 'onProgress'>,
): Promise<Fact[]> {
  const fact = (kind: string, data: Fact['data']): Fact => ({ kind, location, data: { reference, ...data } })
  const state = (name: string, why: string): Fact[] => [fact('oci/release-image', { state: name, why })]
  let named: ReturnType<typeof parseNamedArtifact>
  try {
    named = parseNamedArtifact(reference)
  } catch (error) {
    if (error instanceof AssayError) return state('absent', error.message)
    throw error
  }
  const repository = named.kind === 'registry' ? named.reference : undefined
  // A rule tells what cannot be used, and shuts the gate where the settings do not allow another root in its place.
  const policy = await imagePolicy({ key: [], trustedRoot: [] }, { ...trust, rootFallback: true }, repository, session().desk)
  const opened = await openArtifact(named, async () => session())
  const walked = opened.ok ? await walkArtifact(opened.value.source, opened.value.reference) : opened
  if (!walked.ok) {
    const isMismatch = walked.kind === 'refused' && isContradiction(noteReason(walked.reason))
    return [
      ...state(walked.kind, walked.why),
      ...(isMismatch ? [fact('oci/content-mismatch', { reason: walked.reason, why: walked.why })] : []),
    ]
  }
  const hashed = bytes && opened.ok ? await hashContent(opened.value.source, walked.value) : undefined
  const contents = { ...walked.value, notes: [...walked.value.notes, ...(hashed?.notes ?? [])] }
  const { attachments } = await judgeAttachments(contents, policy ?? NOBODY)
  const refused = attachments.flatMap((one) => (counts(one, policy) ? [] : reasonOf(one)))
  const more = contents.notes.find(({ weight }) => weight === 'unknown')
  return [
    fact('oci/release-image', {
      state: 'read',
      digest: formatOciDigest(contents.digest),
      ...kindsOf(
        contents,
        attachments.filter((one) => counts(one, policy)),
      ),
      refused: [...new Set(refused)].slice(0, MAX_FACTS),
      policy: policy !== undefined,
      // What was not seen may be what is missing.
      ...(more === undefined ? {} : { unseen: more.why }),
    }),
    ...contents.notes
      .filter(({ weight }) => weight === 'contradiction')
      .slice(0, MAX_FACTS)
      .map(({ reason, why }) => fact('oci/content-mismatch', { reason, why })),
    ...typesOf(contents).map((data) => fact('oci/artifact-type', data)),
    ...(policy?.loaded === undefined ? [] : rootFacts(policy.loaded, trust.rootFallback)),
  ]
}

/** Whether an attachment is what a release should have: verified where somebody is named who signs, else there at all. */
function counts(one: JudgedAttachment, policy: ImagePolicy | undefined): boolean {
  const { content } = one.attachment
  if (one.kind === 'other') return false
  if (content.kind === 'sbom') return true
  if (content.kind === 'unsigned-statement') return one.kind === 'sbom'
  return policy === undefined || outcomeOf(one) === 'verified'
}

/** What all of it has, and what only some images of an index have. */
function kindsOf(
  contents: OciContents,
  attached: readonly JudgedAttachment[],
): { readonly kinds: readonly string[]; readonly partly?: readonly string[] } {
  const kinds = [...new Set(attached.map(({ kind }) => kind))].sort()
  const isWhole = (kind: string): boolean =>
    coverageOf(
      contents,
      attached.filter((one) => one.kind === kind),
    ) !== 'some'
  const partly = kinds.filter((kind) => !isWhole(kind))
  return { kinds: kinds.filter(isWhole), ...(partly.length === 0 ? {} : { partly }) }
}

function reasonOf({ kind, judged }: JudgedAttachment): string[] {
  const [first] = judged?.signature.problems ?? []
  return first === undefined ? [] : [`${kind}: ${first.reason}: ${first.why}`]
}

function typesOf(contents: OciContents): { readonly what: string; readonly type: string }[] {
  const { document, digest, attachments } = contents
  const own = document.artifactType
  const attached = new Map(
    attachments.map(({ artifactType, from }) => [`${from} ${artifactType}`, { type: artifactType, what: from }]),
  )
  return [
    ...(own === undefined ? [] : [{ what: formatOciDigest(digest), type: own }]),
    ...[...attached.values()].slice(0, MAX_FACTS),
  ]
}
