import { fieldOf, isJsonObject, type JsonObject, parseStrictJson } from '../strict-json.js'
import type { SigningServices } from './services.js'

export type ReadSigningConfig =
  | { readonly ok: true; readonly services: SigningServices }
  | { readonly ok: false; readonly why: string }

const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json'
const LIMITS = { maxBytes: 1024 * 1024, maxDepth: 16 }
const MAX_SERVICES = 64
/** Of the interfaces there are, those that are spoken here; the newest first. */
const SPOKEN = { caUrls: [1], rekorTlogUrls: [2, 1], tsaUrls: [1] } as const

interface Service {
  readonly url: string
  readonly version: number
  readonly start: string
}

/**
 * Reads the signing configuration of a sigstore instance (protobuf-specs, SigningConfig v0.2): of the services that are in
 * use at `now` (RFC 3339, UTC) the newest interface that is spoken here, then the one that began last. A log and, where it says
 * no time, a timestamp authority must be there.
 */
export function readSigningConfig(bytes: Uint8Array, now: string): ReadSigningConfig {
  const parsed = parseStrictJson(bytes, LIMITS)
  if (!parsed.ok) return refused(parsed.why)
  const config = parsed.value
  if (!isJsonObject(config) || fieldOf(config, 'mediaType') !== MEDIA_TYPE)
    return refused('it is no signing configuration of version 0.2')
  for (const name of ['rekorTlogConfig', 'tsaConfig'] as const) {
    const selector = selectorOf(config, name)
    if (selector !== undefined && selector !== 'ANY')
      return refused(`${name} asks for more than one service (${selector}), and one is used`)
  }
  const authority = chosen(config, 'caUrls', now)
  const log = chosen(config, 'rekorTlogUrls', now)
  const timestamps = chosen(config, 'tsaUrls', now)
  if (authority === undefined) return refused('it names no authority that is in use and spoken to')
  if (log === undefined) return refused('it names no log that is in use and spoken to')
  const version = log.version === 2 ? 2 : 1
  if (version === 2 && timestamps === undefined) return refused('its log says no time, and it names no timestamp authority')
  return {
    ok: true,
    services: {
      fulcioUrl: authority.url,
      rekor: { url: log.url, version, entry: 'dsse' },
      tsaUrl: timestamps?.url,
    },
  }
}

function refused(why: string): ReadSigningConfig {
  return { ok: false, why }
}

function selectorOf(config: JsonObject, name: string): string | undefined {
  const value = fieldOf(config, name)
  const selector = isJsonObject(value) ? fieldOf(value, 'selector') : undefined
  return selector === undefined ? undefined : String(selector).slice(0, 40)
}

function chosen(config: JsonObject, name: keyof typeof SPOKEN, now: string): Service | undefined {
  const list = fieldOf(config, name)
  const services = Array.isArray(list) && list.length <= MAX_SERVICES ? list.flatMap((each) => inUse(each, now)) : []
  for (const version of SPOKEN[name]) {
    const [newest] = services.filter((one) => one.version === version).sort((a, b) => (a.start < b.start ? 1 : -1))
    if (newest !== undefined) return newest
  }
  return undefined
}

/** Times are compared as texts: all are RFC 3339 in UTC. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/

function inUse(value: unknown, now: string): Service[] {
  if (!isJsonObject(value)) return []
  const [url, version, window] = [fieldOf(value, 'url'), fieldOf(value, 'majorApiVersion'), fieldOf(value, 'validFor')]
  const start = isJsonObject(window) ? fieldOf(window, 'start') : undefined
  const end = isJsonObject(window) ? fieldOf(window, 'end') : undefined
  if (typeof url !== 'string' || typeof version !== 'number' || typeof start !== 'string' || !TIME.test(start)) return []
  if (end !== undefined && (typeof end !== 'string' || !TIME.test(end) || end < now)) return []
  return start <= now ? [{ url, version, start }] : []
}
