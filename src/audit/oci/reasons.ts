import type { ArtifactProblem } from '../../model/artifact-report.js'
import type { OciNote, OciNoteReason } from '../../trust/oci/contents.js'

/** Reasons of `assay verify oci:…` beside those of single signatures (spec/trust.md §8). */
export type OciReason =
  | OciNoteReason
  | 'trust/oci-unavailable'
  | 'trust/oci-unsigned'
  | 'trust/oci-unsigned-provenance'
  | 'trust/oci-no-provenance'
  | 'trust/oci-index-unsigned'
  | 'trust/oci-partly-covered'
  | 'trust/oci-notation-unverified'
  | 'trust/attestation-missing'
  | 'trust/identity-claimed'
  | 'trust/builder-untrusted'
  | 'trust/predicate-unexpected'

const BY_DIGEST = 'Name it by its digest, as it is shown: @sha256:….'
const DISCARD =
  'Discard it, and fetch it again; if it stays so, the registry or somebody on the way changed it: ask whoever runs it.'
const PUSHED_WRONG = 'Ask whoever pushed it to push it again with a current tool.'
const ATTACH = 'Attach it in the release job, e.g. with actions/attest-build-provenance or `cosign attest`.'

const FIXES: Readonly<Record<OciReason, string>> = {
  'trust/oci-digest-mismatch': DISCARD,
  'trust/oci-size-mismatch': DISCARD,
  'trust/oci-mediatype-mismatch': PUSHED_WRONG,
  'trust/oci-malformed': PUSHED_WRONG,
  'trust/oci-too-large': 'Have it attached in parts below 16 MiB, or fetch and verify it as a file with --artifact.',
  'trust/oci-too-many': 'Have what is not needed removed from the registry, or verify the parts one by one by their digests.',
  'trust/oci-missing': 'Have the artifact pushed again whole, with everything that it names.',
  'trust/oci-mutable-reference': BY_DIGEST,
  'trust/oci-referrer-foreign': 'Nothing of it counts; find out who wrote it into the list of referrers.',
  'trust/oci-subject-dangling': 'Push what it is about to the same repository, or push it without a subject.',
  'trust/oci-unavailable': 'Ask again later, check the credentials of the registry, or give an evidence pack with --evidence.',
  'trust/oci-unsigned': 'Sign it in the release job, e.g. with `cosign sign`.',
  'trust/oci-unsigned-provenance': 'Have the provenance signed: what nobody signed, whoever can push can write.',
  'trust/oci-no-provenance': ATTACH,
  'trust/oci-index-unsigned': 'Sign and attest the index itself, e.g. with `cosign sign` by its digest.',
  'trust/oci-partly-covered': 'Sign and attest the index itself: then every part of it is covered.',
  'trust/oci-notation-unverified': 'Verify it with notation, or have it signed with cosign too.',
  'trust/attestation-missing':
    'Sign and attest it in the release job, e.g. with `cosign sign` and actions/attest-build-provenance.',
  'trust/attestation-unknown': 'Ask again later, or check the credentials of the registry: what was not seen may be there.',
  'trust/builder-untrusted': 'If it is the right builder, add it to `builders` of the identity in assay.toml.',
  'trust/predicate-unexpected': 'If this signer may say so, add the type to `predicate-types` of the identity in assay.toml.',
  'trust/identity-claimed':
    'Have this attachment removed, and find out who attached it: it names the expected signer, and is not by it.',
}

/** A problem with what to do about it. */
export function ociProblem(reason: OciReason, why: string): ArtifactProblem {
  return { reason, why, fix: FIXES[reason] }
}

export function problemOfNote({ reason, why }: OciNote): ArtifactProblem {
  return ociProblem(reason, why)
}
