import { type Credential, credentialFor, type SendCredential } from './credentials.js'
import type { HttpRefused, HttpUnavailable } from './outcome.js'
import type { RegistryAccess, RegistryAuthenticator, TokenReply, TokenRequest } from './registry-access.js'
import { fitsHeader, type Secret } from './secret.js'
import type { Target } from './url-policy.js'

/** What is sent with the requests of one attempt, as long as they stay with the origin where it began. */
export interface Authorization {
  toSend(url: URL): Secret | undefined
  /** After a 401 to what was sent. `again`: there is something else to send now. `stands`: there is not. */
  meet(
    url: URL,
    challenges: readonly string[],
    sent: Secret | undefined,
  ): Promise<'again' | 'stands' | HttpRefused | HttpUnavailable>
}

export const NO_AUTHORIZATION: Authorization = { toSend: () => undefined, meet: () => Promise.resolve('stands') }

/** Credentials that were given, or stand in the URL itself. */
export class GivenAuthorization implements Authorization {
  #challenged = false

  constructor(
    readonly target: Target,
    readonly credentials: readonly Credential[],
    readonly when: SendCredential,
  ) {}

  toSend(url: URL): Secret | undefined {
    return this.when === 'always' || this.#challenged || this.target.authorization !== undefined
      ? this.#credential(url)
      : undefined
  }

  meet(url: URL): Promise<'again' | 'stands'> {
    if (this.toSend(url) !== undefined || this.#credential(url) === undefined) return Promise.resolve('stands')
    this.#challenged = true
    return Promise.resolve('again')
  }

  #credential(url: URL): Secret | undefined {
    if (this.when === 'never') return undefined
    const credential = this.target.authorization ?? credentialFor(url, this.credentials)
    return credential !== undefined && fitsHeader(credential.reveal()) ? credential : undefined
  }
}

/** None at first, one that others got meanwhile, one of its own. */
const MOST_MEETINGS = 3

/** Tokens of a registry, got when it asks for them. */
export class RegistryAuthorization implements Authorization {
  #met: Secret | undefined
  #isSpent = false
  #meetings = 0

  constructor(
    readonly access: RegistryAccess,
    readonly authenticator: RegistryAuthenticator,
    readonly ask: (request: TokenRequest) => Promise<TokenReply>,
  ) {}

  toSend(url: URL): Secret | undefined {
    return this.#met ?? this.authenticator.ready(url, this.access)
  }

  async meet(
    url: URL,
    challenges: readonly string[],
    sent: Secret | undefined,
  ): Promise<'again' | 'stands' | HttpRefused | HttpUnavailable> {
    // What was made for this very challenge and is refused will be refused again.
    this.#meetings += 1
    if (this.#isSpent || this.#meetings > MOST_MEETINGS) return 'stands'
    const { access } = this
    const met = await this.authenticator.meet({ url, access, headers: challenges, refused: sent }, this.ask)
    if (met.kind === 'nothing') return 'stands'
    if (met.kind === 'failed') return met.outcome
    this.#met = met.authorization
    this.#isSpent = met.isNew
    return 'again'
  }
}
