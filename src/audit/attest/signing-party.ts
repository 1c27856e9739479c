import { basename } from 'node:path'
import { readSecretFile } from '../../evidence/secret-file.js'
import { AssayError } from '../../model/error.js'
import { escapeTerminal } from '../../model/escape.js'
import type { SigningKey } from '../../trust/signing/private-key.js'
import { readSigningKey } from '../../trust/signing/private-key.js'
import type { SigningParty } from '../../trust/signing/sign.js'
import { chooseIdentity } from './signing-identity.js'
import type { SigningOptions, SigningSurroundings } from './signing-options.js'
import { MAX_SECRET_BYTES, OPTION_NAMES } from './signing-options.js'
import { isPublic, servicesOf, witnessesOf } from './signing-services.js'

/** Where passphrases are looked for; the second is what cosign's users have. */
const PASSPHRASE_VARIABLES = ['ASSAY_KEY_PASSWORD', 'COSIGN_PASSWORD']

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
  const foreign = (['oidcProvider', 'identityToken', 'fulcioUrl', 'signingConfig'] as const).find(
    (name) => options[name] !== undefined,
  )
  if (foreign !== undefined)
    throw new AssayError('usage', `${OPTION_NAMES[foreign]} is about --keyless`, 'Leave it away where a key signs.')
  const services = witnessesOf(options)
  if (services.rekor !== undefined || services.tsaUrl !== undefined) mustBeOnline(surroundings)
  return { kind: 'key', key: await openKey(file, surroundings), services }
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
  const services = await servicesOf(options, surroundings.now)
  // Some tools set it to say that they are not.
  const outside = ['', '0', 'false'].includes(surroundings.environment['CI'] ?? '')
  if (outside) await agreeTo(services.rekor.url, '', surroundings)
  const hand = chooseIdentity(options, surroundings)
  return async () => {
    const token = await hand()
    // An authority logs its certificates, too, and they name the identity.
    const seen = [services.rekor.url, services.fulcioUrl].find(isPublic)
    if (!outside && token.ofPrivateSource && seen !== undefined)
      await agreeTo(seen, 'This repository is not public. ', surroundings)
    return { kind: 'identity', token, services }
  }
}

/** What is in a public log stays there. */
async function agreeTo(log: string, before: string, { confirm }: SigningSurroundings): Promise<void> {
  const what = `${before}Signing by identity publishes who signed, the repository and the digests in ${log}, for ever.`
  if (await confirm(what)) return
  throw new AssayError('usage', 'nothing was signed, as you asked', 'Sign with a key of your own: --key FILE.')
}

function mustBeOnline({ offline }: SigningSurroundings): void {
  if (offline)
    throw new AssayError(
      'usage',
      'offline nobody can certify, log or timestamp',
      'Sign with --key FILE alone, or leave --offline away (and ASSAY_OFFLINE unset).',
    )
}
