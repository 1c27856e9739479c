import type { Component } from '../../model/component.js'
import type { FindingDraft } from '../../model/finding.js'

/** A finding about a component as a whole, at the first place that names it. */
export function draft(component: Component, message: string, fix: string, data?: Readonly<Record<string, string>>): FindingDraft {
  return { component: component.id, subject: component.id, location: component.occurrences[0]?.location, message, fix, data }
}
