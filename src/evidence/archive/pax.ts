import { ArchiveError } from './limits.js'
import { utf8 } from './text.js'

/** What the extended header of pax says about the next member, or from here on. Records of no concern are left out. */
export interface PaxRecords {
  readonly path?: string
  readonly linkPath?: string
  readonly size?: number
}

const MAX_DIGITS = 7

/**
 * Records of a pax extended header: `LENGTH KEY=VALUE\n` (POSIX.1-2017 pax, "pax Extended Header"). A key that
 * comes twice, and sparse files, are refused: readers disagree about them. Throws `ArchiveError`.
 */
export function readPax(bytes: Uint8Array): PaxRecords {
  const found = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const digits = Buffer.from(bytes.subarray(at, space < 0 ? at : Math.min(space, at + MAX_DIGITS + 1))).toString('latin1')
    const length = /^[1-9][0-9]*$/.test(digits) && digits.length <= MAX_DIGITS ? Number(digits) : 0
    const end = at + length
    const equals = bytes.indexOf(0x3d, space + 1)
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 0x0a || equals < 0 || equals >= end)
      throw new ArchiveError('corrupt', 'a record of a pax header is malformed')
    const key = utf8(bytes.subarray(space + 1, equals))
    if (key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize')
      throw new ArchiveError('unsupported', 'it holds a sparse file')
    if (key === 'path' || key === 'linkpath' || key === 'size') {
      if (found.has(key)) throw new ArchiveError('inconsistent', `a pax header holds ${key} twice`)
      found.set(key, utf8(bytes.subarray(equals + 1, end - 1)))
    }
    at = end
  }
  const path = found.get('path') ?? ''
  const linkPath = found.get('linkpath') ?? ''
  const size = found.get('size') ?? ''
  if (!/^[0-9]{0,15}$/.test(size)) throw new ArchiveError('corrupt', 'the size in a pax header is no number')
  return {
    ...(path === '' ? {} : { path }),
    ...(linkPath === '' ? {} : { linkPath }),
    ...(size === '' ? {} : { size: Number(size) }),
  }
}
