/**
 * The one module that knows which sigstore libraries are used, and in which versions: `@sigstore/verify` 3 with
 * `@sigstore/bundle` 4, the last that run on Node 20. Imported dynamically only, when there is a bundle to verify.
 */
import type { KeyObject } from 'node:crypto'
import { createHash, verify } from 'node:crypto'
import type { Bundle } from '@sigstore/bundle'
import { bundleFromJSON, ValidationError } from '@sigstore/bundle'
import { ASN1Obj } from '@sigstore/core'
import { TrustedRoot as LibraryRoot } from '@sigstore/protobuf-specs'
import type { SignedEntity, Signer, TrustMaterial } from '@sigstore/verify'
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify'
import { sameBytes } from '../base64.js'
import { preAuthEncoding } from '../dsse.js'
import type { SoundBundle } from './bundle.js'
import type { RawCertificate, SubjectAlternativeName } from './certificate-identity.js'
import type { LibraryOutcome, LogUse, RawFailure } from './library-outcome.js'
import type { Thresholds, TrustedRoot } from './trusted-root.js'
import type { VerifiedTime } from './verdict.js'

/** How the bytes that a message signature is over are checked: whole, or by their digest alone. */
export type MessageCheck =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'digest'; readonly verify: (key: KeyObject, signature: Uint8Array) => boolean }

/** The key for a bundle's hint; undefined when no configured key is meant. */
export type KeyFinder = (hint: string) => KeyObject | undefined

type SignatureContent = SignedEntity['signature']

/** Verifies a bundle against one root. Never throws: whatever the library throws is a bundle that does not verify. */
export function verifyWithLibrary(
  sound: SoundBundle,
  message: MessageCheck,
  root: TrustedRoot,
  thresholds: Thresholds,
  findKey: KeyFinder,
): LibraryOutcome {
  let material: TrustMaterial
  try {
    material = materialOf(root, findKey)
  } catch {
    return { ok: false, failure: { code: 'ROOT', message: '', expired: false } }
  }
  let entity: SignedEntity | undefined
  try {
    const bundle = bundleFromJSON(sound.json)
    entity = toSignedEntity(bundle, message.kind === 'bytes' ? Buffer.from(message.bytes) : undefined)
    const signer = verifyEntity(entity, bundle, sound, message, material, thresholds)
    return { ok: true, certificate: certificateOf(entity, signer), times: timesOf(entity), logs: logsOf(entity, material) }
  } catch (error) {
    return { ok: false, failure: describe(error, entity) }
  }
}

/** Reading a root costs more than verifying with it. */
const materials = new WeakMap<TrustedRoot, TrustMaterial>()

function materialOf(root: TrustedRoot, findKey: KeyFinder): TrustMaterial {
  const material = materials.get(root) ?? toTrustMaterial(LibraryRoot.fromJSON(root.json))
  materials.set(root, material)
  const publicKey: TrustMaterial['publicKey'] = (hint) => {
    const key = findKey(hint)
    if (key === undefined) throw new VerificationError({ code: 'PUBLIC_KEY_ERROR', message: 'key not found' })
    return { publicKey: key, validFor: () => true }
  }
  return { ...material, publicKey }
}

/**
 * Runs the library once for each group of log entries that name one log and are of one kind: the library lets any log of
 * the root sign for any other, and knows no envelope that is logged as a hash (spec/trust.md §1.6, 12 and 13).
 */
function verifyEntity(
  entity: SignedEntity,
  bundle: Bundle,
  sound: SoundBundle,
  message: MessageCheck,
  material: TrustMaterial,
  thresholds: Thresholds,
): Signer {
  const options = { ctlogThreshold: thresholds.sct, timestampThreshold: thresholds.time }
  const signature = signatureOf(entity.signature, bundle, message)
  const groups = groupEntries(entity)
  if (entity.tlogEntries.length < thresholds.log || groups.length === 0) {
    return new Verifier(material, { ...options, tlogThreshold: thresholds.log }).verify({ ...entity, signature })
  }
  const signers = groups.map(({ logId, kind, entries }) => {
    const tlogs = material.tlogs.filter((log) => sameBytes(log.logID, logId))
    const asHash = sound.content.kind === 'dsse' && kind === 'hashedrekord'
    const content = asHash && sound.content.kind === 'dsse' ? loggedAsHash(signature, sound.content) : signature
    const verifier = new Verifier({ ...material, tlogs }, { ...options, tlogThreshold: 1 })
    return verifier.verify({ ...entity, signature: content, tlogEntries: entries })
  })
  const [signer] = signers
  if (signer === undefined) throw new Error('no signer')
  return signer
}

