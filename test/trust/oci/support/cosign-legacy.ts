import type { Part, Pointer } from './layout-maker.js'

interface MadeBundle {
  readonly verificationMaterial: {
    readonly certificate: { readonly rawBytes: string }
    readonly tlogEntries: readonly {
      readonly logIndex: string
      readonly logId: { readonly keyId: string }
      readonly integratedTime: string
      readonly inclusionPromise: { readonly signedEntryTimestamp: string }
      readonly canonicalizedBody: string
    }[]
    readonly timestampVerificationData: { readonly rfc3161Timestamps: readonly { readonly signedTimestamp: string }[] }
  }
  readonly messageSignature?: { readonly signature: string }
  readonly dsseEnvelope?: object
}

export const SIMPLESIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json'
export const ENVELOPE = 'application/vnd.dsse.envelope.v1+json'

/** What cosign before version 3 signs of an image. */
export const payloadOf = ({ digest }: Pointer): string =>
  JSON.stringify({
    critical: {
      identity: { 'docker-reference': 'registry.example/acme/app' },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  })

/** A bundle spread over the annotations of a layer. */
export function legacyPart(made: object, content: string): Part {
  const bundle: MadeBundle = JSON.parse(JSON.stringify(made))
  const { certificate, tlogEntries, timestampVerificationData } = bundle.verificationMaterial
  const [entry] = tlogEntries
  const [timestamp] = timestampVerificationData.rfc3161Timestamps
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.rawBytes.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
  return {
    mediaType: bundle.messageSignature === undefined ? ENVELOPE : SIMPLESIGNING,
    content,
    annotations: {
      'dev.cosignproject.cosign/signature': bundle.messageSignature?.signature ?? '',
      'dev.sigstore.cosign/certificate': pem,
      'dev.sigstore.cosign/chain': pem,
      ...(entry === undefined
        ? {}
        : {
            'dev.sigstore.cosign/bundle': JSON.stringify({
              SignedEntryTimestamp: entry.inclusionPromise.signedEntryTimestamp,
              Payload: {
                body: entry.canonicalizedBody,
                integratedTime: Number(entry.integratedTime),
                logIndex: Number(entry.logIndex),
                logID: Buffer.from(entry.logId.keyId, 'base64').toString('hex'),
              },
            }),
          }),
      ...(timestamp === undefined
        ? {}
        : { 'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({ SignedRFC3161Timestamp: timestamp.signedTimestamp }) }),
    },
  }
}

/** The envelope of a bundle, which cosign before version 3 wrote as the layer itself. */
export function envelopeOf(made: object): string {
  const bundle: MadeBundle = JSON.parse(JSON.stringify(made))
  return JSON.stringify(bundle.dsseEnvelope)
}
