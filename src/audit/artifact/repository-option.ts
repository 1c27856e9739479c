import { ENDPOINTS } from '../../model/endpoints.js'
import { AssayError } from '../../model/error.js'
import { readRepositoryName } from '../../trust/lookup/github-api.js'
import type { PolicyOptions } from './policy.js'

/**
 * What `--repo OWNER/NAME` stands for, as with `gh attestation verify`: the file must have been built from that repository on
 * `host`, and on github.com by one of its workflows, unless another signer or a key is named. Throws `usage`.
 */
export function withRepository<T extends PolicyOptions>(
  options: T,
  repo: string,
  host: string,
): T & { readonly repository: string } {
  const name = readRepositoryName(repo)
  if (name === undefined)
    throw new AssayError('usage', '--repo names no repository on GitHub', 'Write it as OWNER/NAME, e.g. --repo acme/widget.')
  const repository = `https://${host}/${name.owner}/${name.name}`
  const { certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer, key } = options
  const byKeyAlone = key.length > 0 && certificateIdentity === undefined && certificateIdentityRegexp === undefined
  const issuer = host === 'github.com' && !byKeyAlone ? ENDPOINTS.github.workflowIssuer : undefined
  return {
    ...options,
    certificateOidcIssuer: certificateOidcIssuer ?? issuer,
    sourceRepository: options.sourceRepository ?? repository,
    repository,
  }
}
