import type { Component, Property } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { Evidence, VerdictKind } from '../../model/evidence.js'
import type { Location } from '../../model/location.js'
import { compareLocations } from '../../model/location.js'
import { clean } from '../clean.js'
import type { Json, JsonArray } from '../json-element.js'
import { distinctJson } from '../json-element.js'
import { compareTexts } from '../sbom-model.js'
import type { RowContext } from './component.js'

/** `evidence` of a component: what proves its identity, where it is named, what its files say (spec/sbom.md §1.6). */
export function componentEvidence(component: Component, licenses: JsonArray, context: RowContext): Json | undefined {
  const { version } = context
  const places = occurrences(component, version.occurrenceLines)
  const identity = identities(component, context)
  const leaveOut = (what: string): void =>
    context.onLeftOut({ subject: componentLabel(component), what, why: `CycloneDX ${version.version} has no place for it` })
  if (!version.occurrences && places.length > 0) leaveOut('where it is named (evidence.occurrences)')
  if (version.occurrences && !version.occurrenceLines && places.length > 0) leaveOut('the lines where it is named')
  if (version.identity === 'none' && identity.length > 0) leaveOut('how it is known (evidence.identity)')
  if (version.identity === 'one' && identity.length > 1) leaveOut('all but the first proof of what it is (evidence.identity)')
  const fields: Record<string, unknown> = {}
  if (version.identity !== 'none' && identity.length > 0) fields['identity'] = version.identity === 'one' ? identity[0] : identity
  if (version.occurrences && places.length > 0) fields['occurrences'] = places
  if (licenses.length > 0) fields['licenses'] = licenses
  return Object.keys(fields).length === 0 ? undefined : fields
}

function occurrences(component: Component, lines: boolean): Json[] {
  const [only] = component.occurrences
  if (only !== undefined && component.occurrences.length === 1) return [place(only.location, lines)]
  const places = component.occurrences.map((occurrence) => occurrence.location).sort(compareLocations)
  return distinctJson(places.map((location) => place(location, lines)))
}

function place({ file, line }: Location, lines: boolean): Json {
  return lines ? { location: clean(file), line } : { location: clean(file) }
}

/**
 * One entry a field. That the lock names a component proves its purl as far as the lock goes; a digest is proved only
 * where an authority agreed. Failed checks are no evidence: they are properties and findings.
 */
function identities(component: Component, context: RowContext): Json[] {
  const list = context.version.identity === 'list'
  const matches = context.evidence.filter((one) => one.verdict === 'match')
  const hashMethods = distinctJson(
    matches.map((one) => ({
      technique: one.authority?.kind === 'log' || one.authority?.kind === 'signature' ? 'attestation' : 'hash-comparison',
      confidence: 1,
      value: clean(`${one.check} agrees with ${one.authority?.name ?? 'its authority'}`),
    })),
  ).sort((a, b) => compareTexts(a.value, b.value))
  const observed = new Set(matches.flatMap((one) => (one.observed === undefined ? [] : [one.observed])))
  const [only] = observed
  const files = [...new Set(component.occurrences.map((occurrence) => occurrence.location.file))].sort()
  const found: Json[] = []
  if (hashMethods.length > 0)
    found.push({
      field: 'hash',
      confidence: 1,
      ...(list && only !== undefined && observed.size === 1 ? { concludedValue: clean(only) } : {}),
      methods: hashMethods,
      tools: [context.toolRef],
    })
  if (component.purl !== undefined && files.length > 0)
    found.push({
      field: 'purl',
      confidence: 1,
      ...(list ? { concludedValue: component.purl } : {}),
      methods: files.map((file) => ({ technique: 'manifest-analysis', confidence: 1, value: clean(file) })),
      tools: [context.toolRef],
    })
  return found
}

const VERIFICATION: Readonly<Record<VerdictKind, string>> = {
  match: 'verified',
  mismatch: 'failed',
  absent: 'failed',
  unavailable: 'unverified',
  'not-checkable': 'not-covered',
}

/** `assay:verification:<check>` for every check that was made, whatever came of it. */
export function verificationProperties(evidence: readonly Evidence[]): Property[] {
  return evidence.map((one) => ({
    name: `assay:verification:${one.check.replaceAll('/', ':')}`,
    value: VERIFICATION[one.verdict],
  }))
}
