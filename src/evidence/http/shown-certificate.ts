import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { ShownCertificate } from '../../model/doctor.js'

export type { ShownCertificate }

/** The certificate that the other side showed. */
export function certificateOf(socket: TLSSocket): ShownCertificate | undefined {
  const shown = socket.getPeerCertificate()
  const validFrom = instant(shown.valid_from)
  const validTo = instant(shown.valid_to)
  if (validFrom === undefined || validTo === undefined) return undefined
  return { subject: nameOf(shown.subject), issuer: nameOf(shown.issuer), validFrom, validTo }
}

const LONGEST_NAME = 200

/** Node types the names as present; an empty certificate has none. */
function nameOf(name: PeerCertificate['subject'] | undefined): string {
  const text = name?.CN ?? name?.O ?? ''
  return String(text).slice(0, LONGEST_NAME)
}

/** `Jan  1 00:00:00 2026 GMT`, as OpenSSL prints it. */
function instant(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : `${new Date(at).toISOString().slice(0, 19)}Z`
}

/**
 * What a server shows that is not trusted, to tell when its certificate ended or who made it. Nothing is sent over the
 * connection, and nothing else is believed of it. Undefined when there is no handshake in time.
 */
export function untrustedCertificate(origin: URL, timeoutMs: number): Promise<ShownCertificate | undefined> {
  const host = origin.hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(origin.port) || 443,
      // A name alone may be asked for by SNI (RFC 6066 §3).
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      rejectUnauthorized: false,
    })
    const end = (certificate: ShownCertificate | undefined): void => {
      socket.destroy()
      resolve(certificate)
    }
    socket.setTimeout(timeoutMs, () => end(undefined))
    socket.once('secureConnect', () => end(certificateOf(socket)))
    socket.once('error', () => end(undefined))
  })
}
