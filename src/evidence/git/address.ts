import { escapeTerminal } from '../../model/escape.js'
import { displayUrl } from '../http/redact.js'
import type { Secret } from '../http/secret.js'
import { checkRedirect, checkUrl, matchesHost, type UrlPolicy } from '../http/url-policy.js'
import type { GitFailureCode } from './failures.js'

/**
 * Which protocols git may speak, and to whom: https, and what is named here. `git://` and remote helpers (`ext::…`) cannot be
 * allowed.
 */
export interface GitPolicy extends UrlPolicy {
  /** Default `never`: what a lockfile names must not reach the services of this machine unasked. */
  readonly http?: UrlPolicy['http']
  /** With a fixed command line and no configuration of the user's; keys come from the agent. Default false. */
  readonly ssh?: boolean | undefined
}

/** A repository's address that the policy allows. */
export interface GitAddress {
  readonly scheme: 'https' | 'http' | 'file' | 'ssh'
  /** What git is given: no user info but the user name of ssh, nothing that could be taken for an option. */
  readonly argument: string
  /** For messages and evidence. */
  readonly url: string
  readonly host: string
  /** Undefined for ssh. */
  readonly parsed?: URL | undefined
  /** From the user info of the URL. */
  readonly authorization?: Secret | undefined
}

export type CheckedAddress =
  | { readonly ok: true; readonly address: GitAddress }
  | { readonly ok: false; readonly failure: GitFailureCode; readonly detail?: string | undefined; readonly shown: string }

/** `user@host:path`, the short form that git shares with scp. Without a user name it could not be told from a scheme. */
const SCP = /^([A-Za-z0-9_][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/)([^:-].*)$/
const LONGEST = 8192
const SHOWN = 200

/** Decides about one address before git sees it. */
export function checkAddress(text: string, policy: GitPolicy): CheckedAddress {
  const shown = text.length > LONGEST ? '' : shownAddress(text)
  // Leading and inner blanks would be dropped by the URL parser, and the text then read as another than it shows.
  if (text.length > LONGEST || text.startsWith('-') || /[\u0000-\u0020\u007f\\]/.test(text))
    return { ok: false, failure: 'bad-url', shown }
  if (/^[A-Za-z0-9][A-Za-z0-9+.-]*::/.test(text))
    return { ok: false, failure: 'scheme-not-allowed', detail: 'a remote helper', shown: '' }
  const scp = SCP.exec(text)
  if (scp !== null) return sshAddress(`ssh://${scp[1]}@${scp[2]}/${scp[3]}`, text, policy)
  if (/^ssh:/i.test(text)) return sshAddress(text, text, policy)
  const checked = checkUrl(text, webPolicy(policy))
  if (!checked.ok) return { ok: false, failure: checked.failure, detail: checked.detail, shown }
  return addressOf(checked.url, checked.authorization)
}

function webPolicy(policy: GitPolicy): UrlPolicy {
  return { ...policy, http: policy.http ?? 'never' }
}

/** Of what is no URL everything up to the last `@` could be a secret. */
function shownAddress(text: string): string {
  if (URL.canParse(text) && /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text)) return displayUrl(text).slice(0, SHOWN)
  return escapeTerminal(text.slice(text.lastIndexOf('@') + 1).slice(0, SHOWN))
}

function addressOf(url: URL, authorization: Secret | undefined): CheckedAddress {
  const shown = displayUrl(url)
  const scheme = url.protocol.slice(0, -1)
  if (scheme !== 'https' && scheme !== 'http' && scheme !== 'file') return { ok: false, failure: 'scheme-not-allowed', shown }
  if (scheme === 'file') {
    if (url.hostname !== '' || url.pathname.length < 2 || /%00/.test(url.pathname))
      return { ok: false, failure: 'bad-url', detail: 'a file URL names no host, and a path', shown }
    // git would take what follows the question mark for a part of the path.
    url.search = ''
  }
  return { ok: true, address: { scheme, argument: url.href, url: shown, host: url.host, parsed: url, authorization } }
}

/** `argument` is what git is given: the short form means a path below the home folder, its long form an absolute one. */
function sshAddress(long: string, argument: string, policy: GitPolicy): CheckedAddress {
  if (!URL.canParse(long)) return { ok: false, failure: 'bad-url', shown: '' }
  const url = new URL(long)
  const shown = displayUrl(url).slice(0, SHOWN)
  if (policy.ssh !== true) return { ok: false, failure: 'scheme-not-allowed', detail: 'ssh', shown }
  // Whatever begins with a dash could reach ssh as an option (CVE-2017-1000117).
  const plain = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/
  if (!/^[A-Za-z0-9[][A-Za-z0-9.:[\]-]*$/.test(url.hostname) || (url.username !== '' && !plain.test(url.username)))
    return { ok: false, failure: 'bad-url', shown }
  if (url.password !== '') return { ok: false, failure: 'bad-url', detail: 'ssh takes no password from a URL', shown }
  if (/^\/+-/.test(url.pathname)) return { ok: false, failure: 'bad-url', shown }
  if (policy.allowHosts !== undefined && !policy.allowHosts.some((pattern) => matchesHost(url.hostname, pattern)))
    return { ok: false, failure: 'host-not-allowed', shown }
  return { ok: true, address: { scheme: 'ssh', argument, url: shown, host: url.host } }
}

/** What git asks for first over HTTP (gitprotocol-http, "Discovering References"). */
const DISCOVERY = '/info/refs'

/**
 * Where a redirect of that first request leads. Credentials of the old URL stay behind unless the origin is the same.
 */
export function followRedirect(from: GitAddress, location: string, policy: GitPolicy): CheckedAddress {
  if (from.parsed === undefined) return { ok: false, failure: 'redirect-refused', shown: from.url }
  const asked = new URL(from.parsed)
  asked.pathname = `${asked.pathname.replace(/\/$/, '')}${DISCOVERY}`
  const checked = checkRedirect(asked, location, webPolicy(policy))
  if (!checked.ok) return { ok: false, failure: checked.failure, detail: checked.detail, shown: from.url }
  const { url } = checked
  if (!url.pathname.endsWith(DISCOVERY))
    return { ok: false, failure: 'redirect-refused', detail: 'to what is no repository', shown: from.url }
  url.pathname = url.pathname.slice(0, -DISCOVERY.length)
  url.searchParams.delete('service')
  return addressOf(url, checked.authorization ?? (url.origin === asked.origin ? from.authorization : undefined))
}
