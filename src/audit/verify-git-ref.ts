import { timestampOf } from '../evidence/days.js'
import type { StoredObject } from '../evidence/git-ref.js'
import { readGitRef } from '../evidence/git-ref.js'
import { AssayError } from '../model/error.js'
import type { GitRefProblem, GitRefReport, GitSignatureReport } from '../model/git-ref-report.js'
import type { GitSignatureReason, GitSigners } from '../trust/git/judge.js'
import { judgeGitSignature } from '../trust/git/judge.js'
import { readSignedCommit, readSignedTag } from '../trust/git/signed-object.js'
import { openGitSigners } from './trust/git-signers.js'

/** What `assay verify --git-ref` is asked. */
export interface GitRefRequest {
  /** A folder in a repository. */
  readonly folder: string
  readonly ref: string
  readonly allowedSigners: readonly string[]
  readonly openpgpKeys: readonly string[]
  readonly timestamp: string
}

type Reason = GitSignatureReason | 'trust/git-unsigned' | 'trust/git-tag-name' | 'trust/git-tag-lightweight'

const FIXES: Readonly<Record<Reason, string>> = {
  'trust/git-signature-invalid': 'Do not use it: fetch it again from where it was published, and ask there if it is the same.',
  'trust/git-signer-unknown':
    'If this is the key of somebody who may sign, add it to the list; if not, do not use what it signed.',
  'trust/git-signer-refused': 'Ask whoever publishes it to sign again with a key that is in use; do not use this one before.',
  'trust/git-signature-unverified':
    'Give the keys of those who may sign: --allowed-signers for SSH, --openpgp-keys for OpenPGP (needs gpg); of gitsign, use `gitsign verify`.',
  'trust/git-unsigned': 'Ask whoever publishes it to sign its tags (git tag -s).',
  'trust/git-tag-name':
    'Somebody may show an older release under a newer name: fetch the tags again from where they were published.',
  'trust/git-tag-lightweight':
    'Ask whoever publishes it for signed tags (git tag -s); the signature of the commit is judged instead.',
}

const FORM = { ssh: 'ssh', openpgp: 'openpgp', x509: 'gitsign' } as const
const EXIT_CODES = { verified: 0, refused: 1, undecided: 3 } as const

/**
 * Judges the signatures of one tag or commit of a repository on this machine. Asks nobody. Throws `usage` where nobody is
 * named who may sign, `input-unreadable` for the repository and files, `configuration` for files that are no such lists.
 */
export async function verifyGitRef(request: GitRefRequest): Promise<GitRefReport> {
  const { folder, ref, allowedSigners, openpgpKeys, timestamp } = request
  if (allowedSigners.length === 0 && openpgpKeys.length === 0)
    throw new AssayError(
      'usage',
      'nothing says who may have signed it, and anybody can sign anything',
      'Name the signers with --allowed-signers (SSH) or --openpgp-keys.',
    )
  const { tagName, target, commit } = readGitRef(folder, ref)
  const { signers, close } = await openGitSigners(allowedSigners, openpgpKeys)
  try {
    const ofCommit = await judgeObject(commit, signers, undefined)
    const ofTag = target.type === 'tag' ? await judgeObject(target, signers, { name: tagName, commit: commit.id }) : undefined
    const isLight = tagName !== undefined && ofTag === undefined
    const outcome = overall(ofTag, ofCommit)
    return {
      exitCode: EXIT_CODES[outcome],
      timestamp,
      outcome,
      ref,
      commit: commit.id,
      signatures: ofTag === undefined ? [ofCommit] : [ofTag, ofCommit],
      warnings: [
        ...(isLight ? [problem('trust/git-tag-lightweight', 'it is a lightweight tag, which holds no signature')] : []),
        ...(outcome === 'verified' && ofTag?.outcome === 'unsigned'
          ? [problem('trust/git-unsigned', 'the tag is unsigned: that this commit has its name is nobody’s word')]
          : []),
      ],
    }
  } finally {
    await close()
  }
}

/** A signature of the tag decides; where it has none, that of the commit. */
function overall(tag: GitSignatureReport | undefined, commit: GitSignatureReport): GitRefReport['outcome'] {
  const deciding = tag === undefined || tag.outcome === 'unsigned' ? commit : tag
  if (deciding.outcome === 'refused' || deciding.outcome === 'unsigned') return 'refused'
  // Who wrote the commit that was released is the word of whoever signed the tag; that it was altered is not.
  const isStrangers = commit.problem?.reason === ('trust/git-signer-unknown' satisfies Reason)
  if (commit.outcome === 'refused' && !(isStrangers && deciding.outcome === 'verified')) return 'refused'
  // Nothing is against the tag's signature, and the commit's own holds.
  return deciding.outcome === 'undecided' && commit.outcome === 'verified' ? 'verified' : deciding.outcome
}

async function judgeObject(
  { type, id, bytes }: StoredObject,
  signers: GitSigners,
  asked: { readonly name: string | undefined; readonly commit: string } | undefined,
): Promise<GitSignatureReport> {
  const signed = type === 'tag' ? readSignedTag(bytes) : readSignedCommit(bytes, id.length === 64 ? 'sha256' : 'sha1')
  const statedTime = signed.writtenAt === undefined ? undefined : timestampOf(signed.writtenAt * 1000)
  const report = (said: Omit<GitSignatureReport, 'of' | 'object' | 'statedTime'>): GitSignatureReport => ({
    of: type,
    object: id,
    ...said,
    statedTime,
  })
  const verdict = await judgeGitSignature(signed, signers)
  switch (verdict.kind) {
    case 'unsigned':
      return report({ outcome: 'unsigned', problem: problem('trust/git-unsigned', `the ${type} is unsigned`) })
    case 'not-checked':
    case 'not-attributed':
    case 'refused':
      return report({
        outcome: verdict.kind === 'not-checked' ? 'undecided' : 'refused',
        form: verdict.form === undefined ? undefined : FORM[verdict.form],
        problem: problem(verdict.reason, verdict.why),
      })
    case 'verified': {
      const form = FORM[verdict.form]
      const wrong = asked === undefined ? undefined : contradiction(signed.tag, asked)
      if (wrong !== undefined) return report({ outcome: 'refused', form, problem: problem('trust/git-tag-name', wrong) })
      return report({ outcome: 'verified', form, signer: { name: verdict.signer, fingerprint: verdict.fingerprint } })
    }
  }
}

/** The signature covers what the tag says of itself, and not the ref that leads to it. */
function contradiction(
  tag: { readonly name: string; readonly object: string } | undefined,
  asked: { readonly name: string | undefined; readonly commit: string },
): string | undefined {
  if (tag === undefined) return 'the tag does not say what it is called'
  if (asked.name !== undefined && tag.name !== asked.name) return `the tag was signed under the name ${tag.name}`
  return tag.object === asked.commit ? undefined : 'the tag is of another tag, which its signature does not cover'
}

function problem(reason: Reason, why: string): GitRefProblem {
  return { reason, why, fix: FIXES[reason] }
}
