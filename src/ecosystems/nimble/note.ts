import type { ComponentId } from '../../model/component.js'
import type { Fact } from '../../model/graph.js'
import type { Location } from '../../model/location.js'
import { readPackageUrl } from './url.js'

/** Takes down one fact of a project. */
export type Note = (kind: string, location: Location | undefined, data: Fact['data'], component?: ComponentId) => void

/** Notes a URL, apart from it that it carries a credential, and what a shell would make of it. The credential goes nowhere. */
export function urlFacts(raw: string, usage: string, location: Location, note: Note, component?: ComponentId): void {
  const { url, hadCredential, injection, isLocal } = readPackageUrl(raw)
  if (!isLocal) note('source/url', location, { url, usage }, component)
  if (hadCredential) note('source/credential', location, { where: `the URL of ${url}` }, component)
  if (injection !== undefined) note('nimble/url-injection', location, { url, why: injection }, component)
}
