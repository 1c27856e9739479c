import { formatLocation } from '../../../src/model/location.js'
import type { ReviewSettings } from '../../../src/model/review.js'
import type { ConfigProblem } from '../../../src/policy/config-problem.js'
import { readReviewFiles } from '../../../src/policy/reviews/review-files.js'
import { cargoRange } from '../support/load.js'

const AT = { file: 'assay.toml', line: 1, column: 1 }

export interface ReadReviews {
  readonly settings: ReviewSettings | undefined
  /** A sentence each, with its place. */
  readonly problems: readonly string[]
}

/** Reads files of reviews, by their paths. */
export function readReviews(files: Readonly<Record<string, string>>): ReadReviews {
  const texts = new Map(Object.entries(files))
  const problems: ConfigProblem[] = []
  const settings = readReviewFiles(
    [...texts.keys()].map((path) => ({ path, location: AT })),
    undefined,
    { readFile: (path) => ({ ok: true, text: texts.get(path) ?? '' }), parseVersionReq: cargoRange },
    problems,
  )
  return { settings, problems: problems.map(({ location, message }) => `${formatLocation(location)}: ${message}`) }
}

/** The same, of files that are right. */
export function reviewsOf(files: Readonly<Record<string, string>>): ReviewSettings {
  const { settings, problems } = readReviews(files)
  if (settings === undefined || problems.length > 0) throw new Error(`these reviews are wrong: ${problems.join('; ')}`)
  return settings
}
