/**
 * The one module that knows the library for signing, `@sigstore/sign` 4. Imported dynamically only, by commands that sign.
 */
import type { Bundle } from '@sigstore/bundle'
import { bundleToJSON } from '@sigstore/bundle'
import type { Signer, Witness } from '@sigstore/sign'
import {
  DSSEBundleBuilder,
  FulcioSigner,
  InternalError,
  MessageSignatureBundleBuilder,
  RekorWitness,
  TSAWitness,
} from '@sigstore/sign'
import { Redactor } from '../../evidence/http/redact.js'
import type { IdentityToken } from './identity-token.js'
import type { SigningKey } from './private-key.js'
import type { SigningServices, WitnessServices } from './services.js'

/** Who signs: a key at hand, or an identity that an authority certifies for one signature. */
export type SigningParty =
  | { readonly kind: 'key'; readonly key: SigningKey; readonly services: WitnessServices }
  | { readonly kind: 'identity'; readonly token: IdentityToken; readonly services: SigningServices }

/** What is signed: an in-toto statement in a DSSE envelope, or the bytes of a file. */
export type SigningContent = { readonly kind: 'statement' | 'message'; readonly bytes: Uint8Array }

export type SigningFailure = 'authority' | 'log' | 'timestamp' | 'token'

export type Signed =
  /** The bundle as text; not verified. */
  { readonly ok: true; readonly bundle: string } | { readonly ok: false; readonly failure: SigningFailure; readonly why: string }

export const STATEMENT_TYPE = 'application/vnd.in-toto+json'

const TIMEOUT_MS = 30_000
const RETRIES = 2

/** Signs and gathers what the services say of it. No failure of a service is an exception, and no message holds a secret. */
export async function signBundle(content: SigningContent, party: SigningParty): Promise<Signed> {
  const asking = { retry: RETRIES, timeout: TIMEOUT_MS }
  const { rekor, tsaUrl } = party.services
  const witnesses: Witness[] = []
  if (rekor !== undefined)
    witnesses.push(
      new RekorWitness({
        ...asking,
        rekorBaseURL: withoutSlash(rekor.url),
        majorApiVersion: rekor.version,
        entryType: rekor.entry,
        // The same statement may have been logged by a run that broke off afterwards.
        fetchOnConflict: true,
      }),
    )
  if (tsaUrl !== undefined) witnesses.push(new TSAWitness({ ...asking, tsaBaseURL: withoutSlash(tsaUrl) }))
  const signer: Signer =
    party.kind === 'key'
      ? byKey(party.key)
      : new FulcioSigner({
          ...asking,
          fulcioBaseURL: withoutSlash(party.services.fulcioUrl),
          identityProvider: { getToken: () => Promise.resolve(party.token.secret.reveal()) },
        })
  const data = Buffer.from(content.bytes)
  try {
    const bundle: Bundle =
      content.kind === 'statement'
        ? await new DSSEBundleBuilder({ signer, witnesses }).create({ data, type: STATEMENT_TYPE })
        : await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data })
    return { ok: true, bundle: `${JSON.stringify(bundleToJSON(bundle))}\n` }
  } catch (error) {
    const redactor = new Redactor(party.kind === 'identity' ? [party.token.secret] : [])
    return { ok: false, ...describe(error, redactor) }
  }
}

function byKey(key: SigningKey): Signer {
  const { publicPem, publicKey } = key
  return {
    sign: (data) =>
      Promise.resolve({ signature: key.sign(data), key: { $case: 'publicKey', publicKey: publicPem, hint: publicKey.hint } }),
  }
}

const FAILURES: Readonly<Record<string, SigningFailure>> = {
  CA_CREATE_SIGNING_CERTIFICATE_ERROR: 'authority',
  TLOG_CREATE_ENTRY_ERROR: 'log',
  TLOG_FETCH_ENTRY_ERROR: 'log',
  TSA_CREATE_TIMESTAMP_ERROR: 'timestamp',
  IDENTITY_TOKEN_READ_ERROR: 'token',
  IDENTITY_TOKEN_PARSE_ERROR: 'token',
}

/** In words: the library's own only where they are a service's answer, since one of its messages is the token. */
function describe(error: unknown, redactor: Redactor): { readonly failure: SigningFailure; readonly why: string } {
  if (!(error instanceof InternalError)) return { failure: 'authority', why: 'a service gave an answer that cannot be used' }
  const failure = FAILURES[error.code] ?? 'authority'
  if (failure === 'token') return { failure, why: 'the identity token cannot be used' }
  const cause: unknown = error.cause
  const reason = cause instanceof Error ? cause.message : ''
  return { failure, why: redactor.quote(reason === '' ? error.message : reason) }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
