/** What `GOAUTH` asks for (spec/go.md §8.4). */
export interface GoAuth {
  /** Whether the netrc file counts. */
  readonly netrc: boolean
  /** Entries that would run a program (`git …` or a command). They are never run; said, not followed. */
  readonly notFollowed: readonly string[]
}

/** Reads `GOAUTH`: entries by `;`, default `netrc`; `off` switches everything off. Arguments are not repeated: they may be secret. */
export function parseGoAuth(value: string | undefined): GoAuth {
  const entries = (value === undefined || value.trim() === '' ? 'netrc' : value)
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  if (entries.includes('off')) return { netrc: false, notFollowed: [] }
  return {
    netrc: entries.includes('netrc'),
    notFollowed: entries
      .filter((entry) => entry !== 'netrc')
      .map((entry) => (entry.split(/\s/, 1)[0] === 'git' ? 'git' : 'a command')),
  }
}
