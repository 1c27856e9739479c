import { timestampOf } from '../../evidence/days.js'
import type { Gpg } from '../../evidence/gpg.js'
import type { AllowedSigner } from './allowed-signers.js'
import { judgeAllowed } from './allowed-signers.js'
import { verifyOpenpgpSignature } from './openpgp-signature.js'
import type { GitSignatureForm, SignedObject } from './signed-object.js'
import { verifySshSignature } from './ssh-signature.js'

/** Who may have signed, and with what that is checked. */
export interface GitSigners {
  /** Undefined: no list was given, so that nobody's SSH signature can be told from a stranger's. */
  readonly ssh?: readonly AllowedSigner[] | undefined
  /** Undefined: no keys were given; a text: why those that were given cannot be used here. */
  readonly openpgp?: Gpg | string | undefined
}

export type GitSignatureReason =
  /** It does not verify. */
  | 'trust/git-signature-invalid'
  /** It verifies or not: it is by nobody who was named. */
  | 'trust/git-signer-unknown'
  /** It is by somebody who was named, and whose key must not be used so, or not at that time. */
  | 'trust/git-signer-refused'
  /** Signed, and not checked (spec/trust.md §3.4). */
  | 'trust/git-signature-unverified'

/** What is known about the signature of a tag or commit. */
export type GitVerdict =
  | {
      readonly kind: 'verified'
      readonly form: GitSignatureForm
      /** As whoever gave the keys calls the signer. */
      readonly signer: string
      readonly fingerprint: string
      readonly note?: string | undefined
    }
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'refused' | 'not-attributed' | 'not-checked'
      readonly form?: GitSignatureForm | undefined
      readonly reason: GitSignatureReason
      readonly why: string
    }

/** What git signs in (git-config(1), `gpg.ssh`). */
const NAMESPACE = 'git'

/** Judges the signature of a tag or commit by those who may have signed. Never throws for what it holds. */
export async function judgeGitSignature({ signature, writtenAt }: SignedObject, signers: GitSigners): Promise<GitVerdict> {
  if (signature === 'unsigned') return { kind: 'unsigned' }
  if (signature === 'malformed') return refused(undefined, 'it holds what begins like a signature and is none that git makes')
  const { form, armored, payload } = signature
  switch (form) {
    case 'ssh':
      return judgeSsh(armored, payload, writtenAt, signers.ssh)
    case 'openpgp':
      return judgeOpenpgp(armored, payload, signers.openpgp)
    case 'x509':
      return notChecked(
        form,
        'it is CMS, as gitsign makes it: its certificate lived for minutes, and proving when it was used needs the log, which is not asked',
      )
  }
}

function judgeSsh(
  armored: string,
  payload: Uint8Array,
  writtenAt: number | undefined,
  allowed: readonly AllowedSigner[] | undefined,
): GitVerdict {
  const verdict = verifySshSignature(armored, payload, NAMESPACE)
  switch (verdict.kind) {
    case 'not-supported':
      return notChecked('ssh', verdict.why)
    case 'refused':
      return refused('ssh', verdict.why)
    case 'holds':
  }
  const { fingerprint } = verdict.key
  if (allowed === undefined) return notChecked('ssh', `it is by the key ${fingerprint}, and no list says who may sign`)
  const who = judgeAllowed(allowed, verdict.keyBlob, NAMESPACE, writtenAt)
  if (who.kind === 'allowed') return { kind: 'verified', form: 'ssh', signer: who.principals, fingerprint }
  if (who.reason === 'unknown')
    return {
      kind: 'not-attributed',
      form: 'ssh',
      reason: 'trust/git-signer-unknown',
      why: `it is by the key ${fingerprint}, which is not among the allowed signers`,
    }
  return { kind: 'refused', form: 'ssh', reason: 'trust/git-signer-refused', why: who.why }
}

async function judgeOpenpgp(armored: string, payload: Uint8Array, gpg: GitSigners['openpgp']): Promise<GitVerdict> {
  if (gpg === undefined) return notChecked('openpgp', 'no OpenPGP keys were given')
  if (typeof gpg === 'string') return notChecked('openpgp', gpg)
  const verdict = await verifyOpenpgpSignature(armored, payload, gpg)
  switch (verdict.kind) {
    case 'holds': {
      const { userId: signer, fingerprint, expiredAt } = verdict
      const day = expiredAt === undefined ? undefined : timestampOf(expiredAt * 1000)?.slice(0, 10)
      return {
        kind: 'verified',
        form: 'openpgp',
        signer,
        fingerprint,
        ...(day === undefined ? {} : { note: `its key has expired since, on ${day}` }),
      }
    }
    case 'unknown-key':
      return { kind: 'not-attributed', form: 'openpgp', reason: 'trust/git-signer-unknown', why: verdict.why }
    case 'not-checked':
      return notChecked('openpgp', verdict.why)
    case 'refused':
      return verdict.reason === 'expired' || verdict.reason === 'revoked'
        ? { kind: 'refused', form: 'openpgp', reason: 'trust/git-signer-refused', why: verdict.why }
        : refused('openpgp', verdict.why)
  }
}

function refused(form: GitSignatureForm | undefined, why: string): GitVerdict {
  return { kind: 'refused', form, reason: 'trust/git-signature-invalid', why }
}

function notChecked(form: GitSignatureForm, why: string): GitVerdict {
  return { kind: 'not-checked', form, reason: 'trust/git-signature-unverified', why }
}
