import type { LegacyMaterial } from '../sigstore/legacy-bundle.js'
import { fieldOf, isJsonObject, parseStrictJson } from '../strict-json.js'
import type { Descriptor } from './manifest.js'

const SIGNATURE = 'dev.cosignproject.cosign/signature'
const CERTIFICATE = 'dev.sigstore.cosign/certificate'
const CHAIN = 'dev.sigstore.cosign/chain'
const BUNDLE = 'dev.sigstore.cosign/bundle'
const TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp'

export function isLegacyLayer({ annotations }: Descriptor): boolean {
  return annotations.has(SIGNATURE) || annotations.has(CERTIFICATE)
}

export function legacyMaterialOf({ annotations }: Descriptor): LegacyMaterial {
  return {
    signature: annotations.get(SIGNATURE) ?? '',
    certificate: annotations.get(CERTIFICATE),
    chain: annotations.get(CHAIN),
    rekorBundle: annotations.get(BUNDLE),
    timestamp: timestampOf(annotations.get(TIMESTAMP)),
  }
}

function timestampOf(text: string | undefined): string | undefined {
  const json = text === undefined ? undefined : parseStrictJson(Buffer.from(text))
  const token = json?.ok === true && isJsonObject(json.value) ? fieldOf(json.value, 'SignedRFC3161Timestamp') : undefined
  return typeof token === 'string' ? token : undefined
}

export type SimpleSigning = { readonly ok: true; readonly digest: string } | { readonly ok: false; readonly why: string }

const TYPE = 'cosign container image signature'

/**
 * The digest that a payload of cosign signs (SIGNATURE_SPEC.md). Its `docker-reference` is not to be trusted; the key of
 * the digest is spelt in two ways.
 */
export function readSimpleSigning(bytes: Uint8Array): SimpleSigning {
  const json = parseStrictJson(bytes)
  const critical = json.ok && isJsonObject(json.value) ? fieldOf(json.value, 'critical') : undefined
  const image = isJsonObject(critical) ? fieldOf(critical, 'image') : undefined
  if (!isJsonObject(critical) || !isJsonObject(image)) return { ok: false, why: 'the payload names no image' }
  if (fieldOf(critical, 'type') !== TYPE) return { ok: false, why: 'the payload is not that of an image signature' }
  const named = ['docker-manifest-digest', 'Docker-manifest-digest'].flatMap((name) => fieldOf(image, name) ?? [])
  const [digest] = named
  if (named.length !== 1 || typeof digest !== 'string') return { ok: false, why: 'the payload does not name one digest' }
  return { ok: true, digest }
}
