import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RemoteAsker } from './ask-remote.js'
import { localEnvironment } from './configuration.js'
import { diagnose } from './diagnose.js'
import { FETCH, refNames } from './fetch.js'
import { type GitNotOk, type GitOutcome, gitUnavailable } from './outcome.js'
import { isRefName, type RemoteRefs } from './refs.js'
import { runGit } from './run-git.js'
import { makeRepository, removeRepository, settle } from './surroundings.js'

export interface Reach {
  /** `unknown`: the server's own history is cut off before it could be told. */
  readonly reach: 'reachable' | 'not-reachable' | 'unknown'
  /** The ref names the commit itself. */
  readonly tip: boolean
}

/**
 * Of a history only the parents are read, and they are what the ids stand for. What old tools wrote wrong into its commits
 * would else keep it from being read at all.
 */
const UNCHECKED: readonly string[] = ['-c', 'transfer.fsckObjects=false']

type History =
  | { readonly ok: true; readonly folder: string; readonly tips: readonly string[]; readonly cutOff: boolean }
  | { readonly ok: false; readonly outcome: GitNotOk }

/** Commits of remote repositories without their files, to tell whether one belongs to a line of development. */
export class Histories {
  readonly #fetched = new Map<string, Promise<History>>()

  constructor(readonly asker: RemoteAsker) {}

  /** Whether `ref`, or with undefined any branch or tag, leads to the commit. */
  async reach(
    url: string,
    commit: string,
    refs: { readonly kind: 'ok'; readonly url: string; readonly redirects: number } & RemoteRefs,
    ref: string | undefined,
  ): Promise<GitOutcome<Reach>> {
    const answered = { url: refs.url, redirects: refs.redirects }
    const place = { url: refs.url, host: URL.canParse(refs.url) ? new URL(refs.url).host : '' }
    if (ref !== undefined && !isRefName(ref)) return gitUnavailable('bad-ref-name', place)
    const tips = tipsOf(refs, ref)
    if (tips === undefined) return { kind: 'absent', what: 'ref', ...answered, why: 'the repository has no ref of that name' }
    if (tips.has(commit)) return { kind: 'ok', ...answered, reach: 'reachable', tip: true }
    if (tips.size === 0) return { kind: 'ok', ...answered, reach: 'not-reachable', tip: false }
    const key = `${url} ${ref ?? ''}`
    const fetching = this.#fetched.get(key) ?? this.#fetch(url, refs, ref, place)
    this.#fetched.set(key, fetching)
    const history = await fetching
    if (!history.ok) {
      this.#fetched.delete(key)
      return history.outcome
    }
    const found = await this.#leadsTo(history.folder, history.tips, commit)
    if (typeof found !== 'boolean') return gitUnavailable(found.failure, place)
    return { kind: 'ok', ...answered, reach: found ? 'reachable' : history.cutOff ? 'unknown' : 'not-reachable', tip: false }
  }

  async #fetch(
    url: string,
    refs: RemoteRefs,
    ref: string | undefined,
    place: { readonly url: string; readonly host: string },
  ): Promise<History> {
    const { scratch, limits, timeouts } = this.asker.settings
    const made = await makeRepository(scratch, refs.objectFormat, limits)
    if (!made.ok) return { ok: false, outcome: gitUnavailable(made.failure, place, made.detail) }
    const { folder } = made
    const names = refNames(refs, ref)
    const answer = await this.asker.ask({
      url,
      // A server whose own history is cut off would else be left out without a word.
      before: [...UNCHECKED, ...FETCH, '--update-shallow', '--filter=tree:0', '--stdin'],
      stdin: names.map((name) => `${name}\n`).join(''),
      timeoutMs: timeouts.fetchMs,
      stdoutLimit: 1024 * 1024,
      repository: folder,
    })
    if (answer.kind !== 'ok') await removeRepository(folder)
    if (answer.kind === 'not-asked') return { ok: false, outcome: answer.outcome }
    if (answer.kind === 'not-ok') return { ok: false, outcome: this.asker.outcome(answer.by, answer.diagnosis) }
    await settle(folder, refs.objectFormat)
    // What was fetched, not what was announced before: a ref may have moved in between.
    const fetchHead = await readFile(join(folder, 'FETCH_HEAD'), 'latin1').catch(() => '')
    const tips = fetchHead.split('\n').flatMap((line) => /^(?:[0-9a-f]{64}|[0-9a-f]{40})(?=\t)/.exec(line)?.[0] ?? [])
    const shallow = await access(join(folder, 'shallow')).then(
      () => true,
      () => false,
    )
    return { ok: true, folder, tips: [...new Set(tips)], cutOff: shallow || tips.length < names.length }
  }

  async #leadsTo(folder: string, tips: readonly string[], commit: string) {
    const { scratch, limits, timeouts, signal } = this.asker.settings
    let found = false
    let carried: Buffer = Buffer.alloc(0)
    const end = await runGit({
      args: [`--git-dir=${folder}`, 'rev-list', '--stdin'],
      environment: localEnvironment(scratch),
      cwd: scratch.home,
      stdin: `${tips.join('\n')}\n`,
      timeoutMs: timeouts.localMs,
      stdoutLimit: 0,
      memoryBytes: limits.memoryBytes,
      signal,
      onOutput(chunk, stop) {
        // One id a line and nothing else: a whole id cannot begin inside another.
        const text = Buffer.concat([carried, chunk])
        if (text.includes(commit)) {
          found = true
          stop()
        }
        carried = text.subarray(Math.max(0, text.length - commit.length))
      },
    })
    if (found || (end.kind === 'ended' && end.status === 0)) return found
    const diagnosis = diagnose(end)
    return { failure: diagnosis.kind === 'failed' ? diagnosis.failure : ('git-failed' as const) }
  }
}

/** Undefined when there is no such ref. */
function tipsOf(refs: RemoteRefs, ref: string | undefined): ReadonlySet<string> | undefined {
  if (ref === undefined) return new Set([...refs.branches.values(), ...[...refs.tags.values()].map(({ commit }) => commit)])
  const tip =
    ref === 'HEAD'
      ? refs.head?.commit
      : ref.startsWith('refs/heads/')
        ? refs.branches.get(ref.slice('refs/heads/'.length))
        : refs.tags.get(ref.slice('refs/tags/'.length))?.commit
  return tip === undefined ? undefined : new Set([tip])
}
