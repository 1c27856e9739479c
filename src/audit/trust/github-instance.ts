import type { GithubInstance } from '../../evidence/http/github-environment.js'
import { githubInstance } from '../../evidence/http/github-environment.js'
import { AssayError } from '../../model/error.js'

/** The GitHub of the environment. Throws `configuration` where `GITHUB_API_URL` is no https URL. */
export function githubOf(environment: Readonly<Record<string, string | undefined>>): GithubInstance {
  const instance = githubInstance(environment)
  if (instance !== undefined) return instance
  throw new AssayError(
    'configuration',
    'GITHUB_API_URL is no https URL',
    'Unset it, or name the API of your GitHub, e.g. https://git.example/api/v3.',
  )
}
