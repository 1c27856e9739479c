import { X509Certificate } from 'node:crypto'
import { decodeBase64 } from '../base64.js'
import type { JsonObject } from '../strict-json.js'
import { fieldOf, isJsonObject } from '../strict-json.js'
import type { SoundBundle } from './bundle.js'
import type { TrustedRoot } from './trusted-root.js'
import { GITHUB_ORGANIZATION, organizationOf } from './trusted-root.js'

/**
 * The known instance that a bundle's certificate says it is of, where no root at hand is that instance's: what GitHub signs
 * for private repositories and releases is not bad because its root is missing (spec/trust.md §3.2). A claim, not a proof:
 * it may turn a refusal into "cannot be decided", never into more.
 */
export function claimedInstanceWithoutRoot(bundle: SoundBundle, roots: readonly TrustedRoot[]): string | undefined {
  if (claimedOrganization(bundle) !== GITHUB_ORGANIZATION) return undefined
  const isKnown = roots.some(({ json }) =>
    listOf(json, 'certificateAuthorities').some((authority) => organizationOf(authority) === GITHUB_ORGANIZATION),
  )
  return isKnown ? undefined : GITHUB_ORGANIZATION
}

function claimedOrganization({ json }: SoundBundle): string | undefined {
  const material = fieldOf(json, 'verificationMaterial')
  if (!isJsonObject(material)) return undefined
  const chain = fieldOf(material, 'x509CertificateChain')
  const certificate = isJsonObject(chain) ? listOf(chain, 'certificates')[0] : fieldOf(material, 'certificate')
  const encoded = isJsonObject(certificate) ? fieldOf(certificate, 'rawBytes') : undefined
  const bytes = typeof encoded === 'string' ? decodeBase64(encoded) : undefined
  if (bytes === undefined) return undefined
  try {
    // Node writes names as RFC 2253 §2.4 does: a comma in one comes after a backslash.
    return /^O=(.+)$/m.exec(new X509Certificate(bytes).issuer)?.[1]?.replace(/\\(.)/g, '$1')
  } catch {
    return undefined
  }
}

function listOf(object: JsonObject, name: string): readonly JsonObject[] {
  const value = fieldOf(object, name)
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
