import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from '@sigstore/mock'
import { preAuthEncoding } from '../../../src/trust/dsse.js'
import type { TrustedRoot } from '../../../src/trust/sigstore/trusted-root.js'
import { readTrustedRoots } from '../../../src/trust/sigstore/trusted-root.js'

const FULCIO = '1.3.6.1.4.1.57264.1'
const START = { start: '2020-01-01T00:00:00Z' }
const SHA256_OID = '2.16.840.1.101.3.4.2.1'
const TSA_POLICY_OID = '1.3.6.1.4.1.57264.2'

export const WORKFLOW = 'https://github.com/Acme/widget/.github/workflows/release.yml@refs/tags/v1.0.0'
export const ISSUER = 'https://token.actions.githubusercontent.com'

/** What a release build of a workflow on GitHub puts into its certificate, by the last number of the OID. */
export const CLAIMS: Readonly<Record<number, string>> = {
  8: ISSUER,
  9: WORKFLOW,
  11: 'github-hosted',
  12: 'https://github.com/Acme/widget',
  13: '0123456789abcdef0123456789abcdef01234567',
  14: 'refs/tags/v1.0.0',
  15: '1001',
  17: '2002',
  18: WORKFLOW,
  20: 'push',
  22: 'public',
}

/** An entry as a log of the first generation answers it. */
export interface LoggedEntry {
  readonly body: string
  readonly integratedTime: number
  readonly logID: string
  readonly logIndex: number
  readonly verification: {
    readonly signedEntryTimestamp: string
    readonly inclusionProof: {
      readonly logIndex: number
      readonly rootHash: string
      readonly treeSize: number
      readonly hashes: readonly string[]
      readonly checkpoint: string
    }
  }
}

export interface SigningOptions {
  readonly san?: string
  readonly claims?: Readonly<Record<number, string>>
  /** Default true. */
  readonly logged?: boolean
  /** What the log records in the place of the signature. */
  readonly recorded?: { readonly apiVersion: string; readonly kind: string; readonly spec: object }
  /** Default false. */
  readonly timestamped?: boolean
}

const b64 = (bytes: ArrayBufferView | Buffer): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
const ec = (): ReturnType<typeof generateKeyPairSync> => generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A whole sigstore instance of keys made for this test run: authority, certificate log, log and timestamp authority. */
export class SigstoreInstance {
  private constructor(
    readonly ca: Awaited<ReturnType<typeof initializeCA>>,
    readonly ctlog: Awaited<ReturnType<typeof initializeCTLog>>,
    readonly tlog: Awaited<ReturnType<typeof initializeTLog>>,
    readonly tsa: Awaited<ReturnType<typeof initializeTSA>>,
  ) {}

  static async start(): Promise<SigstoreInstance> {
    const ctlog = await initializeCTLog(ec())
    return new SigstoreInstance(
      await initializeCA(ec(), ctlog),
      ctlog,
      await initializeTLog('https://log.example', ec()),
      await initializeTSA(ec()),
    )
  }

