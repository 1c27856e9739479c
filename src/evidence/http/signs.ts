import type { IncomingHttpHeaders } from 'node:http'
import type { Known, Sign, Validators } from './outcome.js'
import { parseHttpDate } from './retry.js'

/** Longer ones are not worth keeping; they are a stranger's text that is stored and sent back. */
const LONGEST_VALIDATOR = 512

/** The validators of an answer that may be stored and sent back. */
export function validatorsOf(headers: IncomingHttpHeaders): Validators {
  const etag = single(headers.etag)
  const lastModified = single(headers['last-modified'])
  return {
    ...(etag !== undefined && isValidator(etag) ? { etag } : {}),
    ...(lastModified !== undefined && parseHttpDate(lastModified) !== undefined ? { lastModified } : {}),
  }
}

/** The headers of a conditional request: the ETag, else the date, never both (spec/cargo.md §3.4). */
export function conditionsOf(known: Known | undefined): Readonly<Record<string, string>> {
  const { etag, lastModified } = known?.validators ?? {}
  if (etag !== undefined && isValidator(etag)) return { 'if-none-match': etag }
  if (lastModified !== undefined && parseHttpDate(lastModified) !== undefined) return { 'if-modified-since': lastModified }
  return {}
}

function isValidator(text: string): boolean {
  return text.length <= LONGEST_VALIDATOR && /^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(text)
}

/** What is odd about an answer, seen against the one already held. `sha256` is undefined when the body did not come again. */
export function signsOf(headers: IncomingHttpHeaders, sha256: string | undefined, known: Known | undefined): readonly Sign[] {
  const signs: Sign[] = []
  const now = validatorsOf(headers)
  const before = known?.validators
  if (
    sha256 !== undefined &&
    known?.sha256 !== undefined &&
    known.sha256 !== sha256 &&
    now.etag !== undefined &&
    now.etag === before?.etag &&
    !now.etag.startsWith('W/')
  )
    signs.push({
      code: 'etag-reused',
      why: `the ETag is the same as before and the bytes are not (${known.sha256} before, ${sha256} now)`,
    })
  const modified = parseHttpDate(now.lastModified)
  const modifiedBefore = parseHttpDate(before?.lastModified)
  if (modified !== undefined && modifiedBefore !== undefined && modified < modifiedBefore)
    signs.push({ code: 'older-than-known', why: `it is of ${now.lastModified}, the one already held of ${before?.lastModified}` })
  const stale = staleness(headers)
  if (stale !== undefined) signs.push({ code: 'stale', why: stale })
  const isFramed = ['content-length', 'transfer-encoding', 'content-encoding'].some((name) => headers[name] !== undefined)
  if (sha256 !== undefined && !isFramed)
    signs.push({
      code: 'unframed',
      why: 'the server gave no length and closed the connection at the end; a cut would look the same',
    })
  return signs
}

function staleness(headers: IncomingHttpHeaders): string | undefined {
  const warning = single(headers['warning'])
  if (warning !== undefined && /^11[012]\b/.test(warning))
    return 'a cache on the way says that it could not ask for a newer answer'
  const age = seconds(single(headers.age))
  const control = single(headers['cache-control'])?.slice(0, 1000)
  const allowed = seconds(
    /(?:^|[\s,])s-maxage="?(\d{1,10})/i.exec(control ?? '')?.[1] ?? /(?:^|[\s,])max-age="?(\d{1,10})/i.exec(control ?? '')?.[1],
  )
  if (age !== undefined && allowed !== undefined && age > allowed)
    return `a cache on the way holds it since ${age} seconds, longer than the ${allowed} that it may`
  return undefined
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

/** Some headers may come twice; the first one counts. */
export function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}
