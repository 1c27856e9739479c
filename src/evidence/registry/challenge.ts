/** One way in which a server wants to be convinced (RFC 9110 §11.6.1). */
export interface Challenge {
  /** Lower-case. */
  readonly scheme: string
  /** By lower-case name; of a name that comes twice, the first value. */
  readonly parameters: ReadonlyMap<string, string>
}

/** Together with the bound of all headers of an answer, what a stranger can make this do. */
const MAX_HEADER_LENGTH = 16 * 1024
const MAX_CHALLENGES = 16
const MAX_PARAMETERS = 32

/** Characters of a token (RFC 9110 §5.6.2). */
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]*/y

/**
 * Reads the values of `WWW-Authenticate`: several challenges may stand in one, separated by the comma that also separates
 * parameters, and quoted values may hold commas. What is malformed is passed over up to the next comma; never throws.
 */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  const challenges: Challenge[] = []
  for (const value of values) {
    const left = MAX_CHALLENGES - challenges.length
    if (left > 0 && value.length <= MAX_HEADER_LENGTH) challenges.push(...new Scanner(value).challenges().slice(0, left))
  }
  return challenges
}

class Scanner {
  #at = 0

  constructor(readonly text: string) {}

  challenges(): Challenge[] {
    const challenges: Challenge[] = []
    let parameters: Map<string, string> | undefined
    for (let begins = this.#toWord(); begins !== 'end'; begins = this.#toWord()) {
      const word = this.#token()
      const isWhole = word !== '' && ' \t,='.includes(this.text[this.#at] ?? ' ')
      this.#skip(' \t')
      if (isWhole && this.text[this.#at] === '=' && parameters !== undefined) {
        this.#at += 1
        this.#skip(' \t')
        const value = this.#value()
        const name = word.toLowerCase()
        if (value !== undefined && parameters.size < MAX_PARAMETERS && !parameters.has(name)) parameters.set(name, value)
      } else if (isWhole && this.text[this.#at] !== '=' && begins === 'anew') {
        parameters = new Map()
        challenges.push({ scheme: word.toLowerCase(), parameters })
      } else this.#toComma()
    }
    return challenges
  }

  /** Whether a comma comes before the next word: without one, what follows a scheme is its credential in one piece. */
  #toWord(): 'anew' | 'goes-on' | 'end' {
    const from = this.#at
    const isMore = this.#skip(' \t,')
    return !isMore ? 'end' : from === 0 || this.text.slice(from, this.#at).includes(',') ? 'anew' : 'goes-on'
  }

  /** The value of a parameter; undefined when it is none, such as the padding of a credential in one piece (`abc==`). */
  #value(): string | undefined {
    const value = this.text[this.#at] === '"' ? this.#quoted() : this.#token()
    this.#skip(' \t')
    const isWhole = this.#at >= this.text.length || this.text[this.#at] === ','
    if (!isWhole) this.#toComma()
    return isWhole && value !== '' ? value : undefined
  }

  #quoted(): string | undefined {
    let value = ''
    for (this.#at += 1; this.#at < this.text.length; this.#at += 1) {
      const character = this.text[this.#at]
      if (character === '"') {
        this.#at += 1
        return value
      }
      if (character === '\\') this.#at += 1
      value += this.text[this.#at] ?? ''
    }
    return undefined
  }

  #token(): string {
    TOKEN.lastIndex = this.#at
    const [token = ''] = TOKEN.exec(this.text) ?? []
    this.#at += token.length
    return token
  }

  /** To the next comma outside of quotes. */
  #toComma(): void {
    while (this.#at < this.text.length && this.text[this.#at] !== ',') {
      if (this.text[this.#at] === '"') this.#quoted()
      else this.#at += 1
    }
  }

  /** Passes these characters; false at the end. */
  #skip(characters: string): boolean {
    while (this.#at < this.text.length && characters.includes(this.text[this.#at] ?? '')) this.#at += 1
    return this.#at < this.text.length
  }
}
