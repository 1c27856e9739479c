import type { Source } from '../../../model/source.js'
import type { GitAsker, GitGot } from './git-asker.js'
import { GIT_NOT_ASKED } from './git-asker.js'
import type { Subject } from './subject.js'

const CHECK = 'cargo/git-commit'

/**
 * Whether the locked commit is in the repository, on what the manifest follows, and whether its tag was moved (spec/cargo.md
 * §6 levels 6 and 7). Cargo checks neither: any commit that the server hands out passes, also one of a fork.
 */
export async function checkGitCommit(
  subject: Subject,
  source: Source & { readonly kind: 'git' },
  git: GitAsker | undefined,
): Promise<void> {
  const { url, commit, ref } = source
  const authority = { kind: 'git', name: url } as const
  if (commit === undefined) {
    subject.say(CHECK, 'not-checkable', authority, { why: 'the lockfile pins no full commit' })
    return
  }
  if (git === undefined) {
    subject.say(CHECK, 'not-checkable', authority, { expected: commit, why: GIT_NOT_ASKED })
    return
  }
  const refs = await git.refs(url)
  if (refs.kind !== 'ok') {
    sayNoAnswer(subject, url, commit, refs)
    return
  }
  const { at } = refs
  const followed =
    ref?.kind === 'branch'
      ? `refs/heads/${ref.value ?? ''}`
      : ref?.kind === 'tag'
        ? `refs/tags/${ref.value ?? ''}`
        : ref?.kind === 'rev'
          ? undefined
          : 'HEAD'
  const tip = followed === undefined ? undefined : refs.value.get(followed)
  const isTip = followed === undefined ? [...refs.value.values()].includes(commit) : tip === commit
  if (isTip) {
    subject.say(CHECK, 'match', authority, { expected: commit, observed: commit, at })
    return
  }
  if (ref?.kind === 'tag' && tip !== undefined) {
    subject.say(CHECK, 'mismatch', authority, {
      expected: commit,
      observed: tip,
      at,
      why: `the tag ${ref.value ?? ''} names another commit now`,
    })
    subject.note('source/git-tag-moved', { url, tag: ref.value ?? '', now: tip, locked: commit })
    return
  }
  const onFollowed = tip === undefined ? undefined : await git.reaches(url, commit, followed)
  if (onFollowed?.kind === 'ok' && onFollowed.value) {
    subject.say(CHECK, 'match', authority, {
      expected: commit,
      observed: commit,
      at,
      why: `it is on ${followed ?? ''}, which has gone on since`,
    })
    return
  }
  if (onFollowed !== undefined && onFollowed.kind !== 'ok') {
    sayNoAnswer(subject, url, commit, onFollowed)
    return
  }
  const anywhere = await git.reaches(url, commit, undefined)
  if (anywhere.kind !== 'ok') {
    sayNoAnswer(subject, url, commit, anywhere)
    return
  }
  if (anywhere.value && followed === undefined) {
    subject.say(CHECK, 'match', authority, { expected: commit, observed: commit, at })
    return
  }
  const gone = followed !== undefined && tip === undefined ? `${followed} is not there any more, and the commit` : 'the commit'
  const why = anywhere.value
    ? `${gone} is not on ${followed ?? ''} but on another branch or tag`
    : `${gone} is on no branch or tag: it may be that of a fork`
  subject.say(CHECK, 'mismatch', authority, { expected: commit, ...(tip === undefined ? {} : { observed: tip }), at, why })
  subject.note('source/git-commit-unreachable', { url, commit, ref: followed ?? '', elsewhere: anywhere.value })
}

function sayNoAnswer(subject: Subject, url: string, commit: string, got: Exclude<GitGot<unknown>, { kind: 'ok' }>): void {
  subject.say(
    CHECK,
    got.kind === 'absent' ? 'absent' : 'unavailable',
    { kind: 'git', name: url },
    { expected: commit, why: got.why },
  )
}
