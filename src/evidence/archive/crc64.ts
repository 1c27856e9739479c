/** CRC-64 as xz uses it (ECMA-182, reflected), in two halves: BigInt would be twenty times slower. */
export class Crc64 {
  #low = 0xffffffff
  #high = 0xffffffff

  update(bytes: Uint8Array): void {
    const { low: tableLow, high: tableHigh } = (tables ??= makeTables())
    let low = this.#low
    let high = this.#high
    for (const byte of bytes) {
      const index = (low ^ byte) & 0xff
      low = ((low >>> 8) | (high << 24)) ^ (tableLow[index] ?? 0)
      high = (high >>> 8) ^ (tableHigh[index] ?? 0)
    }
    this.#low = low
    this.#high = high
  }

  /** Eight bytes, little-endian, as xz stores them. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, ~this.#low >>> 0, true)
    view.setUint32(4, ~this.#high >>> 0, true)
    return bytes
  }
}

interface Tables {
  readonly low: Uint32Array
  readonly high: Uint32Array
}

let tables: Tables | undefined

function makeTables(): Tables {
  const low = new Uint32Array(256)
  const high = new Uint32Array(256)
  for (let n = 0; n < 256; n++) {
    let value = BigInt(n)
    for (let k = 0; k < 8; k++) value = value & 1n ? 0xc96c5795d7870f42n ^ (value >> 1n) : value >> 1n
    low[n] = Number(value & 0xffff_ffffn)
    high[n] = Number(value >> 32n)
  }
  return { low, high }
}
