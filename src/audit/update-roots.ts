import { clockTimestamp } from '../evidence/clock.js'
import { tufCache } from '../evidence/tuf/stored-root.js'
import type { UpdateFailure } from '../evidence/tuf/update-root.js'
import { writeFiles } from '../evidence/write-files.js'
import { ENDPOINTS } from '../model/endpoints.js'
import { AssayError } from '../model/error.js'
import { escapeTerminal } from '../model/escape.js'
import type { TrustProblem, TrustReport } from '../model/trust-report.js'
import { DEFAULT_CONFIG } from '../policy/config.js'
import { embeddedInitialRoot } from '../trust/sigstore/embedded-root.js'
import { readTrustedRoots } from '../trust/sigstore/trusted-root.js'
import { readNamed } from './named-file.js'
import { fetchedDetails } from './trust/root-details.js'

/** What `assay trust update` is asked. */
export interface UpdateRootsRequest {
  /** A TUF repository; default: that of the public instance. */
  readonly mirror?: string | undefined
  /** A file with the `root.json` from which trust in that repository starts. */
  readonly root?: string | undefined
  readonly target: string
  /** A file to write the root to as well. */
  readonly output?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Of the document. */
  readonly timestamp: string
  /** When it is fetched; default: the clock, whatever time documents are to state. */
  readonly now?: string | undefined
  readonly onNotice?: ((message: string) => void) | undefined
}

const MAX_INITIAL_BYTES = 1024 * 1024
const RETRIES = 2

/**
 * Fetches a trusted root through TUF and keeps it in the cache folder. Throws `usage` for a mirror without an initial root or
 * with another one than before, `input-unreadable` for the file of it, `configuration` where no folder can be used.
 */
export async function updateRoots(request: UpdateRootsRequest): Promise<TrustReport> {
  const { environment, timestamp, target, now = clockTimestamp() } = request
  const mirror = mirrorOf(request.mirror)
  const cache = tufCache(environment)
  if (cache === undefined)
    throw new AssayError('configuration', 'this machine names no cache folder', 'Set ASSAY_CACHE, or HOME.')
  const initialRoot =
    request.root !== undefined
      ? { bytes: await readNamed(request.root, MAX_INITIAL_BYTES, 'initial root'), chosen: true }
      : mirror === ENDPOINTS.sigstore.tuf
        ? { bytes: await embeddedInitialRoot(), chosen: false }
        : undefined
  const settings = { ...DEFAULT_CONFIG.verify, retries: RETRIES }
  const { openSession } = await import('../evidence/session.js')
  const session = await openSession({ offline: false, store: false, environment, onNotice: request.onNotice, ...settings })
  try {
    const http = await session.http?.()
    if (http === undefined)
      throw new AssayError('usage', 'offline nothing can be fetched', 'Run it where the mirror can be reached.')
    const check = (bytes: Uint8Array): string | undefined => {
      const read = readTrustedRoots(target, bytes)
      return read.ok ? undefined : read.why
    }
    const { updateRoot } = await import('../evidence/tuf/update-root.js')
    const updated = await updateRoot({ cache, mirror, target, initialRoot, check, http, now })
    if (!updated.ok) return failedReport(updated, timestamp)
    const { bytes } = updated.root
    // A trusted root is JSON, and so text.
    if (request.output !== undefined) writeFiles([{ path: request.output, chunks: [Buffer.from(bytes).toString('utf8')] }])
    return { exitCode: 0, timestamp, roots: fetchedDetails(updated.root, now), problems: [] }
  } finally {
    await session.close()
  }
}

function mirrorOf(given: string | undefined): string {
  if (given === undefined) return ENDPOINTS.sigstore.tuf
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new AssayError('usage', '--mirror is no URL of a TUF repository', 'Write it as https://tuf-repo.example.')
  if (url.username !== '' || url.password !== '')
    throw new AssayError('usage', '--mirror holds credentials', 'Put them into netrc.')
  return url.href.replace(/\/+$/, '')
}

const REASONS: Readonly<Record<Exclude<UpdateFailure, 'no-initial-root' | 'other-initial-root'>, string>> = {
  unreachable: 'trust/root-unreachable',
  expired: 'trust/root-expired',
  'rolled-back': 'trust/root-rolled-back',
  'target-missing': 'trust/root-target-missing',
  'target-unfit': 'trust/root-malformed',
  'not-valid': 'trust/root-not-valid',
  damaged: 'trust/root-damaged',
}

function failedReport(
  { failure, why, help }: { readonly failure: UpdateFailure; readonly why: string; readonly help: string },
  timestamp: string,
): TrustReport {
  if (failure === 'no-initial-root' || failure === 'other-initial-root') throw new AssayError('usage', why, help)
  const problem: TrustProblem = { reason: REASONS[failure], why: escapeTerminal(why), fix: help }
  return { exitCode: failure === 'unreachable' ? 3 : 1, timestamp, roots: [], problems: [problem] }
}
