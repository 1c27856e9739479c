import type {
  Met,
  RegistryAccess,
  RegistryAuthenticator,
  RegistryChallenge,
  TokenReply,
  TokenRequest,
} from '../http/registry-access.js'
import { fitsHeader, Secret } from '../http/secret.js'
import { isLoopback } from '../http/url-policy.js'
import { parseFields } from '../store/fields.js'
import { type Challenge, parseChallenges } from './challenge.js'
import type { RegistryLogin } from './docker-config.js'
import type { RegistryLogins } from './registry-logins.js'

/** What a server of tokens is asked for. */
interface TokenWish {
  readonly realm: string
  readonly service: string | undefined
  readonly scopes: readonly string[]
}

interface Token {
  readonly authorization: Secret
  readonly validUntil: number
}

const CLIENT_ID = 'assay'
/** What a server of tokens may say about itself. */
const LONGEST_TEXT = 2000
const DEFAULT_LIFE_SECONDS = 60
/** A token that ends while its request is on the way is refused; it is given up this long before. */
const MARGIN_MS = 5000

/** Makes the authenticator of a run; `now` in milliseconds. */
export function registryAuthenticator(logins: Pick<RegistryLogins, 'find'>, now: () => number): RegistryAuthenticator {
  return new TokenKeeper(logins, now)
}

/** Gets tokens and keeps them until they end: one for each set of scopes, whoever waits for it. */
class TokenKeeper implements RegistryAuthenticator {
  readonly #tokens = new Map<string, Promise<Token | Met>>()
  /** What was accepted for a repository, to be sent at once next time. */
  readonly #ready = new Map<string, Token>()

  constructor(
    readonly logins: Pick<RegistryLogins, 'find'>,
    readonly now: () => number,
  ) {}

  ready(url: URL, access: RegistryAccess): Secret | undefined {
    const token = this.#ready.get(placeOf(url, access))
    return token !== undefined && token.validUntil > this.now() ? token.authorization : undefined
  }

  async meet(challenge: RegistryChallenge, ask: (request: TokenRequest) => Promise<TokenReply>): Promise<Met> {
    const { url, access, headers } = challenge
    const challenges = parseChallenges(headers)
    const wish = challenges.map((each) => wishOf(each, access)).find((each) => each !== undefined)
    const login = mayCarryLogin(url) ? await this.logins.find(url.host, access.repository) : undefined
    if (wish !== undefined) return this.#token(challenge, wish, login, ask)
    // A login is worth as much as itself: refused once, it is refused.
    const isBasic = challenges.some(({ scheme }) => scheme === 'basic')
    if (!isBasic || login?.kind !== 'basic' || login.authorization.reveal() === challenge.refused?.reveal())
      return { kind: 'nothing' }
    this.#ready.set(placeOf(url, access), { authorization: login.authorization, validUntil: Number.POSITIVE_INFINITY })
    return { kind: 'authorization', authorization: login.authorization, isNew: true }
  }

  async #token(
    { url, access, refused }: RegistryChallenge,
    wish: TokenWish,
    login: RegistryLogin | undefined,
    ask: (request: TokenRequest) => Promise<TokenReply>,
  ): Promise<Met> {
    const key = JSON.stringify([url.origin, wish.realm, wish.service, wish.scopes])
    for (;;) {
      const pending = this.#tokens.get(key)
      if (pending === undefined) break
      const held = await pending
      if ('kind' in held) return held
      if (held.validUntil > this.now() && held.authorization.reveal() !== refused?.reveal()) {
        this.#ready.set(placeOf(url, access), held)
        return { kind: 'authorization', authorization: held.authorization, isNew: false }
      }
      // Of several that hold it for spent, the first one gets another.
      if (this.#tokens.get(key) === pending) this.#tokens.delete(key)
    }
    const getting = this.#get(url, wish, login, ask)
    this.#tokens.set(key, getting)
    const got = await getting
    if ('kind' in got) {
      // Whoever asks later may be luckier.
      if (this.#tokens.get(key) === getting) this.#tokens.delete(key)
      return got
    }
    this.#ready.set(placeOf(url, access), got)
    return { kind: 'authorization', authorization: got.authorization, isNew: true }
  }

  async #get(
    from: URL,
    wish: TokenWish,
    login: RegistryLogin | undefined,
    ask: (request: TokenRequest) => Promise<TokenReply>,
  ): Promise<Token | Met> {
    const reply = await ask(tokenRequest(from, wish, login))
    if (reply.kind !== 'ok') return { kind: 'failed', outcome: reply }
    return readToken(reply.bytes, this.now()) ?? { kind: 'nothing' }
  }
}

function placeOf(url: URL, { repository, action }: RegistryAccess): string {
  return JSON.stringify([url.origin, repository, action])
}

/** A login goes over https, or to this machine (spec/trust.md §5.3 no. 3). */
function mayCarryLogin(url: URL): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname)
}

function wishOf({ scheme, parameters }: Challenge, { repository, action }: RegistryAccess): TokenWish | undefined {
  const realm = parameters.get('realm')
  if (scheme !== 'bearer' || realm === undefined || !URL.canParse(realm)) return undefined
  const stated = parameters.get('scope')
  const service = parameters.get('service')
  if ([realm, stated ?? '', service ?? ''].some((text) => text.length > LONGEST_TEXT)) return undefined
  const scopes = (stated ?? '').split(' ').filter((scope) => scope !== '')
  // The challenge of `/v2/` itself has no scope.
  const own = `repository:${repository}:${action === 'push' ? 'pull,push' : 'pull'}`
  return { realm, service, scopes: scopes.length === 0 ? [own] : [...new Set(scopes.map(ordered))].sort() }
}

/** `type:name:action,…` with its actions in order: some registries name them in another one each time. */
function ordered(scope: string): string {
  const colon = scope.lastIndexOf(':') + 1
  return scope.slice(0, colon) + scope.slice(colon).split(',').sort().join(',')
}

function tokenRequest(from: URL, { realm, service, scopes }: TokenWish, login: RegistryLogin | undefined): TokenRequest {
  const url = new URL(realm)
  const carried = mayCarryLogin(url) ? login : undefined
  if (carried?.kind === 'identity-token') {
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID, scope: scopes.join(' ') })
    if (service !== undefined) form.set('service', service)
    const token = carried.token.reveal()
    form.set('refresh_token', token)
    return { from, url: url.href, form: new Secret(form.toString(), [token]) }
  }
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return { from, url: url.href, authorization: carried?.authorization }
}

/** `{token | access_token, expires_in, issued_at}`; its own clock is not asked, so it counts from now. */
function readToken(bytes: Uint8Array, now: number): Token | undefined {
  const fields = parseFields(Buffer.from(bytes).toString('utf8'))
  const token = [fields?.get('token'), fields?.get('access_token')].find((each) => typeof each === 'string' && each !== '')
  if (typeof token !== 'string') return undefined
  const authorization = new Secret(`Bearer ${token}`, [token])
  if (!fitsHeader(authorization.reveal())) return undefined
  const stated = fields?.get('expires_in')
  const seconds = typeof stated === 'number' && stated > 0 ? stated : DEFAULT_LIFE_SECONDS
  return { authorization, validUntil: now + seconds * 1000 - MARGIN_MS }
}
