import { encodeBase64 } from '../base64.js'
import type { LookupFailure, RefusalReason } from './outcome.js'

/** What happened and what a person does next; both without line breaks. */
export interface FailureText {
  readonly message: string
  readonly help: string
}

const UNTRUSTED_PATH = 'Ask the database directly instead of through a proxy; if that differs, the proxy alters answers.'
const SERVER_OR_PROXY =
  'The server or a proxy on the way altered the answer. Do not use the version; try another network path and report it.'

const HELP: Readonly<Record<RefusalReason, string>> = {
  'module-malformed': 'Correct the module path or version in go.mod or go.sum.',
  'answer-malformed': UNTRUSTED_PATH,
  'note-malformed': UNTRUSTED_PATH,
  'note-unverified': 'The answer comes from another database than the one GOSUMDB names: compare name and key.',
  'note-bad-signature': SERVER_OR_PROXY,
  'tree-malformed': 'The database signed something that is no tree head: report it to its operator.',
  'stored-head-invalid':
    'Keep a copy of the stored tree head, then remove it: the memory of what the log showed before is lost with it.',
  'inconsistent-tile': SERVER_OR_PROXY,
  'bad-inclusion': SERVER_OR_PROXY,
  'record-malformed': 'The log holds a record that is no list of go.sum lines: report it to the operator of the database.',
  'no-line-for-module': SERVER_OR_PROXY,
}

/** The words for a look-up in the database called `name` that proved nothing. */
export function describeLookupFailure(name: string, failure: LookupFailure): FailureText {
  switch (failure.kind) {
    case 'absent':
      return {
        message: `${name} does not know this version: ${failure.why}`,
        help: 'If the module is private, name it in GOPRIVATE; if not, the version was never public or its origin is gone.',
      }
    case 'unavailable':
      return {
        message: `${name} gave no answer for ${failure.path}: ${failure.why}`,
        help: 'Nothing is proved either way. Try again, or check GOSUMDB, GOPROXY and the network.',
      }
    case 'refused':
      return { message: `${name} could not be believed: ${failure.why}`, help: HELP[failure.reason] }
    case 'fork': {
      const { stored, presented, computedRoot } = failure.proof
      return {
        message:
          `${name} shows two histories: the stored head of ${stored.size} records has root ${encodeBase64(stored.root)}, ` +
          `the presented head of ${presented.size} records has root ${encodeBase64(presented.root)}, and the smaller of them ` +
          `does not begin the larger (computed root ${encodeBase64(computedRoot)})`,
        help: 'Stop using this database. Keep the proof: both signed heads show the misbehaviour to anyone. Compare with another machine before going on.',
      }
    }
  }
}
