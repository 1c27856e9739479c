import type { Desk } from '../../evidence/desk/desk.js'
import type { RawObject } from '../../evidence/git/fetch.js'
import type { GitNoAnswer } from '../../evidence/git/no-answer.js'
import { noAnswerOf } from '../../evidence/git/no-answer.js'
import { objectId } from '../../evidence/git/objects.js'
import type { GitOutcome } from '../../evidence/git/outcome.js'
import type { RemoteRefs, TagRef } from '../../evidence/git/refs.js'

/** What is used of `GitRemote`. */
export interface ObjectAsker {
  refs(url: string): Promise<GitOutcome<RemoteRefs>>
  rawObjects(url: string, ids: readonly string[]): Promise<GitOutcome<{ readonly objects: ReadonlyMap<string, RawObject> }>>
}

export type FromRepository<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly at: string; readonly stored: string }
  | GitNoAnswer

/** A tag that leads to a commit. */
export interface TagOfCommit extends Pick<TagRef, 'object' | 'annotated'> {
  readonly name: string
}

/** More tags of one commit are not looked at. */
const MAX_TAGS = 8
const TAGS = 'assay-tags 1\n'

/**
 * Raw commits and tags of repositories elsewhere, and which tags lead to a commit. The desk keeps them, so that an offline
 * run and a replay are told the same.
 */
export class ObjectSource {
  readonly #desk: Desk
  readonly #open: (() => Promise<ObjectAsker>) | undefined

  constructor(desk: Desk, open: (() => Promise<ObjectAsker>) | undefined) {
    this.#desk = desk
    this.#open = desk.offline ? undefined : open
  }

  /** One commit or tag. `url` must be free of credentials. */
  async object(url: string, id: string): Promise<FromRepository<RawObject>> {
    const name = `git-object ${id}`
    const kept = await this.#desk.recall(name)
    const known = kept === undefined ? undefined : unpackObject(kept.bytes, id)
    if (kept !== undefined && known !== undefined) return { kind: 'ok', value: known, at: kept.at, stored: kept.sha256 }
    const outcome = await this.#ask((asker) => asker.rawObjects(url, [id]))
    if (outcome.kind === 'no-answer') return outcome
    if (outcome.kind !== 'ok') return noAnswerOf(outcome)
    const object = outcome.objects.get(id)
    if (object === undefined) return { kind: 'no-answer', verdict: 'absent', why: 'the repository does not hand out the object' }
    const { at, sha256 } = await this.#desk.remember(name, packObject(object))
    return { kind: 'ok', value: object, at, stored: sha256 }
  }

  /** Tags that lead to a commit, that of the given name first; asked anew in every run that can. */
  async tagsOf(url: string, commit: string, first: string | undefined): Promise<FromRepository<readonly TagOfCommit[]>> {
    const name = `git-tags ${url} ${commit}${first === undefined ? '' : ` ${first}`}`
    if (this.#open === undefined) {
      const kept = await this.#desk.recall(name)
      const tags = kept === undefined ? undefined : unpackTags(kept.bytes)
      if (kept !== undefined && tags !== undefined) return { kind: 'ok', value: tags, at: kept.at, stored: kept.sha256 }
    }
    const outcome = await this.#ask((asker) => asker.refs(url))
    if (outcome.kind === 'no-answer') return outcome
    if (outcome.kind !== 'ok') return noAnswerOf(outcome)
    const tags = [...outcome.tags]
      .flatMap(([tag, { commit: leadsTo, object, annotated }]) => (leadsTo === commit ? [{ name: tag, object, annotated }] : []))
      .sort((a, b) => Number(b.name === first) - Number(a.name === first) || (a.name < b.name ? -1 : 1))
      .slice(0, MAX_TAGS)
    const { at, sha256 } = await this.#desk.remember(name, packTags(tags))
    return { kind: 'ok', value: tags, at, stored: sha256 }
  }

  async #ask<T>(
    question: (asker: ObjectAsker) => Promise<GitOutcome<T>>,
  ): Promise<GitOutcome<T> | (GitNoAnswer & { readonly kind: 'no-answer' })> {
    if (this.#open === undefined)
      return {
        kind: 'no-answer',
        ...(this.#desk.offline
          ? { verdict: 'unavailable', why: 'the run is offline and nothing of the repository is kept' }
          : { verdict: 'not-checkable', why: 'git repositories are not asked in this run' }),
      }
    try {
      return await question(await this.#open())
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { kind: 'no-answer', verdict: 'unavailable', why: `git cannot be used here: ${why}` }
    }
  }
}

function packObject({ type, bytes }: RawObject): Uint8Array {
  return Buffer.concat([Buffer.from(`${type}\n`), bytes])
}

/** Undefined for bytes that are not those of the object: the store is no authority. */
function unpackObject(packed: Uint8Array, id: string): RawObject | undefined {
  const end = packed.indexOf(0x0a)
  const word = Buffer.from(packed.subarray(0, Math.max(end, 0))).toString('latin1')
  const type = (['commit', 'tag'] as const).find((one) => one === word)
  const bytes = packed.subarray(end + 1)
  const algorithm = id.length === 64 ? 'sha256' : 'sha1'
  return type === undefined || objectId(type, bytes, algorithm) !== id ? undefined : { type, bytes }
}

function packTags(tags: readonly TagOfCommit[]): Uint8Array {
  const lines = tags.map(({ object, annotated, name }) => `${annotated ? 'annotated' : 'light'} ${object} ${name}\n`)
  return Buffer.from(`${TAGS}${lines.join('')}`)
}

/** Undefined for bytes that `packTags` did not make. */
function unpackTags(bytes: Uint8Array): readonly TagOfCommit[] | undefined {
  const text = Buffer.from(bytes).toString('utf8')
  if (!text.startsWith(TAGS) || !text.endsWith('\n')) return undefined
  const tags: TagOfCommit[] = []
  for (const line of text.slice(TAGS.length).split('\n').slice(0, -1)) {
    const [, kind, object, name] = /^(annotated|light) ([0-9a-f]{40}|[0-9a-f]{64}) (\S+)$/.exec(line) ?? []
    if (object === undefined || name === undefined) return undefined
    tags.push({ name, object, annotated: kind === 'annotated' })
  }
  return tags
}
