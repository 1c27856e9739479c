/** What a predicate is about. `unknown` keeps the verified statement and gives no credit for it. */
export type PredicateKind =
  | 'provenance'
  | 'verification-summary'
  | 'cyclonedx'
  | 'spdx'
  | 'vex'
  | 'vulnerabilities'
  | 'scorecard'
  | 'test-result'
  | 'release'
  | 'link'
  | 'properties'
  | 'cosign-signature'
  | 'cosign-custom'
  | 'unknown'

const EXACT: ReadonlyMap<string, PredicateKind> = new Map([
  ['https://slsa.dev/provenance/v0.2', 'provenance'],
  ['https://slsa.dev/provenance/v1', 'provenance'],
  ['https://slsa.dev/verification_summary/v1', 'verification-summary'],
  ['https://cyclonedx.org/schema', 'cyclonedx'],
  ['https://cosign.sigstore.dev/attestation/vuln/v1', 'vulnerabilities'],
  ['https://in-toto.io/attestation/vulns/v0.1', 'vulnerabilities'],
  ['https://in-toto.io/attestation/vulns/v0.2', 'vulnerabilities'],
  ['https://scorecard.dev/result/v0.1', 'scorecard'],
  ['https://in-toto.io/attestation/test-result/v0.1', 'test-result'],
  // Which release an asset belongs to, and nothing about how it was built: never provenance.
  ['https://in-toto.io/attestation/release/v0.1', 'release'],
  ['https://in-toto.io/attestation/release/v0.2', 'release'],
  ['https://in-toto.io/attestation/link/v0.3', 'link'],
  ['https://in-toto.io/Link/v1', 'link'],
  ['https://in-toto.io/attestation/svr/v0.2', 'properties'],
  ['https://sigstore.dev/cosign/sign/v1', 'cosign-signature'],
  ['https://cosign.sigstore.dev/attestation/v1', 'cosign-custom'],
])

/** Types that some writers end with a version and some do not. */
const FAMILIES: readonly (readonly [string, PredicateKind])[] = [
  ['https://cyclonedx.org/bom', 'cyclonedx'],
  ['https://spdx.dev/Document', 'spdx'],
  ['https://openvex.dev/ns', 'vex'],
]

/** The kind of a statement's predicate, by its type alone (spec/trust.md §4.6). */
export function predicateKind(predicateType: string): PredicateKind {
  const exact = EXACT.get(predicateType)
  if (exact !== undefined) return exact
  const family = FAMILIES.find(([type]) => predicateType === type || predicateType.startsWith(`${type}/v`))
  return family?.[1] ?? 'unknown'
}
