/** What GOFLAGS says that changes which files are read (spec/go.md §8.4). */
export interface GoFlags {
  readonly mod?: 'mod' | 'readonly' | 'vendor' | undefined
  /** Another file in place of go.mod. */
  readonly modfile?: string | undefined
  /** Downloads without transport security and without the checksum database. */
  readonly insecure: boolean
}

/** Parses a value of GOFLAGS: flags apart by blanks, `-name` or `-name=value`, one dash or two. Later ones win. */
export function parseGoFlags(value: string): GoFlags {
  const flags = new Map<string, string>()
  for (const word of value.split(/\s+/)) {
    const match = /^--?([A-Za-z][\w.-]*)(?:=(.*))?$/.exec(word.replace(/^(['"])(.*)\1$/, '$2'))
    if (match !== null) flags.set(match[1] ?? '', match[2] ?? 'true')
  }
  const mod = flags.get('mod')
  return {
    mod: mod === 'mod' || mod === 'readonly' || mod === 'vendor' ? mod : undefined,
    modfile: flags.get('modfile'),
    insecure: flags.get('insecure') === 'true',
  }
}
