/** Who a certificate names, as Fulcio writes it (github.com/sigstore/fulcio, docs/oid-info.md; spec/trust.md §3.5). */
export interface CertificateIdentity {
  readonly san: SubjectAlternativeName
  /** Fields by name; absent where the certificate does not carry them. */
  readonly claims: ReadonlyMap<ClaimName, string>
}

export interface SubjectAlternativeName {
  readonly kind: 'uri' | 'email' | 'other'
  readonly value: string
}

export type ClaimName =
  | 'issuer'
  | 'build-signer-uri'
  | 'build-signer-digest'
  | 'runner-environment'
  | 'source-repository-uri'
  | 'source-repository-digest'
  | 'source-repository-ref'
  | 'source-repository-id'
  | 'source-repository-owner-uri'
  | 'source-repository-owner-id'
  | 'build-config-uri'
  | 'build-config-digest'
  | 'build-trigger'
  | 'run-invocation-uri'
  | 'source-repository-visibility'
  | 'deployment-environment'

/** What the library hands over of a certificate it has verified. */
export interface RawCertificate {
  readonly sans: readonly SubjectAlternativeName[]
  /** Last number of the OID below 1.3.6.1.4.1.57264.1, and the extension's content. */
  readonly fulcio: ReadonlyMap<number, Uint8Array>
  /** Extended key usage names code signing (RFC 5280 §4.2.1.12). */
  readonly codeSigning: boolean
}

/** Extensions .8 and up: content is a DER UTF8String. */
const CLAIM_EXTENSIONS: ReadonlyMap<number, ClaimName> = new Map([
  [8, 'issuer'],
  [9, 'build-signer-uri'],
  [10, 'build-signer-digest'],
  [11, 'runner-environment'],
  [12, 'source-repository-uri'],
  [13, 'source-repository-digest'],
  [14, 'source-repository-ref'],
  [15, 'source-repository-id'],
  [16, 'source-repository-owner-uri'],
  [17, 'source-repository-owner-id'],
  [18, 'build-config-uri'],
  [19, 'build-config-digest'],
  [20, 'build-trigger'],
  [21, 'run-invocation-uri'],
  [22, 'source-repository-visibility'],
  [23, 'deployment-environment'],
])
/** The older issuer extension: raw text. */
const OLD_ISSUER = 1

/** Reads the identity strictly; says what is wrong when it can be read in more than one way. */
export function readCertificateIdentity(raw: RawCertificate): CertificateIdentity | string {
  if (!raw.codeSigning) return 'the certificate was not issued for signing code'
  const [san, ...more] = raw.sans
  if (san === undefined || more.length > 0) return `the certificate names ${raw.sans.length} identities, not one`
  const claims = new Map<ClaimName, string>()
  for (const [number, name] of CLAIM_EXTENSIONS) {
    const content = raw.fulcio.get(number)
    if (content === undefined) continue
    const value = utf8String(content)
    if (value === undefined) return `extension .${number} of the certificate is no UTF8String`
    claims.set(name, value)
  }
  const old = raw.fulcio.get(OLD_ISSUER)
  if (old !== undefined) {
    const value = utf8(old)
    if (value === undefined) return 'extension .1 of the certificate is no text'
    const issuer = claims.get('issuer')
    if (issuer !== undefined && issuer !== value) return 'the certificate names two issuers of the identity'
    claims.set('issuer', value)
  }
  return { san, claims }
}

const UTF8_STRING = 0x0c

/** Content of one DER UTF8String that fills the whole buffer, with its length in the shortest form (X.690 §10.1). */
function utf8String(der: Uint8Array): string | undefined {
  const [tag, first] = der
  if (tag !== UTF8_STRING || first === undefined) return undefined
  if (first < 0x80) return der.length === first + 2 ? utf8(der.subarray(2)) : undefined
  const count = first - 0x80
  if (count < 1 || count > 3 || der.length < 2 + count) return undefined
  const length = Buffer.from(der.subarray(2, 2 + count)).readUIntBE(0, count)
  const shortest = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3
  return count === shortest && der.length === 2 + count + length ? utf8(der.subarray(2 + count)) : undefined
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
