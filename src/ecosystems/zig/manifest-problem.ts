import type { Location } from '../../model/location.js'
import type { ZonProblemCode } from './zon-value.js'

/** `error`: zig or we refuse the manifest for it. The others order what a reviewer looks at. */
export type ProblemSeverity = 'error' | 'high' | 'medium' | 'low' | 'info'

export type ProblemCode =
  | ZonProblemCode
  | `zig.manifest.${
      | 'expected-object'
      | 'expected-string'
      | 'expected-boolean'
      | 'expected-list'
      | 'too-long'
      | 'too-many-dependencies'
      | 'missing-name'
      | 'bad-name'
      | 'string-name'
      | 'missing-version'
      | 'bad-version'
      | 'bad-fingerprint'
      | 'fingerprint-mismatch'
      | 'fingerprint-reserved'
      | 'missing-fingerprint'
      | 'missing-paths'
      | 'unknown-field'
      | 'url-and-path'
      | 'no-location'}`
  | `zig.paths.${'empty' | 'escape'}`
  | 'zig.hash.malformed'
  | `zig.dep.${
      | 'missing-hash'
      | 'legacy-hash'
      | 'name-differs-from-hash'
      | 'git-no-ref'
      | 'git-mutable-ref'
      | 'mutable-archive-url'
      | 'tag-archive-url'
      | 'cleartext-url'
      | 'url-credentials'
      | 'file-url'
      | 'unsupported-scheme'
      | 'path-escape'
      | 'path-absolute'
      | 'path-backslash'
      | 'path-with-hash'}`

interface ProblemKind {
  readonly severity: ProblemSeverity
  /** The release that began to refuse it. */
  readonly refusedFrom?: string
  /** `file`: the file is not fully understood. `note`: worth telling. `rule`: a fact carries it to a rule. */
  readonly reportedBy: 'file' | 'note' | 'rule'
}

const REFUSED: ProblemKind = { severity: 'error', reportedBy: 'file' }

/** Every problem a manifest can have (spec/zig.md §11 and §13). */
export const PROBLEM_KINDS: Readonly<Record<ProblemCode, ProblemKind>> = {
  'zon.syntax': REFUSED,
  'zon.too-deep': REFUSED,
  'zon.duplicate-field': { severity: 'error', reportedBy: 'rule' },
  'zon.bare-cr': { severity: 'low', reportedBy: 'note' },
  'zon.tab-in-comment': { severity: 'info', reportedBy: 'note' },
  'zon.retired-keyword': { severity: 'info', reportedBy: 'note' },
  'zig.manifest.expected-object': REFUSED,
  'zig.manifest.expected-string': REFUSED,
  'zig.manifest.expected-boolean': REFUSED,
  'zig.manifest.expected-list': REFUSED,
  'zig.manifest.too-long': REFUSED,
  'zig.manifest.too-many-dependencies': REFUSED,
  'zig.manifest.missing-name': REFUSED,
  'zig.manifest.bad-name': REFUSED,
  'zig.manifest.string-name': { severity: 'info', reportedBy: 'note', refusedFrom: '0.14' },
  'zig.manifest.missing-version': REFUSED,
  'zig.manifest.bad-version': REFUSED,
  'zig.manifest.bad-fingerprint': { severity: 'error', reportedBy: 'rule' },
  'zig.manifest.fingerprint-mismatch': { severity: 'error', reportedBy: 'rule' },
  'zig.manifest.fingerprint-reserved': { severity: 'error', reportedBy: 'rule' },
  'zig.manifest.missing-fingerprint': { severity: 'info', reportedBy: 'rule', refusedFrom: '0.14' },
  'zig.manifest.missing-paths': { severity: 'info', reportedBy: 'note', refusedFrom: '0.12' },
  'zig.manifest.unknown-field': { severity: 'info', reportedBy: 'note' },
  'zig.manifest.url-and-path': REFUSED,
  'zig.manifest.no-location': REFUSED,
  'zig.paths.empty': { severity: 'high', reportedBy: 'rule' },
  'zig.paths.escape': { severity: 'medium', reportedBy: 'rule' },
  'zig.hash.malformed': { severity: 'error', reportedBy: 'rule' },
  'zig.dep.missing-hash': { severity: 'high', reportedBy: 'rule' },
  'zig.dep.legacy-hash': { severity: 'low', reportedBy: 'rule', refusedFrom: '0.16' },
  'zig.dep.name-differs-from-hash': { severity: 'low', reportedBy: 'rule' },
  'zig.dep.git-no-ref': { severity: 'high', reportedBy: 'rule' },
  'zig.dep.git-mutable-ref': { severity: 'medium', reportedBy: 'rule' },
  'zig.dep.mutable-archive-url': { severity: 'medium', reportedBy: 'rule' },
  'zig.dep.tag-archive-url': { severity: 'info', reportedBy: 'rule' },
  'zig.dep.cleartext-url': { severity: 'low', reportedBy: 'rule' },
  'zig.dep.url-credentials': { severity: 'high', reportedBy: 'rule' },
  'zig.dep.file-url': { severity: 'medium', reportedBy: 'rule' },
  'zig.dep.unsupported-scheme': { severity: 'high', reportedBy: 'rule' },
  'zig.dep.path-escape': { severity: 'medium', reportedBy: 'rule' },
  'zig.dep.path-absolute': { severity: 'high', reportedBy: 'rule' },
  'zig.dep.path-backslash': { severity: 'low', reportedBy: 'note' },
  'zig.dep.path-with-hash': { severity: 'medium', reportedBy: 'rule' },
}

export interface ManifestProblem {
  readonly code: ProblemCode
  /** The field, `(root)` for the whole: `dependencies.x.hash`, `paths[1]`. */
  readonly where: string
  readonly message: string
  readonly location: Location
  /** Key of the dependency it is about. */
  readonly dependency?: string | undefined
}
