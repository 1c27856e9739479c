/** One member to write; the header can be made to lie. */
export interface TarPart {
  readonly name: string
  readonly body?: Uint8Array | string
  /** Default `0`, a file. */
  readonly type?: string
  readonly link?: string
  readonly mode?: number
  /** What the header says instead of the length of the body. */
  readonly size?: number
  readonly prefix?: string
  readonly magic?: 'posix' | 'gnu' | 'none'
  /** The whole size field as it stands. */
  readonly sizeField?: Uint8Array
  readonly checksum?: number
}

export interface TarEnd {
  /** Zero blocks at the end; default two. */
  readonly endBlocks?: number
}

/** Writes a tar for tests. It shares no code with the reader. */
export function makeTar(parts: readonly TarPart[], { endBlocks = 2 }: TarEnd = {}): Buffer {
  const blocks = parts.flatMap((part) => {
    const body = Buffer.from(part.body ?? '')
    const padding = Buffer.alloc((512 - (body.length % 512)) % 512)
    return [header(part, body.length), body, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(512 * endBlocks)])
}

/** A pax extended header in front of the next member. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): TarPart {
  const body = Object.entries(records)
    .map(([key, value]) => paxRecord(key, value))
    .join('')
  return { name: 'PaxHeaders/x', type, body }
}

/** The length of a record counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

/** GNU's long name (`L`) or long link (`K`). */
export function longName(text: string, type = 'L'): TarPart {
  return { name: '././@LongLink', type, body: `${text}\0` }
}

function header(part: TarPart, length: number): Buffer {
  const block = Buffer.alloc(512)
  block.write(part.name, 0, 100)
  block.write(octal(part.mode ?? 0o644, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(part.size ?? length, 12), 124)
  if (part.sizeField !== undefined) block.set(part.sizeField, 124)
  block.write(octal(0, 12), 136)
  block.write('        ', 148)
  block.write(part.type ?? '0', 156)
  block.write(part.link ?? '', 157, 100)
  if (part.magic === 'gnu') block.write('ustar  \0', 257)
  else if (part.magic !== 'none') block.write('ustar\x0000', 257, 'latin1')
  block.write(part.prefix ?? '', 345, 155)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${(part.checksum ?? sum).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}
