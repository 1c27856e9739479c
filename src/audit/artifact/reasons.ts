import type { ArtifactProblem } from '../../model/artifact-report.js'
import type { MinisignRefusal } from '../../trust/minisign.js'
import type { TrustReason } from '../../trust/sigstore/verdict.js'
import type { BuildLevelReason } from '../../trust/slsa/build-level.js'

/** Reasons of this command beside those of a bundle's checks and of minisign. */
export type ArtifactReason =
  | TrustReason
  | BuildLevelReason
  | `trust/minisign-${MinisignRefusal}`
  | 'trust/attestation-missing'
  | 'trust/attestation-unknown'
  | 'trust/bytes-needed'
  | 'trust/bundle-legacy'
  | 'trust/bundle-unreadable'
  | 'trust/instance-unknown'
  | 'trust/log-lookup-needed'
  | 'trust/predicate-insufficient'
  | 'trust/predicate-unknown'
  | 'trust/root-old'
  | 'trust/release-trigger'
  | 'trust/source-unproven'
  | 'trust/comment-names-no-file'
  | 'sbom/other-subject'
  | 'sbom/subject-conflict'
  | 'sbom/subject-unnamed'

const ALTERED = 'Fetch the artifact and its signature again from where they were published; do not use this copy.'
const MALFORMED = 'Fetch the file again; if it is the same, ask whoever published it for one that other tools accept.'
const NEWER_ROOT =
  'Give the trusted root of the instance that signed with --trusted-root: its trusted_root.json, or what `gh attestation trusted-root` prints.'
const OTHER_SIGNER =
  'If this signer is the right one, name it as it is shown; if not, the artifact comes from somebody else: do not use it.'
const SIGN_AGAIN = 'Ask whoever published it to sign again with a current cosign, which logs and timestamps what it signs.'

const FIXES: Readonly<Record<ArtifactReason, string>> = {
  'trust/bundle-malformed': MALFORMED,
  'trust/digest-mismatch': 'The bundle belongs to another file: give the artifact it was made for, or fetch both again.',
  'trust/root-malformed': NEWER_ROOT,
  'trust/time-missing': SIGN_AGAIN,
  'trust/time-untrusted': NEWER_ROOT,
  'trust/certificate-untrusted': NEWER_ROOT,
  'trust/certificate-expired': SIGN_AGAIN,
  'trust/sct-missing': NEWER_ROOT,
  'trust/key-unknown': 'Give the public key of whoever signed with --key.',
  'trust/key-wrong': 'Check that --key is the key of this project; if it is, the artifact or the bundle was altered.',
  'trust/log-missing': SIGN_AGAIN,
  'trust/log-invalid': ALTERED,
  'trust/log-entry-unsupported': SIGN_AGAIN,
  'trust/log-window': NEWER_ROOT,
  'trust/signature-invalid': ALTERED,
  'trust/predicate-invalid': MALFORMED,
  'trust/predicate-insufficient':
    'Give a signature of the bytes, provenance or an attested SBOM by whoever made the artifact: a scan, a test result or a verdict can be of any file.',
  'trust/predicate-unknown':
    'Only who signed it and what it is about was checked: read what it states with a tool that knows its type.',
  'trust/attestation-other-subject':
    'The attestation belongs to another file: give the one of this artifact, or fetch both again.',
  'trust/subject-conflict': ALTERED,
  'trust/identity-mismatch': OTHER_SIGNER,
  'trust/issuer-mismatch': OTHER_SIGNER,
  'trust/identity-unconstrained':
    'Name the signer with --certificate-oidc-issuer and --certificate-identity, or give its key with --key.',
  'trust/minisign-malformed': MALFORMED,
  'trust/minisign-algorithm-unknown': 'Ask whoever published it to sign with a current minisign.',
  'trust/minisign-key-id-mismatch':
    'Give the key that the project publishes now with --key; if you did, somebody else signed this.',
  'trust/minisign-signature-invalid': ALTERED,
  'trust/minisign-comment-invalid': ALTERED,
  'trust/minisign-file-name-mismatch':
    'The signature is of a file of another name, perhaps of an older release: fetch the one of this artifact, or give the file its own name back.',
  'trust/minisign-bytes-needed':
    'Ask whoever published it to sign with a current minisign, which signs a digest, or use a smaller file.',
  'trust/attestation-missing': 'Put the signature beside the artifact under one of these names, or name it with --bundle.',
  'trust/attestation-unknown':
    'Run again when whoever did not answer can be reached; for GitHub, a token in GITHUB_TOKEN raises its limits. Offline, give what was downloaded with --bundle or --attestations.',
  'trust/bytes-needed': 'Have it signed with an ECDSA key, whose signature can be checked by the digest alone.',
  'trust/bundle-legacy': SIGN_AGAIN,
  'trust/bundle-unreadable': 'Check the file and its permissions.',
  'trust/instance-unknown':
    'Write the roots of GitHub with `gh attestation trusted-root > roots.jsonl`, and give them with --trusted-root roots.jsonl.',
  'trust/log-lookup-needed':
    'Use the bundle (.sigstore.json) of the same build: it holds the entry of the log, which this envelope alone does not.',
  'trust/provenance-unverified': 'Have the provenance signed by whom you accept, and about this very artifact.',
  'trust/builder-untrusted':
    'If this signer may build with this builder, add the pair to `builders` of [trust] in assay.toml; if not, ask for a build by a hosted one.',
  'trust/build-type-unexpected': 'Ask whoever published it why it is built in another way than before.',
  'trust/parameters-unexpected':
    'Ask whoever published it for a release that is built without parameters: they can change what comes out.',
  'trust/provenance-contradiction': 'Do not use the artifact: ask whoever published it how it was built.',
  'trust/release-trigger':
    'Ask whoever published it why: what strangers start may build what strangers wrote. If it is meant so, name the very identity with --certificate-identity.',
  'trust/root-old': NEWER_ROOT,
  'trust/source-unexpected': 'If it is the right source, name it as it is shown; if not, do not use the artifact.',
  'trust/source-unproven':
    'Give a bundle whose certificate or provenance names the source, or leave --source-repository, --source-ref and --repo away.',
  'trust/comment-names-no-file': 'Ask whoever signs to keep minisign’s own trusted comment, which names the file.',
  'sbom/other-subject': 'Give the SBOM of this artifact, or have it made again from it.',
  'sbom/subject-conflict': 'Have the SBOM made again from this artifact: one of its digests is wrong.',
  'sbom/subject-unnamed': 'Have the SBOM name the SHA-256 of what it describes: then it can be compared.',
}

/** A problem with what to do about it. */
export function problem(reason: ArtifactReason, why: string): ArtifactProblem {
  return { reason, why, fix: FIXES[reason] }
}
