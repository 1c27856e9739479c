import { Redactor } from '../../evidence/http/redact.js'
import { fitsHeader, Secret } from '../../evidence/http/secret.js'
import { checkUrl } from '../../evidence/http/url-policy.js'
import { readSecretFile } from '../../evidence/secret-file.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { Environment, IdentityProvider } from '../../trust/signing/ambient-token.js'
import { ambientProviders, askGithub, DECLARATIONS, githubTokenUrl } from '../../trust/signing/ambient-token.js'
import type { IdentityToken, ReadIdentityToken } from '../../trust/signing/identity-token.js'
import { readIdentityToken } from '../../trust/signing/identity-token.js'
import type { SigningOptions, SigningSurroundings } from './signing-options.js'
import { MAX_SECRET_BYTES } from './signing-options.js'

const TOKEN_REQUEST_MS = 30_000

/**
 * Where the identity comes from; it is asked for when what is given back is called. Throws `usage`, and `unavailable` where
 * there is none; the other `configuration` and `unavailable`.
 */
export function chooseIdentity(
  { identityToken: file, oidcProvider }: SigningOptions,
  surroundings: SigningSurroundings,
): () => Promise<IdentityToken> {
  if (file !== undefined) {
    if (oidcProvider !== undefined)
      throw new AssayError('usage', '--identity-token and --oidc-provider exclude each other', 'Leave one of them away.')
    return async () => {
      const secret = await readSecretFile(file, MAX_SECRET_BYTES)
      if (secret.ok) return usable(readIdentityToken(secret.text), `the token in ${file}`)
      throw new AssayError('input-unreadable', `the token file ${file} ${secret.why}`, 'Check the path and its permissions.')
    }
  }
  const provider = chooseProvider(oidcProvider, surroundings.environment)
  switch (provider) {
    case 'gitlab':
      return async () => usable(readIdentityToken(surroundings.environment['SIGSTORE_ID_TOKEN'] ?? ''), 'SIGSTORE_ID_TOKEN')
    case 'github-actions':
      return () => githubToken(surroundings)
  }
}

/** One that was named, or the only one there is: which of two signs must not depend on who answers first. */
function chooseProvider(named: IdentityProvider | undefined, environment: Environment): IdentityProvider {
  const there = ambientProviders(environment)
  const declare = Object.entries(DECLARATIONS).map(([provider, text]) => `${provider}: ${text}`)
  if (named !== undefined) {
    if (there.includes(named)) return named
    throw new AssayError('unavailable', `this job has no identity of ${named}`, `Declare it in the job: ${DECLARATIONS[named]}.`)
  }
  const [only, ...more] = there
  if (only === undefined)
    throw new AssayError(
      'unavailable',
      'nothing here hands out an identity',
      `Declare it in the job (${declare.join('; ')}), or give a token with --identity-token FILE, or sign with --key FILE.`,
    )
  if (more.length > 0)
    throw new AssayError(
      'usage',
      `there are several identities here: ${there.join(', ')}`,
      `Choose one with --oidc-provider ${only}.`,
    )
  return only
}

async function githubToken({ environment, onWarning }: SigningSurroundings): Promise<IdentityToken> {
  const url = githubTokenUrl(environment)
  const value = `Bearer ${environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''}`
  if (url === undefined || !checkUrl(url, {}).ok || !fitsHeader(value))
    throw new AssayError(
      'unavailable',
      'ACTIONS_ID_TOKEN_REQUEST_URL is no address that a token may be asked from',
      'GitHub sets it in jobs with permissions: { id-token: write }.',
    )
  const authorization = new Secret(value, [environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''])
  const { createHttpClient } = await import('../../evidence/http/client.js')
  const { httpEnvironment } = await import('../../evidence/http/environment.js')
  const http = createHttpClient({
    environment: await httpEnvironment(environment),
    credentials: [{ scope: { kind: 'url', url }, authorization }],
    limits: { redirects: 0, budgetMs: TOKEN_REQUEST_MS, requestMs: TOKEN_REQUEST_MS },
  })
  try {
    const read = await askGithub(url, http)
    if (read.ok) return read.token
    onWarning(new Redactor([authorization]).clean(escapeTerminal(read.why)))
    throw new AssayError(
      'unavailable',
      'GitHub handed out no identity token',
      'Check that the job has permissions: { id-token: write }, and run it again.',
    )
  } finally {
    await http.close()
  }
}

function usable(read: ReadIdentityToken, what: string): IdentityToken {
  if (read.ok) return read.token
  throw new AssayError('configuration', `${what} cannot be used: ${read.why}`, `Have it issued for the audience sigstore.`)
}
