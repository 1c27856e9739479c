/** One block to write. A compressed one is given as its bytes. */
export type ZstdBlock =
  | { readonly raw: Uint8Array }
  | { readonly run: number; readonly of: number }
  | { readonly packed: Uint8Array; readonly size?: number }

export interface ZstdHeader {
  /** Default 0x38: a window of 128 KiB. */
  readonly windowByte?: number
  readonly dictionary?: number
  readonly reserved?: boolean
}

/** Writes a zstd frame for tests, without content size and checksum. */
export function makeZstd(
  blocks: readonly ZstdBlock[],
  { windowByte = 0x38, dictionary, reserved = false }: ZstdHeader = {},
): Buffer {
  const descriptor = (dictionary === undefined ? 0 : 1) | (reserved ? 8 : 0)
  const head = [0x28, 0xb5, 0x2f, 0xfd, descriptor, windowByte, ...(dictionary === undefined ? [] : [dictionary])]
  const written = blocks.map((block, i) => {
    const [kind, size, body] =
      'raw' in block
        ? [0, block.raw.length, block.raw]
        : 'run' in block
          ? [1, block.run, Uint8Array.of(block.of)]
          : [2, block.size ?? block.packed.length, block.packed]
    const header = (i === blocks.length - 1 ? 1 : 0) | (kind << 1) | (size << 3)
    return Buffer.concat([Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16), body])
  })
  return Buffer.concat([Uint8Array.from(head), ...written])
}
