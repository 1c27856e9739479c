import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { readBoundedFile } from './bounded-file.js'

export interface Authorities {
  /** Every trusted certificate, PEM; undefined: Node's own set, unchanged. */
  readonly trusted?: readonly string[] | undefined
  /** What is wrong with the files named; the certificates that could be read count nevertheless. */
  readonly problems: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** The system's bundle of a Linux distribution has 200 to 300 kB. */
const MAX_BUNDLE_BYTES = 8 * 1024 * 1024
const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'
/** OpenSSL also writes these, with trust settings that Node does not read. */
const BEGIN_TRUSTED = '-----BEGIN TRUSTED CERTIFICATE-----'

/**
 * The authorities of `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS` beside the built-in ones. Both files are read here: Node 20
 * to 24 ignores the first, and forgets the second as soon as a set of its own is passed (spec/libraries.md §10).
 */
export async function authoritiesOf(env: Environment): Promise<Authorities> {
  const trusted: string[] = []
  const problems: string[] = []
  for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) {
    const path = env[name]
    if (path === undefined || path === '') continue
    const file = await readBoundedFile(path, MAX_BUNDLE_BYTES)
    if (!file.ok) {
      problems.push(`${name}: the file it names cannot be read (${file.why}); its authorities are not trusted`)
      continue
    }
    const bundle = certificatesOf(Buffer.from(file.bytes).toString('latin1'))
    trusted.push(...bundle.certificates)
    if (bundle.certificates.length === 0) problems.push(`${name}: the file it names holds no certificate in PEM form`)
    else if (bundle.unreadable > 0) problems.push(`${name}: ${bundle.unreadable} certificate(s) of the file cannot be read`)
  }
  return trusted.length === 0 ? { problems } : { trusted: [...new Set([...rootCertificates, ...trusted])], problems }
}

/** The certificates of a PEM bundle, each checked to be one: one damaged entry would make OpenSSL drop all after it. */
export function certificatesOf(pem: string): { readonly certificates: readonly string[]; readonly unreadable: number } {
  const certificates: string[] = []
  let unreadable = pem.split(BEGIN_TRUSTED).length - 1
  let end = -1
  for (let at = pem.indexOf(BEGIN); at >= 0; ) {
    if (end < at) end = pem.indexOf(END, at)
    const next = pem.indexOf(BEGIN, at + BEGIN.length)
    const isWhole = end >= 0 && (next < 0 || end < next)
    const certificate = isWhole ? `${pem.slice(at, end + END.length)}\n` : ''
    if (isWhole && isCertificate(certificate)) certificates.push(certificate)
    else unreadable += 1
    // Without an end after this one there is none after the others: looking again from each would be quadratic.
    if (end < 0) break
    at = next
  }
  return { certificates, unreadable }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
