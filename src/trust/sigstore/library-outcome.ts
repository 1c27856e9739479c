import type { RawCertificate } from './certificate-identity.js'
import type { CheckFailure, CheckName, VerifiedTime } from './verdict.js'

/** A log that a bundle's entry names, with the window of its key; undefined where the root does not know it. */
export interface LogUse {
  /** Base64 log id. */
  readonly id: string
  /** Milliseconds since 1970, both ends inclusive. */
  readonly window: { readonly start: number; readonly end: number } | undefined
}

/** What the library threw, reduced to what its versions have in common. */
export interface RawFailure {
  readonly code: string
  readonly message: string
  /** The certificate is outside its own window at a time the bundle states. */
  readonly expired: boolean
}

export type LibraryOutcome =
  | {
      readonly ok: true
      /** Absent for a bundle signed by a key. */
      readonly certificate: RawCertificate | undefined
      readonly times: readonly VerifiedTime[]
      readonly logs: readonly LogUse[]
    }
  | { readonly ok: false; readonly failure: RawFailure }

export interface LocatedFailure extends CheckFailure {
  readonly check: CheckName
}

/**
 * The check that failed and why, from what the library threw. Its order of checks is time, certificate or key, log,
 * signature. Its own messages may quote the bundle and are not passed on.
 */
export function locateFailure({ code, message, expired }: RawFailure): LocatedFailure {
  switch (code) {
    case 'TIMESTAMP_ERROR':
      if (message.startsWith('expected')) {
        return { check: 'time', reason: 'trust/time-missing', why: 'no timestamp and no signed log time says when it was signed' }
      }
      if (message.startsWith('duplicate')) {
        return { check: 'time', reason: 'trust/time-untrusted', why: 'the same witness of the time is given twice' }
      }
      return {
        check: 'time',
        reason: 'trust/time-untrusted',
        why: 'a timestamp is not by a trusted authority, or not over this signature',
      }
    case 'CERTIFICATE_ERROR':
      if (message.startsWith('expected') || message.includes('SCT')) {
        return {
          check: 'certificate',
          reason: 'trust/sct-missing',
          why: 'no trusted certificate log has promised to log the certificate',
        }
      }
      if (expired) {
        return {
          check: 'certificate',
          reason: 'trust/certificate-expired',
          why: 'the certificate was not valid at the time of signing',
        }
      }
      return {
        check: 'certificate',
        reason: 'trust/certificate-untrusted',
        why: 'no authority of the trusted root has issued the certificate',
      }
    case 'PUBLIC_KEY_ERROR':
      return { check: 'certificate', reason: 'trust/key-unknown', why: 'the bundle is signed by a key that is not configured' }
    case 'TLOG_ERROR':
      return {
        check: 'log',
        reason: 'trust/log-missing',
        why: 'the trusted root demands an entry in its log, and the bundle has none',
      }
    case 'TLOG_MISSING_INCLUSION_ERROR':
      return { check: 'log', reason: 'trust/log-invalid', why: 'a log entry comes with neither a promise nor a proof' }
    case 'TLOG_INCLUSION_PROMISE_ERROR':
      return { check: 'log', reason: 'trust/log-invalid', why: 'the promise of the log is not its own, or not for this entry' }
    case 'TLOG_INCLUSION_PROOF_ERROR':
      return {
        check: 'log',
        reason: 'trust/log-invalid',
        why: 'the checkpoint is not signed by the log, or the entry is not in its tree',
      }
    case 'TLOG_BODY_ERROR':
      if (message.startsWith('unsupported')) {
        return {
          check: 'log',
          reason: 'trust/log-entry-unsupported',
          why: 'the log recorded it in a form that cannot be compared with it here, as old versions of cosign wrote it',
        }
      }
      return {
        check: 'log',
        reason: 'trust/signature-invalid',
        why: 'the log recorded another signature, content or key: artifact or bundle altered',
      }
    case 'SIGNATURE_ERROR':
      return {
        check: 'signature',
        reason: 'trust/signature-invalid',
        why: 'the signature does not fit the content: artifact or bundle altered',
      }
    case 'ROOT':
      return { check: 'time', reason: 'trust/root-malformed', why: 'a key or certificate of the trusted root cannot be read' }
    case 'VALIDATION':
      return { check: 'bundle', reason: 'trust/bundle-malformed', why: `the bundle lacks what its version demands: ${message}` }
    default:
      return { check: 'bundle', reason: 'trust/bundle-malformed', why: 'a part of the bundle cannot be read' }
  }
}
