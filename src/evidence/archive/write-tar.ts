import { crc32 } from './crc32.js'

/** A member to write: a file, or a symbolic link. */
export type TarMember = { readonly path: string; readonly bytes: Uint8Array } | { readonly path: string; readonly target: string }

const BLOCK = 512
/** What the name and link fields of a header hold. */
const FIELD = 100

/**
 * A tar of files and links in the order given, the same bytes for the same members: mode 0644, no owner, no time. What a
 * header cannot hold stands in a pax record before it (POSIX.1-2001 pax).
 */
export function writeTar(members: readonly TarMember[]): Uint8Array {
  const blocks = members.flatMap((member) => {
    const content = 'bytes' in member ? member.bytes : new Uint8Array(0)
    const target = 'target' in member ? member.target : ''
    const records = [...record('path', member.path), ...record('linkpath', target)]
    const long =
      records.length === 0
        ? []
        : [header('PaxHeader', '', 'x', Buffer.byteLength(records.join(''))), ...padded(Buffer.from(records.join('')))]
    return [...long, header(member.path, target, 'target' in member ? '2' : '0', content.length), ...padded(content)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)])
}

/** A record where a field cannot hold the text; its length counts its own digits. */
function record(key: string, text: string): readonly string[] {
  if (Buffer.byteLength(text) <= FIELD && /^[\u0020-\u007e]*$/.test(text)) return []
  const rest = Buffer.byteLength(` ${key}=${text}\n`)
  let length = rest + String(rest).length
  length = rest + String(length).length
  return [`${length} ${key}=${text}\n`]
}

function padded(bytes: Uint8Array): readonly Uint8Array[] {
  return [bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]
}

function header(path: string, target: string, type: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const put = (at: number, text: string, room = text.length): void => void block.write(text, at, room, 'latin1')
  put(0, path, FIELD)
  put(100, '0000644\0' + '0000000\0' + '0000000\0')
  put(124, `${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`)
  put(148, ' '.repeat(8))
  put(156, type)
  put(157, target, FIELD)
  put(257, 'ustar\0' + '00')
  put(329, '0000000\0' + '0000000\0')
  let sum = 0
  for (const byte of block) sum += byte
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return block
}

/**
 * A gzip file of stored blocks (RFC 1951 §3.2.4, RFC 1952): what deflate makes of the same bytes differs from one zlib to the
 * next, and these are the same everywhere.
 */
export function gzipStored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)]
  const most = 0xffff
  for (let at = 0; at === 0 || at < bytes.length; at += most) {
    const piece = bytes.subarray(at, at + most)
    const head = Buffer.alloc(5)
    head.writeUInt8(at + most >= bytes.length ? 1 : 0, 0)
    head.writeUInt16LE(piece.length, 1)
    head.writeUInt16LE(piece.length ^ 0xffff, 3)
    parts.push(head, piece)
  }
  const end = Buffer.alloc(8)
  end.writeUInt32LE(crc32(bytes) >>> 0, 0)
  end.writeUInt32LE(bytes.length >>> 0, 4)
  return Buffer.concat([...parts, end])
}
