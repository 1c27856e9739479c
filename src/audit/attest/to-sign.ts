import { resolve } from 'node:path'
import type { SignedFile } from '../../model/attest-report.js'
import type { Digest } from '../../model/digest.js'
import { AssayError } from '../../model/error.js'
import type { SigningContent } from '../../trust/signing/sign.js'
import { VERIFICATION_SUMMARY_TYPE } from '../../trust/slsa/verification-summary.js'
import type { StatementSubject } from '../../trust/statement.js'
import { statementBytes } from '../../trust/statement-text.js'
import { readNamed } from '../named-file.js'
import type { AttestedSbom } from './attested-sbom.js'

/** Something to sign, and where its bundle goes. */
export interface ToSign extends Omit<SignedFile, 'sha256'> {
  readonly content: SigningContent
  /** Digests of what it is about. */
  readonly about: readonly Digest[]
}

/** What is held in memory to be signed. */
const MAX_SIGNED_BYTES = 128 * 1024 * 1024

/** The decision, then each SBOM: statements about the same subjects, whose digests are `about`. */
export function statementsToSign(
  decision: { readonly predicate: string; readonly bundle: string },
  sboms: readonly AttestedSbom[],
  subjects: readonly StatementSubject[],
  about: readonly Digest[],
): ToSign[] {
  const stated = (predicateType: string, predicate: string): Pick<ToSign, 'content' | 'about' | 'predicateType'> => ({
    content: { kind: 'statement', bytes: statementBytes({ subjects, predicateType, predicate }) },
    about,
    predicateType,
  })
  return [
    { kind: 'decision', bundle: decision.bundle, ...stated(VERIFICATION_SUMMARY_TYPE, decision.predicate) },
    ...sboms.map(
      ({ file, predicateType, bytes }): ToSign => ({
        kind: 'sbom',
        bundle: bundleBeside(file),
        ...stated(predicateType, Buffer.from(bytes).toString('utf8').trim()),
      }),
    ),
  ]
}

/** Reads files whose bytes are signed as they are. Throws `input-unreadable`. */
export async function filesToSign(named: readonly string[]): Promise<ToSign[]> {
  const files: ToSign[] = []
  for (const file of new Set(named)) {
    const bytes = await readNamed(file, MAX_SIGNED_BYTES, 'file')
    files.push({ kind: 'file', bundle: bundleBeside(file), content: { kind: 'message', bytes }, about: [] })
  }
  return files
}

/**
 * Throws `usage` where something that is written would take the place of something else, or of what is signed or `used`: files
 * that are named for anything else, such as a key.
 */
export function checkOutputs(
  written: readonly string[],
  {
    sboms,
    files,
    used,
  }: { readonly sboms: readonly string[]; readonly files: readonly string[]; readonly used: readonly string[] },
): void {
  const outputs = [...written, ...[...new Set(sboms)].map(bundleBeside), ...[...new Set(files)].map(bundleBeside)]
  const taken = new Set([...sboms, ...files, ...used].map((path) => resolve(path)))
  for (const output of outputs) {
    if (taken.has(resolve(output)))
      throw new AssayError('usage', `${output} would be written over`, 'Choose another place with -o, or name each file once.')
    taken.add(resolve(output))
  }
}

function bundleBeside(file: string): string {
  return `${file}.sigstore.json`
}
