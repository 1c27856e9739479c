import type { Answer, Desk, Question } from '../../../evidence/desk/desk.js'
import { displayUrl } from '../../../evidence/http/redact.js'
import { type CheckedUrl, checkRedirect, checkUrl, type UrlPolicy } from '../../../evidence/http/url-policy.js'
import type { SourceTree } from '../../../model/tree.js'
import { joinPath } from '../../../model/tree.js'
import type { CommitFile } from '../../commit-record.js'
import type { FromGit, GitSource } from '../../git-source.js'
import type { IndexFile } from '../index-file.js'
import { earlierRow, indexPath, readIndexFile } from '../index-file.js'
import type { IndexRow } from '../index-row.js'
import type { ApiCrate } from './api-crate.js'
import { MAX_API_BYTES, readApiCrate } from './api-crate.js'
import type { Used } from './api-manners.js'
import type { Got } from './got.js'
import { found, fromAnswer, fromFile } from './got.js'
import type { Place } from './place.js'
import { isPublicPlace, placeName } from './place.js'
import type { ArchiveName, RegistrySettings } from './registry-settings.js'
import { downloadUrl, readRegistrySettings } from './registry-settings.js'
import type { RegistryTokens } from './tokens.js'

/** What a registry says of a crate. */
export type RowsAnswer =
  | (Omit<Got & { readonly kind: 'ok' }, 'bytes'> & { readonly file: IndexFile })
  | (Got & { readonly kind: 'absent' | 'silent' })
  | NotAsked

/** Nobody can be asked in this version. */
interface NotAsked {
  readonly kind: 'not-asked'
  readonly why: string
}

/** An archive, and where it is from, fit to show. */
interface ArchiveAnswer {
  readonly from: string
  readonly got: Got | NotAsked
}

/** What its API says of a crate. `none`: it has no API, or its API does not have the crate. */
type ApiAnswer =
  | { readonly kind: 'ok'; readonly crate: ApiCrate; readonly host: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'silent'; readonly why: string }

interface RegistrySurroundings {
  readonly desk: Desk
  readonly tree: SourceTree
  readonly tokens: RegistryTokens
  readonly git: GitSource
  /** Why a URL is asked about nobody's crate. */
  readonly reasonNotToAsk: (url: string) => string | undefined
}

type Settled =
  | { readonly kind: 'ok'; readonly settings: RegistrySettings }
  | { readonly kind: 'absent' | 'silent' | 'wrong'; readonly why: string }

const CONFIG = 'config.json'
/** No row is known to have a hundredth of it; the public index has one file of 3 MB. */
const MAX_INDEX_BYTES = 32 * 1024 * 1024
const MAX_CONFIG_BYTES = 64 * 1024
/** The public registry takes 10 MiB unless it agreed to more. */
const MAX_CRATE_BYTES = 64 * 1024 * 1024

/** One registry, asked in cargo's protocol: over http(s), as files, in the tree, in a repository (spec/cargo.md §3). */
export class Registry {
  readonly name: string
  #settings: Promise<Settled> | undefined
  #files: Promise<FromGit<ReadonlyMap<string, Uint8Array>>> | undefined

  constructor(
    readonly place: Place,
    readonly around: RegistrySurroundings,
  ) {
    this.name = placeName(place)
  }

  /** The index file of a crate, read for some of its versions. */
  async rows(name: string, versions: readonly string[]): Promise<RowsAnswer> {
    // The desk asks whether it can be used before it gives the same bytes.
    const read = new WeakMap<Uint8Array, IndexFile>()
    const readOnce = (bytes: Uint8Array): IndexFile => {
      const file = read.get(bytes) ?? readIndexFile(bytes, name, versions)
      read.set(bytes, file)
      return file
    }
    const got = await this.indexFile(name, (bytes) => readOnce(bytes).complete)
    if (got.kind === 'other-bytes') return { kind: 'silent', why: 'the answer is not the one asked for' }
    if (got.kind !== 'ok') return got
    const { bytes, ...rest } = got
    return { ...rest, file: readOnce(bytes) }
  }

