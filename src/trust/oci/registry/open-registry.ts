import type { Answer, Desk, MismatchAnswer, OkAnswer, Question } from '../../../evidence/desk/desk.js'
import { nextLink } from '../../next-link.js'
import type { Descriptor, OciRefusal, VerifiedDocument } from '../manifest.js'
import { ACCEPTED_MANIFESTS, checkContent, MAX_MANIFEST_BYTES, OCI_INDEX, readDocument } from '../manifest.js'
import type { OciDigest, OciReference } from '../reference.js'
import { formatOciDigest, parseOciDigest, referrersTag } from '../reference.js'
import type { ListedReferrers, OciFailure, OciRead, OciSource } from '../source.js'
import { digestPath, manifestPath, type RepositoryAddress, repositoryAddress } from './address.js'

interface RegistryOptions {
  /** Everything is asked through it, so that it is kept and a pack replays it. */
  readonly desk: Desk
  readonly reference: Pick<OciReference, 'registry' | 'repository'>
  /** Ask over plain http, which the session has to allow for this host too. Default: on this machine only. */
  readonly plainHttp?: boolean | undefined
}

type Document = VerifiedDocument & { readonly bytes: Uint8Array }

/** Pages of one list, and descriptors in all of them together. */
const MAX_PAGES = 100
const MAX_REFERRERS = 1000

/** One repository of a registry (spec/trust.md §5.2, §5.5). Nothing is asked before something is read. */
export function openRegistry({ desk, reference, plainHttp }: RegistryOptions): OciSource {
  return new Repository(desk, repositoryAddress(reference, plainHttp))
}

class Repository implements OciSource {
  constructor(
    readonly desk: Desk,
    readonly address: RepositoryAddress,
  ) {}

  get name(): string {
    return this.address.name
  }

  async document(reference: Pick<OciReference, 'tag' | 'digest'>, expected?: Descriptor): Promise<OciRead<Document>> {
    const path = manifestPath(reference)
    if (path === undefined) return refused('trust/oci-malformed', 'the reference is malformed')
    const { digest = expected?.digest } = reference
    const { size, mediaType, data } = expected ?? {}
    if (size !== undefined && size > MAX_MANIFEST_BYTES) return tooLarge(size, MAX_MANIFEST_BYTES)
    if (data !== undefined && expected !== undefined && checkContent(data, expected).ok)
      return verified(data, { digest, size, mediaType }, undefined)
    const answer = await this.#ask({
      url: this.#url(path),
      accept: ACCEPTED_MANIFESTS.join(', '),
      limitBytes: MAX_MANIFEST_BYTES,
      headers: true,
      ...byDigest(reference.digest),
    })
    if (answer.kind === 'mismatch') return mismatch(answer, size)
    if (answer.kind !== 'ok') return notRead(answer, `${this.name} has no manifest ${shown(reference)}`, MAX_MANIFEST_BYTES)
    const { bytes, headers } = answer
    const stated = reference.digest === undefined ? parseOciDigest(headers?.get('docker-content-digest') ?? '') : undefined
    const own = stated === undefined ? undefined : checkContent(bytes, { digest: stated })
    if (own?.ok === false) return refused(own.reason, `the registry names other bytes than it sends: ${own.why}`)
    return verified(bytes, { digest, size, mediaType }, headers?.get('content-type'))
  }

  async blob(descriptor: Descriptor, limitBytes: number): Promise<OciRead<Uint8Array>> {
    const { digest, size = limitBytes, data } = descriptor
    if (size > limitBytes) return tooLarge(size, limitBytes)
    if (data !== undefined && data.length <= limitBytes && checkContent(data, descriptor).ok) return { ok: true, value: data }
    const path = digestPath(digest, 'blobs')
    if (path === undefined) return refused('trust/oci-malformed', 'the digest is malformed')
    const answer = await this.#ask({ url: this.#url(path), limitBytes: size, ...byDigest(digest) })
    if (answer.kind === 'mismatch') return mismatch(answer, descriptor.size)
    if (answer.kind !== 'ok') {
      if (answer.kind === 'unavailable' && answer.failure === 'too-large' && descriptor.size !== undefined)
        return refused('trust/oci-size-mismatch', `it is longer than the ${descriptor.size} bytes that its descriptor says`)
      return notRead(answer, `${this.name} has no blob ${formatOciDigest(digest)}`, limitBytes)
    }
    const content = checkContent(answer.bytes, descriptor)
    return content.ok ? { ok: true, value: answer.bytes } : refused(content.reason, content.why)
  }

  /**
   * The whole list: no filter is asked for, since what decides whether there is something must not be left to the registry.
   * 404 means that it has no such API.
   */
  async referrers(digest: OciDigest): Promise<OciRead<ListedReferrers>> {
    const path = digestPath(digest, 'referrers')
    if (path === undefined) return refused('trust/oci-malformed', 'the digest is malformed')
    const descriptors: Descriptor[] = []
    const notes = new Set<string>()
    const seen = new Set<string>()
    for (let url = this.#url(path); ; ) {
      seen.add(url)
      const answer = await this.#ask({
        url,
        accept: OCI_INDEX,
        limitBytes: MAX_MANIFEST_BYTES,
        headers: true,
        keep: 'run',
        markedQuery: true,
      })
      if (answer.kind === 'absent' && seen.size === 1) return this.#fallback(digest)
      if (answer.kind !== 'ok') return listNotRead(answer)
      const page = readDocument(answer.bytes, { mediaType: OCI_INDEX }, answer.headers?.get('content-type'))
      if (!page.ok) return refused(page.reason, `the list of referrers: ${page.why}`)
      if (page.value.document.kind !== 'index') return refused('trust/oci-malformed', 'the list of referrers is no index')
      descriptors.push(...page.value.document.manifests)
      if (answer.headers?.get('oci-filters-applied') !== undefined)
        notes.add('the registry says that it filtered the list of referrers, although it was asked for all')
      const next = nextLink(answer.headers?.get('link'))
      if (next === undefined) return { ok: true, value: { descriptors, from: 'referrers-api', notes: [...notes] } }
      if (descriptors.length > MAX_REFERRERS || seen.size >= MAX_PAGES)
        return refused(
          'trust/oci-too-large',
          `the list of referrers has more than ${MAX_REFERRERS} entries or ${MAX_PAGES} pages`,
        )
      const following = URL.canParse(next, url) ? new URL(next, url) : undefined
      if (following === undefined || following.origin !== this.address.origin || seen.has(following.href))
        return refused('trust/oci-malformed', 'the next page of the list of referrers is at another server, or one that was read')
      url = following.href
    }
  }

  async #fallback(digest: OciDigest): Promise<OciRead<ListedReferrers>> {
    const tag = referrersTag(digest)
    const list = await this.document({ tag })
    const none = (notes: readonly string[]): OciRead<ListedReferrers> => ({
      ok: true,
      value: { descriptors: [], from: 'fallback-tag', notes },
    })
    if (!list.ok) {
      if (list.kind === 'absent') return none([])
      // Whoever may write tags may put anything there; only bytes that are not what they are called are more than odd.
      const isOdd =
        list.kind === 'refused' && (list.reason === 'trust/oci-malformed' || list.reason === 'trust/oci-mediatype-mismatch')
      return isOdd ? none([`what has the tag ${tag} is no list of referrers: ${list.why}`]) : list
    }
    const { document } = list.value
    if (document.kind !== 'index') return none([`what has the tag ${tag} is no list of referrers, but a manifest`])
    return { ok: true, value: { descriptors: document.manifests, from: 'fallback-tag', notes: [] } }
  }

  #ask(question: Omit<Question, 'auth'>): Promise<Answer> {
    return this.desk.ask({ ...question, auth: { repository: this.address.repository, action: 'pull' } })
  }

  #url(path: string): string {
    return `${this.address.origin}/v2/${this.address.repository}/${path}`
  }
}

