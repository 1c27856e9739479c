import type { JsonObject } from '../../../src/trust/strict-json.js'
import { isJsonObject } from '../../../src/trust/strict-json.js'

/** A bundle of one entry with a promise, spread out as cosign wrote it before version 3. */
export function asCosignBlob(bundle: JsonObject): JsonObject {
  const material = objectIn(bundle, 'verificationMaterial')
  const [entry] = listIn(material, 'tlogEntries')
  if (entry === undefined) throw new Error('no entry')
  const envelope = bundle['dsseEnvelope']
  const base64Signature =
    envelope === undefined
      ? textIn(objectIn(bundle, 'messageSignature'), 'signature')
      : Buffer.from(JSON.stringify(envelope)).toString('base64')
  return {
    base64Signature,
    cert: Buffer.from(pemOf(bundle)).toString('base64'),
    rekorBundle: {
      SignedEntryTimestamp: textIn(objectIn(entry, 'inclusionPromise'), 'signedEntryTimestamp'),
      Payload: {
        body: textIn(entry, 'canonicalizedBody'),
        integratedTime: Number(entry['integratedTime']),
        logIndex: Number(entry['logIndex']),
        logID: Buffer.from(textIn(objectIn(entry, 'logId'), 'keyId'), 'base64').toString('hex'),
      },
    },
  }
}

/** The certificate of a bundle. */
export function pemOf(bundle: JsonObject): string {
  const material = objectIn(bundle, 'verificationMaterial')
  const chain = material['x509CertificateChain']
  const certificate = isJsonObject(chain) ? listIn(chain, 'certificates')[0] : objectIn(material, 'certificate')
  const der = certificate === undefined ? '' : textIn(certificate, 'rawBytes')
  return `-----BEGIN CERTIFICATE-----\n${der.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

function objectIn(of: JsonObject, name: string): JsonObject {
  const value = of[name]
  if (!isJsonObject(value)) throw new Error(`no ${name}`)
  return value
}

function listIn(of: JsonObject, name: string): JsonObject[] {
  const value = of[name]
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function textIn(of: JsonObject, name: string): string {
  const value = of[name]
  if (typeof value !== 'string') throw new Error(`no ${name}`)
  return value
}
