import { readAttachments } from './attachments.js'
import type { OciChild, OciContents, OciNote, SubjectLink } from './contents.js'
import { isContradiction, noteReason } from './contents.js'
import { inParallel } from './in-parallel.js'
import type { Descriptor, OciDocument, OciIndex, VerifiedDocument } from './manifest.js'
import { bytesToRead } from './manifest.js'
import type { OciDigest, OciReference } from './reference.js'
import { formatOciDigest } from './reference.js'
import type { OciFailure, OciRead, OciSource } from './source.js'

/** Indexes in indexes (spec/trust.md §5.2). */
const MAX_INDEX_DEPTH = 3
/** Entries of an index and of those in it, together. */
const MAX_CHILDREN = 1000
/** Of all of them together, by what their descriptors say. */
const MAX_CHILD_BYTES = 64 * 1024 * 1024
/** Children whose attachments are looked for; no product is built for more platforms. */
const MAX_SUBJECTS = 64
const AT_ONCE = 8

const BUILDKIT_TYPE = 'vnd.docker.reference.type'
const BUILDKIT_ABOUT = 'vnd.docker.reference.digest'

type Document = VerifiedDocument & { readonly bytes: Uint8Array }

/**
 * Reads one artifact, what an index holds, and everything that is attached to it or to its parts (spec/trust.md §4.7 steps
 * 1 to 5), through its source alone and within limits. Fails only where the artifact itself cannot be had.
 */
export async function walkArtifact(
  source: OciSource,
  reference: Pick<OciReference, 'tag' | 'digest'>,
): Promise<OciRead<OciContents>> {
  const root = await source.document(reference)
  if (!root.ok) return root
  const walk = new Walk(source)
  return { ok: true, value: await walk.contents(root.value, reference) }
}

class Walk {
  readonly #notes: OciNote[] = []
  readonly #children: OciChild[] = []
  readonly #seen = new Set<string>()
  /** Statements of BuildKit, with the child that they are about. */
  readonly #statements: { readonly document: Document; readonly about: OciDigest }[] = []
  #tooMany = false
  #childBytes = 0

  constructor(readonly source: OciSource) {}

  async contents(root: Document, { tag, digest: named }: Pick<OciReference, 'tag' | 'digest'>): Promise<OciContents> {
    const { digest, document, bytes } = root
    this.#seen.add(formatOciDigest(digest))
    if (document.kind === 'index') await this.#readChildren(document, 1)
    const parts = this.#children.filter(({ role, held }) => role !== 'attestation' && held)
    if (parts.length > MAX_SUBJECTS)
      this.#note(
        'unknown',
        'trust/oci-too-many',
        `it has ${parts.length} parts; attachments of the first ${MAX_SUBJECTS} are looked for`,
      )
    const subjects = [digest, ...parts.slice(0, MAX_SUBJECTS).map(({ descriptor }) => descriptor.digest)]
    const { attachments, notes } = await readAttachments(this.source, subjects, this.#statements)
    return {
      digest,
      bytes,
      document,
      byTag: named === undefined ? (tag ?? 'latest') : undefined,
      children: this.#children,
      subject: document.subject === undefined ? undefined : await this.#link(document.subject),
      attachments: inOrder(attachments, ({ from, layer }) => `${from} ${formatOciDigest(layer.digest)}`),
      notes: inOrder([...this.#notes, ...notes], ({ weight, reason, why }) => `${weight} ${reason} ${why}`),
    }
  }

  async #readChildren(index: OciIndex, depth: number): Promise<void> {
    const fresh = index.manifests.filter(({ digest }) => {
      const key = formatOciDigest(digest)
      return !this.#seen.has(key) && this.#seen.add(key)
    })
    const first = fresh.slice(0, MAX_CHILDREN - this.#children.length)
    const taken = first.filter((descriptor) => {
      this.#childBytes += bytesToRead(descriptor)
      return this.#childBytes <= MAX_CHILD_BYTES
    })
    if (taken.length < fresh.length && !this.#tooMany) {
      this.#tooMany = true
      const most = first.length < fresh.length ? `${MAX_CHILDREN} manifests` : `${MAX_CHILD_BYTES} bytes of manifests`
      this.#note('unknown', 'trust/oci-too-many', `its indexes hold more than ${most}`)
    }
    const read = await inParallel(taken, AT_ONCE, async (descriptor) => ({
      descriptor,
      answer: await this.source.document({ digest: descriptor.digest }, descriptor),
    }))
    const inner: OciIndex[] = []
    for (const { descriptor, answer } of read) {
      const document = answer.ok ? answer.value.document : undefined
      const isStatement = isCalledStatement(descriptor) && (document === undefined || holdsStatementsOnly(document))
      const role = isStatement ? 'attestation' : document?.kind === 'index' ? 'index' : 'image'
      this.#children.push({ descriptor, role, held: answer.ok })
      if (!answer.ok) this.#failed(descriptor, answer)
      else if (isStatement) this.#noteStatement(descriptor, answer.value, index)
      else if (document?.kind === 'index') inner.push(document)
    }
    if (inner.length > 0 && depth >= MAX_INDEX_DEPTH) {
      this.#note('unknown', 'trust/oci-too-many', `indexes nest deeper than ${MAX_INDEX_DEPTH}`)
      return
    }
    for (const each of inner) await this.#readChildren(each, depth + 1)
  }

  #noteStatement(descriptor: Descriptor, document: Document, index: OciIndex): void {
    const named = descriptor.annotations.get(BUILDKIT_ABOUT)
    const sibling = index.manifests.find(({ digest }) => formatOciDigest(digest) === named)
    if (sibling !== undefined) this.#statements.push({ document, about: sibling.digest })
    else
      this.#note(
        'note',
        'trust/oci-subject-dangling',
        `the statements in ${formatOciDigest(descriptor.digest)} are about ${named ?? 'nothing'}, which the index does not hold`,
      )
  }

