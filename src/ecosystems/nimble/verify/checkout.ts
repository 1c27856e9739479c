import { createHash } from 'node:crypto'
import type { CheckoutAttributes } from './git-attributes.js'

const LF = 0x0a
const CR = 0x0d

/**
 * The bytes that git writes for a blob, with `core.autocrlf=false` and `core.eol=lf` as nimble clones (spec/nimble.md §4):
 * `ident` first, then line ends. Undefined when a filter or an encoding decides.
 */
export function checkedOut(blob: Uint8Array, attributes: CheckoutAttributes): Uint8Array | undefined {
  if (attributes.beyond !== undefined) return undefined
  const expanded = attributes.ident ? expandIdent(blob) : blob
  return attributes.eol === 'crlf' && attributes.text !== false ? toCrlf(expanded, attributes.text === 'auto') : expanded
}

/** Lone LF becomes CRLF. Where git only guesses that it is text, content with any CR, or that looks binary, stays. */
function toCrlf(content: Uint8Array, guessed: boolean): Uint8Array {
  if (guessed && (content.includes(CR) || looksBinary(content))) return content
  const parts: number[] = []
  content.forEach((byte, i) => {
    if (byte === LF && content[i - 1] !== CR) parts.push(CR)
    parts.push(byte)
  })
  return Uint8Array.from(parts)
}

/** git's own guess: a NUL, or more than one unprintable byte in 128. */
function looksBinary(content: Uint8Array): boolean {
  let printable = 0
  let unprintable = 0
  for (const [i, byte] of content.entries()) {
    if (byte === 0) return true
    if (byte === LF || byte === CR) continue
    const isText = byte >= 0x20 ? byte !== 0x7f : byte === 0x08 || byte === 0x09 || byte === 0x0c || byte === 0x1b
    // A final Ctrl-Z was the end mark of text files once.
    if (isText || (byte === 0x1a && i === content.length - 1)) printable += 1
    else unprintable += 1
  }
  return printable >> 7 < unprintable
}

/** `$Id$` and `$Id: …$` get the id of the blob; what looks like another system's keyword stays. */
function expandIdent(blob: Uint8Array): Uint8Array {
  const text = Buffer.from(blob).toString('latin1')
  if (!text.includes('$Id')) return blob
  const id = createHash('sha1').update(`blob ${blob.length}\0`).update(blob).digest('hex')
  const expanded = text.replace(/\$Id(?::([^$\n]*))?\$/g, (whole, inside: string | undefined) =>
    inside !== undefined && isForeign(inside) ? whole : `$Id: ${id} $`,
  )
  return Buffer.from(expanded, 'latin1')
}

/** Blanks elsewhere than around one word mean that it is no id of git's. */
function isForeign(inside: string): boolean {
  const space = inside.indexOf(' ', 1)
  return space >= 0 && space < inside.length - 1
}
