import { BlockList, isIP } from 'node:net'
import type { FailureCode } from './failures.js'
import { basicAuthorization, type Secret } from './secret.js'

/** Where requests may go. */
export interface UrlPolicy {
  /** Plain http. Default `loopback`. */
  readonly http?: 'never' | 'loopback' | 'any' | undefined
  /** `host[:port]` of servers that may be asked over plain http besides. No credential goes there. */
  readonly plainHttp?: readonly string[] | undefined
  /** `file:` URLs, for mirrors that the user configured. Never by redirect. Default false. */
  readonly file?: boolean | undefined
  /** Host names, or `*.example.com` for every name below. Undefined: all. Holds for redirects too. */
  readonly allowHosts?: readonly string[] | undefined
}

export interface Target {
  readonly url: URL
  /** From the user info of the URL, which is taken out of it. */
  readonly authorization?: Secret | undefined
}

export type CheckedUrl =
  | ({ readonly ok: true } & Target)
  | { readonly ok: false; readonly failure: FailureCode; readonly detail?: string | undefined }

const LONGEST_URL = 8192

/** Decides about one URL before anything is sent. */
export function checkUrl(text: string, policy: UrlPolicy): CheckedUrl {
  const url = text.length > LONGEST_URL ? undefined : parseUrl(text)
  if (url === undefined) return { ok: false, failure: 'bad-url' }
  const authorization = takeUserInfo(url)
  if (url.hash !== '') url.hash = ''
  switch (url.protocol) {
    case 'file:':
      if (policy.file !== true) return { ok: false, failure: 'scheme-not-allowed', detail: 'file' }
      return { ok: true, url }
    case 'http:':
      if (!allowsPlainHttp(url, policy)) return { ok: false, failure: 'scheme-not-allowed', detail: 'plain http' }
      break
    case 'https:':
      break
    default:
      return { ok: false, failure: 'scheme-not-allowed', detail: url.protocol.slice(0, 20) }
  }
  if (policy.allowHosts !== undefined && !policy.allowHosts.some((pattern) => matchesHost(url.hostname, pattern)))
    return { ok: false, failure: 'host-not-allowed' }
  return { ok: true, url, authorization }
}

function allowsPlainHttp(url: URL, { http = 'loopback', plainHttp = [] }: UrlPolicy): boolean {
  return http === 'any' || (http === 'loopback' && isLoopback(url.hostname)) || plainHttp.some((host) => isHost(url, host))
}

/** As it may be written: with the port that goes without saying, in any case. */
function isHost(url: URL, host: string): boolean {
  return URL.canParse(`http://${host}`) && new URL(`http://${host}`).host === url.host
}

/**
 * Decides about a redirect: never from https to http, never to a file, never from elsewhere to an address of this machine
 * or of a private network (a registry could make the tool ask services that only this machine can reach).
 */
export function checkRedirect(from: URL, location: string, policy: UrlPolicy): CheckedUrl {
  if (location.length > LONGEST_URL || !URL.canParse(location, from.href))
    return { ok: false, failure: 'redirect-refused', detail: 'the new address is no URL' }
  const checked = checkUrl(new URL(location, from).href, policy)
  if (!checked.ok) return { ok: false, failure: 'redirect-refused', detail: checked.detail ?? 'the host is not allowed' }
  const { url } = checked
  if (url.protocol !== 'https:' && url.protocol !== from.protocol)
    return { ok: false, failure: 'redirect-refused', detail: `from ${from.protocol} to ${url.protocol}` }
  if (isPrivateAddress(url.hostname) && url.hostname !== from.hostname && !isPrivateAddress(from.hostname))
    return { ok: false, failure: 'redirect-refused', detail: 'to an address of a private network' }
  return checked
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function takeUserInfo(url: URL): Secret | undefined {
  if (url.username === '' && url.password === '') return undefined
  const secret = basicAuthorization(decoded(url.username), decoded(url.password))
  url.username = ''
  url.password = ''
  return secret
}

/** Percent-decoding that keeps what is not valid as it stands. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function matchesHost(host: string, pattern: string): boolean {
  const name = host.toLowerCase()
  const wanted = pattern.toLowerCase()
  return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1 : name === wanted
}

/** `localhost` and names below it (RFC 6761 §6.3), 127.0.0.0/8, ::1. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  )
}

function isPrivateAddress(hostname: string): boolean {
  return isLoopback(hostname) || isIn(PRIVATE, hostname)
}

/** RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291 §2.5.6, and the unspecified addresses. */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')
PRIVATE.addAddress('::', 'ipv6')

function isIn(list: BlockList, hostname: string): boolean {
  const address = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const family = isIP(address)
  if (family === 0) return false
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