  rootJson(): Record<string, unknown> {
    const log = (baseUrl: string, key: Buffer): object => ({
      baseUrl,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: b64(key), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: START },
      logId: { keyId: createHash('sha256').update(key).digest('base64') },
    })
    const authority = (...certificates: ArrayBufferView[]): object => ({
      subject: { organization: 'acme' },
      uri: 'https://ca.example',
      certChain: { certificates: certificates.map((each) => ({ rawBytes: b64(each) })) },
      validFor: START,
    })
    return {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [log('https://log.example', this.tlog.publicKey)],
      certificateAuthorities: [authority(this.ca.rootCertificate)],
      ctlogs: [log('https://ct.example', this.ctlog.publicKey)],
      timestampAuthorities: [authority(this.tsa.intCertificate, this.tsa.rootCertificate)],
    }
  }

  root(name = 'root.json'): TrustedRoot {
    return rootOf(this.rootJson(), name)
  }

  async signMessage(artifact: Uint8Array, options: SigningOptions = {}): Promise<Record<string, unknown>> {
    const { certificate, privateKey } = await this.certify(options)
    const signature = sign('sha256', artifact, privateKey)
    const digest = createHash('sha256').update(artifact).digest()
    const spec = {
      data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
      signature: { content: b64(signature), publicKey: { content: Buffer.from(pem(certificate)).toString('base64') } },
    }
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: await this.material(
        certificate,
        signature,
        { apiVersion: '0.0.1', kind: 'hashedrekord', spec },
        options,
      ),
      messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: b64(digest) }, signature: b64(signature) },
    }
  }

  async signStatement(
    statement: object,
    options: SigningOptions = {},
    payloadType = 'application/vnd.in-toto+json',
  ): Promise<Record<string, unknown>> {
    const { certificate, privateKey } = await this.certify(options)
    const payload = Buffer.from(JSON.stringify(statement))
    const signature = sign('sha256', preAuthEncoding(payloadType, payload), privateKey)
    const verifier = Buffer.from(pem(certificate)).toString('base64')
    const spec = {
      envelopeHash: { algorithm: 'sha256', value: '00'.repeat(32) },
      payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') },
      signatures: [{ signature: b64(signature), verifier }],
    }
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: await this.material(certificate, signature, { apiVersion: '0.0.1', kind: 'dsse', spec }, options),
      dsseEnvelope: { payload: b64(payload), payloadType, signatures: [{ sig: b64(signature) }] },
    }
  }

  private async certify({
    san = WORKFLOW,
    claims = CLAIMS,
  }: SigningOptions): Promise<{ certificate: Buffer; privateKey: Buffer }> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const extensions = Object.entries(claims).map(([number, value]) => ({ oid: `${FULCIO}.${number}`, value }))
    const issued = await this.ca.issueCertificate({ publicKey: new Uint8Array(publicKey), subjectAltName: san, extensions })
    return { certificate: Buffer.from(b64(issued), 'base64'), privateKey: Buffer.from(privateKey) }
  }

  private async material(
    certificate: Buffer,
    signature: Buffer,
    body: { apiVersion: string; kind: string; spec: object },
    { logged = true, timestamped = false, recorded = body }: SigningOptions,
  ): Promise<object> {
    const artifactHash = createHash('sha256').update(signature).digest()
    return {
      certificate: { rawBytes: b64(certificate) },
      tlogEntries: logged ? [await this.entry(recorded)] : [],
      timestampVerificationData: {
        rfc3161Timestamps: timestamped ? [{ signedTimestamp: await this.timestamp(artifactHash) }] : [],
      },
    }
  }

  /**
   * The mock states milliseconds as DER wants them, without trailing zeros (X.690 §11.7.3); the library under the verifier
   * reads three digits or none, and refuses one token in ten. Authorities in use state whole seconds.
   */
  async timestamp(artifactHash: Buffer): Promise<string> {
    const request = { artifactHash, hashAlgorithmOID: SHA256_OID, nonce: 7, policyOID: TSA_POLICY_OID }
    for (let attempt = 0; attempt < 50; attempt++) {
      const token = b64(await this.tsa.timestamp(request))
      if (!/\d{14}\.\d{1,2}Z/.test(Buffer.from(token, 'base64').toString('latin1'))) return token
    }
    throw new Error('the mock gave no timestamp that the library reads')
  }

  private async entry(body: { apiVersion: string; kind: string; spec: object }): Promise<object> {
    const [logged]: LoggedEntry[] = Object.values(JSON.parse(JSON.stringify(await this.tlog.log(body))))
    if (logged === undefined) throw new Error('the mock log logged nothing')
    const proof = logged.verification.inclusionProof
    return {
      logIndex: String(logged.logIndex),
      logId: { keyId: Buffer.from(logged.logID, 'hex').toString('base64') },
      kindVersion: { kind: body.kind, version: body.apiVersion },
      integratedTime: String(logged.integratedTime),
      inclusionPromise: { signedEntryTimestamp: logged.verification.signedEntryTimestamp },
      inclusionProof: {
        logIndex: String(proof.logIndex),
        rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
        treeSize: String(proof.treeSize),
        hashes: proof.hashes.map((hash) => Buffer.from(hash, 'hex').toString('base64')),
        checkpoint: { envelope: proof.checkpoint },
      },
      canonicalizedBody: logged.body,
    }
  }
}

export function rootOf(json: object, name = 'root.json'): TrustedRoot {
  const read = readTrustedRoots(name, Buffer.from(JSON.stringify(json)))
  const root = read.ok ? read.roots[0] : undefined
  if (root === undefined) throw new Error(read.ok ? 'no root' : read.why)
  return root
}

function pem(certificate: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}
