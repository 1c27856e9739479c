import { Secret } from '../../evidence/http/secret.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'

/** An OpenID Connect token that an authority turns into a certificate. Whoever holds it can sign in its name. */
export interface IdentityToken {
  readonly secret: Secret
  /** Who issued it and for whom, as it says itself; nothing here is verified. */
  readonly issuer: string
  readonly subject: string
  /** It is of a repository that not everybody can see: what is signed in its name tells of it. */
  readonly ofPrivateSource: boolean
}

export type ReadIdentityToken =
  | { readonly ok: true; readonly token: IdentityToken }
  /** Says nothing of what was read: it may be a token nevertheless. */
  | { readonly ok: false; readonly why: string }

const MAX_TOKEN_LENGTH = 16_384
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/
const AUDIENCE = 'sigstore'

/**
 * Reads the token (a JWT, RFC 7519) as far as the signing library does, so that it never meets one that it cannot read: its
 * message would hold the whole token (spec/trust.md §6.1).
 */
export function readIdentityToken(text: string): ReadIdentityToken {
  const token = text.trim()
  if (token.length > MAX_TOKEN_LENGTH || !JWT.test(token)) return { ok: false, why: 'it is no JSON Web Token' }
  const [header = '', payload = '', signature = ''] = token.split('.')
  const parsed = parseStrictJson(Buffer.from(payload, 'base64url'))
  if (!parsed.ok || !isJsonObject(parsed.value)) return { ok: false, why: 'its claims cannot be read' }
  const claim = (name: string): unknown => (isJsonObject(parsed.value) ? fieldOf(parsed.value, name) : undefined)
  const issuer = claim('iss')
  const email = claim('email')
  if (email !== undefined && email !== '' && claim('email_verified') !== true)
    return { ok: false, why: 'its issuer has not verified the e-mail address in it' }
  const subject = typeof email === 'string' && email !== '' ? email : claim('sub')
  if (typeof issuer !== 'string' || typeof subject !== 'string' || subject === '')
    return { ok: false, why: 'it names no issuer or no subject' }
  const audience = claim('aud')
  if (audience !== undefined && ![audience].flat().includes(AUDIENCE))
    return { ok: false, why: `it was not issued for the audience ${AUDIENCE}` }
  const parts = [header, payload, signature].filter((part) => part.length > 0)
  return { ok: true, token: { secret: new Secret(token, parts), issuer, subject, ofPrivateSource: isOfPrivateSource(claim) } }
}

/** GitHub and GitLab name it; what says nothing is taken for public, as it always was. */
function isOfPrivateSource(claim: (name: string) => unknown): boolean {
  return [claim('repository_visibility'), claim('project_visibility')].some(
    (visibility) => visibility === 'private' || visibility === 'internal',
  )
}
