import { describe, expect, it } from 'vitest'
import { archiveType } from '../../../../src/ecosystems/zig/verify/archive-type.js'

describe('what zig takes a download for', () => {
  it.each<readonly [string | undefined, string | undefined, string, string | undefined]>([
    ['application/gzip', undefined, '/a.zip', 'tar gzip'],
    ['application/x-gzip; charset=binary', undefined, '/a', 'tar gzip'],
    ['Application/X-XZ', undefined, '/a', 'tar xz'],
    ['application/zstd', undefined, '/a', 'tar zstd'],
    ['application/x-tar', undefined, '/a.tar.gz', 'tar none'],
    ['application/java-archive', undefined, '/a', 'zip'],
    ['application/octet-stream', 'attachment; filename="v1.tar.gz"', '/v1.zip', 'tar gzip'],
    ['application/octet-stream', 'attachment; filename=v1.tar.xz', '/v1', 'tar xz'],
    ['application/octet-stream', 'inline; filename=v1.tar.xz', '/v1.zip', 'zip'],
    ['application/x-compressed', undefined, '/a/b.tgz', 'tar gzip'],
    ['application/octet-stream', undefined, '/a/b', undefined],
    ['application/octet-stream', 'attachment; filename="v1.tar.bz2"', '/v1.zip', undefined],
    ['text/html', undefined, '/a.tar.gz', undefined],
    ['application/x-bzip2', undefined, '/a.tar.gz', undefined],
    [undefined, undefined, '/a.tar.gz', undefined],
  ])('%s, %s, %s: %s', (contentType, contentDisposition, urlPath, wanted) => {
    const format = archiveType({ contentType, contentDisposition, urlPath })
    const shown = format?.container === 'tar' ? `tar ${format.packing}` : format?.container
    expect(shown).toBe(wanted)
  })
})
