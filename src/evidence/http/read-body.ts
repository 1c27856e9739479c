import { parseJson } from '../../syntax/json.js'
import { decodeUtf8 } from '../../syntax/text.js'
import type { FailureCode } from './failures.js'
import type { HttpOk } from './outcome.js'

export type BodyValue<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureCode; readonly detail: string }

/** A body as UTF-8 text, without a byte-order mark. */
export function bodyText(answer: HttpOk): BodyValue<{ readonly text: string }> {
  const decoded = decodeUtf8(answer.bytes)
  if (!decoded.ok)
    return { ok: false, failure: 'not-text', detail: `${decoded.problem}, line ${decoded.line}, column ${decoded.column}` }
  return { ok: true, value: { text: decoded.text } }
}

/** A body as JSON. What is wrong with it is said with its line and column, and whether it looks like a web page. */
export function bodyJson(answer: HttpOk): BodyValue<{ readonly json: unknown }> {
  const text = bodyText(answer)
  if (!text.ok) return { ...text, failure: 'not-json' }
  try {
    return { ok: true, value: { json: JSON.parse(text.value.text) } }
  } catch {
    return { ok: false, failure: 'not-json', detail: whyNotJson(text.value.text, answer) }
  }
}

function whyNotJson(text: string, answer: HttpOk): string {
  if (text.trim() === '') return 'the body is empty'
  if (/^\s{0,1000}<(?:!doctype|html|head|\?xml)/i.test(text)) return 'it is a web page'
  const parsed = parseJson(text, 'the body', { code: 'evidence/not-json', help: '' })
  if (parsed.ok) return `the body of ${answer.bytes.length} bytes is not JSON`
  const { message, location } = parsed.diagnostic
  const why = message.replace(/^.*? is not readable as JSON: /, '')
  return `line ${location.line}, column ${location.column}: ${why}`
}
