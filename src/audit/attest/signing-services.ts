import { checkUrl } from '../../evidence/http/url-policy.js'
import { ENDPOINTS } from '../../model/endpoints.js'
import { AssayError } from '../../model/error.js'
import type { RekorService, SigningServices, WitnessServices } from '../../trust/signing/services.js'
import { readSigningConfig } from '../../trust/signing/signing-config.js'
import { readNamed } from '../named-file.js'
import type { SigningOptions } from './signing-options.js'
import { OPTION_NAMES } from './signing-options.js'

/** Witnesses of a signature by a key: those that are named, and else none. Throws `usage`. */
export function witnessesOf(options: SigningOptions): WitnessServices {
  if (options.rekorVersion === 2)
    throw new AssayError(
      'usage',
      'a log of version 2 takes no signature by a key of one’s own from this version',
      'Leave --rekor-version away, or sign with --keyless.',
    )
  const { rekorUrl, tsaUrl } = options
  return {
    rekor: rekorUrl === undefined ? undefined : rekorOf(serviceUrl('--rekor-url', rekorUrl), options),
    tsaUrl: tsaUrl === undefined ? undefined : serviceUrl('--tsa-url', tsaUrl),
  }
}

/**
 * Where an identity is certified and logged: by a signing configuration, by addresses, or at the public instance. Throws
 * `usage`, and `configuration` and `input-unreadable` for a file that cannot be used.
 */
export async function servicesOf(options: SigningOptions, now: string): Promise<LoggedServices> {
  if (options.signingConfig !== undefined) return configuredServices(options.signingConfig, options, now)
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
  return {
    fulcioUrl: serviceUrl('--fulcio-url', fulcioUrl ?? ENDPOINTS.sigstore.fulcio),
    rekor: rekorOf(serviceUrl('--rekor-url', rekorUrl ?? ENDPOINTS.sigstore.rekor), options),
    tsaUrl: tsaUrl === undefined ? undefined : serviceUrl('--tsa-url', tsaUrl),
  }
}

/** Who signs by identity is logged: without that nobody could tell later when it was. */
export type LoggedServices = SigningServices & { readonly rekor: RekorService }

const MAX_CONFIG_BYTES = 1024 * 1024

async function configuredServices(file: string, options: SigningOptions, now: string): Promise<LoggedServices> {
  const also = (['fulcioUrl', 'rekorUrl', 'tsaUrl'] as const).find((name) => options[name] !== undefined)
  if (also !== undefined)
    throw new AssayError(
      'usage',
      `--signing-config and ${OPTION_NAMES[also]} exclude each other`,
      'Leave one of them away: the configuration names every service.',
    )
  const read = readSigningConfig(await readNamed(file, MAX_CONFIG_BYTES, 'signing configuration'), now)
  if (!read.ok || read.services.rekor === undefined)
    throw new AssayError(
      'configuration',
      `${file} cannot be used: ${read.ok ? 'it names no log' : read.why}`,
      'Give the signing_config.v0.2.json of the instance.',
    )
  const { fulcioUrl, rekor, tsaUrl } = read.services
  return {
    fulcioUrl: serviceUrl('the authority in --signing-config', fulcioUrl),
    rekor: { ...rekor, url: serviceUrl('the log in --signing-config', rekor.url) },
    tsaUrl: tsaUrl === undefined ? undefined : serviceUrl('the timestamp authority in --signing-config', tsaUrl),
  }
}

/** Whether everybody can read what is logged there. */
export function isPublic(url: string): boolean {
  return new URL(url).hostname.endsWith('.sigstore.dev')
}

function rekorOf(url: string, { rekorVersion = 1, rekorEntry = 'dsse' }: SigningOptions): RekorService {
  return { url, version: rekorVersion, entry: rekorEntry }
}

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
