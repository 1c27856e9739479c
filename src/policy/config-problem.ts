import { AssayError } from '../model/error.js'
import type { Location } from '../model/location.js'
import { formatLocation } from '../model/location.js'

/** One thing that is wrong in a configuration, and where. */
export interface ConfigProblem {
  readonly location: Location
  readonly message: string
}

/** All problems as one error: a person mends them in one go. */
export function configurationError(file: string, problems: readonly ConfigProblem[]): AssayError {
  const lines = problems.map(({ location, message }) => `  ${formatLocation(location)}: ${message}`)
  return new AssayError(
    'configuration',
    `${problems.length === 1 ? 'one problem' : `${problems.length} problems`} in ${file}\n${lines.join('\n')}`,
    'Nothing was judged. Mend the configuration, or start with assay init.',
  )
}
