import { type FailureCode, failureKind } from '../http/failures.js'

interface GitFailureText {
  /** Completes the sentence that begins with the host. */
  readonly what: string
  /** The next step for a person. */
  readonly help: string
}

const OWNER = 'Report it to the owner of the repository; a mirror may hold a sound copy.'

/** What only git can fail of; all that HTTP can fail of too is named in `http/failures.ts`. */
const GIT_FAILURES = {
  'git-not-found': {
    what: 'was not asked: the program git is not there',
    help: 'Install git, or let git sources go unverified.',
  },
  'git-too-old': {
    what: 'cannot be asked: this git does not know what is needed for it',
    help: 'Install git 2.29 or newer.',
  },
  'connect-failed': {
    what: 'could not be connected to',
    help: 'Check the network, and whether a proxy is needed (HTTPS_PROXY).',
  },
  'not-git': {
    what: 'answered with something that is no git protocol',
    help: 'Check the URL. The page of a captive portal or a login, or a server that only hands out files, looks like this.',
  },
  'protocol-error': { what: 'broke the git protocol', help: 'Try again later, or use a mirror.' },
  'remote-error': {
    what: 'answered the request with an error of its own',
    help: 'Its words are quoted; ask the owner of the server.',
  },
  'remote-damaged': { what: 'says that its repository is damaged', help: OWNER },
  'malformed-objects': { what: 'sent objects that no sound repository holds', help: OWNER },
  'corrupt-pack': { what: 'sent a pack whose contents are damaged', help: 'Try again; if it stays so, use a mirror.' },
  'incomplete-pack': {
    what: 'did not send every object that belongs to the answer',
    help: 'Try again; if it stays so, the repository is damaged.',
  },
  'sha1-collision': { what: 'sent an object made to collide with another of the same id', help: OWNER },
  'object-format-differs': {
    what: 'holds a repository of another object format than the commit id has',
    help: 'A SHA-1 repository has ids of 40 digits, a SHA-256 repository of 64.',
  },
  'bad-commit-id': {
    what: 'was not asked: what should be fetched is no full commit id',
    help: 'Pin the full id: 40 or 64 lower-case hexadecimal digits.',
  },
  'bad-ref-name': {
    what: 'was not asked: what should be compared is no full name of a ref',
    help: 'Use refs/heads/…, refs/tags/… or HEAD.',
  },
  'not-a-commit': { what: 'has an object of that id that is no commit', help: 'Pin the commit, not the tag or tree.' },
  'unsafe-owner': {
    what: 'is a repository on this machine that belongs to another user; git refuses it',
    help: 'Let the user who runs assay own the repository.',
  },
  'ssh-host-key': {
    what: 'shows an ssh host key that is not known here',
    help: 'Add the key of the host to known_hosts after checking it.',
  },
  'timeout-total': { what: 'did not finish in time', help: 'Allow more time, or use a nearer mirror.' },
  'scratch-unwritable': {
    what: 'was not asked: the scratch folder cannot be used',
    help: 'Check its permissions and free space.',
  },
  'git-crashed': {
    what: 'made git crash, as it does when its memory is used up',
    help: 'Check what the repository is; raise the memory limit if it is meant.',
  },
  'git-failed': { what: 'could not be asked: git failed in a way that has no name here', help: 'Its words are quoted.' },
} as const satisfies Readonly<Record<string, GitFailureText>>

export type GitFailureCode = FailureCode | keyof typeof GIT_FAILURES

function isOwn(code: GitFailureCode): code is keyof typeof GIT_FAILURES {
  return Object.hasOwn(GIT_FAILURES, code)
}

export function gitFailureText(code: GitFailureCode): GitFailureText {
  return isOwn(code) ? GIT_FAILURES[code] : failureKind(code)
}