type Entry = SignedEntity['tlogEntries'][number]

interface EntryGroup {
  readonly logId: Uint8Array
  readonly kind: string
  readonly entries: Entry[]
}

function groupEntries(entity: SignedEntity): EntryGroup[] {
  const groups = new Map<string, EntryGroup>()
  for (const entry of entity.tlogEntries) {
    const logId = entry.logId.keyId
    const { kind } = entry.kindVersion
    const key = `${logId.toString('base64')} ${kind}`
    const group: EntryGroup = groups.get(key) ?? { logId, kind, entries: [] }
    group.entries.push(entry)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Line 5 of the library adds `compareSignedDigest`, which must then be delegated as well. */
function delegate(content: SignatureContent, own: Partial<SignatureContent>): SignatureContent {
  return {
    signature: content.signature,
    compareSignature: own.compareSignature ?? ((signature) => content.compareSignature(signature)),
    compareDigest: own.compareDigest ?? ((digest) => content.compareDigest(digest)),
    verifySignature: own.verifySignature ?? ((key) => content.verifySignature(key)),
  }
}

/** What the library cannot check of a message signature: one over a digest alone, and one by an Ed25519 key. */
function signatureOf(content: SignatureContent, bundle: Bundle, message: MessageCheck): SignatureContent {
  if (bundle.content.$case !== 'messageSignature') return content
  if (message.kind === 'digest') return delegate(content, { verifySignature: (key) => message.verify(key, content.signature) })
  return delegate(content, {
    verifySignature: (key) =>
      key.asymmetricKeyType === 'ed25519' ? verify(null, message.bytes, key, content.signature) : content.verifySignature(key),
  })
}

function loggedAsHash(content: SignatureContent, envelope: { payloadType: string; payload: Uint8Array }): SignatureContent {
  const expected = createHash('sha256').update(preAuthEncoding(envelope.payloadType, envelope.payload)).digest()
  return delegate(content, { compareDigest: (digest) => sameBytes(digest, expected) })
}

/** An entry's time is signed only where its log has given a promise; the library keeps the others in its list too. */
function timesOf(entity: SignedEntity): VerifiedTime[] {
  const times: VerifiedTime[] = []
  for (const time of entity.timestamps) {
    if (time.$case === 'timestamp-authority') {
      times.push({ from: 'timestamp-authority', epochMs: time.timestamp.signingTime.getTime() })
    } else if (time.tlogEntry.inclusionPromise !== undefined) {
      times.push({ from: 'transparency-log', epochMs: Number(time.tlogEntry.integratedTime) * 1000 })
    }
  }
  return times
}

function logsOf(entity: SignedEntity, material: TrustMaterial): LogUse[] {
  return entity.tlogEntries.map((entry) => {
    const log = material.tlogs.find(({ logID }) => sameBytes(logID, entry.logId.keyId))
    return {
      id: entry.logId.keyId.toString('base64'),
      window: log && { start: log.validFor.start.getTime(), end: log.validFor.end.getTime() },
    }
  })
}

const OID_SAN = '2.5.29.17'
const OID_EXTENDED_KEY_USAGE = '2.5.29.37'
const OID_FULCIO = '1.3.6.1.4.1.57264.1.'
const OID_OTHER_NAME = '1.3.6.1.4.1.57264.1.7'
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const TAG_OTHER_NAME = 0
const TAG_EMAIL = 1
const TAG_URI = 6

function certificateOf(entity: SignedEntity, signer: Signer): RawCertificate | undefined {
  if (entity.key.$case !== 'certificate') return undefined
  return rawCertificate(signer.identity?.oids ?? [])
}

/** What the certificate of a bundle says, whoever issued it; undefined where it has none that can be read. Proves nothing. */
export function claimedCertificate({ json }: SoundBundle): RawCertificate | undefined {
  try {
    const { key } = toSignedEntity(bundleFromJSON(json))
    if (key.$case !== 'certificate') return undefined
    const oids = key.certificate.extensions.flatMap((extension): Oid[] => {
      const [id] = extension.subs
      const value = extension.subs.at(-1)?.value
      return id === undefined || value === undefined ? [] : [{ oid: { id: id.toOID().split('.').map(Number) }, value }]
    })
    return rawCertificate(oids)
  } catch {
    return undefined
  }
}

type Oid = NonNullable<NonNullable<Signer['identity']>['oids']>[number]

/** Read from the very extensions that the library has verified. */
function rawCertificate(oids: readonly Oid[]): RawCertificate {
  const fulcio = new Map<number, Uint8Array>()
  let sans: SubjectAlternativeName[] | undefined
  let usages: string[] | undefined
  for (const { oid, value } of oids) {
    const name = oid?.id.join('.') ?? ''
    if (name === OID_SAN) {
      if (sans !== undefined) throw new Error('two extensions of alternative names')
      sans = readAlternativeNames(value)
    } else if (name === OID_EXTENDED_KEY_USAGE) {
      if (usages !== undefined) throw new Error('two extensions of extended key usage')
      usages = ASN1Obj.parseBuffer(Buffer.from(value)).subs.map((usage) => usage.toOID())
    } else if (name.startsWith(OID_FULCIO)) {
      const number = Number(name.slice(OID_FULCIO.length))
      if (fulcio.has(number)) throw new Error('one extension twice')
      fulcio.set(number, value)
    }
  }
  return { sans: sans ?? [], fulcio, codeSigning: usages?.includes(CODE_SIGNING) === true }
}

/** GeneralNames (RFC 5280 §4.2.1.6). Kinds that name no signer count too, so that a second name is never overlooked. */
function readAlternativeNames(der: Uint8Array): SubjectAlternativeName[] {
  return ASN1Obj.parseBuffer(Buffer.from(der)).subs.map((name): SubjectAlternativeName => {
    switch (name.tag.number) {
      case TAG_URI:
        return { kind: 'uri', value: ascii(name.value) }
      case TAG_EMAIL:
        return { kind: 'email', value: ascii(name.value) }
      case TAG_OTHER_NAME: {
        const [type, holder] = name.subs
        const value = holder?.subs[0]?.value
        if (type?.toOID() !== OID_OTHER_NAME || value === undefined) throw new Error('an alternative name of unknown type')
        return { kind: 'other', value: new TextDecoder('utf-8', { fatal: true }).decode(value) }
      }
      default:
        throw new Error('an alternative name of unknown kind')
    }
  })
}

/** IA5String; a byte above 127 has no meaning and must not be folded into one that has. */
function ascii(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte > 0x7e || byte < 0x20)) throw new Error('an alternative name that is no plain text')
  return Buffer.from(bytes).toString('latin1')
}

function describe(error: unknown, entity: SignedEntity | undefined): RawFailure {
  if (error instanceof VerificationError) {
    return { code: error.code, message: error.message, expired: isExpired(entity) }
  }
  // Its name is plain `Error`: only instanceof tells.
  if (error instanceof ValidationError) return { code: 'VALIDATION', message: error.fields.join(', '), expired: false }
  return { code: 'OTHER', message: '', expired: false }
}

/** True when the certificate is outside its own window at a time that the bundle states. */
function isExpired(entity: SignedEntity | undefined): boolean {
  if (entity?.key.$case !== 'certificate') return false
  const { certificate } = entity.key
  try {
    const [from, to] = [certificate.notBefore.getTime(), certificate.notAfter.getTime()]
    return timesOf(entity).some(({ epochMs }) => epochMs < from || epochMs > to)
  } catch {
    return false
  }
}
