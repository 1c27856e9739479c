import type { RegistryQuestions } from '../../ecosystems/verifier.js'
import type { Component } from '../../model/component.js'
import type { TrustSettings } from '../../model/trust-settings.js'
import { TrustBook } from '../../policy/trust-match.js'

/** Folders are of every component: what is in them was put there to be looked at. */
export function isLookedUp(book: TrustBook, component: Component): boolean {
  return book.settings.folders.length > 0 || book.templatesFor(component).length > 0 || isNamed(book, component)
}

/**
 * What the settings want the registries to be asked beside the digests. An API that may be asked once a second is asked only
 * about components that the settings name.
 */
export function registryQuestions(trust: TrustSettings): RegistryQuestions | undefined {
  if ([trust.folders, trust.templates, trust.github, trust.identities, trust.require].every((list) => list.length === 0))
    return undefined
  const book = new TrustBook(trust)
  return {
    earlier: (component) => isLookedUp(book, component),
    publishing: (component) => isNamed(book, component),
  }
}

function isNamed(book: TrustBook, component: Component): boolean {
  return book.identityFor(component) !== undefined || book.requirementsFor(component).length > 0 || book.asksGithub(component)
}
