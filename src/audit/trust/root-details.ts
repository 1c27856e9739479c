import { daysBetween } from '../../evidence/days.js'
import type { StoredRoot } from '../../evidence/tuf/stored-root.js'
import type { TrustPart, TrustProblem, TrustRootDetails } from '../../model/trust-report.js'
import type { TrustedRoot } from '../../trust/sigstore/trusted-root.js'
import { organizationOf, readTrustedRoots } from '../../trust/sigstore/trusted-root.js'
import type { JsonObject } from '../../trust/strict-json.js'
import { fieldOf, isJsonObject } from '../../trust/strict-json.js'
import type { UsedRoot } from './roots.js'

/** From then on newer signers are probably missing in a root (spec/trust.md §1.5). */
export const OLD_ROOT_DAYS = 180

/** A root as a report shows it. */
export function rootDetails({ root, from, confirmed }: UsedRoot, now: string): TrustRootDetails {
  return {
    name: root.name,
    from,
    sha256: root.sha256,
    confirmed,
    ageDays: confirmed === undefined ? undefined : Math.max(0, daysBetween(confirmed, now)),
    parts: partsOf(root),
  }
}

/** The roots that a fetched file holds. */
export function fetchedDetails(stored: StoredRoot, now: string): TrustRootDetails[] {
  const { mirror, target, bytes, file, fetchedAt: confirmed, expires, versions } = stored
  const read = readTrustedRoots(`${target} of ${new URL(mirror).host}`, bytes)
  return (read.ok ? read.roots : []).map((root) => ({
    ...rootDetails({ root, from: 'tuf', confirmed }, now),
    file,
    tuf: { mirror, target, expires, versions },
  }))
}

/** Why newer signers are probably not in a root. */
export function ageProblem({ name, ageDays }: TrustRootDetails): TrustProblem[] {
  if (ageDays === undefined || ageDays <= OLD_ROOT_DAYS) return []
  return [
    {
      reason: 'trust/root-old',
      why: `${name} was confirmed ${ageDays} days ago: what newer logs and authorities sign does not verify with it`,
      fix: 'Run `assay trust update` and use what it fetched (--online-roots, or trust.online-roots), or a newer version of assay.',
    },
  ]
}

const LISTS = [
  ['tlogs', 'log'],
  ['ctlogs', 'certificate-log'],
  ['certificateAuthorities', 'certificate-authority'],
  ['timestampAuthorities', 'timestamp-authority'],
] as const

function partsOf({ json }: TrustedRoot): TrustPart[] {
  return LISTS.flatMap(([list, kind]) => {
    const entries = fieldOf(json, list)
    return (Array.isArray(entries) ? entries.filter(isJsonObject) : []).map((entry) => partOf(kind, entry))
  })
}

function partOf(kind: TrustPart['kind'], entry: JsonObject): TrustPart {
  const key = fieldOf(entry, 'publicKey')
  const window = fieldOf(isJsonObject(key) ? key : entry, 'validFor')
  const url = fieldOf(entry, 'baseUrl') ?? fieldOf(entry, 'uri')
  const organization = organizationOf(entry)
  const name = typeof url === 'string' && url !== '' ? url : typeof organization === 'string' ? organization : 'without a name'
  const until = timeOf(window, 'end')
  return { kind, name, from: timeOf(window, 'start') ?? '', ...(until === undefined ? {} : { until }) }
}

function timeOf(window: unknown, name: string): string | undefined {
  const time = isJsonObject(window) ? fieldOf(window, name) : undefined
  return typeof time === 'string' ? time : undefined
}