  /** The index file of a crate as it is; one that is not accepted is asked for again where an old answer would do. */
  async indexFile(name: string, accepts: (bytes: Uint8Array) => boolean): Promise<Got | NotAsked> {
    const { place, around } = this
    const path = indexPath(name)
    if (place.kind === 'git-index') return this.#fileOfRepository(place.url, path)
    if (place.kind === 'local') return fromFile(await around.tree.read(joinPath(place.folder, `index/${path}`), MAX_INDEX_BYTES))
    const got = await this.#ask({
      url: `${place.url}${await this.#folder(place.url)}${path}`,
      // Yanks count for a day; a version published since then makes the stored file useless.
      keep: 'day',
      accept: 'text/plain',
      compressed: true,
      limitBytes: MAX_INDEX_BYTES,
      staleIfUnavailable: true,
      auth: await this.#indexAuth(place.url),
      accepts,
    })
    if (got.kind !== 'absent' || isFile(place.url)) return got
    // A server that answers 404 to everything is no registry, and says nothing about the crate.
    const settled = await this.#settled(place.url)
    return settled.kind === 'ok' ? got : { kind: 'silent', why: `${this.name} is no registry: ${settled.why}` }
  }

  /** The row of the highest version below this one that is not yanked. */
  async earlier(name: string, version: string): Promise<IndexRow | undefined> {
    const got = await this.indexFile(name, () => true)
    return got.kind === 'ok' ? earlierRow(got.bytes, name, version) : undefined
  }

  /**
   * What its API says of a crate (spec/cargo.md §6.6): the `api` of its settings, where an index may lead. `reasonNotToAsk`
   * says why a URL is not told the crate's name.
   */
  async apiCrate(
    name: string,
    reasonNotToAsk: (url: string) => string | undefined,
  ): Promise<{ readonly value: ApiAnswer; readonly used: Used }> {
    const { place, around } = this
    const without = (value: ApiAnswer): { readonly value: ApiAnswer; readonly used: Used } => ({ value, used: 'nothing' })
    if (place.kind === 'local') return without({ kind: 'none' })
    const settled = place.kind === 'sparse' ? await this.#settled(place.url) : await this.#settingsOfRepository(place.url)
    if (settled.kind !== 'ok') return without({ kind: 'silent', why: settled.why })
    const { api, authRequired } = settled.settings
    if (api === undefined) return without({ kind: 'none' })
    const url = `${api.replace(/\/$/, '')}/api/v1/crates/${encodeURIComponent(name)}?include=versions`
    const target = targetOf(place.url, url)
    if (target?.ok !== true || target.url.protocol === 'file:')
      return without({ kind: 'silent', why: `api in ${CONFIG} leads where nobody is asked` })
    const { host } = target.url
    const reason = reasonNotToAsk(url)
    if (reason !== undefined) return without({ kind: 'silent', why: reason })
    const sendable = authRequired && this.#tokenState() === 'own' && this.around.tokens.belongTo(this.place, target.url)
    const answer = await around.desk.ask({
      url,
      // What is said of a version stays; what is published after it does not count for long.
      keep: 'day',
      accept: 'application/json',
      auth: sendable ? 'always' : this.#foreignAuth(url),
      compressed: true,
      limitBytes: MAX_API_BYTES,
      staleIfUnavailable: true,
      accepts: (bytes) => readApiCrate(bytes, name) !== undefined,
    })
    const used = usedBy(answer, around.desk.offline)
    if (answer.kind === 'absent') return { value: { kind: 'none' }, used }
    const got = fromAnswer(answer)
    if (got.kind !== 'ok') return { value: { kind: 'silent', why: got.kind === 'silent' ? got.why : 'it gave no answer' }, used }
    const crate = readApiCrate(got.bytes, name)
    if (crate === undefined)
      return { value: { kind: 'silent', why: `${host} did not answer with what is known of ${name}` }, used }
    return { value: { kind: 'ok', crate, host }, used }
  }

  /** The archive of a version; `expect` is the hash that it should have. */
  async archive(archive: ArchiveName, expect: string): Promise<ArchiveAnswer> {
    const { place, around, name } = this
    const file = `${archive.name}-${archive.version}.crate`
    if (place.kind === 'local') {
      const path = joinPath(place.folder, file)
      return { from: path, got: fromFile(await around.tree.read(path, MAX_CRATE_BYTES), expect) }
    }
    if (place.kind === 'sparse' && isFile(place.url) && (await this.#folder(place.url)) !== '')
      return { from: `${name}${file}`, got: await this.#crate(`${place.url}${file}`, expect, 'never') }
    const settled = place.kind === 'sparse' ? await this.#settled(place.url) : await this.#settingsOfRepository(place.url)
    if (settled.kind === 'ok') return this.#download(settled.settings, place.url, archive, expect)
    if (settled.kind === 'not-asked') return { from: name, got: settled }
    return { from: name, got: { kind: 'silent', why: `where its archives are is not known: ${settled.why}` } }
  }

  async #download(
    { dl, authRequired }: RegistrySettings,
    index: string,
    archive: ArchiveName,
    expect: string,
  ): Promise<ArchiveAnswer> {
    const text = downloadUrl(dl, archive)
    const silent = (why: string): ArchiveAnswer => ({ from: this.name, got: { kind: 'silent', why } })
    if (text === undefined) return silent(`${CONFIG} names its archives by checksum, and nobody states one`)
    const target = targetOf(index, text)
    if (target?.ok !== true)
      return silent(`dl in ${CONFIG} leads where archives are not fetched from: ${target?.detail ?? 'it is no URL'}`)
    const from = displayUrl(target.url)
    const reason = this.around.reasonNotToAsk(from)
    if (reason !== undefined) return { from, got: { kind: 'not-asked', why: reason } }
    const own = this.#tokenState() === 'own'
    const sendable = own && authRequired && this.around.tokens.belongTo(this.place, target.url)
    const got = await this.#crate(text, expect, sendable ? 'always' : this.#foreignAuth(text))
    if (got.kind !== 'silent' || !own || !authRequired || sendable) return { from, got }
    return { from, got: { kind: 'silent', why: `${got.why}; the registry's token is not sent to ${target.url.host}` } }
  }

  #crate(url: string, expectSha256: string, auth: Question['auth']): Promise<Got> {
    return this.#ask({ url, keep: 'for-ever', limitBytes: MAX_CRATE_BYTES, expectSha256, auth })
  }

  async #ask(question: Question): Promise<Got> {
    const got = fromAnswer(await this.around.desk.ask(question))
    if (got.kind !== 'silent' || this.#tokenState() !== 'not-sent') return got
    const why =
      'a token for it is set and was not sent, since only the repository says where it belongs; list the registry under sources.registries'
    return { kind: 'silent', why: `${got.why}; ${why}` }
  }

  #tokenState(): ReturnType<RegistryTokens['of']> {
    return this.around.tokens.of(this.place)
  }

  /** A registry that wants a token everywhere may answer 404 to who sends none. */
  async #indexAuth(url: string): Promise<Question['auth']> {
    if (this.#tokenState() !== 'own') return this.#foreignAuth(url)
    const settled = await this.#settled(url)
    return settled.kind === 'ok' && settled.settings.authRequired ? 'always' : 'challenged'
  }

  /** Where no token of this registry belongs, none of another may go either. */
  #foreignAuth(url: string): Question['auth'] {
    return isPublicPlace(this.place) || this.around.tokens.reaches(url) ? 'never' : 'challenged'
  }

  #settled(url: string): Promise<Settled> {
    this.#settings ??= this.#readSettings(url)
    return this.#settings
  }

  async #readSettings(url: string): Promise<Settled> {
    const got = await this.#ask({
      url: `${url}${CONFIG}`,
      keep: 'day',
      limitBytes: MAX_CONFIG_BYTES,
      staleIfUnavailable: true,
      auth: this.#tokenState() === 'own' ? 'challenged' : this.#foreignAuth(url),
      accepts: (bytes) => readRegistrySettings(bytes) !== undefined,
    })
    return settle(got)
  }

  /** On disk there are two layouts: that of an index, with its settings, and that of a local registry, which has none. */
  async #folder(url: string): Promise<'' | 'index/'> {
    return isFile(url) && (await this.#settled(url)).kind === 'absent' ? 'index/' : ''
  }

  async #fileOfRepository(url: string, path: string): Promise<Got | NotAsked> {
    const head = await this.#head()
    if (head.kind !== 'ok') return notFromGit(head)
    const { value: files, at } = head
    const bytes = files.get(path)
    if (bytes !== undefined) return { ...found(bytes), at }
    if (!files.has(CONFIG)) return { kind: 'silent', why: `${this.name} is no registry: it has no ${CONFIG}` }
    return { kind: 'absent', why: `the index at ${displayUrl(url)} has no such file`, at }
  }

  async #settingsOfRepository(url: string): Promise<Settled | NotAsked> {
    const got = await this.#fileOfRepository(url, CONFIG)
    return got.kind === 'not-asked' ? got : settle(got)
  }

  /** The files of the commit that cargo reads: that of the default branch (spec/cargo.md §3.5). */
  #head(): Promise<FromGit<ReadonlyMap<string, Uint8Array>>> {
    this.#files ??= this.#readHead()
    return this.#files
  }

  async #readHead(): Promise<FromGit<ReadonlyMap<string, Uint8Array>>> {
    const { git } = this.around
    const refs = await git.refs(this.name)
    if (refs.kind !== 'ok') return refs
    const commit = refs.value.head?.commit
    if (commit === undefined)
      return { kind: 'no-answer', verdict: 'unavailable', why: 'the repository of the index has no default branch' }
    const files = await git.files(this.name, commit)
    // When it was asked, not when that commit was fetched first.
    return files.kind === 'ok' ? { kind: 'ok', value: indexFiles(files.value), at: refs.at } : files
  }
}

