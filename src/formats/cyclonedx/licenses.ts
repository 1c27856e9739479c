import type { LicenseClaim, Property } from '../../model/component.js'
import { clean, cleanLines } from '../clean.js'
import type { Json, JsonArray } from '../json-element.js'
import type { CycloneDxVersion } from './versions.js'

/**
 * Ids that are listed in SPDX and not in the frozen enumeration of the CycloneDX schemas (their list is 3.28); as an
 * expression they are legal. The test of this list computes it.
 */
const NOT_ENUMERATED: ReadonlySet<string> = new Set([
  'BSD-2-Clause-pos-unchanged',
  'BSD-3-Clause-OpenWebUI',
  'BSD-Source-Code-no-disclaimer',
  'BSD-Source-alt-GPL',
  'BSD-ask-to-endorse',
  'Brian-Gladman-3-Clause-no-conversion',
  'Bugroff',
  'CC-BY-NC-3.0-IGO',
  'FDK-MPEG-H',
  'Hippocratic-3.0-core',
  'Informatica',
  'MVT-1.1',
  'atc-game',
])

const SINGLE_ID = /^(?!LicenseRef-|DocumentRef-)[A-Za-z0-9][A-Za-z0-9.-]*$/

/** What a component's row says about licences. */
export interface LicenseFields {
  readonly licenses: JsonArray
  /** `evidence.licenses`: what was found in files. */
  readonly evidence: JsonArray
  /** What `licenses` has no room for. */
  readonly properties: readonly Property[]
}

const NOTHING_STATED: LicenseFields = { licenses: [], evidence: [], properties: [] }

/**
 * Licences by the rules of the version (spec/sbom.md §1.4). Up to 1.6 a list that holds an expression holds nothing
 * else, so where one statement is an expression only the strongest is written (concluded before declared); where none
 * says whether it is declared or concluded, only those of the stronger kind are. The rest becomes a property.
 */
export function cyclonedxLicenses(claims: readonly LicenseClaim[], version: CycloneDxVersion): LicenseFields {
  if (claims.length === 0) return NOTHING_STATED
  const declared = distinctClaims(claims, 'declared')
  const concluded = distinctClaims(claims, 'concluded')
  const stated = [...declared, ...concluded]
  const strongest = concluded.length > 0 ? concluded : declared
  const candidates = version.licenseAcknowledgement ? stated : strongest
  const written = version.licenseMix || !candidates.some(isCompound) ? candidates : strongest.slice(0, 1)
  const properties = [
    ...stated
      .filter((claim) => !written.includes(claim))
      .map((claim) => ({ name: `assay:license:${claim.kind}`, value: claim.expression ?? claim.raw })),
    ...claims
      .filter((claim) => claim.expression !== undefined && claim.expression !== claim.raw)
      .map((claim) => ({ name: 'assay:license:raw', value: claim.raw })),
  ]
  return {
    licenses: written.map((claim) => row(claim, version.licenseAcknowledgement)),
    evidence: foundRows(distinctClaims(claims, 'found'), version),
    properties,
  }
}

/** What was found in files: where an expression may not stand beside others, it is written as a name. */
function foundRows(found: readonly LicenseClaim[], version: CycloneDxVersion): JsonArray {
  if (found.length < 2 || version.licenseMix || !found.some(isCompound)) return found.map((claim) => row(claim, false))
  return found.map((claim) =>
    isCompound(claim) ? { license: { name: clean(claim.expression ?? claim.raw) } } : row(claim, false),
  )
}

function row(claim: LicenseClaim, acknowledge: boolean): Json {
  const acknowledgement = acknowledge ? { acknowledgement: claim.kind } : {}
  if (isSingleId(claim)) return { license: { id: claim.expression, ...acknowledgement } }
  if (claim.expression !== undefined) return { expression: claim.expression, ...acknowledgement }
  return { license: namedLicense(claim.raw, acknowledgement) }
}

/** A statement that is no expression: its words as name, or where it is a text of several lines the text itself. */
function namedLicense(raw: string, acknowledgement: Json): Json {
  const text = raw.trim()
  const end = text.search(/[\r\n]/)
  if (end < 0) return { name: clean(text), ...acknowledgement }
  return {
    name: clean(text.slice(0, end).trim()),
    ...acknowledgement,
    text: { contentType: 'text/plain', content: cleanLines(text) },
  }
}

/** Written as `expression`: an operator, a reference, or an id that the enumeration lacks. */
function isCompound(claim: LicenseClaim): boolean {
  return claim.expression !== undefined && !isSingleId(claim)
}

function isSingleId({ expression }: LicenseClaim): boolean {
  return expression !== undefined && SINGLE_ID.test(expression) && !NOT_ENUMERATED.has(expression)
}

/** NONE and NOASSERTION are words of SPDX documents and say nothing here. */
function distinctClaims(claims: readonly LicenseClaim[], kind: LicenseClaim['kind']): LicenseClaim[] {
  const seen = new Set<string>()
  return claims.filter((claim) => {
    const key = claim.expression ?? claim.raw.trim()
    if (claim.kind !== kind || key === '' || key === 'NONE' || key === 'NOASSERTION' || seen.has(key)) return false
    seen.add(key)
    return true
  })
}
