import type { HttpRefused, HttpUnavailable } from './outcome.js'
import type { Secret } from './secret.js'

/** As container registries have it: no credential at first, then a token for this repository alone. */
export interface RegistryAccess {
  readonly repository: string
  readonly action: 'pull' | 'push'
}

/** A 401 of a registry. */
export interface RegistryChallenge {
  readonly url: URL
  readonly access: RegistryAccess
  /** Every `WWW-Authenticate` of the answer. */
  readonly headers: readonly string[]
  /** What was sent and is not accepted: not to be given again. */
  readonly refused: Secret | undefined
}

export type Met =
  | {
      readonly kind: 'authorization'
      readonly authorization: Secret /** It was made for this challenge. */
      readonly isNew: boolean
    }
  /** Nothing fits the challenge: the 401 stands. */
  | { readonly kind: 'nothing' }
  /** Whoever gives tokens does not give one. */
  | { readonly kind: 'failed'; readonly outcome: HttpRefused | HttpUnavailable }

/** One request to a server of tokens. */
export interface TokenRequest {
  /** The registry that named it: `url` is judged like a redirect from there. */
  readonly from: URL
  readonly url: string
  readonly authorization?: Secret | undefined
  /** Posted as a form: a text with secrets in it. */
  readonly form?: Secret | undefined
}

export type TokenReply = { readonly kind: 'ok'; readonly bytes: Uint8Array } | HttpRefused | HttpUnavailable

/** Meets the challenges of registries (spec/trust.md §5.3). Shared by all requests of a client. */
export interface RegistryAuthenticator {
  /** What is known to be wanted for this, to be sent at once. */
  ready(url: URL, access: RegistryAccess): Secret | undefined
  meet(challenge: RegistryChallenge, ask: (request: TokenRequest) => Promise<TokenReply>): Promise<Met>
}
