import { basename } from 'node:path'
import { Redactor } from '../../evidence/http/redact.js'
import { fitsHeader, Secret } from '../../evidence/http/secret.js'
import { checkUrl } from '../../evidence/http/url-policy.js'
import { readSecretFile } from '../../evidence/secret-file.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { Environment, IdentityProvider } from '../../trust/signing/ambient-token.js'
import { ambientProviders, askGithub, DECLARATIONS, githubTokenUrl } from '../../trust/signing/ambient-token.js'
import type { IdentityToken, ReadIdentityToken } from '../../trust/signing/identity-token.js'
import { readIdentityToken } from '../../trust/signing/identity-token.js'
import type { SigningKey } from '../../trust/signing/private-key.js'
import { readSigningKey } from '../../trust/signing/private-key.js'
import type { RekorService } from '../../trust/signing/services.js'
import type { SigningParty } from '../../trust/signing/sign.js'

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
}

/** What is asked of the surroundings; nothing of it is on a command line. */
export interface SigningSurroundings {
  readonly environment: Environment
  readonly offline: boolean
  /** Asks a person for a passphrase; undefined where there is none to ask. */
  readonly askPassphrase?: ((question: string) => Promise<string>) | undefined
  /** Whether a person agrees to what is published for ever. Throws `usage` where nobody can be asked. */
  readonly confirm: (what: string) => Promise<boolean>
  readonly onWarning: (message: string) => void
}

const MAX_SECRET_BYTES = 65_536
/** Where passphrases are looked for; the second is what cosign's users have. */
const PASSPHRASE_VARIABLES = ['ASSAY_KEY_PASSWORD', 'COSIGN_PASSWORD']
const TOKEN_REQUEST_MS = 30_000

/** Gives who signs, at the moment of signing: an identity is handed out for minutes, and an audit may take longer. */
export type Ready = () => Promise<SigningParty>

/**
 * Makes ready to sign: everything is checked that can be before the audit. Throws `usage` for what contradicts itself,
 * `configuration` for keys and tokens that cannot be used, `unavailable` where no identity is handed out. No message holds a
 * secret.
 */
export async function prepareSigning(options: SigningOptions, surroundings: SigningSurroundings): Promise<Ready> {
  const { key, keyless = false } = options
  if ((key === undefined) === !keyless)
    throw new AssayError(
      'usage',
      key === undefined ? 'nothing says who signs' : '--key and --keyless exclude each other',
      'Give a private key with --key FILE, or sign by the identity of the job with --keyless.',
    )
  if (key === undefined) return identityParty(options, surroundings)
  const party = await keyParty(key, options, surroundings)
  return () => Promise.resolve(party)
}

async function keyParty(file: string, options: SigningOptions, surroundings: SigningSurroundings): Promise<SigningParty> {
  const foreign = (['oidcProvider', 'identityToken', 'fulcioUrl'] as const).find((name) => options[name] !== undefined)
  if (foreign !== undefined)
    throw new AssayError('usage', `${OPTION_NAMES[foreign]} is about --keyless`, 'Leave it away where a key signs.')
  if (options.rekorVersion === 2)
    throw new AssayError(
      'usage',
      'a log of version 2 takes no signature by a key of one’s own from this version',
      'Leave --rekor-version away, or sign with --keyless.',
    )
  const rekor = options.rekorUrl === undefined ? undefined : rekorOf(serviceUrl('--rekor-url', options.rekorUrl), options)
  const tsaUrl = options.tsaUrl === undefined ? undefined : serviceUrl('--tsa-url', options.tsaUrl)
  if (rekor !== undefined || tsaUrl !== undefined) mustBeOnline(surroundings)
  const key = await openKey(file, surroundings)
  return { kind: 'key', key, services: { rekor, tsaUrl } }
}