  #failed(descriptor: Descriptor, failure: OciFailure): void {
    const what = `${descriptor.platform ?? 'the part'} ${formatOciDigest(descriptor.digest)}`
    switch (failure.kind) {
      case 'refused': {
        const reason = noteReason(failure.reason)
        this.#note(isContradiction(reason) ? 'contradiction' : 'unknown', reason, `${what}: ${failure.why}`)
        break
      }
      case 'absent':
        // Registries may hold a part of the platforms alone; whoever pulls that one sees that it is not there.
        this.#note('unknown', 'trust/oci-missing', `${what} is not there: ${failure.why}`)
        break
      case 'unavailable':
        this.#note('unknown', 'trust/attestation-unknown', `${what}: ${failure.why}`)
        break
    }
  }

  /** What the manifest says it is about, by whoever pushed it: a link, never evidence. */
  async #link(descriptor: Descriptor): Promise<SubjectLink> {
    // A copy in the descriptor says nothing of what the repository holds.
    const read = await this.source.document({ digest: descriptor.digest }, { ...descriptor, data: undefined })
    if (read.ok) return { descriptor, state: 'held' }
    const digest = formatOciDigest(descriptor.digest)
    if (read.kind === 'unavailable') {
      this.#note('note', 'trust/attestation-unknown', `its subject ${digest}: ${read.why}`)
      return { descriptor, state: 'unknown' }
    }
    const why = read.kind === 'absent' ? 'is not in the same repository' : `is not as described: ${read.why}`
    this.#note('note', 'trust/oci-subject-dangling', `its subject ${digest} ${why}`)
    return { descriptor, state: 'dangling' }
  }

  #note(weight: OciNote['weight'], reason: OciNote['reason'], why: string): void {
    this.#notes.push({ weight, reason, why })
  }
}

function isCalledStatement({ annotations }: Descriptor): boolean {
  return annotations.get(BUILDKIT_TYPE) === 'attestation-manifest'
}

/** Whoever runs an image does not look at what the index calls it: only what cannot be run is no image. */
function holdsStatementsOnly(document: OciDocument): boolean {
  return (
    document.kind === 'manifest' &&
    document.layers.length > 0 &&
    document.layers.every(({ mediaType }) => mediaType.startsWith('application/vnd.in-toto'))
  )
}

/** One order, whoever answered first. */
function inOrder<T>(all: readonly T[], key: (one: T) => string): readonly T[] {
  return all
    .map((one) => ({ one, key: key(one) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ one }) => one)
}
