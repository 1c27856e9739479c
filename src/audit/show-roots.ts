import { clockTimestamp } from '../evidence/clock.js'
import { readStoredRoot, tufCache } from '../evidence/tuf/stored-root.js'
import { ENDPOINTS } from '../model/endpoints.js'
import { AssayError } from '../model/error.js'
import type { TrustProblem, TrustReport, TrustRootDetails } from '../model/trust-report.js'
import { ageProblem, fetchedDetails, rootDetails } from './trust/root-details.js'
import type { UsedRoot } from './trust/roots.js'
import { loadTrustedRoots } from './trust/roots.js'

/** The roots that the settings name, as for a run. */
export interface ShowRootsRequest {
  readonly files: readonly string[]
  readonly online: boolean
  readonly fallback: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Of the document. */
  readonly timestamp: string
  /** By which age and expiry are judged; default: the clock, whatever time documents are to state. */
  readonly now?: string | undefined
}

const TARGET = 'trusted_root.json'

/** Which roots a run with these settings would use, and what is wrong with them. Asks nobody. */
export async function showRoots(request: ShowRootsRequest): Promise<TrustReport> {
  const { files, online, fallback, environment, timestamp, now = clockTimestamp() } = request
  try {
    const loaded = await loadTrustedRoots(files, online ? { environment, now, fallback } : undefined)
    const roots = (await Promise.all(loaded.used.map((used) => details(used, environment, now)))).flat()
    const problems = [
      ...(loaded.fallback === undefined ? [] : [named(loaded.fallback, RUN_UPDATE)]),
      ...roots.flatMap(ageProblem),
    ]
    return { exitCode: 0, timestamp, roots, problems }
  } catch (error) {
    if (!(error instanceof AssayError) || error.code === 'internal') throw error
    return { exitCode: 1, timestamp, roots: [], problems: [named(error.message, error.help)] }
  }
}

const RUN_UPDATE = 'Run `assay trust update`.'

async function details(
  used: UsedRoot,
  environment: ShowRootsRequest['environment'],
  now: string,
): Promise<readonly TrustRootDetails[]> {
  if (used.from === 'tuf') {
    const cache = tufCache(environment)
    const stored = cache === undefined ? undefined : await readStoredRoot(cache, ENDPOINTS.sigstore.tuf, TARGET)
    if (stored?.kind === 'ok') return fetchedDetails(stored.root, now)
  }
  return [rootDetails(used, now)]
}

/** A message that begins with its reason. */
function named(message: string, fix: string): TrustProblem {
  const [, reason, why] = /^(trust\/[a-z-]+): (.+)$/s.exec(message) ?? []
  return reason === undefined || why === undefined ? { reason: 'trust/root-unreadable', why: message, fix } : { reason, why, fix }
}
