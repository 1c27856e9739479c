import { basename } from 'node:path'
import { readArtifact } from '../../evidence/artifact-file.js'
import type { ArtifactDigest } from '../../model/digest.js'
import { AssayError } from '../../model/error.js'
import type { StatementSubject } from '../../trust/statement.js'
import { MAX_SUBJECTS } from '../../trust/statement.js'
import type { NamedImage } from './attach.js'
import type { AuditedInputs } from './audited-inputs.js'

/** A built file that a statement is about. */
export interface NamedArtifact {
  readonly name: string
  readonly digest: ArtifactDigest
}

/** Reads the digests of built files. Throws `input-unreadable`. */
export async function readArtifacts(files: readonly string[]): Promise<NamedArtifact[]> {
  const artifacts: NamedArtifact[] = []
  for (const file of new Set(files)) {
    const read = await readArtifact(file, 0)
    if (!read.ok) {
      const why = read.failure === 'absent' ? 'does not exist' : `cannot be read (${read.why})`
      throw new AssayError('input-unreadable', `the artifact ${file} ${why}`, 'Name one file that can be read.')
    }
    artifacts.push({ name: basename(file), digest: { of: 'artifact', algorithm: 'sha256', value: read.artifact.sha256 } })
  }
  return artifacts
}

/** An image as a statement names it: by the digest of its manifest. */
export function artifactOf({ name, digest }: NamedImage): NamedArtifact {
  return { name, digest: { of: 'artifact', algorithm: 'sha256', value: digest.hex } }
}

export function subjectsOfArtifacts(artifacts: readonly NamedArtifact[]): StatementSubject[] {
  return bounded(artifacts.map(({ name, digest }) => ({ name, digest: new Map([[digest.algorithm, digest.value]]) })))
}

/** The lockfiles, by their paths, and the commit where the tree is that of one. Throws `nothing-found`. */
export function subjectsOfTree({ lockfiles, commit }: Pick<AuditedInputs, 'lockfiles' | 'commit'>): StatementSubject[] {
  const subjects: StatementSubject[] = lockfiles.map(({ path, sha256 }) => ({
    name: path,
    digest: new Map([['sha256', sha256]]),
  }))
  if (commit !== undefined) subjects.push({ name: 'commit', digest: new Map([['gitCommit', commit]]) })
  if (subjects.length === 0)
    throw new AssayError(
      'nothing-found',
      'there is no lockfile to sign about',
      'Name what was built with --artifact FILE, or a commit as git:FOLDER#REF.',
    )
  return bounded(subjects)
}

/** One order, whatever order they were given in. */
function bounded(subjects: StatementSubject[]): StatementSubject[] {
  if (subjects.length > MAX_SUBJECTS)
    throw new AssayError(
      'usage',
      `a statement about ${subjects.length} files: nobody reads one with more than ${MAX_SUBJECTS}`,
      'Name fewer artifacts, or attest one project at a time.',
    )
  return subjects.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
}
