import type { LicenseClaim, Property } from '../../model/component.js'
import { clean } from '../clean.js'
import type { Json, JsonArray } from '../json-element.js'
import type { CycloneDxVersion } from './versions.js'

/**
 * Ids that are listed in SPDX and not in the frozen enumeration of the CycloneDX schemas (their list is 3.28); as an
 * expression they are legal.
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

/**
 * Licences by the rules of the version (spec/sbom.md §1.4). Up to 1.6 a list that holds an expression holds nothing
 * else, so several statements are written as ids where all are single ids, and else the strongest one alone (concluded
 * before declared); the rest becomes a property.
 */
export function cyclonedxLicenses(claims: readonly LicenseClaim[], version: CycloneDxVersion): LicenseFields {
  const declared = distinctClaims(claims, 'declared')
  const concluded = distinctClaims(claims, 'concluded')
  const stated = [...declared, ...concluded]
  const strongest = concluded.length > 0 ? concluded : declared
  const written = stated.every(isSingleId)
    ? version.licenseAcknowledgement
      ? stated
      : strongest
    : version.licenseMix
      ? stated
      : strongest.slice(0, 1)
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
    evidence: foundRows(distinctClaims(claims, 'found')),
    properties,
  }
}

/** What was found in files: ids where all are, else each by name, since only one expression may stand in a list. */
function foundRows(found: readonly LicenseClaim[]): JsonArray {
  const [only] = found
  if (only !== undefined && found.length === 1) return [row(only, false)]
  return found.map((claim) =>
    isSingleId(claim) ? row(claim, false) : { license: { name: clean(claim.expression ?? claim.raw) } },
  )
}

function row(claim: LicenseClaim, acknowledge: boolean): Json {
  const acknowledgement = acknowledge ? { acknowledgement: claim.kind } : {}
  if (isSingleId(claim)) return { license: { id: claim.expression, ...acknowledgement } }
  if (claim.expression !== undefined) return { expression: claim.expression, ...acknowledgement }
  return { license: { name: clean(claim.raw), ...acknowledgement } }
}

function isSingleId({ expression }: LicenseClaim): boolean {
  return expression !== undefined && SINGLE_ID.test(expression) && !NOT_ENUMERATED.has(expression)
}

/** NONE and NOASSERTION are words of SPDX documents and say nothing here. */
function distinctClaims(claims: readonly LicenseClaim[], kind: LicenseClaim['kind']): LicenseClaim[] {
  const seen = new Set<string>()
  return claims.filter((claim) => {
    const key = claim.expression ?? claim.raw
    if (claim.kind !== kind || key.trim() === '' || key === 'NONE' || key === 'NOASSERTION' || seen.has(key)) return false
    seen.add(key)
    return true
  })
}
