import type { Rule } from '../../model/rule.js'
import { FRESHNESS_RULES } from './freshness.js'
import { GRAPH_RULES } from './graph.js'
import { INPUT_RULES } from './input.js'
import { INTEGRITY_RULES } from './integrity.js'
import { INTEGRITY_EVIDENCE_RULES } from './integrity-evidence.js'
import { OCI_RULES } from './oci.js'
import { POLICY_RULES } from './policy.js'
import { SBOM_SIGNATURE_RULES } from './sbom-signature.js'
import { SOURCE_RULES } from './source.js'
import { SOURCE_EVIDENCE_RULES } from './source-evidence.js'
import { TRUST_RULES } from './trust.js'
import { TRUST_ATTESTATION_RULES } from './trust-attestation.js'
import { TRUST_GIT_RULES } from './trust-git.js'
import { TRUST_PUBLISHING_RULES } from './trust-publishing.js'
import { TRUST_REVIEW_RULES } from './trust-review.js'
import { TRUST_ROOT_RULES } from './trust-root.js'
import { VERIFY_RULES } from './verify.js'

/** Every rule that no ecosystem owns. A new rule is one object in one of these lists. */
export const GENERIC_RULES: readonly Rule[] = [
  ...INPUT_RULES,
  ...INTEGRITY_RULES,
  ...INTEGRITY_EVIDENCE_RULES,
  ...SOURCE_RULES,
  ...SOURCE_EVIDENCE_RULES,
  ...TRUST_RULES,
  ...TRUST_ATTESTATION_RULES,
  ...TRUST_GIT_RULES,
  ...TRUST_PUBLISHING_RULES,
  ...TRUST_ROOT_RULES,
  ...TRUST_REVIEW_RULES,
  ...OCI_RULES,
  ...SBOM_SIGNATURE_RULES,
  ...GRAPH_RULES,
  ...FRESHNESS_RULES,
  ...POLICY_RULES,
  ...VERIFY_RULES,
]
