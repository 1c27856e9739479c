import type { Component } from '../../model/component.js'
import { formatLocation } from '../../model/location.js'
import type { ReviewSettings } from '../../model/review.js'
import { ReviewBook } from './review-standing.js'

/** Of one component; more are counted. */
const MAX_LINES = 20

/** What reviews say of a component, a line each: the criteria it meets first. */
export function reviewLines(reviews: ReviewSettings, component: Component): readonly string[] {
  const criteria = [...reviews.criteria.keys()]
  const standing = new ReviewBook(reviews).standing(component, criteria)
  const lacking = new Set(standing.lacking)
  const met = criteria.filter((name) => !lacking.has(name))
  const why = new Map(standing.refused.map(({ review, why }) => [review, why]))
  const lines = [
    ...standing.rejections.map(
      ({ who, range, criteria, location }) =>
        `rejected (${range}) as ${criteria.join(', ')} by ${namesOf(who)}, ${formatLocation(location)}`,
    ),
    ...standing.reviews.map((review) => {
      const what = review.from === undefined ? 'read whole' : `what changed since ${review.from}`
      const not = why.get(review)
      return `${review.criteria.join(', ') || 'for nothing'} by ${namesOf(review.who)} (${what}), ${formatLocation(review.location)}${not === undefined ? '' : `; does not count: ${not}`}`
    }),
  ]
  const more = lines.length > MAX_LINES ? [`… and ${lines.length - MAX_LINES} more`] : []
  return [met.length === 0 ? 'meets no criteria' : `meets ${met.join(', ')}`, ...lines.slice(0, MAX_LINES), ...more]
}

function namesOf(who: readonly string[]): string {
  return who.length === 0 ? 'nobody named' : who.slice(0, 5).join(', ')
}
