import { daysBetween } from '../evidence/days.js'
import type { SourceProblem } from '../model/configured-source.js'
import type { TrustRootReport } from '../model/doctor.js'
import { fieldOf, isJsonObject, type JsonObject } from '../trust/strict-json.js'

const OLD_AFTER_DAYS = 365

/** The trust roots that come with the program, and from when to when they count. */
export async function embeddedRoots(timestamp: string): Promise<readonly TrustRootReport[]> {
  const { EMBEDDED_ROOT_CURRENT_ON, embeddedTrustedRoot } = await import('../trust/sigstore/embedded-root.js')
  const root = await embeddedTrustedRoot()
  const { json } = root
  const windows = [
    ...[...listOf(json, 'tlogs'), ...listOf(json, 'ctlogs')].map((log) => fieldOf(log, 'publicKey')),
    ...[...listOf(json, 'certificateAuthorities'), ...listOf(json, 'timestampAuthorities')],
  ].flatMap((holder) => (isJsonObject(holder) ? [fieldOf(holder, 'validFor')] : []))
  const starts = windows.flatMap((window) => timeOf(window, 'start')).sort()
  const ends = windows.flatMap((window) => timeOf(window, 'end')).sort()
  const age = daysBetween(EMBEDDED_ROOT_CURRENT_ON, timestamp)
  const problems: SourceProblem[] =
    age > OLD_AFTER_DAYS
      ? [
          {
            code: 'trust-root-old',
            weight: 'advice',
            why: `it was confirmed ${age} days ago: what newer logs and authorities sign does not verify with it`,
            fix: 'use a newer version of assay, or hand over a newer root',
          },
        ]
      : []
  const firstEnd = ends.find((end) => end > timestamp)
  return [
    {
      name: 'sigstore, public instance (comes with assay)',
      sha256: root.sha256,
      confirmed: EMBEDDED_ROOT_CURRENT_ON,
      newestFrom: starts.at(-1) ?? '',
      ...(firstEnd === undefined ? {} : { firstEnd }),
      problems,
    },
  ]
}

function listOf(json: JsonObject, name: string): readonly JsonObject[] {
  const value = fieldOf(json, name)
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function timeOf(window: unknown, name: string): readonly string[] {
  const time = isJsonObject(window) ? fieldOf(window, name) : undefined
  return typeof time === 'string' ? [time] : []
}
