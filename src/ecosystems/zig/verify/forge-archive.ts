/** Hosts that make an archive of any commit, by the form of its URL. */
const GITHUB_FORM: ReadonlySet<string> = new Set(['github.com', 'codeberg.org', 'git.sr.ht', 'gitea.com'])
const GITLAB_FORM: ReadonlySet<string> = new Set(['gitlab.com'])

/** Where a code host hands out a commit as an archive; undefined for hosts of no known form. */
export function forgeArchive(repository: string, commit: string): string | undefined {
  if (!URL.canParse(repository)) return undefined
  const { protocol, host, pathname } = new URL(repository)
  const path = pathname.replace(/\/$/, '').replace(/\.git$/, '')
  if (protocol !== 'https:' || path.split('/').length < 3) return undefined
  if (GITHUB_FORM.has(host)) return `https://${host}${path}/archive/${commit}.tar.gz`
  if (GITLAB_FORM.has(host))
    return `https://${host}${path}/-/archive/${commit}/${path.slice(path.lastIndexOf('/') + 1)}-${commit}.tar.gz`
  return undefined
}
