import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

// Node makes keys and no certificates. These are made of the few DER forms that a test needs (RFC 5280), so that no test
// waits for a program that may be absent.

type Der = Buffer

function der(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = Buffer.concat(parts)
  const length =
    content.length < 128
      ? Buffer.of(content.length)
      : content.length < 256
        ? Buffer.of(0x81, content.length)
        : Buffer.of(0x82, content.length >> 8, content.length & 0xff)
  return Buffer.concat([Buffer.of(tag), length, content])
}

const sequence = (...parts: readonly Der[]): Der => der(0x30, ...parts)
const set = (...parts: readonly Der[]): Der => der(0x31, ...parts)
const text = (value: string): Der => der(0x0c, Buffer.from(value))
const octets = (value: Uint8Array): Der => der(0x04, value)
const TRUE = Buffer.of(0x01, 0x01, 0xff)

function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return der(0x06, Buffer.from(bytes))
}

function time(at: Date): Der {
  return der(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`))
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const commonName = (name: string): Der => sequence(set(sequence(oid('2.5.4.3'), text(name))))

function subjectAltName(hosts: readonly string[]): Der {
  const names = hosts.map((host) =>
    isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  )
  return sequence(oid('2.5.29.17'), octets(sequence(...names)))
}

const basicConstraints = (ca: boolean): Der => sequence(oid('2.5.29.19'), TRUE, octets(ca ? sequence(TRUE) : sequence()))

export interface Certified {
  /** PEM. */
  readonly cert: string
  readonly key: string
  readonly name: string
}

export interface CertificateWish {
  /** Names and IPv4 addresses; none: a certificate authority. */
  readonly hosts?: readonly string[]
  readonly name?: string
  /** Whoever signs; undefined: itself. */
  readonly by?: Certified
  readonly from?: Date
  readonly until?: Date
}

const DAY = 24 * 3600 * 1000

/** A certificate with its key (ECDSA P-256). */
export function certificate(wish: CertificateWish = {}): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = wish.name ?? wish.hosts?.[0] ?? 'Test Authority'
  const signer: KeyObject = wish.by === undefined ? privateKey : createPrivateKey(wish.by.key)
  const body = sequence(
    der(0xa0, Buffer.of(0x02, 0x01, 0x02)),
    der(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(12)])),
    ECDSA_WITH_SHA256,
    commonName(wish.by?.name ?? name),
    sequence(time(wish.from ?? new Date(Date.now() - DAY)), time(wish.until ?? new Date(Date.now() + DAY))),
    commonName(name),
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      wish.hosts === undefined ? sequence(basicConstraints(true)) : sequence(basicConstraints(false), subjectAltName(wish.hosts)),
    ),
  )
  const signature = sign('sha256', body, signer)
  const whole = sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.of(0), signature))
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${(whole.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
  }
}

/** One authority for all servers of a test file, and a certificate of it for this machine. */
export const AUTHORITY = certificate()
export const LOCALHOST = certificate({ hosts: ['localhost', '127.0.0.1', 'registry.example', 'cdn.example'], by: AUTHORITY })
