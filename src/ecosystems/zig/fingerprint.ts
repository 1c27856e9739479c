import { crc32 } from '../../evidence/archive/crc32.js'

/** The two halves of `.fingerprint` (spec/zig.md §3.2): CRC-32 of the name above, random id of the project below. */
export interface Fingerprint {
  readonly id: number
  readonly checksum: number
}

const MAX_FINGERPRINT = 0xffff_ffff_ffff_ffffn

/** Splits a 64-bit fingerprint; undefined when the number has more bits or a sign. */
export function splitFingerprint(value: bigint): Fingerprint | undefined {
  if (value < 0n || value > MAX_FINGERPRINT) return undefined
  return { id: Number(value & 0xffff_ffffn), checksum: Number(value >> 32n) }
}

/** What the upper half of a fingerprint must be for this name. */
export function nameChecksum(name: string): number {
  return crc32(new TextEncoder().encode(name))
}

/** 0 means "none" in a package hash, all ones is reserved: zig refuses both in a manifest. */
export function isReservedId(id: number): boolean {
  return id === 0 || id === 0xffff_ffff
}

/** Half a fingerprint as zig prints it, without the `0x` a fixed eight digits wide. */
export function hex32(value: number): string {
  return value.toString(16).padStart(8, '0')
}
