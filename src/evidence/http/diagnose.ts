import type { FailureCode } from './failures.js'

/** How far an exchange had come when it failed. */
export type Phase = 'connecting' | 'waiting' | 'reading'

export interface Diagnosis {
  readonly failure: FailureCode
  /** A code or number that helps who has to mend it; never a message from outside. */
  readonly detail?: string | undefined
}

/** A failure that already has its name, on its way through undici. */
export class NamedFailure extends Error {
  override readonly name = 'NamedFailure'
  constructor(
    readonly failure: FailureCode,
    readonly detail?: string,
  ) {
    super(failure)
  }
}

/** Codes of Node (errno), OpenSSL's verification, undici and its HTTP parser. */
const BY_CODE: ReadonlyMap<string, FailureCode> = new Map<string, FailureCode>([
  ['ENOTFOUND', 'dns-not-found'],
  ['ENODATA', 'dns-not-found'],
  ['EAI_AGAIN', 'dns-failed'],
  ['EAI_FAIL', 'dns-failed'],
  ['ESERVFAIL', 'dns-failed'],
  ['ECONNREFUSED', 'connection-refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['EACCES', 'unreachable'],
  ['EPERM', 'unreachable'],
  ['ETIMEDOUT', 'timeout-connect'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout-connect'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout-headers'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout-body'],
  ['UND_ERR_HEADERS_OVERFLOW', 'headers-too-large'],
  ['HPE_HEADER_OVERFLOW', 'headers-too-large'],
  ['CERT_HAS_EXPIRED', 'tls-expired'],
  ['CERT_NOT_YET_VALID', 'tls-not-yet-valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-wrong-host'],
  ['HOSTNAME_MISMATCH', 'tls-wrong-host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-unknown-authority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls-unknown-authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls-unknown-authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-unknown-authority'],
  ['CERT_UNTRUSTED', 'tls-untrusted'],
  ['CERT_REJECTED', 'tls-untrusted'],
  ['CERT_REVOKED', 'tls-untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'tls-untrusted'],
  ['CERT_CHAIN_TOO_LONG', 'tls-untrusted'],
  ['INVALID_CA', 'tls-untrusted'],
  ['INVALID_PURPOSE', 'tls-untrusted'],
  ['PATH_LENGTH_EXCEEDED', 'tls-untrusted'],
  ['EPROTO', 'tls-handshake'],
])

const RESETS: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_INFO',
  'UND_ERR_ABORTED',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_STREAM_CANCEL',
  'HPE_CLOSED_CONNECTION',
  'HPE_INVALID_EOF_STATE',
])

/** Names what went wrong. An error that nobody foresaw counts as a broken connection, with its code as detail. */
export function diagnose(error: unknown, phase: Phase): Diagnosis {
  if (error instanceof NamedFailure) return { failure: error.failure, detail: error.detail }
  // What undici's parser cannot read often has no code: it gives up on a status line, header or chunk size that makes no
  // sense. In the middle of a body the answer is lost; before, whatever answers is no HTTP server.
  const code = error instanceof Error && error.name === 'HTTPParserError' ? (codeOf(error) ?? 'HPE') : codeOf(error)
  if (code === undefined) return { failure: phase === 'reading' ? 'cut-off' : 'connection-reset' }
  const named = BY_CODE.get(code)
  if (named !== undefined) return { failure: named, detail: code }
  if (RESETS.has(code)) return { failure: phase === 'reading' ? 'cut-off' : 'connection-reset', detail: code }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return { failure: 'tls-handshake', detail: code }
  if (code.startsWith('HPE')) return { failure: phase === 'reading' ? 'cut-off' : 'not-http', detail: code }
  if (code === 'UND_ERR_INVALID_ARG') return { failure: 'bad-url', detail: code }
  return { failure: phase === 'reading' ? 'cut-off' : 'connection-reset', detail: code }
}

/** Node tries all addresses of a name and reports one error that holds the others. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(error.code)) return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return codeOf(error.cause)
}
