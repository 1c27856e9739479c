import type { Component, Property } from '../../model/component.js'
import { componentLabel } from '../../model/component.js'
import type { ArtifactDigest } from '../../model/digest.js'
import type { Evidence, VerdictKind } from '../../model/evidence.js'
import { claimOf } from '../../model/evidence-rule.js'
import type { Location } from '../../model/location.js'
import { compareLocations } from '../../model/location.js'
import { clean, webUrl } from '../clean.js'
import { fileDigests } from '../digests.js'
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
 * One entry a field. That the lock names a component proves its purl as far as the lock goes; a digest of a file is proved
 * where an authority agreed with it. Digests of trees, commits and what a log says of them prove the name that they belong
 * to, and never stand in a hash field. Failed checks are no evidence: they are properties and findings.
 */
function identities(component: Component, context: RowContext): Json[] {
  const { ofFile, ofName } = proofs(component, context.evidence)
  const digests = [...new Set(ofFile.flatMap(({ expected }) => expected ?? []))]
  const found: Json[] = []
  const add = (field: string, methods: readonly Json[], value: string | undefined): void => {
    if (methods.length === 0) return
    const concluded = context.version.identity === 'list' && value !== undefined ? { concludedValue: value } : {}
    found.push({ field, confidence: 1, ...concluded, methods, tools: [context.toolRef] })
  }
  add('hash', proofMethods(component, ofFile), digests.length === 1 ? digests[0] : undefined)
  if (component.purl === undefined) add('name', proofMethods(component, ofName), clean(component.name))
  else {
    const files = [...new Set(component.occurrences.map((occurrence) => occurrence.location.file))].sort()
    const named = files.map((file) => method('manifest-analysis', file))
    add('purl', [...named, ...proofMethods(component, ofName)], component.purl)
  }
  return found
}

interface Proofs {
  /** Of a digest that stands in a hash field of the component or of the URL it comes from. */
  readonly ofFile: readonly Evidence[]
  readonly ofName: readonly Evidence[]
}

/** What authorities agree with; nothing that another one contradicts. */
function proofs(component: Component, evidence: readonly Evidence[]): Proofs {
  const matches = evidence.filter((one) => one.verdict === 'match')
  if (matches.length === 0) return { ofFile: [], ofName: [] }
  const contested = new Set(evidence.flatMap((one) => (one.verdict === 'mismatch' ? [one.expected] : [])))
  const proving = matches.filter(({ expected }) => expected === undefined || !contested.has(expected))
  const values = new Set(writtenDigests(component).map(({ value }) => value))
  const isOfFile = ({ expected }: Evidence): boolean => expected !== undefined && values.has(expected)
  return { ofFile: proving.filter(isOfFile), ofName: proving.filter((one) => !isOfFile(one)) }
}

/** Digests in a hash field of the row; those of a URL stand beside the URL, if it can be shown. */
function writtenDigests(component: Component): readonly ArtifactDigest[] {
  const { ofComponent, ofUrl } = fileDigests(component)
  const { source } = component
  return source.kind === 'archive' && webUrl(source.url) !== undefined ? [...ofComponent, ...ofUrl] : ofComponent
}

function proofMethods(component: Component, evidence: readonly Evidence[]): Json[] {
  if (evidence.length === 0) return []
  return distinctJson(evidence.map((one) => method(technique(component, one), agreement(one)))).sort(
    (a, b) =>
      compareTexts(String(a['technique']), String(b['technique'])) || compareTexts(String(a['value']), String(b['value'])),
  )
}

function method(technique: string, value: string): Json {
  return { technique, confidence: 1, value: clean(value) }
}

function technique(component: Component, { authority, expected }: Evidence): string {
  if (authority?.kind === 'log' || authority?.kind === 'signature') return 'attestation'
  const claim = claimOf(component, expected)
  return claim === undefined || claim.digest.of === 'git-object' ? 'other' : 'hash-comparison'
}

/** Of a log, where in it; of a signature, what it says and which one: that does not change from run to run, as times and sizes do. */
function agreement({ check, authority, why, stored }: Evidence): string {
  const entry = (authority?.kind === 'log' || authority?.kind === 'signature') && why !== undefined ? `, ${why}` : ''
  const bundle = authority?.kind === 'signature' && stored !== undefined ? `, bundle sha256:${stored}` : ''
  return `${check} agrees with ${authority?.name ?? 'its authority'}${entry}${bundle}`
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
