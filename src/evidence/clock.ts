import { AssayError } from '../model/error.js'

/** 9999-12-31T23:59:59Z, the last second that four-digit years can write. */
const LAST_SECOND = 253_402_300_799

/**
 * The instant a run states and judges by: `SOURCE_DATE_EPOCH` (reproducible-builds.org: whole seconds since 1970), else
 * now. Throws `usage` when the variable holds something else.
 */
export function currentInstant(): Date {
  const epoch = process.env['SOURCE_DATE_EPOCH']
  if (epoch === undefined || epoch === '') return new Date()
  const seconds = Number(epoch)
  if (!/^\d{1,12}$/.test(epoch) || seconds > LAST_SECOND) {
    throw new AssayError(
      'usage',
      'SOURCE_DATE_EPOCH is not a number of seconds',
      'Set it to whole seconds since 1970, e.g. 1767225600, or unset it.',
    )
  }
  return new Date(seconds * 1000)
}

/** The same instant as documents state it: RFC 3339, UTC, whole seconds. */
export function currentTimestamp(): string {
  return `${currentInstant().toISOString().slice(0, 19)}Z`
}

/** The machine's own time, whatever time documents are to state: by it is judged what expires. RFC 3339, UTC, whole seconds. */
export function clockTimestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}
