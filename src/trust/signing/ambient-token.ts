import type { HttpClient } from '../../evidence/http/http-client.js'
import { fieldOf, isJsonObject } from '../strict-json.js'
import type { ReadIdentityToken } from './identity-token.js'
import { readIdentityToken } from './identity-token.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** Continuous integration that hands a job its identity. */
export const IDENTITY_PROVIDERS = ['github-actions', 'gitlab'] as const
export type IdentityProvider = (typeof IDENTITY_PROVIDERS)[number]

/** The providers that this environment has; one that is not there is never asked, and two never race (spec/trust.md §6.1). */
export function ambientProviders(environment: Environment): IdentityProvider[] {
  return IDENTITY_PROVIDERS.filter((provider) => VARIABLES[provider].every((name) => (environment[name] ?? '') !== ''))
}

/** What a job must declare, so that the provider is there. */
export const DECLARATIONS: Readonly<Record<IdentityProvider, string>> = {
  'github-actions': 'permissions: { id-token: write }',
  gitlab: 'id_tokens: { SIGSTORE_ID_TOKEN: { aud: sigstore } }',
}

const VARIABLES: Readonly<Record<IdentityProvider, readonly string[]>> = {
  'github-actions': ['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
  gitlab: ['SIGSTORE_ID_TOKEN'],
}

const MAX_ANSWER_BYTES = 64 * 1024

/** Where GitHub hands out the token of a job: the client that asks there holds the credential of that very URL. */
export function githubTokenUrl(environment: Environment): string | undefined {
  const text = environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  url.searchParams.set('audience', 'sigstore')
  return url.href
}

/** Asks GitHub for the token of this job. `http` sends the job's credential to that URL alone. */
export async function askGithub(url: string, http: Pick<HttpClient, 'getJson'>): Promise<ReadIdentityToken> {
  const answer = await http.getJson(url, { auth: 'always', limitBytes: MAX_ANSWER_BYTES })
  if (answer.kind !== 'ok')
    return { ok: false, why: answer.kind === 'unavailable' ? answer.why : 'the server of the job gave none' }
  const value = isJsonObject(answer.json) ? fieldOf(answer.json, 'value') : undefined
  return typeof value === 'string' ? readIdentityToken(value) : { ok: false, why: 'the server of the job gave none' }
}