function indexFiles(files: readonly CommitFile[]): ReadonlyMap<string, Uint8Array> {
  return new Map(
    files.flatMap(({ kind, path, bytes }) => (kind === 'file' && bytes.length <= MAX_INDEX_BYTES ? [[path, bytes]] : [])),
  )
}

function notFromGit(got: Exclude<FromGit<unknown>, { kind: 'ok' }>): Got | NotAsked {
  if (got.kind === 'mismatch') return { kind: 'silent', why: got.why }
  switch (got.verdict) {
    case 'not-checkable':
      return { kind: 'not-asked', why: `its index is a git repository: ${got.why}` }
    case 'absent':
    case 'unavailable':
      // That there is no such repository says nothing about the crate.
      return { kind: 'silent', why: got.why }
  }
}

function settle(got: Got): Settled {
  switch (got.kind) {
    case 'ok': {
      const settings = readRegistrySettings(got.bytes)
      return settings === undefined ? { kind: 'wrong', why: `its ${CONFIG} is not one of a registry` } : { kind: 'ok', settings }
    }
    case 'absent':
      return { kind: 'absent', why: `it has no ${CONFIG} (${got.why})` }
    case 'other-bytes':
      return { kind: 'wrong', why: `its ${CONFIG} is not one of a registry` }
    case 'silent':
      return { kind: 'silent', why: got.why }
  }
}

/**
 * An index must not lead where a redirect of it could not: from a server to files, to plain http, into a private network.
 * One on disk is the user's own.
 */
function targetOf(index: string, text: string): CheckedUrl | undefined {
  // A redirect may be relative, a template may not.
  if (!URL.canParse(index) || !URL.canParse(text)) return undefined
  const policy: UrlPolicy = { file: true, http: 'any' }
  return isFile(index) ? checkUrl(text, policy) : checkRedirect(new URL(index), text, policy)
}

function usedBy(answer: Answer, offline: boolean): Used {
  switch (answer.kind) {
    case 'ok':
      if (answer.signs.some(({ code }) => code === 'not-confirmed')) return offline ? 'nothing' : 'failed'
      return answer.from === 'network' ? 'a-request' : 'nothing'
    case 'absent':
    case 'mismatch':
      return answer.from === 'network' ? 'a-request' : 'nothing'
    case 'refused':
    case 'unavailable':
      return offline ? 'nothing' : 'failed'
  }
}

function isFile(url: string): boolean {
  return url.startsWith('file:')
}
