import type { LicenseClaim } from '../../model/component.js'
import { clean } from '../clean.js'
import type { CycloneDxVersion } from './versions.js'

type Json = Readonly<Record<string, unknown>>

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

/**
 * `licenses` of a component. An array that holds an expression holds nothing else (1.5, 1.6), so several statements are
 * written as ids where all of them are single ids, and else only the strongest one (concluded before declared).
 */
export function cyclonedxLicenses(claims: readonly LicenseClaim[], version: CycloneDxVersion): Json[] {
  const concluded = claims.filter((claim) => claim.kind === 'concluded')
  const declared = claims.filter((claim) => claim.kind === 'declared')
  const stated = distinct([...declared, ...concluded])
  if (stated.length === 0) return []
  if (stated.every((claim) => isSingleId(claim.expression))) {
    const rows = version.licenseAcknowledgement ? stated : distinct(concluded.length > 0 ? concluded : declared)
    return rows.map((claim) => ({ license: { id: claim.expression, ...acknowledgement(claim, version) } }))
  }
  const strongest = (concluded.length > 0 ? concluded : declared)[0]
  if (strongest === undefined) return []
  if (strongest.expression !== undefined) return [{ expression: strongest.expression, ...acknowledgement(strongest, version) }]
  return [{ license: { name: clean(strongest.raw), ...acknowledgement(strongest, version) } }]
}

function isSingleId(expression: string | undefined): boolean {
  return expression !== undefined && SINGLE_ID.test(expression) && !NOT_ENUMERATED.has(expression)
}

function acknowledgement(claim: LicenseClaim, version: CycloneDxVersion): Json {
  return version.licenseAcknowledgement ? { acknowledgement: claim.kind } : {}
}

function distinct(claims: readonly LicenseClaim[]): LicenseClaim[] {
  const seen = new Set<string>()
  return claims.filter((claim) => {
    const key = `${claim.kind} ${claim.expression ?? claim.raw}`
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}
