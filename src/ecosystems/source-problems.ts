import { displayUrl } from '../evidence/http/redact.js'
import { isLoopback } from '../evidence/http/url-policy.js'
import type { SourceProblem } from '../model/configured-source.js'

/** A URL as it may be shown, and what is wrong with it whatever it is for. */
export interface JudgedUrl {
  readonly shown: string
  readonly problems: readonly SourceProblem[]
}

const SCHEME = /^[a-z][a-z0-9+.-]{0,30}:\/\//i

/** Judges the URL of a source. Prefixes by which package managers tell protocols (`sparse+`, `git+`) may stand before it. */
export function judgeUrl(raw: string): JudgedUrl {
  const bare = raw.replace(/^(?:sparse|git|registry)\+(?=[a-z])/i, '')
  const displayed = displayUrl(bare)
  // A URL without a path is shown without one, as it was written.
  const shown = bare.endsWith('/') ? displayed : displayed.replace(/\/$/, '')
  const problems: SourceProblem[] = []
  if (holdsCredential(bare, displayed)) {
    problems.push({
      code: 'credential-in-url',
      weight: 'unsafe',
      why: 'a password or token stands in the URL, where logs, lockfiles and process lists show it',
      fix: 'take it out of the URL and revoke it; keep the new one in netrc or the credential store of the tool',
    })
  }
  if (/^http:\/\//i.test(bare) && URL.canParse(bare) && !isLoopback(new URL(bare).hostname)) {
    problems.push({
      code: 'plain-http',
      weight: 'unsafe',
      why: 'plain http: whoever is on the way can read and change every answer',
      fix: 'use https',
    })
  }
  return { shown, problems }
}

/** A user name alone before an ssh host says who logs in and is no secret. */
function holdsCredential(raw: string, shown: string): boolean {
  if (!SCHEME.test(raw) || !URL.canParse(raw)) return /^[^@/]*:[^@/]*@/.test(raw)
  const { username, password, protocol, search } = new URL(raw)
  if (password !== '') return true
  if (username !== '' && !/ssh/.test(protocol)) return true
  return search !== '' && new URL(shown).search !== search
}

/** One word of a command, quoted for a POSIX shell where it must be. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** The command that asks a URL by hand. */
export function curl(shown: string): string {
  return `curl -sS ${shellWord(shown)}`
}

/** The command that asks a git server for its refs. */
export function lsRemote(shown: string): string {
  return `git ls-remote ${shellWord(shown)} HEAD`
}

/** The command that shows the line of a setting. A path that begins at a folder of the user is left to the shell. */
export function showLine(key: string, file: string): string {
  return `grep -n ${shellWord(key)} ${/^[~$]/.test(file) ? file : shellWord(file)}`
}
