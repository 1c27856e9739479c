/** A repository and the bundle in the store that stands for it. */
export interface StoredRepository {
  readonly url: string
  /** Below the store. */
  readonly path: string
}

/**
 * A script for the shell that makes git take repositories from the store, by variables and for that shell alone (git 2.31
 * and later); `ASSAY_STORE` names the folder of the store, so that it can be moved.
 */
export function gitEnvironmentScript(repositories: readonly StoredRepository[]): string {
  const pairs = repositories.flatMap(({ url, path }) => {
    const bare = url.replace(/\/$/, '').replace(/\.git$/, '')
    // With and without: git takes the longest that fits, and whatever follows would be added to the path.
    return [`${bare}.git`, bare].map((from) => ({ from, path }))
  })
  const lines = pairs.map(
    ({ from, path }, i) =>
      `export GIT_CONFIG_KEY_${i}="url.$ASSAY_STORE/${path}.insteadOf" GIT_CONFIG_VALUE_${i}=${quoted(from)}`,
  )
  return [
    '# Written by assay mirror fetch. Use: ASSAY_STORE=/path/of/the/store . /path/of/the/store/nim/environment.sh',
    'test -n "$ASSAY_STORE" || echo "set ASSAY_STORE to the folder of the store" >&2',
    `export GIT_CONFIG_COUNT=${pairs.length}`,
    ...lines,
    '',
  ].join('\n')
}

/** A word for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
