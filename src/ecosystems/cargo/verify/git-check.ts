import type { Source } from '../../../model/source.js'
import type { Refs } from '../../commit-record.js'
import type { FromGit, GitSource } from '../../git-source.js'
import type { Subject } from './subject.js'

const CHECK = 'cargo/git-commit'

/**
 * Whether the locked commit is in the repository, on what the manifest follows, and whether its tag was moved (spec/cargo.md
 * §6 levels 6 and 7). Cargo checks neither: any commit that the server hands out passes, also one of a fork.
 */
export async function checkGitCommit(subject: Subject, source: Source & { readonly kind: 'git' }, git: GitSource): Promise<void> {
  const { url, commit: expected } = source
  const authority = { kind: 'git', name: url } as const
  if (expected === undefined) {
    subject.say(CHECK, 'not-checkable', authority, { why: 'the lockfile pins no full commit' })
    return
  }
  const refs = await git.refs(url)
  if (refs.kind !== 'ok') return sayNoAnswer(subject, url, expected, refs)
  const { at, stored } = refs
  const details = { expected, at, stored }
  const { name, tip } = followed(source, refs.value)
  if (tip === expected) return subject.say(CHECK, 'match', authority, { ...details, observed: expected })
  if (source.ref?.kind === 'tag' && tip !== undefined) {
    const why = `the tag ${source.ref.value ?? ''} names another commit now`
    return subject.say(CHECK, 'mismatch', authority, { ...details, observed: tip, why })
  }
  // Asked first for the one line: a long history is then fetched for it alone.
  const onLine = tip === undefined ? undefined : await git.reach(url, expected, name)
  const anywhere = onLine?.kind === 'ok' && onLine.value.reach === 'reachable' ? undefined : await git.reach(url, expected)
  for (const reach of [onLine, anywhere]) {
    if (reach === undefined) continue
    if (reach.kind !== 'ok') return sayNoAnswer(subject, url, expected, reach)
    if (reach.value.reach === 'unknown')
      return subject.say(CHECK, 'not-checkable', authority, {
        ...details,
        why: 'the history that the server hands out is cut off',
      })
  }
  if (anywhere?.kind !== 'ok')
    return subject.say(CHECK, 'match', authority, {
      ...details,
      observed: expected,
      why: `${name ?? ''} leads to it and has gone on since`,
    })
  const isSomewhere = anywhere.value.reach === 'reachable'
  if (isSomewhere && name === undefined) return subject.say(CHECK, 'match', authority, { ...details, observed: expected })
  if (!isSomewhere) {
    // One that the server does not have at all is another matter than one of a fork.
    const files = await git.files(url, expected)
    if (files.kind === 'no-answer' && files.verdict === 'absent') return sayNoAnswer(subject, url, expected, files)
  }
  const gone = name !== undefined && tip === undefined ? `${name} is gone, and the commit` : 'the commit'
  const why = isSomewhere
    ? `${gone} is not on ${name ?? ''} but on another branch or tag`
    : `${gone} is on no branch or tag of the repository; it may be that of a fork`
  subject.say(CHECK, 'mismatch', authority, { ...details, ...(tip === undefined ? {} : { observed: tip }), why })
}

/** The full name of the ref that the manifest follows, none where it names a revision, and what the ref leads to. */
function followed(
  { ref }: Source & { readonly kind: 'git' },
  refs: Refs,
): { readonly name?: string; readonly tip?: string | undefined } {
  const value = ref?.value ?? ''
  switch (ref?.kind) {
    case 'branch':
      return { name: `refs/heads/${value}`, tip: refs.branches.get(value) }
    case 'tag':
      return { name: `refs/tags/${value}`, tip: refs.tags.get(value)?.commit }
    case 'rev':
      return {}
    default:
      return { name: 'HEAD', tip: refs.head?.commit }
  }
}

function sayNoAnswer(subject: Subject, url: string, expected: string, got: Exclude<FromGit<unknown>, { kind: 'ok' }>): void {
  const authority = { kind: 'git', name: url } as const
  if (got.kind === 'mismatch') subject.say(CHECK, 'mismatch', authority, { expected, why: got.why })
  else subject.say(CHECK, got.verdict, authority, { expected, why: got.why, at: got.at })
}
