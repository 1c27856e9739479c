import type { Environment, IdentityProvider } from '../../trust/signing/ambient-token.js'
import type { RekorService } from '../../trust/signing/services.js'

/** Who signs, as a command line says it. */
export interface SigningOptions {
  /** File with a private key. */
  readonly key?: string | undefined
  /** By an identity that an authority certifies for this once. */
  readonly keyless?: boolean | undefined
  readonly oidcProvider?: IdentityProvider | undefined
  /** File with an identity token. */
  readonly identityToken?: string | undefined
  readonly fulcioUrl?: string | undefined
  readonly rekorUrl?: string | undefined
  readonly rekorVersion?: 1 | 2 | undefined
  readonly rekorEntry?: RekorService['entry'] | undefined
  readonly tsaUrl?: string | undefined
  /** File with the services of an instance, in the place of their addresses. */
  readonly signingConfig?: string | undefined
}

/** What is asked of the surroundings; nothing of it is on a command line. */
export interface SigningSurroundings {
  readonly environment: Environment
  readonly offline: boolean
  /** RFC 3339 in UTC; says which services are in use. */
  readonly now: string
  /** Asks a person for a passphrase; undefined where there is none to ask. */
  readonly askPassphrase?: ((question: string) => Promise<string>) | undefined
  /** Whether a person agrees to what is published for ever. Throws `usage` where nobody can be asked. */
  readonly confirm: (what: string) => Promise<boolean>
  readonly onWarning: (message: string) => void
}

/** As a user writes them. */
export const OPTION_NAMES = {
  rekorUrl: '--rekor-url',
  tsaUrl: '--tsa-url',
  signingConfig: '--signing-config',
  oidcProvider: '--oidc-provider',
  identityToken: '--identity-token',
  fulcioUrl: '--fulcio-url',
} as const

/** Bytes of a key or a token. */
export const MAX_SECRET_BYTES = 65_536
