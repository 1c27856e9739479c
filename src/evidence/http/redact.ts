import { escapeTerminal } from '../../model/escape.js'
import type { Secret } from './secret.js'

/** Shorter texts would mask half of every message and protect nothing. */
const SHORTEST = 4
const LONGEST_SHOWN = 2048
/** Names of query parameters that carry a signature or a token, as storage services and registries use them. */
const SECRET_PARAMETER =
  /token|secret|signature|passw|credential|api[-_]?key|access[-_]?key|security|policy|auth|jwt|session|^sig$|^key$|^x-(?:amz|goog)-/i

/** Takes known secrets out of any text. */
export class Redactor {
  /** The longest first: one that begins like another must not leave its rest behind. */
  readonly #secrets: readonly string[]

  constructor(secrets: readonly Secret[] = [], known: readonly string[] = []) {
    const texts = secrets
      .flatMap((secret) => secret.texts())
      .flatMap((text) => [text, encodeURIComponent(text)])
      .filter((text) => text.length >= SHORTEST)
    this.#secrets = [...new Set([...known, ...texts])].sort((a, b) => b.length - a.length)
  }

  /** One that knows another secret too; for a credential of one URL, of which there may be as many as URLs. */
  with(secret: Secret | undefined): Redactor {
    return secret === undefined ? this : new Redactor([secret], this.#secrets)
  }

  clean(text: string): string {
    let cleaned = text
    for (const secret of this.#secrets) if (cleaned.includes(secret)) cleaned = cleaned.replaceAll(secret, '[secret]')
    return cleaned
  }

  /** A server's own words: one line, nothing that acts on a terminal, bounded, without secrets. */
  quote(text: string, length = 200): string {
    // Cleaned before it is cut: half a secret would not be known as one.
    const line = this.clean(text)
      .slice(0, length * 4)
      .replace(/\s+/g, ' ')
      .trim()
    return escapeTerminal(line.length > length ? `${line.slice(0, length)}…` : line)
  }

  url(url: string | URL): string {
    return this.clean(displayUrl(url))
  }
}

/** A URL as it may be shown and stored: no user info, no fragment, no values of parameters that look like secrets. */
export function displayUrl(url: string | URL): string {
  // The usual case, and setting a part of a URL parses it anew.
  if (typeof url !== 'string' && url.search === '' && url.hash === '' && url.username === '' && url.password === '')
    return url.href.slice(0, LONGEST_SHOWN)
  const text = typeof url === 'string' ? url : url.href
  // `user:password@host:path`, as git has it, is a URL with the scheme `user` to a parser.
  if (!URL.canParse(text) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return text
      .slice(0, LONGEST_SHOWN)
      .replace(/[?#].*$/s, '')
      .replace(/^([^@]*\/\/)?[^@/]*@/, '$1')
  const shown = new URL(text)
  shown.username = ''
  shown.password = ''
  shown.hash = ''
  if (shown.search !== '') shown.search = maskedQuery(shown.search)
  return shown.href.slice(0, LONGEST_SHOWN)
}

function maskedQuery(search: string): string {
  return search
    .slice(1)
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals > 0 && SECRET_PARAMETER.test(pair.slice(0, equals)) ? `${pair.slice(0, equals)}=secret` : pair
    })
    .join('&')
}
