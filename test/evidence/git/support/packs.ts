import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { FLUSH, type Interceptor, packet } from './git-server.js'

const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4, offsetDelta: 6 } as const

export interface PackEntry {
  readonly type: keyof typeof TYPES
  readonly content: Uint8Array
  /** For a delta: how many bytes before this entry its base begins. */
  readonly back?: number | undefined
}

/** One entry of a pack (gitformat-pack): type and size, seven bits at a time, then the packed content. */
export function packEntry({ type, content, back }: PackEntry): Buffer {
  const head: number[] = []
  let size = content.length
  let byte = (TYPES[type] << 4) | (size & 15)
  for (size = Math.floor(size / 16); size > 0; size = Math.floor(size / 128)) {
    head.push(byte | 0x80)
    byte = size & 0x7f
  }
  head.push(byte)
  if (back !== undefined) {
    const offset = [back & 0x7f]
    for (let left = Math.floor(back / 128); left > 0; left = Math.floor(left / 128)) offset.unshift(0x80 | (--left & 0x7f))
    head.push(...offset)
  }
  return Buffer.concat([Buffer.from(head), deflateSync(content)])
}

export function pack(entries: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12)
  head.write('PACK')
  head.writeUInt32BE(2, 4)
  head.writeUInt32BE(entries.length, 8)
  const body = Buffer.concat([head, ...entries])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

/** A delta that says: `times` over, the first `length` bytes of the base. */
export function repeatingDelta(baseSize: number, length: number, times: number): Buffer {
  const varint = (value: number): number[] => {
    const bytes: number[] = []
    let left = value
    for (; left >= 128; left = Math.floor(left / 128)) bytes.push(0x80 | (left % 128))
    return [...bytes, left]
  }
  // Copy from offset 0 with a size of three bytes.
  const copy = [0x80 | 0x70, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff]
  return Buffer.from([...varint(baseSize), ...varint(length * times), ...Array.from({ length: times }, () => copy).flat()])
}

/** A server of protocol 2 that answers every fetch with these bytes as a pack. */
export function servePack(bytes: Uint8Array): Interceptor {
  return (request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement')
      const lines = ['version 2\n', 'agent=git/test\n', 'ls-refs\n', 'fetch=shallow filter\n', 'object-format=sha1\n']
      response.end(Buffer.concat([packet('# service=git-upload-pack\n'), FLUSH, ...lines.map(packet), FLUSH]))
      return true
    }
    const asked: Buffer[] = []
    request.on('data', (chunk: Buffer) => asked.push(chunk))
    request.on('end', () => {
      const wanted = Buffer.concat(asked).toString('latin1')
      const shallow = /deepen 1/.test(wanted)
        ? [packet('shallow-info\n'), packet(`shallow ${/want ([0-9a-f]+)/.exec(wanted)?.[1]}\n`), Buffer.from('0001')]
        : []
      response.setHeader('content-type', 'application/x-git-upload-pack-result')
      const parts: Buffer[] = []
      for (let at = 0; at < bytes.length; at += 60_000)
        parts.push(packet(Buffer.concat([Buffer.from([1]), bytes.subarray(at, at + 60_000)])))
      response.end(Buffer.concat([...shallow, packet('packfile\n'), ...parts, FLUSH]))
    })
    return true
  }
}