async function openKey(file: string, { environment, askPassphrase, onWarning }: SigningSurroundings): Promise<SigningKey> {
  const secret = await readSecretFile(file, MAX_SECRET_BYTES)
  if (!secret.ok) throw new AssayError('input-unreadable', `the key ${file} ${secret.why}`, 'Check the path and its permissions.')
  if (secret.exposed) onWarning(`others on this machine can read ${file}; take that away with: chmod 600 ${JSON.stringify(file)}`)
  const name = basename(file)
  const given = PASSPHRASE_VARIABLES.map((variable) => environment[variable] ?? '').find((value) => value !== '')
  let read = readSigningKey(name, secret.text, given)
  if (!read.ok && read.failure === 'encrypted' && given === undefined && askPassphrase !== undefined)
    read = readSigningKey(name, secret.text, await askPassphrase(`Passphrase of ${escapeTerminal(file)}: `))
  if (read.ok) return read.key
  const where = `Set ${PASSPHRASE_VARIABLES.join(' or ')} to its passphrase, or run it on a terminal and type it.`
  throw new AssayError('configuration', read.why, read.failure === 'encrypted' ? where : read.fix)
}

async function identityParty(options: SigningOptions, surroundings: SigningSurroundings): Promise<Ready> {
  mustBeOnline(surroundings)
  const { fulcioUrl, rekorUrl, rekorVersion = 1 } = options
  if (fulcioUrl !== undefined && rekorUrl === undefined)
    throw new AssayError(
      'usage',
      'the authority is one of your own, and the log would be the public one',
      'Name the log with --rekor-url too: what is logged there can be read by everybody.',
    )
  if (rekorVersion === 2 && rekorUrl === undefined)
    throw new AssayError(
      'usage',
      'logs of version 2 are replaced from time to time, so none is asked unless it is named',
      'Name the one that is in use with --rekor-url.',
    )
  const publicTsa = rekorVersion === 2 && fulcioUrl === undefined ? ENDPOINTS.sigstore.timestampAuthority : undefined
  const tsaUrl = options.tsaUrl ?? publicTsa
  if (rekorVersion === 2 && tsaUrl === undefined)
    throw new AssayError(
      'usage',
      'a log of version 2 says no time, so a timestamp is needed',
      'Name a timestamp authority with --tsa-url.',
    )
  const services = {
    fulcioUrl: serviceUrl('--fulcio-url', fulcioUrl ?? ENDPOINTS.sigstore.fulcio),
    rekor: rekorOf(serviceUrl('--rekor-url', rekorUrl ?? ENDPOINTS.sigstore.rekor), options),
    tsaUrl: tsaUrl === undefined ? undefined : serviceUrl('--tsa-url', tsaUrl),
  }
  const outside = (surroundings.environment['CI'] ?? '') === ''
  if (outside) await agreeTo(services.rekor.url, '', surroundings)
  const hand = chooseIdentity(options, surroundings)
  return async () => {
    const token = await hand()
    if (!outside && token.ofPrivateSource && rekorUrl === undefined)
      await agreeTo(services.rekor.url, 'This repository is not public. ', surroundings)
    return { kind: 'identity', token, services }
  }
}

/** What is in a public log stays there. */
async function agreeTo(log: string, before: string, { confirm }: SigningSurroundings): Promise<void> {
  const what = `${before}Signing by identity publishes who signed, the repository and the digests in ${log}, for ever.`
  if (await confirm(what)) return
  throw new AssayError('usage', 'nothing was signed, as you asked', 'Sign with a key of your own: --key FILE.')
}

/** Where the identity comes from; asked for when it is called. */
function chooseIdentity(
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

function rekorOf(url: string, { rekorVersion = 1, rekorEntry = 'dsse' }: SigningOptions): RekorService {
  return { url, version: rekorVersion, entry: rekorEntry }
}

const OPTION_NAMES = {
  oidcProvider: '--oidc-provider',
  identityToken: '--identity-token',
  fulcioUrl: '--fulcio-url',
} as const

/** https, or this machine; a token is sent there. */
function serviceUrl(option: string, text: string): string {
  const checked = checkUrl(text, {})
  if (!checked.ok || checked.authorization !== undefined || checked.url.protocol === 'file:')
    throw new AssayError(
      'usage',
      `${option} is no address that may be used`,
      'Write it as https://HOST, without a user name; plain http only for this machine.',
    )
  return checked.url.href
}

function mustBeOnline({ offline }: SigningSurroundings): void {
  if (offline)
    throw new AssayError(
      'usage',
      'offline nobody can certify, log or timestamp',
      'Sign with --key FILE alone, or leave --offline away (and ASSAY_OFFLINE unset).',
    )
}
