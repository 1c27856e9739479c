const SHORTEST = 4
const LONGEST_COPY = 64

/** Packs a Snappy block, greedily and slowly: literals, and copies of the forms `01` and `10`, overlapping ones among them. */
export function packSnappy(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [varint(bytes.length)]
  const seen = new Map<string, number>()
  const at = (from: number): string => Buffer.from(bytes.subarray(from, from + SHORTEST)).toString('latin1')
  let literal = 0
  for (let position = 0; position < bytes.length; ) {
    const earlier = position + SHORTEST <= bytes.length ? seen.get(at(position)) : undefined
    seen.set(at(position), position)
    if (earlier === undefined || position - earlier > 0xffff) {
      position += 1
      continue
    }
    let length = SHORTEST
    while (length < LONGEST_COPY && position + length < bytes.length && bytes[earlier + length] === bytes[position + length])
      length += 1
    parts.push(...literals(bytes.subarray(literal, position)), copy(position - earlier, length))
    position += length
    literal = position
  }
  parts.push(...literals(bytes.subarray(literal)))
  return Buffer.concat(parts)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

function literals(bytes: Uint8Array): Buffer[] {
  if (bytes.length === 0) return []
  if (bytes.length <= 60) return [Buffer.from([(bytes.length - 1) << 2]), Buffer.from(bytes)]
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length - 1)
  return [Buffer.from([63 << 2]), length, Buffer.from(bytes)]
}

function copy(offset: number, length: number): Buffer {
  if (length < 12 && offset < 2048) return Buffer.from([1 | ((length - 4) << 2) | ((offset >> 8) << 5), offset & 0xff])
  return Buffer.from([2 | ((length - 1) << 2), offset & 0xff, offset >> 8])
}
