import { canonicalRepository } from '../../model/repository.js'
import type { CertificateIdentity } from '../sigstore/certificate-identity.js'
import { workflowOf } from '../sigstore/identity-policy.js'
import type { Provenance } from './provenance.js'

/** A field in which a statement and the certificate that signed it do not agree. */
export interface Contradiction {
  readonly field: string
  readonly statement: string
  readonly certificate: string
}

/**
 * Compares what the build wrote with what the identity provider vouched for (spec/trust.md §4.4 step 6): a workflow can
 * write anything into a statement that it signs itself. Fields that one of the two does not have are not compared.
 */
export function findContradictions(provenance: Provenance, identity: CertificateIdentity): Contradiction[] {
  const { source } = provenance
  const claim = identity.claims
  const pairs: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['source repository', canonicalRepository(source?.repository), canonicalRepository(claim.get('source-repository-uri'))],
    ['ref', source?.ref, claim.get('source-repository-ref')],
    ['commit', source?.commit, claim.get('source-repository-digest')],
    ['workflow', provenance.version === 'v1' ? provenance.entryPoint : undefined, workflowOf(identity)],
    ['run', runOf(provenance.invocation), claim.get('run-invocation-uri')],
  ]
  return pairs.flatMap(([field, statement, certificate]) =>
    statement === undefined || certificate === undefined || statement === certificate ? [] : [{ field, statement, certificate }],
  )
}

/** Only a URL is the same kind of name as the certificate's. */
function runOf(invocation: string | undefined): string | undefined {
  return invocation?.startsWith('https://') === true ? invocation : undefined
}
