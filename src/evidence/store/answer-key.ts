import { hash } from 'node:crypto'
import { displayUrl } from '../http/redact.js'

/** What tells one question from another: who is asked for what, and in which form. Never a credential. */
export interface AnswerKey {
  /** Normalised; without user info and fragment. */
  readonly url: string
  readonly accept: string
}

export const ANY_FORM = '*/*'

export const LONGEST_ACCEPT = 1000

export type Keyed =
  /** The key may be written down. */
  | { readonly ok: true; readonly key: AnswerKey }
  /**
   * It may not: the URL carries in its query what looks like a secret, or something is too long. With the value masked, two URLs
   * could share a key and one would be given the other's answer; so such answers are not kept beyond the run.
   */
  | { readonly ok: false; readonly shown: string; readonly inMemory: string }
  | undefined

/**
 * The key of a question; undefined for a text that is no URL. `markedQuery`: the query marks a place in a list, and what looks
 * like a secret in it is none.
 */
export function answerKey(url: string, accept: string = ANY_FORM, markedQuery = false): Keyed {
  if (!URL.canParse(url)) return undefined
  const plain = new URL(url)
  if (markedQuery && plain.search !== '') plain.search = `?mark=sha256-${hash('sha256', plain.search)}`
  plain.username = ''
  plain.password = ''
  plain.hash = ''
  // An empty fragment leaves its sign behind.
  const whole = plain.href.endsWith('#') ? plain.href.slice(0, -1) : plain.href
  const shown = displayUrl(whole)
  if (shown !== whole || accept.length > LONGEST_ACCEPT) return { ok: false, shown, inMemory: JSON.stringify([whole, accept]) }
  return { ok: true, key: { url: whole, accept } }
}

/** The canonical text of a key, which also gives the order of answers in a pack. */
export function keyText(key: AnswerKey): string {
  return JSON.stringify([key.url, key.accept])
}

/** The name of what is stored under a text. */
export function nameOf(text: string): string {
  return hash('sha256', text)
}
