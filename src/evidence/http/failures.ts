/**
 * Every way a request can end without an answer that counts, by name. `retry`: another try may help. `host`: what it says
 * about the host: `broken` (every other request would meet the same), `suspect` (counts towards giving it up), `fine`.
 */
interface FailureKind {
  readonly retry: boolean
  readonly host: 'broken' | 'suspect' | 'fine'
  /** Completes the sentence that begins with the host. */
  readonly what: string
  /** The next step for a person. */
  readonly help: string
}

const CLOCK_OR_RENEW = 'Renew the certificate on the server, and check the clock of this machine.'
const TRUST_CA =
  'If the host uses a private authority, or a proxy opens TLS on the way, name its certificate with SSL_CERT_FILE or NODE_EXTRA_CA_CERTS.'
const LATER = 'Try again later, or configure a mirror.'
const PROXY = 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.'
const REACH = 'Check the network, and whether a proxy is needed (HTTPS_PROXY).'

export const FAILURES = {
  'bad-url': { retry: false, host: 'fine', what: 'is not a URL that can be asked', help: 'Correct the URL.' },
  'scheme-not-allowed': {
    retry: false,
    host: 'fine',
    what: 'is addressed by a scheme that the policy does not allow',
    help: 'Use https, or allow the scheme in the configuration.',
  },
  'host-not-allowed': {
    retry: false,
    host: 'fine',
    what: 'is not among the hosts that may be asked',
    help: 'Add the host to the allowed ones if it is meant.',
  },
  'dns-not-found': {
    retry: false,
    host: 'broken',
    what: 'has no address: the name does not exist',
    help: 'Check the spelling of the host, and whether its name is known only inside a private network.',
  },
  'dns-failed': { retry: true, host: 'suspect', what: 'could not be resolved: no name server answered', help: REACH },
  'connection-refused': {
    retry: true,
    host: 'suspect',
    what: 'refused the connection: nothing listens on that port',
    help: REACH,
  },
  'connection-reset': { retry: true, host: 'suspect', what: 'closed the connection before it answered', help: LATER },
  unreachable: { retry: true, host: 'suspect', what: 'cannot be reached: there is no route to it', help: REACH },
  'timeout-connect': { retry: true, host: 'suspect', what: 'did not accept a connection in time', help: REACH },
  'timeout-headers': { retry: true, host: 'suspect', what: 'accepted the request and then did not answer in time', help: LATER },
  'timeout-body': {
    retry: true,
    host: 'suspect',
    what: 'stopped sending in the middle of its answer, or sends too slowly',
    help: LATER,
  },
  'cut-off': { retry: true, host: 'suspect', what: 'sent half an answer and closed the connection', help: LATER },
  'not-http': {
    retry: false,
    host: 'suspect',
    what: 'does not speak HTTP on that port',
    help: 'Check scheme and port of the URL.',
  },
  'headers-too-large': {
    retry: false,
    host: 'suspect',
    what: 'sent more headers than are accepted',
    help: 'Report it to the owner of the server.',
  },
  'tls-expired': { retry: false, host: 'broken', what: 'shows a certificate that has expired', help: CLOCK_OR_RENEW },
  'tls-not-yet-valid': { retry: false, host: 'broken', what: 'shows a certificate that is not valid yet', help: CLOCK_OR_RENEW },
  'tls-wrong-host': {
    retry: false,
    host: 'broken',
    what: 'shows a certificate made for another host',
    help: 'Check the host name; a captive portal or an intercepting proxy also looks like this.',
  },
  'tls-self-signed': { retry: false, host: 'broken', what: 'shows a certificate that only it has signed', help: TRUST_CA },
  'tls-unknown-authority': {
    retry: false,
    host: 'broken',
    what: 'shows a certificate of an authority that is not trusted here',
    help: TRUST_CA,
  },
  'tls-untrusted': { retry: false, host: 'broken', what: 'shows a certificate that cannot be trusted', help: TRUST_CA },
  'tls-handshake': {
    retry: false,
    host: 'broken',
    what: 'could not agree on a secure connection',
    help: 'Check that the port speaks TLS 1.2 or newer.',
  },
  'proxy-invalid': { retry: false, host: 'broken', what: 'is behind a proxy whose address cannot be used', help: PROXY },
  'proxy-unreachable': { retry: true, host: 'suspect', what: 'is behind a proxy that cannot be reached', help: PROXY },
  'proxy-untrusted': {
    retry: false,
    host: 'broken',
    what: 'is behind a proxy whose certificate cannot be trusted',
    help: TRUST_CA,
  },
  'proxy-needs-credentials': {
    retry: false,
    host: 'broken',
    what: 'is behind a proxy that wants (other) credentials',
    help: 'Put user and password into the proxy URL of HTTPS_PROXY.',
  },
  'proxy-refused': {
    retry: false,
    host: 'broken',
    what: 'may not be reached through the proxy: it refuses CONNECT',
    help: 'Ask for the host to be allowed on the proxy, or add it to NO_PROXY.',
  },
  'proxy-failed': { retry: true, host: 'suspect', what: 'could not be reached by the proxy', help: LATER },
  'rate-limited': {
    retry: true,
    host: 'fine',
    what: 'asks for fewer requests',
    help: 'Wait, lower the number of requests at a time, or use a mirror.',
  },
  'server-error': { retry: true, host: 'suspect', what: 'failed to answer', help: LATER },
  'bad-gateway': {
    retry: true,
    host: 'suspect',
    what: 'is a gateway that got no usable answer from the server behind it',
    help: LATER,
  },
  overloaded: { retry: true, host: 'suspect', what: 'is not available at the moment', help: LATER },
  'gateway-timeout': {
    retry: true,
    host: 'suspect',
    what: 'is a gateway that got no answer in time from the server behind it',
    help: LATER,
  },
  'unexpected-status': {
    retry: false,
    host: 'fine',
    what: 'answered with a status that this request does not expect',
    help: 'Check that the URL is that of a registry or mirror.',
  },
  'redirect-refused': {
    retry: false,
    host: 'fine',
    what: 'redirects to where the policy does not allow',
    help: 'Use the URL that is meant, or allow its host.',
  },
  'too-many-redirects': {
    retry: false,
    host: 'fine',
    what: 'redirects too many times or in a circle',
    help: 'Use the final URL.',
  },
  'too-large': {
    retry: false,
    host: 'fine',
    what: 'sends more bytes than are accepted for this',
    help: 'Check that the URL is right; raise the limit if it is.',
  },
  'bad-encoding': { retry: true, host: 'fine', what: 'sent a body that cannot be decompressed', help: LATER },
  'not-json': {
    retry: false,
    host: 'fine',
    what: 'answered with something that is not JSON',
    help: 'A page of a captive portal, a proxy or a login often stands in the place of an answer; open the URL to see.',
  },
  'not-text': {
    retry: false,
    host: 'fine',
    what: 'answered with bytes that are not UTF-8 text',
    help: 'Check that the URL is right.',
  },
  'file-unreadable': { retry: false, host: 'fine', what: 'is a file that cannot be read', help: 'Check path and permissions.' },
  'host-given-up': {
    retry: false,
    host: 'fine',
    what: 'was given up after repeated failures',
    help: 'Mend the first failure of this host; the rest follows from it.',
  },
  'budget-spent': {
    retry: true,
    host: 'fine',
    what: 'was not answered within the time allowed in all',
    help: 'Allow more time, or use a nearer mirror.',
  },
  cancelled: { retry: false, host: 'fine', what: 'was not asked to the end: the run was stopped', help: 'Run again.' },
} as const satisfies Readonly<Record<string, FailureKind>>

export type FailureCode = keyof typeof FAILURES

export function failureKind(code: FailureCode): FailureKind {
  return FAILURES[code]
}
