import { inspect } from 'node:util'

const MASK = '[secret]'

/** A credential in memory. Printing, logging, serialising or interpolating it gives a mask; only `reveal` gives the text. */
export class Secret {
  readonly #value: string
  readonly #parts: readonly string[]

  /** `parts` are pieces of `value` that must not be shown either, in whatever form: a password, its encoded form. */
  constructor(value: string, parts: readonly string[] = []) {
    this.#value = value
    this.#parts = parts
  }

  reveal(): string {
    return this.#value
  }

  /** Every text that a message must not hold. */
  texts(): readonly string[] {
    return [this.#value, ...this.#parts]
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

/** `Basic` credentials (RFC 7617). */
export function basicAuthorization(user: string, password: string): Secret {
  const encoded = Buffer.from(`${user}:${password}`, 'utf8').toString('base64')
  return new Secret(`Basic ${encoded}`, [encoded, password])
}

/** A value that may stand in a header: visible ASCII and inner spaces. Anything else could add a header of its own. */
export function fitsHeader(value: string): boolean {
  return value.length <= 16_384 && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)
}
