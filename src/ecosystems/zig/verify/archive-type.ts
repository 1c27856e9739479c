import type { ArchiveFormat } from '../../../evidence/archive/format.js'
import { formatByName } from '../../../evidence/archive/format.js'

/** What a server says about a download. */
export interface ArchiveResponse {
  readonly contentType: string | undefined
  readonly contentDisposition: string | undefined
  /** The path of the URL, after redirects. */
  readonly urlPath: string
}

const tar = (packing: 'none' | 'gzip' | 'xz' | 'zstd'): ArchiveFormat => ({ container: 'tar', packing })

const BY_TYPE: ReadonlyMap<string, ArchiveFormat> = new Map([
  ['application/x-tar', tar('none')],
  ['application/gzip', tar('gzip')],
  ['application/x-gzip', tar('gzip')],
  ['application/tar+gzip', tar('gzip')],
  ['application/x-tar-gz', tar('gzip')],
  ['application/x-gtar-compressed', tar('gzip')],
  ['application/x-xz', tar('xz')],
  ['application/zstd', tar('zstd')],
  ['application/zip', { container: 'zip' }],
  ['application/x-zip-compressed', { container: 'zip' }],
  ['application/java-archive', { container: 'zip' }],
])

/** Types that say nothing, so that zig looks at names. */
const UNTELLING: ReadonlySet<string> = new Set(['application/octet-stream', 'application/x-compressed'])

/**
 * The format zig takes a download for: by its type, and only where that says nothing by its name (spec/zig.md §5.2).
 * Undefined where zig gives up.
 */
export function archiveType({ contentType, contentDisposition, urlPath }: ArchiveResponse): ArchiveFormat | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === undefined) return undefined
  if (!UNTELLING.has(type)) return BY_TYPE.get(type)
  return formatByName(attachmentName(contentDisposition ?? '') ?? urlPath)
}

/** The `filename` of an attachment, quoted or not; other parameters and kinds do not count. */
function attachmentName(disposition: string): string | undefined {
  const [kind, ...parameters] = disposition.split(';').map((part) => part.trim())
  if (kind?.toLowerCase() !== 'attachment') return undefined
  const name = parameters.find((parameter) => parameter.toLowerCase().startsWith('filename='))?.slice('filename='.length)
  return name?.replace(/^"([^"]*)"$/, '$1')
}
