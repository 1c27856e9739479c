import type { ArtifactProblem } from '../../model/artifact-report.js'
import type { AssaySummary } from '../../trust/slsa/assay-summary.js'
import type { StatementSubject } from '../../trust/statement.js'
import type { AuditedInputs } from './audited-inputs.js'
import { vsaProblem } from './vsa-reasons.js'

/**
 * Whether a statement is about all lockfiles of a tree and about no other: each must be named by its digest, and nothing
 * that was decided about may be missing. Names say which one differs; only digests count. Where both are about a commit, it
 * must be the same: what lies beside the files that an audit reads may differ in another.
 */
export function coverageProblems(subjects: readonly StatementSubject[], { lockfiles, commit }: AuditedInputs): ArtifactProblem[] {
  const attested = new Map<string, string>()
  for (const { name = '', digest } of subjects) {
    const sha256 = digest.get('sha256')?.toLowerCase()
    if (sha256 !== undefined) attested.set(sha256, name)
  }
  const names = new Set(attested.values())
  const here = new Set(lockfiles.map(({ sha256 }) => sha256))
  const paths = new Set(lockfiles.map(({ path }) => path))
  const local = lockfiles.flatMap(({ path, sha256 }) => {
    if (attested.has(sha256)) return []
    return names.has(path)
      ? [vsaProblem('trust/vsa-lockfile-changed', `${path} is not the one that was audited: it has sha256:${sha256}`)]
      : [vsaProblem('trust/vsa-lockfile-uncovered', `${path} was not audited`)]
  })
  const gone = [...attested].flatMap(([sha256, name]) =>
    here.has(sha256) || paths.has(name)
      ? []
      : [vsaProblem('trust/vsa-lockfile-gone', `${name === '' ? `sha256:${sha256}` : name} was audited and is not here`)],
  )
  const commits = subjects.flatMap(({ digest }) => digest.get('gitCommit')?.toLowerCase() ?? [])
  const elsewhere =
    commit === undefined || commits.length === 0 || commits.includes(commit)
      ? []
      : [vsaProblem('trust/vsa-other-subject', `it is about commit ${commits[0]}, and this is ${commit}`)]
  return [...elsewhere, ...local, ...gone]
}

/** Whether everything else that an audit reads is the same: manifests and settings decide as much as lockfiles. */
export function inputProblems({ inputs }: AssaySummary, here: AuditedInputs): ArtifactProblem[] {
  if (inputs === undefined)
    return [
      vsaProblem('trust/vsa-inputs-unknown', 'it does not say what was read beside the lockfiles, so nothing can be compared'),
    ]
  if (inputs.sha256 === here.sha256) return []
  const files = inputs.files === here.files ? `${here.files} files` : `${here.files} files here, ${inputs.files} then`
  return [
    vsaProblem(
      'trust/vsa-inputs-changed',
      `a manifest, setting or other file that an audit reads changed, came or went since (${files})`,
    ),
  ]
}
