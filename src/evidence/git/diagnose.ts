import { troubleOf } from '../http/trouble.js'
import type { GitFailureCode } from './failures.js'
import type { GitEnd } from './run-git.js'

/** What a git command that did not end well says about the remote. */
export type GitDiagnosis =
  | { readonly kind: 'absent'; readonly status?: number }
  | { readonly kind: 'refused'; readonly status?: number }
  | { readonly kind: 'redirect' }
  /** The server names only the tips of its refs, and this object is none (gitprotocol-capabilities, allow-*-sha1-in-want). */
  | { readonly kind: 'not-advertised' }
  /** The server was asked for this object and does not hand it out. */
  | { readonly kind: 'not-our-ref' }
  /** Nothing of the name that was asked for. */
  | { readonly kind: 'no-such-ref' }
  | { readonly kind: 'failed'; readonly failure: GitFailureCode; readonly status?: number; readonly quote?: string }

type Named = readonly [RegExp, GitFailureCode]

/**
 * Messages of git and of libcurl with each of its TLS libraries (OpenSSL, GnuTLS, Schannel, Secure Transport), in the C locale;
 * the first that is found counts.
 */
const MESSAGES: readonly Named[] = [
  [/attempting to allocate \d+ over limit|out of memory|mmap failed: Cannot allocate/i, 'too-large'],
  [/File too large|died of signal 25\b/, 'too-large'],
  [/died of signal \d+/, 'git-crashed'],
  [/SHA-?1 appears to be part of a collision attack/i, 'sha1-collision'],
  [/fsck error in packed object|object [0-9a-f]+: [A-Za-z0-9]+: /, 'malformed-objects'],
  [
    /mismatched algorithms|does not support this repository's object format|unknown object format|unsupported object format/,
    'object-format-differs',
  ],
  // The helper for HTTP takes the ids that git gives it for none: it has learned from the server how long they are.
  [/expected sha\/ref, got '(?:[0-9a-f]{40}|[0-9a-f]{64}) /, 'object-format-differs'],
  [/dubious ownership/, 'unsafe-owner'],
  [/Could not resolve proxy/, 'proxy-unreachable'],
  [/HTTP code 407 from proxy|CONNECT tunnel failed, response 407/, 'proxy-needs-credentials'],
  [/HTTP code \d+ from proxy|CONNECT tunnel failed/, 'proxy-refused'],
  [/Proxy CONNECT aborted/, 'proxy-failed'],
  [/Could not resolve host(?:name)?|Name or service not known/, 'dns-not-found'],
  [/Resolving timed out|Temporary failure in name resolution/, 'dns-failed'],
  [/certificate has expired|certificate is expired/i, 'tls-expired'],
  [/certificate is not yet valid|not yet activated/i, 'tls-not-yet-valid'],
  [/does not match target host name|no alternative certificate subject name|no matching subject/i, 'tls-wrong-host'],
  [/self[- ]signed certificate in certificate chain/i, 'tls-unknown-authority'],
  [/self[- ]signed certificate/i, 'tls-self-signed'],
  [
    /unable to get (?:local )?issuer certificate|unable to verify the first certificate|SEC_E_UNTRUSTED_ROOT/i,
    'tls-unknown-authority',
  ],
  [/certificate verification failed|SSL certificate problem|problem with the SSL CA cert/i, 'tls-untrusted'],
  [/gnutls_handshake|SSL routines|SSL_connect|SSL_ERROR|schannel|SecureTransport|TLS packet/i, 'tls-handshake'],
  [/Operation too slow/, 'timeout-body'],
  [/Connection timed out|Connection timeout|connect to .* timed out/i, 'timeout-connect'],
  [/Network is unreachable|No route to host/, 'unreachable'],
  [/Connection refused/, 'connection-refused'],
  [/Failed to connect to|Couldn't connect to server/, 'connect-failed'],
  [/Host key verification failed/, 'ssh-host-key'],
  [/transfer closed with|curl 18 |unexpected disconnect|early EOF|the remote end hung up unexpectedly|curl 92 /, 'cut-off'],
  [/Empty reply from server|Connection reset|Recv failure|Send failure|curl 5[256] /, 'connection-reset'],
  [/HTTP\/0\.9|Unsupported HTTP version|curl 1 |Weird server reply/i, 'not-http'],
  [/info\/refs not valid|not valid: is this a git repository|invalid server response|invalid content-type/, 'not-git'],
  [/dumb http transport does not support/, 'not-git'],
  [/did not send all necessary objects|missing (?:blob|tree|commit|tag) object|unresolved deltas|bad object/, 'incomplete-pack'],
  [
    /inflate|pack (?:is corrupted|has bad object|signature mismatch|version)|SHA1 mismatch|serious inflate|index-pack (?:failed|abnormal)|invalid index-pack output|pack has junk|pack too large/i,
    'corrupt-pack',
  ],
  [
    /protocol error|bad line length|invalid ls-refs response|expected '?(?:flush|acknowledgments|packfile|ref)|unexpected (?:acknowledgment|flush)|bad band|expected .* received|pkt-line|unknown (?:capability|object-format)/i,
    'protocol-error',
  ],
  [/unknown option|usage: git|unknown switch/, 'git-too-old'],
  [
    /Permission denied$|No space left on device|Read-only file system|Disk quota exceeded|unable to create|cannot mkdir/m,
    'scratch-unwritable',
  ],
]

/** Reads how git ended. `scheme` decides what a server's free text may be taken for. */
export function diagnose(end: GitEnd): GitDiagnosis {
  if (end.kind === 'not-started') return { kind: 'failed', failure: 'git-not-found' }
  if (end.kind === 'stopped') {
    const failure = ({ time: 'timeout-total', output: 'too-large', disk: 'too-large', cancelled: 'cancelled' } as const)[end.why]
    return { kind: 'failed', failure }
  }
  if (end.signal !== undefined) return { kind: 'failed', failure: 'git-crashed', quote: end.signal }
  // git of the other side, about itself.
  if (/aborting due to possible repository corruption on the remote side/.test(end.stderr))
    return { kind: 'failed', failure: 'remote-damaged' }
  // The server's own lines come with this mark, which git puts before each of them.
  const lines = end.stderr
    .split(/[\r\n]+/)
    .filter((line) => line !== '' && !line.startsWith('remote: ') && !/^(?:warning|hint): /.test(line))
  const errors = lines.filter((line) => !/^fatal: remote error: /.test(line))
  const remote = lines.find((line) => line.startsWith('fatal: remote error: '))?.slice('fatal: remote error: '.length)
  const said = errors.join('\n')
  return (
    statusIn(said) ??
    standingIn(said) ??
    (remote === undefined ? undefined : fromRemote(remote)) ??
    namedIn(said) ?? {
      kind: 'failed',
      failure: 'git-failed',
      quote: errors.find((line) => /^(?:fatal|error): /.test(line)) ?? errors[0] ?? '',
    }
  )
}

function statusIn(said: string): GitDiagnosis | undefined {
  const found =
    /The requested URL returned error: (\d{3})|RPC failed; HTTP (\d{3})|RPC failed; result=22, HTTP code = (\d{3})/.exec(said)
  if (found === null) return undefined
  const status = Number(found[1] ?? found[2] ?? found[3])
  const whileAsking = found[1] !== undefined && !said.includes('RPC failed')
  if (status === 401 || status === 403 || status === 451) return { kind: 'refused', status }
  if (whileAsking && (status === 404 || status === 410)) return { kind: 'absent', status }
  if (status >= 300 && status < 400)
    return whileAsking ? { kind: 'redirect' } : { kind: 'failed', failure: 'redirect-refused', status }
  if (status === 407) return { kind: 'failed', failure: 'proxy-needs-credentials', status }
  return { kind: 'failed', failure: troubleOf(status) ?? 'unexpected-status', status }
}

/** What the remote knew and answered. */
function standingIn(said: string): GitDiagnosis | undefined {
  if (/^fatal: (?:could not read (?:Username|Password) for|Authentication failed for)/m.test(said))
    return { kind: 'refused', status: 401 }
  if (/^fatal: repository '.*' not found$/m.test(said)) return { kind: 'absent', status: 404 }
  if (/^fatal: (?:'.*' does not appear to be a git repository$|not a git repository: )/m.test(said)) return { kind: 'absent' }
  if (/Server does not allow request for unadvertised object/.test(said)) return { kind: 'not-advertised' }
  if (/^fatal: (?:couldn't|could not) find remote ref /m.test(said)) return { kind: 'no-such-ref' }
  if (/^ERROR: Repository not found/m.test(said)) return { kind: 'absent' }
  if (/^.*: Permission denied \([a-z,-]+\)\.?$/m.test(said)) return { kind: 'refused' }
  return undefined
}

/** `ERR` packets: the remote's own words after a mark of git's. */
function fromRemote(words: string): GitDiagnosis {
  if (/^(?:upload-pack: )?not our ref /.test(words)) return { kind: 'not-our-ref' }
  if (/repository .*not found|not found|no such repository|does not exist/i.test(words)) return { kind: 'absent' }
  if (/access denied|not authori[sz]ed|permission|not exported/i.test(words)) return { kind: 'refused' }
  return { kind: 'failed', failure: 'remote-error', quote: words }
}

function namedIn(said: string): GitDiagnosis | undefined {
  const failure = MESSAGES.find(([pattern]) => pattern.test(said))?.[1]
  if (failure === undefined) return undefined
  // The identifier is git's own (git-fsck, "FSCK MESSAGES").
  const fsck = failure === 'malformed-objects' ? /object [0-9a-f]{40,64}: ([A-Za-z0-9]{3,60}):/.exec(said)?.[1] : undefined
  return { kind: 'failed', failure, ...(fsck === undefined ? {} : { quote: fsck }) }
}
