import type { Digest } from '../../model/digest.js'
import { isHexDigest } from '../../model/digest.js'

/** A digest as sources of attestations name it: the algorithm as in statements, lower-case hexadecimal of its full length. */
export interface LookupKey {
  readonly algorithm: 'sha256' | 'sha384' | 'sha512' | 'dirHash1' | 'gitCommit'
  readonly hex: string
}

/** More digests than any component has of one kind. */
const MOST_KEYS = 8

/**
 * The digests by which attestations can be found: those that a statement may bind by (spec/trust.md §3.5). What is no
 * digest of its algorithm is left out: it becomes part of paths and URLs.
 */
export function lookupKeys(anchors: readonly Digest[]): LookupKey[] {
  const keys = new Map<string, LookupKey>()
  for (const anchor of anchors) {
    const key = keyOf(anchor)
    if (key !== undefined) keys.set(keyText(key), key)
  }
  return [...keys.values()].slice(0, MOST_KEYS)
}

export function keyText({ algorithm, hex }: LookupKey): string {
  return `${algorithm}:${hex}`
}

function keyOf(anchor: Digest): LookupKey | undefined {
  const { value } = anchor
  switch (anchor.of) {
    case 'artifact': {
      const { algorithm } = anchor
      if (algorithm === 'md5' || algorithm === 'sha1') return undefined
      return isHexDigest(algorithm, value) ? { algorithm, hex: value } : undefined
    }
    case 'tree': {
      if (anchor.scheme !== 'go-h1') return undefined
      const hex = Buffer.from(value.replace(/^h1:/, ''), 'base64').toString('hex')
      return isHexDigest('sha256', hex) ? { algorithm: 'dirHash1', hex } : undefined
    }
    case 'git-object':
      return isHexDigest(anchor.algorithm, value) ? { algorithm: 'gitCommit', hex: value } : undefined
  }
}