/** What is named by its digest cannot change; a tag is asked for in every run. */
function byDigest(digest: OciDigest | undefined): Pick<Question, 'keep' | 'expectSha256' | 'accepts'> {
  if (digest === undefined) return { keep: 'run' }
  return digest.algorithm === 'sha256'
    ? { keep: 'digest', expectSha256: digest.hex }
    : { keep: 'digest', accepts: (bytes) => checkContent(bytes, { digest }).ok }
}

function verified(
  bytes: Uint8Array,
  expected: Parameters<typeof readDocument>[1],
  contentType: string | undefined,
): OciRead<Document> {
  const read = readDocument(bytes, expected, contentType)
  return read.ok ? { ok: true, value: { ...read.value, bytes } } : refused(read.reason, read.why)
}

function mismatch({ observed, expected, size }: MismatchAnswer, wanted: number | undefined): { ok: false } & OciFailure {
  if (wanted !== undefined && wanted !== size)
    return refused('trust/oci-size-mismatch', `it has ${size} bytes, its descriptor says ${wanted}`)
  return refused('trust/oci-digest-mismatch', `its bytes are sha256:${observed}, asked for was sha256:${expected}`)
}

/** An answer that is none, in terms of what was asked for. */
function notRead(
  answer: Exclude<Answer, OkAnswer | MismatchAnswer>,
  missing: string,
  limitBytes: number,
): { ok: false } & OciFailure {
  if (answer.kind === 'absent') return { ok: false, kind: 'absent', why: missing }
  if (answer.kind === 'unavailable' && answer.failure === 'too-large')
    return refused('trust/oci-too-large', `it has more than ${limitBytes} bytes`)
  return { ok: false, kind: 'unavailable', why: answer.why }
}

/** A list that is not there as a whole is unknown, whatever the reason: never "none". */
function listNotRead(answer: Exclude<Answer, OkAnswer>): { ok: false } & OciFailure {
  if (answer.kind === 'absent' || answer.kind === 'mismatch')
    return { ok: false, kind: 'unavailable', why: 'a further page of the list of referrers is gone' }
  return notRead(answer, '', MAX_MANIFEST_BYTES)
}

function shown({ tag, digest }: Pick<OciReference, 'tag' | 'digest'>): string {
  return digest === undefined ? (tag ?? 'latest') : formatOciDigest(digest)
}

function tooLarge(size: number, limit: number): { ok: false } & OciFailure {
  return refused('trust/oci-too-large', `it has ${size} bytes, at most ${limit} are read`)
}

function refused(reason: OciRefusal | 'trust/oci-too-large', why: string): { ok: false } & OciFailure {
  return { ok: false, kind: 'refused', reason, why }
}
