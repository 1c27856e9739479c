import { devNull } from 'node:os'
import { VERSION } from '../../version.js'
import { gitEnvironment } from '../git-command.js'
import type { ProxyChoice } from '../http/proxy.js'
import type { Secret } from '../http/secret.js'
import type { GitAddress } from './address.js'

/**
 * What old tools wrote into commits of well-known repositories. None of it changes what a commit contains, and an error
 * would keep the whole repository from being checked.
 */
export const HARMLESS_IN_OLD_OBJECTS: readonly string[] = [
  'badTimezone',
  'missingNameBeforeEmail',
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'zeroPaddedDate',
  'zeroPaddedFilemode',
]

/** A value of a git configuration file, in quotes. */
function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`
}

/**
 * The whole configuration of every git command that talks to a remote, as the global file. It reaches the helpers too, which
 * `-c` does not where git clears its surroundings between two repositories.
 */
export function ownConfiguration(stalledMs: number, authoritiesFile: string | undefined): string {
  const sections: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      'core',
      [
        ['hooksPath', devNull],
        ['fsmonitor', 'false'],
        ['askPass', ''],
        ['logAllRefUpdates', 'false'],
        ['protectHFS', 'true'],
        ['protectNTFS', 'true'],
        // Larger files pass through in pieces and are no base of a delta.
        ['bigFileThreshold', '16m'],
        ['deltaBaseCacheLimit', '64m'],
        ['packedGitLimit', '256m'],
        ['packedGitWindowSize', '32m'],
      ],
    ],
    ['credential', [['helper', '']]],
    [
      'http',
      [
        // Redirects are decided by the policy, one at a time: git would follow them to any host.
        ['followRedirects', 'false'],
        ['sslVerify', 'true'],
        // No `cookieFile`: an empty one would make git accept cookies, and send them back.
        ['saveCookies', 'false'],
        ['emptyAuth', 'false'],
        ['delegation', 'none'],
        ['proxyAuthMethod', 'basic'],
        ['maxRequests', '2'],
        // A server that packs a large answer says one byte a second to keep the connection.
        ['lowSpeedLimit', '1'],
        ['lowSpeedTime', String(Math.max(1, Math.ceil(stalledMs / 1000)))],
        // Servers know git by how the text begins.
        ['userAgent', `git/assay-${VERSION} (software supply chain audit)`],
        ...(authoritiesFile === undefined ? [] : [['sslCAInfo', authoritiesFile] as const]),
      ],
    ],
    ['protocol', [['version', '2']]],
    [
      'transfer',
      [
        ['fsckObjects', 'true'],
        // Every fetch makes one pack: few files, whose growth can be watched.
        ['unpackLimit', '1'],
        ['bundleURI', 'false'],
        ['advertiseSID', 'false'],
      ],
    ],
    [
      'fetch',
      [
        ['recurseSubmodules', 'false'],
        ['writeCommitGraph', 'false'],
        ['showForcedUpdates', 'false'],
        ['uriProtocols', ''],
      ],
    ],
    ['fetch "fsck"', HARMLESS_IN_OLD_OBJECTS.map((id) => [id, 'warn'] as const)],
    ['submodule', [['recurse', 'false']]],
    ['gc', [['auto', '0']]],
    ['maintenance', [['auto', 'false']]],
    ['pack', [['threads', '2']]],
  ]
  return sections
    .map(([name, pairs]) => `[${name}]\n${pairs.map(([key, value]) => `\t${key} = ${quoted(value)}\n`).join('')}`)
    .join('')
}

/** Of the scratch repositories: nothing of what a fetch wrote into it, such as where missing objects can be had. */
export function repositoryConfiguration(objectFormat: 'sha1' | 'sha256'): string {
  return objectFormat === 'sha1'
    ? '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'
    : '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n'
}

/** Folders and files that every command gets. */
export interface Surroundings {
  /** Holds nothing: libcurl and ssh would read `.netrc` and more in the user's. */
  readonly home: string
  readonly configuration: string
  /** The scratch folder: no repository above it is looked for. */
  readonly ceiling: string
  /** One object of more bytes than that ends git, whatever small delta announces it. */
  readonly allocationBytes: number
}

/** The whole environment of a git command that may not talk to anybody. */
export function localEnvironment(surroundings: Surroundings): NodeJS.ProcessEnv {
  return {
    ...gitEnvironment(),
    HOME: surroundings.home,
    USERPROFILE: surroundings.home,
    XDG_CONFIG_HOME: surroundings.home,
    GIT_CONFIG_GLOBAL: surroundings.configuration,
    GIT_CEILING_DIRECTORIES: surroundings.ceiling,
    GIT_ALLOC_LIMIT: String(surroundings.allocationBytes),
    GIT_PROTOCOL_FROM_USER: '0',
  }
}

/** How ssh is called where the policy allows it: no prompt, no configuration of the user's, no command on this side. */
const SSH = [
  'ssh',
  `-F ${devNull}`,
  ...['BatchMode=yes', 'StrictHostKeyChecking=yes', 'PermitLocalCommand=no', 'ProxyCommand=none', 'ForwardAgent=no'].map(
    (option) => `-o ${option}`,
  ),
  ...[
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    'ControlMaster=no',
    'ControlPath=none',
    'UpdateHostKeys=no',
    'ConnectTimeout=30',
  ].map((option) => `-o ${option}`),
].join(' ')

export interface Traces {
  /** Headers of the exchange, for where a redirect leads. */
  readonly http: string
  /** Events, for which protocol was spoken. */
  readonly events: string
}

/** The environment of a command that talks to this address, and to nobody else. */
export function remoteEnvironment(
  surroundings: Surroundings,
  address: GitAddress,
  proxy: ProxyChoice,
  authorization: Secret | undefined,
  traces: Traces,
  allocationBytes: number,
): NodeJS.ProcessEnv {
  // Not as arguments: every user of a machine can read those.
  const secret: (readonly [string, string])[] = []
  if (address.scheme === 'https' || address.scheme === 'http') {
    secret.push(['http.proxy', proxy.kind === 'proxy' ? proxyUrl(proxy.proxy.url, proxy.proxy.authorization) : ''])
    if (authorization !== undefined) secret.push(['http.extraHeader', `Authorization: ${authorization.reveal()}`])
  }
  const agent = process.env['SSH_AUTH_SOCK']
  return {
    ...localEnvironment(surroundings),
    GIT_ALLOC_LIMIT: String(allocationBytes),
    GIT_ALLOW_PROTOCOL: address.scheme,
    GIT_CONFIG_COUNT: String(secret.length),
    ...Object.fromEntries(
      secret.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
    GIT_TRACE_CURL: traces.http,
    GIT_TRACE_CURL_NO_DATA: '1',
    GIT_TRACE_REDACT: '1',
    GIT_TRACE2_EVENT: traces.events,
    ...(address.scheme === 'ssh' ? { GIT_SSH_COMMAND: SSH, GIT_SSH_VARIANT: 'ssh' } : {}),
    ...(address.scheme === 'ssh' && agent !== undefined ? { SSH_AUTH_SOCK: agent } : {}),
  }
}

/** git takes the credentials of a proxy from its URL alone. */
function proxyUrl(url: URL, authorization: Secret | undefined): string {
  if (authorization === undefined) return url.href
  const basic = Buffer.from(authorization.reveal().replace(/^Basic /, ''), 'base64').toString('utf8')
  const colon = basic.indexOf(':')
  const [user, password] = colon < 0 ? [basic, ''] : [basic.slice(0, colon), basic.slice(colon + 1)]
  return `${url.protocol}//${encodeURIComponent(user)}:${encodeURIComponent(password)}@${url.host}/`
}
